"""Batches of rows in an order that is a pure function of seed, epoch, step and lengths.

Nothing is carried from batch to batch, so training may stop and go on anywhere and see the same rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.vectorizers import TokenRows
from yeoul.padded import Padded

_BATCHES_PER_POOL = 100  # rows are sorted by length only inside pools of this many batches
_EVALUATION_TOKENS = 32_768
_EVALUATION_ROWS = 1024


@dataclass(frozen=True)
class Batch:
    """What a model sees in one step."""

    inputs: Mapping[str, Padded | Tensor]
    targets: Tensor | None  # (B,)
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


@dataclass(frozen=True)
class Rows:
    """The encoded rows of one split, ready to be cut into batches."""

    text: TokenRows
    targets: npt.NDArray[np.int64] | None  # (N,) class ids; none for rows without labels

    def __len__(self) -> int:
        return len(self.text)

    def batch(self, rows: npt.NDArray[np.int64]) -> Batch:
        """Assemble the given rows, in the given order."""
        ids, lengths = self.text.gather(rows)
        text = Padded.from_flat(torch.from_numpy(ids), torch.from_numpy(lengths))
        targets = None if self.targets is None else torch.from_numpy(self.targets[rows])
        return Batch({"text": text}, targets, torch.from_numpy(rows))


def bucketed_order(
    lengths: npt.NDArray[np.int64], batch_size: int, seed: int, epoch: int
) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each batch of an epoch: every row once, rows of similar length together.

    Rows are shuffled, cut into pools, sorted by length inside a pool and cut into batches; the batches are
    shuffled again. Only the last batch of the last pool may be smaller than `batch_size`.
    """
    random = np.random.default_rng([seed, epoch])
    rows = random.permutation(len(lengths))
    pool = batch_size * _BATCHES_PER_POOL
    batches = []
    for start in range(0, len(rows), pool):
        block = rows[start : start + pool]
        block = block[np.argsort(lengths[block], kind="stable")]
        batches += [block[first : first + batch_size] for first in range(0, len(block), batch_size)]
    return [batches[place] for place in random.permutation(len(batches))]


def steps_per_epoch(rows: int, batch_size: int) -> int:
    """Return how many batches `bucketed_order` makes of that many rows."""
    return -(-rows // batch_size)


def by_length(rows: Rows) -> Iterator[Batch]:
    """Yield every row once, shortest first, in batches of about equal size in padded tokens, for evaluation."""
    order = np.argsort(rows.text.lengths, kind="stable")
    lengths = rows.text.lengths[order]
    start = 0
    while start < len(order):
        window = lengths[start : start + _EVALUATION_ROWS]
        padded = np.arange(1, len(window) + 1) * window  # tokens of the batch that ends with each row
        size = max(1, int(np.searchsorted(padded, _EVALUATION_TOKENS, side="right")))
        yield rows.batch(order[start : start + size])
        start += size
