"""One vector for a row of vectors, or one for every few steps. A row of length zero pools to zeros."""

from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor, nn

from yeoul.padded import Padded

Direction = Literal["forward", "backward", "both"]


@dataclass(frozen=True)
class Pooled:
    """A summary of each row and, where the pooling weighs its steps, the weights."""

    summary: Tensor  # (B, D)
    weights: Tensor | None = None  # (B, T), zero beyond the lengths, one in sum over a row that is not empty


@final
class FixedPooling(nn.Module):
    """Pool by the last vector, or by the maximum, mean or sum of each component.

    "last" is the vector that was read last: the row's last step, or its first if it was read backward. Of rows
    read in "both" directions, the first half of the components was read forward and the second half backward.
    """

    def __init__(self, how: Literal["last", "max", "mean", "sum"], *, read: Direction = "forward") -> None:
        super().__init__()
        self.how = how
        self.read = read

    def forward(self, rows: Padded) -> Pooled:
        """Map (B, T, D) to (B, D)."""
        batch, steps, size = rows.values.shape
        if steps == 0:
            return Pooled(rows.values.new_zeros(batch, size))
        match self.how:
            case "last":
                summary = self._last(rows.filled())
            case "max":
                summary = _highest(rows)
            case "mean":
                summary = rows.filled().values.sum(dim=1) / rows.lengths.clamp(min=1)[:, None]
            case "sum":
                summary = rows.filled().values.sum(dim=1)
        return Pooled(summary)

    def _last(self, rows: Padded) -> Tensor:
        if self.read == "backward":
            return rows.values[:, 0]
        places = (rows.lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, rows.values.shape[2])
        last = rows.values.gather(1, places)[:, 0]  # (B, D)
        if self.read == "forward":
            return last
        half = last.shape[1] // 2
        return torch.cat([last[:, :half], rows.values[:, 0, half:]], dim=1)


def _highest(rows: Padded) -> Tensor:
    """Return the maximum of each component (B, D); its gradient goes to one step, found before it is asked for."""
    lowest = torch.finfo(rows.values.dtype).min
    with torch.no_grad():
        places = rows.filled(lowest).values.max(dim=1, keepdim=True).indices  # (B, 1, D)
    return rows.values.gather(1, places)[:, 0].masked_fill(rows.lengths[:, None] == 0, 0.0)


@final
class AttentionPooling(nn.Module):
    """Pool by a weighted mean whose weights are softmax(vᵀ tanh(W x + b)) (Yang et al. 2016)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.project = nn.Linear(size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def forward(self, rows: Padded) -> Pooled:
        """Map (B, T, D) to (B, D) and give the weights (B, T)."""
        rows = rows.filled()
        if rows.values.shape[1] == 0:
            return Pooled(rows.values.sum(dim=1), rows.values.sum(dim=2))
        scores = self.score(torch.tanh(self.project(rows.values)))[:, :, 0]  # (B, T)
        lowest = torch.finfo(scores.dtype).min
        weights = torch.softmax(scores.masked_fill(~rows.mask, lowest), dim=1) * rows.mask  # (B, T)
        return Pooled(torch.einsum("bt,btd->bd", weights, rows.values), weights)


@final
class MaxOverSteps(nn.Module):
    """Keep the maximum of every `stride` steps: rows of n steps become rows of ⌈n / stride⌉."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, rows: Padded) -> Padded:
        """Map (B, T, D) to (B, ⌈T / stride⌉, D), zero beyond the new lengths; padding is in no maximum."""
        batch, steps, size = rows.values.shape
        lengths = torch.div(rows.lengths + self.stride - 1, self.stride, rounding_mode="floor")
        shortened = -(-steps // self.stride)
        lowest = torch.finfo(rows.values.dtype).min
        values = nn.functional.pad(
            rows.filled(lowest).values, (0, 0, 0, shortened * self.stride - steps), value=lowest
        )
        blocks = values.reshape(batch, shortened, self.stride, size)
        return Padded(blocks.amax(dim=2), lengths).filled()
