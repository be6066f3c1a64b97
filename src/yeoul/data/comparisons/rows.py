"""Two sequences a row, cut into batches."""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Batch, SequenceRows, SeriesRows, TokenRows, bucketed_order
from yeoul.padded import Padded

Ints = npt.NDArray[np.int64]
LEFT = "left"
RIGHT = "right"


@final
@dataclass(frozen=True, eq=False)
class ComparedRows:
    """N rows with two sequences each."""

    left: TokenRows | SeriesRows
    right: TokenRows | SeriesRows
    targets: npt.NDArray[np.float64] | None = None
    """(N, 3): the truth, and the groups of the left and of the right side; none for rows without a truth."""

    def __len__(self) -> int:
        return len(self.left)

    @property
    def lengths(self) -> Ints:
        """(N,) steps of each row, of both sides."""
        lengths: Ints = self.left.lengths + self.right.lengths
        return lengths

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Ints]:
        """Return the rows of each batch of an epoch: rows of about one length together."""
        return bucketed_order(self.lengths, batch_size, seed, epoch)

    def batch(self, rows: Ints) -> Batch:
        """Assemble the given rows, in the given order: inputs "left" and "right", and what is known of them (B, 3)."""
        inputs = {name: _padded(side, rows) for name, side in ((LEFT, self.left), (RIGHT, self.right))}
        targets = None if self.targets is None else torch.from_numpy(self.targets[rows])
        return Batch(inputs, targets, torch.from_numpy(rows))


def _padded(side: TokenRows | SeriesRows, rows: Ints) -> Padded:
    (padded,) = SequenceRows(side, None).batch(rows).inputs.values()
    if not isinstance(padded, Padded):
        raise TypeError("a side must be Padded")
    return padded
