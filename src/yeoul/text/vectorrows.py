"""Rows of numbers that lie between other things in a mapped file, read when they are asked for."""

import mmap
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float32]


@final
@dataclass(frozen=True, eq=False)
class ScatteredRows:
    """N rows of `size` floats of four bytes, each at its place in `content`."""

    content: "mmap.mmap | bytes"
    starts: npt.NDArray[np.int64]  # (N,)
    size: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.starts), self.size

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, asked: "int | slice | npt.NDArray[np.int64]") -> Floats:
        """Return a row (D,), or several (M, D)."""
        if isinstance(asked, int | np.integer):
            return np.frombuffer(self.content, "<f4", self.size, int(self.starts[asked]))
        everywhere = sliding_window_view(np.frombuffer(self.content, np.uint8), 4 * self.size)
        rows: Floats = everywhere[self.starts[asked]].view("<f4")
        return rows
