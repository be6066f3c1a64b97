"""What cuts texts into units, whatever the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from yeoul.text.normalization import Span

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Cut:
    """The ids of N texts end to end."""

    ids: Ids
    lengths: npt.NDArray[np.int64]  # (N,)


class Cutter(Protocol):
    """A rule with its vocabulary. Both methods cut in the same way; texts hold no lone surrogates."""

    def ids(self, texts: Sequence[str]) -> Cut:
        """Cut every text and number the pieces; what the vocabulary does not hold is 0."""
        ...

    def spans(self, text: str) -> list[Span]:
        """Return the place in `text` of each of its pieces, in order.

        Pieces that are made of one character, or of letters that are written as one, have the same place.
        """
        ...
