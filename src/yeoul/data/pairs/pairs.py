"""Rows with a source and a target, as columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True)
class Pair:
    """One row."""

    source: str
    target: str
    where: str
    """Such as "train.en:17"."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """N rows, held as columns; a `Pair` is made only when one is asked for."""

    sources: pa.Array
    targets: pa.Array
    files: tuple[str, ...]
    file_index: npt.NDArray[np.int16]  # (N,)
    rows: npt.NDArray[np.int64]  # (N,) row of the file as a spreadsheet shows it
    slices: Mapping[str, pa.Array] = field(default_factory=dict)
    """Further columns, by which scores are told apart."""

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Pair:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        index %= len(self)
        return Pair(self.sources[index].as_py(), self.targets[index].as_py(), self.where(index))

    def __iter__(self) -> Iterator[Pair]:
        return (self[index] for index in range(len(self)))

    def where(self, index: int) -> str:
        """Return the place of a row."""
        return f"{self.files[self.file_index[index]]}:{self.rows[index]}"

    def select(self, indices: npt.NDArray[np.int64]) -> "Pairs":
        """Return the rows of `indices`, in that order."""
        places = pa.array(indices, pa.int64())
        return Pairs(
            self.sources.take(places),
            self.targets.take(places),
            self.files,
            self.file_index[indices],
            self.rows[indices],
            {name: column.take(places) for name, column in self.slices.items()},
        )
