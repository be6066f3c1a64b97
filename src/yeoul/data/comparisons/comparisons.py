"""Rows with a left and a right side and how close these are, as columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from yeoul.data.splits import duplicate_groups

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Links:
    """Which of the N rows' sides are the same, and which belong together by way of matching rows."""

    left: Ints  # (N,) number of the left text; equal texts of either side have equal numbers
    right: Ints  # (N,)
    group_of: Ints  # (U,) group of each text
    first: Ints  # (U,) row where each text stands first
    first_is_left: npt.NDArray[np.bool_]  # (U,)

    @classmethod
    def of(cls, lefts: pa.Array, rights: pa.Array, tied: npt.NDArray[np.bool_]) -> "Links":
        """Link the sides of N rows: those of the rows `tied` (N,) belong together."""
        rows = len(lefts)
        numbers = duplicate_groups(pa.chunked_array([lefts, rights]))
        left, right = numbers[:rows], numbers[rows:]
        _, places = np.unique(numbers, return_index=True)
        size = len(places)
        edges = coo_array((np.ones(int(tied.sum()), np.int8), (left[tied], right[tied])), shape=(size, size))
        groups = connected_components(edges, directed=False)[1].astype(np.int64)
        return cls(left, right, groups, places % max(rows, 1), places < rows)

    @property
    def left_groups(self) -> Ints:
        """(N,) group of each row's left side."""
        groups: Ints = self.group_of[self.left]
        return groups

    @property
    def right_groups(self) -> Ints:
        """(N,) group of each row's right side."""
        groups: Ints = self.group_of[self.right]
        return groups


BEGINNING = "▶"
END = "■"
"""What stands before the first sentence of a document and behind the last."""


@dataclass(frozen=True)
class Writing:
    """One document: its sentences, and its place."""

    sentences: tuple[str, ...]
    where: str

    @property
    def chain(self) -> tuple[str, ...]:
        """The sentences with the marks of beginning and end."""
        return (BEGINNING, *self.sentences, END)


@dataclass(frozen=True)
class Comparison:
    """One row."""

    left: str
    right: str
    truth: float
    where: str
    """Such as "pairs.csv:17"."""


@dataclass(frozen=True, eq=False)
class Comparisons:
    """N rows, held as columns; the numbers of a series stand in its cell as they were written."""

    lefts: pa.Array
    rights: pa.Array
    truth: Floats
    """(N,) ones and zeros, degrees, or ones where every row matches."""
    matching: npt.NDArray[np.bool_]
    """(N,) rows whose sides belong together; of degrees none are known to."""
    files: tuple[str, ...]
    file_index: npt.NDArray[np.int16]  # (N,)
    rows: Ints  # (N,) row of the file as a spreadsheet shows it
    slices: Mapping[str, pa.Array] = field(default_factory=dict)
    """Further columns, by which scores are told apart."""
    documents: Ints | None = None
    """(N,) document of each row, where its sides are sentences of one."""

    def __len__(self) -> int:
        return len(self.truth)

    def __getitem__(self, index: int) -> Comparison:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        index %= len(self)
        left, right = self.lefts[index].as_py(), self.rights[index].as_py()
        return Comparison(left, right, float(self.truth[index]), self.where(index))

    def where(self, index: int) -> str:
        """Return the place of a row."""
        return f"{self.files[self.file_index[index]]}:{self.rows[index]}"

    def select(self, indices: Ints) -> "Comparisons":
        """Return the rows of `indices`, in that order."""
        places = pa.array(indices, pa.int64())
        return Comparisons(
            self.lefts.take(places),
            self.rights.take(places),
            self.truth[indices],
            self.matching[indices],
            self.files,
            self.file_index[indices],
            self.rows[indices],
            {name: column.take(places) for name, column in self.slices.items()},
            None if self.documents is None else self.documents[indices],
        )

    @property
    def groups(self) -> tuple[Ints, Ints]:
        """(N,) and (N,): the group of each left and each right side; in documents the document of both."""
        if self.documents is not None:
            return self.documents, self.documents
        return self.links.left_groups, self.links.right_groups

    @cached_property
    def links(self) -> Links:
        """How the sides are tied by the rows that match."""
        return Links.of(self.lefts, self.rights, self.matching)
