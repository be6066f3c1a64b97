"""Sequences of unequal length in one tensor.

Shapes: B rows, T the longest row, D features, V entries of a table. What lies beyond a row's length is
arbitrary and must never be read; the mask follows from the lengths alone, not from a padding symbol.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Padded:
    """Rows side by side, each real up to its length."""

    values: Tensor  # (B, T, …)
    lengths: Tensor  # (B,) int64

    @property
    def mask(self) -> Tensor:
        """(B, T) bool: True where a value is real."""
        steps = torch.arange(self.values.shape[1], device=self.lengths.device)  # (T,)
        return steps < self.lengths[:, None]

    def dense(self) -> "Padded":
        return self

    def filled(self, value: float = 0.0) -> "Padded":
        """Overwrite what lies beyond the lengths."""
        mask = self.mask.reshape(*self.mask.shape, *[1] * (self.values.dim() - 2))  # (B, T, 1…)
        return Padded(self.values.masked_fill(~mask, value), self.lengths)

    def to(self, device: torch.device) -> "Padded":
        return Padded(self.values.to(device), self.lengths.to(device))

    @staticmethod
    def from_flat(flat: Tensor, lengths: Tensor) -> "Padded":
        """Stand rows that lie end to end side by side, zeros after each.

        Takes (sum of lengths, …) and (B,). The same step turns token ids into a batch of texts and the
        vectors of sentences into a batch of documents.
        """
        longest = int(lengths.max()) if lengths.numel() else 0
        values = flat.new_zeros((lengths.shape[0], longest, *flat.shape[1:]))  # (B, T, …)
        mask = torch.arange(longest, device=lengths.device) < lengths[:, None]
        values[mask] = flat
        return Padded(values, lengths)


@dataclass(frozen=True)
class Embedded:
    """Token ids with their table of vectors, multiplied out only when someone asks."""

    table: Tensor  # (V, D)
    ids: Tensor  # (B, T) int64
    lengths: Tensor  # (B,)

    def dense(self) -> Padded:
        """Look every vector up: (B, T, D)."""
        return Padded(torch.nn.functional.embedding(self.ids, self.table), self.lengths)


Sequences = Padded | Embedded
