"""What is learned of the likeness s of two sequences, and what it says in the end.

contrastive (Hadsell et al. 2006):   match (1 - s)²,  else max(0, s - margin)²
logistic:                            cross-entropy of σ(e^a s + b) and whether the two match
regression:                          Huber loss of w s + b and the degree, in its deviations from the mean
retrieval (Henderson et al. 2017):   cross-entropy of the match among all others of the batch, softmax over e^a s;
                                     others that belong to the same group do not count

The answer is s itself for contrastive and retrieval, the log-odds for logistic, the degree for regression.
"""

import math
from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor, nn

from yeoul.models.likeness_heads import LikenessHead
from yeoul.models.loss import Counts, Loss, Term

TRUTH, LEFT_GROUP, RIGHT_GROUP = 0, 1, 2
"""Columns of the targets."""


class Objective(nn.Module, ABC):
    """A goal with what it learns besides the head."""

    @abstractmethod
    def answer(self, likeness: Tensor) -> Tensor:
        """Say what a likeness (…,) means."""

    @abstractmethod
    def loss(self, head: LikenessHead, left: Tensor, right: Tensor, targets: Tensor) -> Loss:
        """Return the loss of summaries (B, S) and (B, S) of which `targets` (B, 3) are known."""

    @abstractmethod
    def counts(self, targets: Tensor) -> Counts:
        """Say what the terms of `loss` will count, before anything is computed."""


@final
class Contrastive(Objective):
    """What matches close, all else farther than the margin."""

    def __init__(self, margin: float) -> None:
        super().__init__()
        self.margin = margin

    def answer(self, likeness: Tensor) -> Tensor:
        return likeness

    def loss(self, head: LikenessHead, left: Tensor, right: Tensor, targets: Tensor) -> Loss:
        likeness, matches = head(left, right), targets[:, TRUTH] == 1.0
        apart = torch.relu(likeness - self.margin)
        total = torch.where(matches, 1 - likeness, apart).square().sum()
        return Loss({"contrastive": Term(total, float(len(targets)))})

    def counts(self, targets: Tensor) -> Counts:
        return {"contrastive": float(len(targets))}


@final
class Logistic(Objective):
    """The odds of a match; a likeness `even` is where they begin as even."""

    def __init__(self, sharpness: float, even: float) -> None:
        super().__init__()
        self.sharpness = nn.Parameter(torch.tensor(math.log(sharpness)))
        self.offset = nn.Parameter(torch.tensor(-sharpness * even))

    def answer(self, likeness: Tensor) -> Tensor:
        return self.sharpness.exp() * likeness + self.offset

    def loss(self, head: LikenessHead, left: Tensor, right: Tensor, targets: Tensor) -> Loss:
        odds = self.answer(head(left, right))
        total = nn.functional.binary_cross_entropy_with_logits(
            odds, targets[:, TRUTH].to(odds.dtype), reduction="sum"
        )
        return Loss({"cross_entropy": Term(total, float(len(targets)))})

    def counts(self, targets: Tensor) -> Counts:
        return {"cross_entropy": float(len(targets))}


@final
class Regression(Objective):
    """The degree itself, learned in units of its deviation from the mean over the training rows."""

    mean: Tensor
    scale: Tensor

    def __init__(self, mean: float, scale: float) -> None:
        super().__init__()
        if not scale > 0.0:
            raise ValueError(f"scale is {scale}, expected more than 0")
        self.slope = nn.Parameter(torch.tensor(1.0))
        self.offset = nn.Parameter(torch.tensor(0.0))
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))

    def answer(self, likeness: Tensor) -> Tensor:
        return self.mean + self.scale * (self.slope * likeness + self.offset)

    def loss(self, head: LikenessHead, left: Tensor, right: Tensor, targets: Tensor) -> Loss:
        said = self.slope * head(left, right) + self.offset
        wanted = ((targets[:, TRUTH] - self.mean) / self.scale).to(said.dtype)
        total = nn.functional.smooth_l1_loss(said, wanted, reduction="sum")
        return Loss({"huber": Term(total, float(len(targets)))})

    def counts(self, targets: Tensor) -> Counts:
        return {"huber": float(len(targets))}


@final
class Retrieval(Objective):
    """The match among all others of the batch; with `both_ways` also the left one among all left ones."""

    def __init__(self, sharpness: float, *, both_ways: bool) -> None:
        super().__init__()
        self.both_ways = both_ways
        self.sharpness = nn.Parameter(torch.tensor(math.log(sharpness)))

    def answer(self, likeness: Tensor) -> Tensor:
        return likeness

    def loss(self, head: LikenessHead, left: Tensor, right: Tensor, targets: Tensor) -> Loss:
        matches = targets[:, TRUTH] == 1.0
        groups = targets[:, LEFT_GROUP], targets[:, RIGHT_GROUP]
        logits = self.sharpness.exp() * head.matrix(left, right)
        total = _missed(logits, *groups, matches)
        if self.both_ways:
            total = (total + _missed(logits.T, *groups[::-1], matches)) / 2
        return Loss({"cross_entropy": Term(total, float(matches.sum()))})

    def counts(self, targets: Tensor) -> Counts:
        return {"cross_entropy": float((targets[:, TRUTH] == 1.0).sum())}


def _missed(logits: Tensor, queries: Tensor, pool: Tensor, matches: Tensor) -> Tensor:
    """Return the cross-entropy, summed over the rows that match, of finding column i by row i.

    `logits` (B, B); a column of the row's group (`queries` (B,) and `pool` (B,) number them) is no wrong one.
    """
    same = queries[:, None] == pool[None, :]
    own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    log_probs = logits.masked_fill(same & ~own, -math.inf).log_softmax(dim=1)
    return -torch.where(matches, log_probs.diagonal(), 0.0).sum()
