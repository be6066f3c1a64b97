"""Rows as columns: texts, labels and the place of each in its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import Columns
from yeoul.data.readers import Table
from yeoul.errors import DataError

TEXT = "text"
"""Name of the input when there is one text a row."""
_SMALL_BYTES = 1 << 30  # columns above it get 64-bit offsets


@dataclass(frozen=True)
class Example:
    """One row."""

    inputs: Mapping[str, str]
    target: str
    where: str
    """Such as "reviews.csv:17"."""


@dataclass(frozen=True, eq=False)
class Examples:
    """N rows, held as columns; an `Example` is made only when one is asked for."""

    inputs: Mapping[str, pa.Array]
    targets: pa.Array
    files: tuple[str, ...]
    file_index: npt.NDArray[np.int16]  # (N,)
    rows: npt.NDArray[np.int64]  # (N,) row of the file as a spreadsheet shows it

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Example:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        index %= len(self)
        inputs = {name: column[index].as_py() for name, column in self.inputs.items()}
        return Example(inputs, self.targets[index].as_py(), self.where(index))

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def where(self, index: int) -> str:
        """Return the place of a row."""
        return f"{self.files[self.file_index[index]]}:{self.rows[index]}"

    def select(self, indices: npt.NDArray[np.int64]) -> "Examples":
        """Return the rows of `indices`, in that order."""
        taken = pa.array(indices, pa.int64())
        inputs = {name: column.take(taken) for name, column in self.inputs.items()}
        return Examples(
            inputs, self.targets.take(taken), self.files, self.file_index[indices], self.rows[indices]
        )

    def texts(self) -> list[str]:
        """Return the one text of each row."""
        texts: list[str] = self.inputs[TEXT].to_pylist()
        return texts

    def labels(self) -> list[str]:
        """Return the label of each row."""
        labels: list[str] = self.targets.to_pylist()
        return labels


@dataclass(frozen=True)
class Composed:
    """Rows in composed form (NFC), and how many texts were not in it."""

    examples: Examples
    non_nfc: int


def compose(tables: Sequence[Table], columns: Columns) -> Composed:
    """Put the rows of several tables one after another.

    Texts are composed (NFC), and joined by a line break when there are several input columns; labels are
    composed and lose the spaces around them. Raises `DataError` at the first row without a label.
    """
    texts, targets, non_nfc = [], [], 0
    for table in tables:
        text = joined_columns(table, columns.inputs)
        composed = pc.utf8_normalize(text, "NFC")
        non_nfc += int(pc.sum(pc.not_equal(text, composed)).as_py() or 0)
        target = pc.utf8_trim_whitespace(pc.utf8_normalize(table.columns[columns.target], "NFC"))
        _refuse_empty(target, table)
        texts.append(composed)
        targets.append(target)
    sizes = [table.rows for table in tables]
    examples = Examples(
        {TEXT: _whole(texts)},
        _whole(targets),
        tuple(table.name for table in tables),
        np.repeat(np.arange(len(tables), dtype=np.int16), sizes),
        np.concatenate([table.numbers for table in tables]),
    )
    return Composed(examples, non_nfc)


def joined_columns(table: Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Return one text a row: a column as it is, several of them joined by line breaks."""
    given = [table.columns[name] for name in names]
    return given[0] if len(given) == 1 else pc.binary_join_element_wise(*given, "\n")


def _refuse_empty(target: pa.ChunkedArray, table: Table) -> None:
    empty = np.flatnonzero(pc.equal(target, "").to_numpy())
    if not len(empty):
        return
    where = f"{table.name}:{table.numbers[empty[0]]}"
    if len(empty) == 1:
        raise DataError("the label is empty", "give the row a label or remove it", where=where)
    raise DataError(
        "the label is empty, here and in {others} more rows",
        "give these rows labels or remove them",
        where=where,
        values={"others": f"{len(empty) - 1:,}"},
    )


def _whole(columns: Sequence[pa.ChunkedArray]) -> pa.Array:
    chunks = [chunk for column in columns for chunk in column.chunks]
    large = sum(chunk.nbytes for chunk in chunks) > _SMALL_BYTES
    kind = pa.large_string() if large else pa.string()
    return pa.concat_arrays([chunk.cast(kind) for chunk in chunks]) if chunks else pa.array([], kind)
