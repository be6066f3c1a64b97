"""Pairs of token ids, cut into batches.

A target is read with a start token before it and said with an end token behind it, so that both have T steps:

    read  start  t0  t1  …  tn        said  t0  t1  …  tn  end

A target that was cut off at the greatest length has no end there, and none is said: it is read without its last
token. Of a vocabulary of V tokens the end is V and the start V + 1.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Batch, bucketed_order
from yeoul.data.tokens import TokenRows
from yeoul.padded import Padded

Ints = npt.NDArray[np.int64]
_ALIKE = 8
"""Lengths that differ by fewer tokens may be in one batch."""


@dataclass(frozen=True)
class Marks:
    """The ids beyond a vocabulary: what ends a target and what is read before it."""

    end: int
    start: int

    @classmethod
    def beyond(cls, tokens: int) -> "Marks":
        """Return the marks of a vocabulary of so many tokens."""
        return cls(tokens, tokens + 1)


@final
@dataclass(frozen=True, eq=False)
class PairRows:
    """Sources with their targets."""

    source: TokenRows
    target: TokenRows
    marks: Marks

    def __len__(self) -> int:
        return len(self.source)

    @property
    def lengths(self) -> Ints:
        """(N,) steps of each row, of both sides."""
        lengths: Ints = self.source.lengths + self.said_lengths
        return lengths

    @property
    def said_lengths(self) -> Ints:
        """(N,) tokens that are said of each target, its end among them."""
        lengths: Ints = self.target.lengths + self._whole
        return lengths

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Ints]:
        """Return the rows of each batch: targets of about one length together, and of these such sources.

        Lengths of a few tokens more or less are mixed: batches of one length each teach sums far more slowly.
        """
        sources, targets = self.source.lengths // _ALIKE, self.said_lengths // _ALIKE
        both = targets * (int(sources.max(initial=0)) + 1) + sources
        return bucketed_order(both, batch_size, seed, epoch)

    def batch(self, rows: Ints) -> Batch:
        """Assemble the given rows, in the given order: inputs "source" and "target", and what is said (B, T).

        What is said is arbitrary beyond the lengths of "target".
        """
        source, source_lengths = self.source.gather(rows)
        target, target_lengths = self.target.gather(rows)
        whole = self._whole[rows]
        read, said = shifted(target, target_lengths, whole, self.marks)
        lengths = torch.from_numpy(target_lengths + whole)
        inputs = {
            "source": Padded.from_flat(torch.from_numpy(source), torch.from_numpy(source_lengths)),
            "target": Padded.from_flat(torch.from_numpy(read), lengths),
        }
        targets = Padded.from_flat(torch.from_numpy(said), lengths).values
        return Batch(inputs, targets, torch.from_numpy(rows))

    @property
    def _whole(self) -> Ints:
        """(N,) 1 where a target was not cut off."""
        whole: Ints = (self.target.lost == 0).astype(np.int64)
        return whole


def shifted(target: Ints, lengths: Ints, whole: Ints, marks: Marks) -> tuple[Ints, Ints]:
    """Return what is read and what is said of targets that lie end to end."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    opened = np.insert(target, starts, marks.start)  # the start, then all tokens
    cut = np.flatnonzero(whole == 0)
    last = ends[cut] + cut  # place of the last token of a row that was cut off
    read = np.delete(opened, last)
    said = np.insert(target, ends[whole == 1], marks.end)
    return read, said
