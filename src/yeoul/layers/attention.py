"""Attention of several heads (Vaswani et al. 2017).

    head n:  softmax(Q_n K_nᵀ / √E) V_n,  E = D / N

and the heads side by side through one more linear map. What is attended to is projected apart from those who
attend, so that a memory is read once, and a growing one step by step.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from yeoul.layers.alignment import weights_of


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
        heads = looked_up(self._heads(self.query(queries)), memory, allowed[:, None])  # (B, N, T, E)
        mixed: Tensor = self.project(heads.transpose(1, 2).flatten(2))
        return mixed

    def _heads(self, vectors: Tensor) -> Tensor:
        batch, steps, size = vectors.shape
        heads = vectors.reshape(batch, steps, self.num_heads, size // self.num_heads)
        return heads.transpose(1, 2)  # (B, N, T, E)


@final
class CrossAttention(nn.Module):
    """Let rows look at the memory of their sources, each at every true step, in N ways at once.

    A memory of M rows serves M · K rows, row b looking at row b // K, and is not copied for them.
    """

    def __init__(self, size: int, num_heads: int, memory_size: int) -> None:
        super().__init__()
        if size % num_heads:
            raise ValueError(f"size is {size}, expected a multiple of num_heads, {num_heads}")
        self.num_heads = num_heads
        self.query = nn.Linear(size, size)
        self.memorize = nn.Linear(memory_size, 2 * size)
        self.project = nn.Linear(size, size)

    def read(self, memory: Tensor) -> KeysValues:
        """Project what will be attended to, (M, S, H)."""
        keys, values = (
            self.memorize(memory).unflatten(2, (2 * self.num_heads, -1)).transpose(1, 2).chunk(2, 1)
        )
        return KeysValues(keys, values)

    def forward(self, queries: Tensor, memory: KeysValues, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Map (M · K, T, D) to (M · K, T, D) and the heads' mean weights (M · K, T, S); lengths are (M,)."""
        rows, steps, size = queries.shape
        heads = self.query(queries).reshape(len(lengths), -1, self.num_heads, size // self.num_heads)
        scores = heads.transpose(1, 2) @ memory.keys.transpose(2, 3)  # (M, N, K · T, S)
        weights = weights_of(scores * (size // self.num_heads) ** -0.5, lengths)
        found = (weights @ memory.values).transpose(1, 2).reshape(rows, steps, size)
        mixed: Tensor = self.project(found)
        return mixed, weights.mean(dim=1).view(rows, steps, -1)


def looked_up(queries: Tensor, memory: KeysValues, allowed: Tensor) -> Tensor:
    """Return what queries (B, N, T, E) find where they may look, each at one step at least.

    `allowed` (B or 1, N or 1, T or 1, S) is True there, or what is added to the scores. Torch's kernel is the fastest,
    but on a processor it goes back in half the bits several times slower than this.
    """
    if queries.dtype != torch.bfloat16 or queries.device.type != "cpu" or not torch.is_grad_enabled():
        return nn.functional.scaled_dot_product_attention(queries, memory.keys, memory.values, allowed)
    added = allowed
    if allowed.dtype == torch.bool:
        lowest = torch.finfo(queries.dtype).min
        added = torch.zeros(allowed.shape, dtype=queries.dtype).masked_fill_(~allowed, lowest)
    scores = torch.add(added, queries @ memory.keys.transpose(2, 3), alpha=queries.shape[3] ** -0.5)
    return scores.softmax(dim=3) @ memory.values


def may_look(mask: Tensor, *, causal: bool) -> Tensor:
    """Say where the steps of rows may look at one another: (B, 1 or T, T), from the mask (B, T) of real steps."""
    if not causal:
        return mask[:, None]
    steps = torch.arange(mask.shape[1], device=mask.device)
    return mask[:, None] & (steps <= steps[:, None])
