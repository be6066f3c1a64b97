"""How well the steps of a memory fit a query, and what is read of them (Bahdanau et al. 2015, Luong et al. 2015).

    dot        qᵀ k                  general    qᵀ W k                  additive    vᵀ tanh(U q + W k)

The softmax of the scores over a row's true steps weighs the steps. Queries stand behind one another by the row of the
memory that they look at, (M, Q, D), so that a memory is shared and never copied.
"""

from typing import Protocol, final

import torch
from torch import Tensor, nn


class Alignment(Protocol):
    """Scores the steps of a memory."""

    def read(self, memory: Tensor) -> Tensor:
        """Return all that scores need of a memory (M, S, H), (M, S, A)."""
        ...

    def __call__(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return scores (M, Q, S) of queries (M, Q, D) by what was read of a memory."""
        ...


@final
class DotAlignment(nn.Module):
    """Score by the product of query and step, which are of one size."""

    def read(self, memory: Tensor) -> Tensor:
        """Return the memory as it is."""
        return memory

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return scores (M, Q, S)."""
        return queries @ keys.transpose(1, 2)


@final
class GeneralAlignment(nn.Module):
    """Score by the product of the query and the mapped step."""

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.project = nn.Linear(memory_size, query_size, bias=False)

    def read(self, memory: Tensor) -> Tensor:
        """Map the steps (M, S, H) to keys (M, S, D)."""
        keys: Tensor = self.project(memory)
        return keys

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return scores (M, Q, S)."""
        return queries @ keys.transpose(1, 2)


@final
class AdditiveAlignment(nn.Module):
    """Score by a small network that reads the query and the step."""

    def __init__(self, query_size: int, memory_size: int, size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, size, bias=False)
        self.project = nn.Linear(memory_size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def read(self, memory: Tensor) -> Tensor:
        """Map the steps (M, S, H) to keys (M, S, A)."""
        keys: Tensor = self.project(memory)
        return keys

    def forward(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return scores (M, Q, S)."""
        scores: Tensor = self.score(torch.tanh(self.query(queries)[:, :, None] + keys[:, None]))
        return scores[..., 0]


def weights_of(scores: Tensor, lengths: Tensor) -> Tensor:
    """Turn scores (M, …, S) into weights, zero beyond the lengths (M,), one in sum over a row that is not empty."""
    between = [1] * (scores.dim() - 2)
    real = torch.arange(scores.shape[-1], device=lengths.device) < lengths.reshape(-1, *between, 1)
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~real, lowest).softmax(-1) * real
