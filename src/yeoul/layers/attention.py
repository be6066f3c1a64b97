"""Attention of several heads (Vaswani et al. 2017).

    head n:  softmax(Q_n K_nᵀ / √E) V_n,  E = D / N

and the heads side by side through one more linear map. What is attended to is projected apart from those who
attend, so that a memory is read once, and a growing one step by step.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class KeysValues:
    """A memory as attention reads it."""

    keys: Tensor  # (B, N, S, E)
    values: Tensor  # (B, N, S, E)


@final
class MultiHeadAttention(nn.Module):
    """Let every step look at the steps of a memory, in N ways at once."""

    def __init__(self, size: int, num_heads: int) -> None:
        super().__init__()
        if size % num_heads:
            raise ValueError(f"size is {size}, expected a multiple of num_heads, {num_heads}")
        self.num_heads = num_heads
        self.query = nn.Linear(size, size)
        self.memorize = nn.Linear(size, 2 * size)
        self.project = nn.Linear(size, size)

    def read(self, memory: Tensor) -> KeysValues:
        """Project what will be attended to, (B, S, D)."""
        keys, values = self.memorize(memory).chunk(2, dim=2)
        return KeysValues(self._heads(keys), self._heads(values))

    def forward(self, queries: Tensor, memory: KeysValues, allowed: Tensor) -> Tensor:
        """Map (B, T, D) to (B, T, D); `allowed` (B or 1, T or 1, S) is True where a step may look.

        What comes of a step that may look nowhere is arbitrary, but finite if the memory is.
        """
        allowed = allowed | ~allowed.any(dim=2, keepdim=True)
        heads = nn.functional.scaled_dot_product_attention(
            self._heads(self.query(queries)), memory.keys, memory.values, allowed[:, None]
        )  # (B, N, T, E)
        mixed: Tensor = self.project(heads.transpose(1, 2).flatten(2))
        return mixed

    def _heads(self, vectors: Tensor) -> Tensor:
        batch, steps, size = vectors.shape
        heads = vectors.reshape(batch, steps, self.num_heads, size // self.num_heads)
        return heads.transpose(1, 2)  # (B, N, T, E)


def may_look(mask: Tensor, *, causal: bool) -> Tensor:
    """Say where the steps of rows may look at one another: (B, 1 or T, T), from the mask (B, T) of real steps."""
    if not causal:
        return mask[:, None]
    steps = torch.arange(mask.shape[1], device=mask.device)
    return mask[:, None] & (steps <= steps[:, None])
