"""Batches of rows in an order that is a pure function of seed, epoch, step and lengths.

Nothing is carried from batch to batch, so training may stop and go on anywhere and see the same rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.series import SeriesRows
from yeoul.data.tokens import TokenRows
from yeoul.padded import Padded

__all__ = [
    "Batch",
    "Rows",
    "SequenceRows",
    "SeriesRows",
    "TokenRows",
    "balanced_order",
    "balanced_rows",
    "bucketed_order",
    "by_length",
    "steps_per_epoch",
]

_BATCHES_PER_POOL = 100  # rows are sorted by length only inside pools of this many batches
_EVALUATION_TOKENS = 32_768
_EVALUATION_ROWS = 1024


@dataclass(frozen=True)
class Batch:
    """What a model sees in one step."""

    inputs: Mapping[str, Padded | Tensor]
    targets: Tensor | None  # (B, …)
    index: Tensor  # (B,) place of each row among the rows of its split

    def to(self, device: torch.device) -> "Batch":
        inputs = {name: value.to(device) for name, value in self.inputs.items()}
        targets = None if self.targets is None else self.targets.to(device)
        return Batch(inputs, targets, self.index.to(device))

    @property
    def tokens(self) -> int:
        """Real steps in the batch."""
        return sum(
            int(value.lengths.sum()) if isinstance(value, Padded) else value.shape[0]
            for value in self.inputs.values()
        )


class Rows(Protocol):
    """The rows of one split, ready to be cut into batches."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """(N,) steps of each row."""
        ...

    def order(self, batch_size: int, seed: int, epoch: int) -> list[npt.NDArray[np.int64]]:
        """Return the rows of each batch of an epoch, every row once: a pure function of its arguments."""
        ...

    def batch(self, rows: npt.NDArray[np.int64]) -> Batch:
        """Assemble the given rows, in the given order."""
        ...


@final
@dataclass(frozen=True)
class SequenceRows:
    """Rows with one sequence each."""

    sequences: TokenRows | SeriesRows
    targets: npt.NDArray[Any] | None  # (N, …) as the model's head reads them; none for rows without a truth

    def __len__(self) -> int:
        return len(self.sequences)

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return self.sequences.lengths

    def order(self, batch_size: int, seed: int, epoch: int) -> list[npt.NDArray[np.int64]]:
        return bucketed_order(self.lengths, batch_size, seed, epoch)

    def batch(self, rows: npt.NDArray[np.int64]) -> Batch:
        """Assemble the given rows, in the given order; the input is called "text" or "series"."""
        flat, lengths = self.sequences.gather(rows)
        name = "text" if isinstance(self.sequences, TokenRows) else "series"
        padded = Padded.from_flat(torch.from_numpy(flat), torch.from_numpy(lengths))
        targets = None if self.targets is None else torch.from_numpy(self.targets[rows])
        return Batch({name: padded}, targets, torch.from_numpy(rows))


def bucketed_order(
    lengths: npt.NDArray[np.int64], batch_size: int, seed: int, epoch: int
) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each batch of an epoch: every row once, rows of similar length together.

    Rows are shuffled, cut into pools, sorted by length inside a pool and cut into batches; the batches are
    shuffled again. Only the last batch of the last pool may be smaller than `batch_size`.
    """
    random = np.random.default_rng([seed, epoch])
    return _bucketed(random.permutation(len(lengths)), lengths, batch_size, random)


def balanced_order(
    lengths: npt.NDArray[np.int64], classes: npt.NDArray[np.int64], batch_size: int, seed: int, epoch: int
) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each batch of an epoch that holds as many rows of every class, by their length.

    Of N rows in K classes, each class gives ⌊N / K⌋. A class is shuffled, gone through to its end, shuffled
    anew, and the next epoch goes on where this one stopped: so the rows of a large class are all seen in turn,
    and at any time those of a class equally often, give or take one.
    """
    share = balanced_rows(classes) // len(np.unique(classes))
    drawn = []
    for class_id in np.unique(classes).tolist():
        members = np.flatnonzero(classes == class_id)
        turns = range(epoch * share // len(members), -(-(epoch + 1) * share // len(members)))
        shuffled = [np.random.default_rng([seed, class_id, turn]).permutation(members) for turn in turns]
        first = epoch * share - turns.start * len(members)
        drawn.append(np.concatenate(shuffled)[first : first + share])
    random = np.random.default_rng([seed, epoch])
    return _bucketed(random.permutation(np.concatenate(drawn)), lengths, batch_size, random)


def balanced_rows(classes: npt.NDArray[np.int64]) -> int:
    """Return how many rows an epoch of `balanced_order` holds."""
    found = len(np.unique(classes))
    return len(classes) // found * found


def _bucketed(
    rows: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], batch_size: int, random: np.random.Generator
) -> list[npt.NDArray[np.int64]]:
    pool = batch_size * _BATCHES_PER_POOL
    batches = []
    for start in range(0, len(rows), pool):
        block = rows[start : start + pool]
        block = block[np.argsort(lengths[block], kind="stable")]
        batches += [block[first : first + batch_size] for first in range(0, len(block), batch_size)]
    return [batches[place] for place in random.permutation(len(batches))]


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """Return how many batches an order makes of that many rows."""
    return -(-rows // batch_size)


def by_length(rows: Rows) -> Iterator[Batch]:
    """Yield every row once, shortest first, in batches of about equal size in padded steps, for evaluation."""
    lengths = rows.lengths
    order = np.argsort(lengths, kind="stable")
    lengths = lengths[order]
    start = 0
    while start < len(order):
        window = lengths[start : start + _EVALUATION_ROWS]
        padded = np.arange(1, len(window) + 1) * window  # tokens of the batch that ends with each row
        size = max(1, int(np.searchsorted(padded, _EVALUATION_TOKENS, side="right")))
        yield rows.batch(order[start : start + size])
        start += size
