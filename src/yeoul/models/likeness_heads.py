"""From what an encoder says of two sequences to one number, the likeness: by their cosine, or by a small network.

Of symmetric heads the likeness of two sequences does not depend on which is left.
"""

from typing import Protocol, final

import torch
from torch import Tensor, nn


class LikenessHead(Protocol):
    """The larger the number, the closer the two."""

    def __call__(self, left: Tensor, right: Tensor) -> Tensor:
        """Map summaries (B, S) and (B, S) to the likeness of each pair (B,)."""
        ...

    def matrix(self, left: Tensor, right: Tensor) -> Tensor:
        """Map summaries (Q, S) and (P, S) to the likeness of each with each (Q, P)."""
        ...


@final
class CosineHead(nn.Module):
    """The cosine of the two, each through a matrix of its side unless both sides are alike."""

    def __init__(self, size: int, *, symmetric: bool) -> None:
        super().__init__()
        self.left: nn.Module = nn.Identity() if symmetric else nn.Linear(size, size, bias=False)
        self.right: nn.Module = nn.Identity() if symmetric else nn.Linear(size, size, bias=False)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Map (B, S) and (B, S) to cosines (B,)."""
        return (_unit(self.left(left)) * _unit(self.right(right))).sum(dim=-1)

    def matrix(self, left: Tensor, right: Tensor) -> Tensor:
        """Map (Q, S) and (P, S) to cosines (Q, P)."""
        return _unit(self.left(left)) @ _unit(self.right(right)).T


@final
class LearnedHead(nn.Module):
    """A hidden layer over |l - r| and l · r, and over l and r themselves where the sides are told apart."""

    def __init__(self, size: int, *, symmetric: bool) -> None:
        super().__init__()
        self.symmetric = symmetric
        self.hidden = nn.Linear(size * (2 if symmetric else 4), size)
        self.project = nn.Linear(size, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Map (…, S) and (…, S) to likenesses (…,)."""
        parts = [(left - right).abs(), left * right]
        parts += [] if self.symmetric else [left, right]
        hidden = torch.relu(self.hidden(torch.cat(parts, dim=-1)))
        likeness: Tensor = self.project(hidden)[..., 0]
        return likeness

    def matrix(self, left: Tensor, right: Tensor) -> Tensor:
        """Map (Q, S) and (P, S) to likenesses (Q, P), query by query."""
        rows = [self(query.expand_as(right), right) for query in left]
        return torch.stack(rows) if rows else left.new_zeros(0, len(right))


def _unit(vectors: Tensor) -> Tensor:
    return nn.functional.normalize(vectors, dim=-1, eps=1e-6)
