"""A linear-chain conditional random field: tags that follow one another (Lafferty et al. 2001).

With scores e of each tag at each step, A of each tag after another, s of the first and f of the last one, tags y
of a row of T steps have the log-probability

    s[y_1] + Σ_t e_t[y_t] + Σ_t A[y_{t-1}, y_t] + f[y_T] - log Z

where Z sums the exponentials of all rows of tags (see `yeoul.kernels.chains`). Its gradients are observed less
expected counts, and are found so, without a graph of all steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from yeoul.kernels.chains import FORBIDDEN, Chain, Ints, best_paths, path_scores, sums
from yeoul.padded import Padded


@dataclass(frozen=True)
class Allowed:
    """Which tags may follow which, and which may come first and last; True is allowed."""

    transitions: Tensor  # (V, V) bool
    first: Tensor  # (V,) bool
    last: Tensor  # (V,) bool


@dataclass(frozen=True)
class Paths:
    """The best rows of tags, the best first."""

    tags: Tensor  # (B, K, T), arbitrary beyond the lengths
    scores: Tensor  # (B, K), -inf where a row has fewer than K


def everything_allowed(num_tags: int) -> Allowed:
    """Let every tag follow every other."""
    every = torch.ones(
        num_tags, dtype=torch.bool, device="cpu"
    )  # a rule has values where a network has none yet
    return Allowed(every.expand(num_tags, -1).clone(), every, every)


def allowed_spans(tags: Sequence[str]) -> Allowed:
    """Let I-x follow only B-x and I-x, and never come first: the rule of B, I, O tags."""
    inside = torch.tensor([tag.startswith("I-") for tag in tags], device="cpu")
    kinds = [tag[2:] for tag in tags]
    goes_on = torch.tensor(
        [[before[:2] in ("B-", "I-") and before[2:] == kind for kind in kinds] for before in tags],
        device="cpu",
    )
    return Allowed(~inside | goes_on, ~inside, torch.ones_like(inside))


@final
class CRF(nn.Module):
    """Scores of transitions between V tags; scores of the tags at each step come from what lies below.

    Padding, batch mates and the order of rows never change what it says of a row; a row of length zero has the
    log-likelihood 0. Raises `ValueError` if `allowed` leaves rows of some length without any tags.
    """

    may_follow: Tensor
    may_be_first: Tensor
    may_be_last: Tensor

    def __init__(self, num_tags: int, allowed: Allowed | None = None) -> None:
        super().__init__()
        self.num_tags = num_tags
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags))
        self.first = nn.Parameter(torch.empty(num_tags))
        self.last = nn.Parameter(torch.empty(num_tags))
        allowed = allowed or everything_allowed(num_tags)
        self.register_buffer("may_follow", allowed.transitions, persistent=False)
        self.register_buffer("may_be_first", allowed.first, persistent=False)
        self.register_buffer("may_be_last", allowed.last, persistent=False)
        self._free = all(bool(one.all()) for one in (allowed.transitions, allowed.first, allowed.last))
        self._mixing = _mixing_steps(allowed)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every score from U(-0.1, 0.1)."""
        for parameter in self.parameters():
            if not parameter.is_meta:  # drawing there would load the compiler
                nn.init.uniform_(parameter, -0.1, 0.1)

    def log_likelihood(self, scores: Padded, tags: Tensor) -> Tensor:
        """Return the log-probability (B,) of tags (B, T) under scores (B, T, V).

        Raises `ValueError` for tags that may not follow one another.
        """
        if not tags.shape[1]:
            return scores.values.sum((1, 2))  # zeros
        chain = self._chain(scores)
        truth = np.where(chain.mask, tags.cpu().numpy(), 0)
        self._check(truth, chain)
        found: Tensor = _LogLikelihood.apply(  # type: ignore[no-untyped-call]
            scores.values, self.transitions, self.first, self.last, chain, truth, self._mixing
        )
        return found

    def log_partition(self, scores: Padded) -> Tensor:
        """Return log Z (B,) of scores (B, T, V), the log of the sum over all rows of tags; no gradient flows."""
        return torch.from_numpy(sums(self._chain(scores), self._mixing).log_partition).to(self.transitions)

    def marginals(self, scores: Padded) -> Padded:
        """Return the probability of each tag at each step (B, T, V), zero beyond the lengths; no gradient flows."""
        found = sums(self._chain(scores), self._mixing).tags()[:, : scores.values.shape[1]]
        return Padded(torch.from_numpy(found).to(self.transitions), scores.lengths)

    def best_paths(self, scores: Padded, count: int = 1) -> Paths:
        """Return the `count` most probable rows of tags by Viterbi's algorithm; no gradient flows.

        The scores are logarithms up to log Z.
        """
        tags, found = best_paths(self._chain(scores), count)
        kept = torch.from_numpy(tags[:, :, : scores.values.shape[1]])
        return Paths(kept.to(self.transitions.device), torch.from_numpy(found).to(self.transitions))

    def _chain(self, scores: Padded) -> Chain:
        mask = scores.mask[:, :, None]
        values = scores.values.detach().masked_fill(~mask, 0.0).cpu().double().numpy()
        if not values.shape[1]:
            values = np.zeros((len(values), 1, self.num_tags))
        transitions, first, last = self.transitions.detach(), self.first.detach(), self.last.detach()
        if not self._free:
            transitions = transitions.masked_fill(~self.may_follow, FORBIDDEN)
            first = first.masked_fill(~self.may_be_first, FORBIDDEN)
            last = last.masked_fill(~self.may_be_last, FORBIDDEN)
        between, start, end = (one.cpu().double().numpy() for one in (transitions, first, last))
        return Chain(values, between, start, end, scores.lengths.cpu().numpy())

    def _check(self, tags: Ints, chain: Chain) -> None:
        if self._free:
            return
        follow, first, last = (
            one.cpu().numpy() for one in (self.may_follow, self.may_be_first, self.may_be_last)
        )
        ends = first[tags[:, 0]] & last[tags[chain.rows[:, 0], chain.ends]]
        between = follow[tags[:, :-1], tags[:, 1:]]
        if (chain.mask[:, 1:] & ~between).any() or (chain.mask[:, 0] & ~ends).any():
            raise ValueError("the tags hold a transition that is not allowed")


class _LogLikelihood(torch.autograd.Function):
    """The score of the tags less log Z; its gradients are observed less expected counts."""

    @staticmethod
    def forward(
        ctx: Any,
        scores: Tensor,
        transitions: Tensor,
        first: Tensor,
        last: Tensor,
        chain: Chain,
        tags: Ints,
        mixing: int | None,
    ) -> Tensor:
        every = sums(chain, mixing)
        ctx.kept = chain, tags, every
        ctx.kinds = [(one.dtype, one.device) for one in (scores, transitions, first, last)]
        return torch.from_numpy(path_scores(chain, tags) - every.log_partition).to(transitions)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        chain, tags, every = ctx.kept
        weights = given.cpu().double().numpy()
        size, here = len(chain.first), chain.mask * weights[:, None]
        surplus = every.tags() * -weights[:, None, None]
        surplus[chain.rows, np.arange(tags.shape[1]), tags] += here
        pairs = tags[:, :-1] * size + tags[:, 1:]
        observed = np.bincount(pairs.ravel(), here[:, 1:].ravel(), size * size).reshape(size, size)
        changes = (
            surplus,
            observed - every.transitions(weights),
            surplus[:, 0].sum(axis=0),
            surplus[chain.rows[:, 0], chain.ends].sum(axis=0),
        )
        gradients = (
            torch.from_numpy(change).to(device=device, dtype=dtype)
            for change, (dtype, device) in zip(changes, ctx.kinds, strict=True)
        )
        return *gradients, None, None, None


def _mixing_steps(allowed: Allowed) -> int | None:
    """Return after how many steps every tag may have come from every other, None if never.

    Raises `ValueError` if there are no tags for rows of some length.
    """
    reach, here = allowed.transitions.double(), allowed.first.double()
    size = len(here)
    steps, mixing = reach, 1 if bool((reach > 0).all()) else None
    for length in range(1, size * size + 2):
        if not bool(((here > 0) & allowed.last).any()):
            raise ValueError(f"no tags are allowed for rows of {length} steps")
        here = (here @ reach > 0).double()
        if mixing is None:
            steps = (steps @ reach > 0).double()
            if bool((steps > 0).all()):
                mixing = length + 1
        elif length > mixing:
            break
    return mixing
