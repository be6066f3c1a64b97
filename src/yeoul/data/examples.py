"""Rows as columns: texts, labels and the place of each in its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import Columns
from yeoul.data.composition import composed
from yeoul.data.mapped import chunks_of, exchanged, gathered, taken, walked
from yeoul.data.scratch import LARGE_BYTES
from yeoul.data.tables import Table
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
class Picked(Mapping[str, pa.ChunkedArray]):
    """Some rows of large columns, which stay where they are until a column of those rows is asked for."""

    columns: Mapping[str, pa.ChunkedArray]
    places: npt.NDArray[np.int64]  # (N,)
    _copies: dict[str, pa.ChunkedArray] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        if name not in self._copies:
            column = self.columns[name]
            self._copies[name] = gathered(taken(column, self.places), column.type)
        return self._copies[name]

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


@dataclass(frozen=True, eq=False)
class Examples:
    """N rows, held as columns; an `Example` is made only when one is asked for."""

    inputs: Mapping[str, pa.Array]
    """Large columns are chunked, and rows selected from them are `Picked`: walk through `blocks` there."""
    targets: pa.Array
    files: tuple[str, ...]
    file_index: npt.NDArray[np.int16]  # (N,)
    rows: npt.NDArray[np.int64]  # (N,) row of the file as a spreadsheet shows it
    slices: Mapping[str, pa.Array] = field(default_factory=dict)
    """Further columns, by which scores are told apart."""

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> Example:
        if not -len(self) <= index < len(self):
            raise IndexError(f"row {index} of {len(self)}")
        index %= len(self)
        columns, places = self._stored()
        place = index if places is None else int(places[index])
        inputs = {name: column[place].as_py() for name, column in columns.items()}
        return Example(inputs, self.targets[index].as_py(), self.where(index))

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(len(self)))

    def where(self, index: int) -> str:
        """Return the place of a row."""
        return f"{self.files[self.file_index[index]]}:{self.rows[index]}"

    def select(self, indices: npt.NDArray[np.int64]) -> "Examples":
        """Return the rows of `indices`, in that order."""
        columns, places = self._stored()
        places = indices if places is None else places[indices]
        inputs: Mapping[str, pa.Array] = Picked(columns, places)
        if not any(isinstance(column, pa.ChunkedArray) for column in columns.values()):
            inputs = {name: column.take(pa.array(places, pa.int64())) for name, column in columns.items()}
        taken_rows = pa.array(indices, pa.int64())
        targets = self.targets.take(taken_rows)
        slices = {name: column.take(taken_rows) for name, column in self.slices.items()}
        return Examples(inputs, targets, self.files, self.file_index[indices], self.rows[indices], slices)

    def blocks(self, name: str = TEXT) -> Iterator[pa.Array]:
        """Yield an input of the rows block by block, so that memory holds one block at a time."""
        columns, places = self._stored()
        return walked(chunks_of(columns[name]) if places is None else taken(columns[name], places))

    def _stored(self) -> tuple[Mapping[str, pa.Array], npt.NDArray[np.int64] | None]:
        """Return the columns as they are held, and the places of the rows there unless they are all, in order."""
        if isinstance(self.inputs, Picked):
            return self.inputs.columns, self.inputs.places
        return self.inputs, None

    def texts(self) -> list[str]:
        """Return the one text of each row."""
        return [text for block in self.blocks() for text in block.to_pylist()]

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
    targets = []
    for table in tables:
        target = pc.utf8_trim_whitespace(pc.utf8_normalize(table.columns[columns.target], "NFC"))
        _refuse_empty(target, table)
        targets += target.chunks
    changed: list[int] = []
    given = [
        chunk for table in tables for chunk in joined_columns(table, columns.inputs).chunks if len(chunk)
    ]
    pairs = ((chunk, _composed(chunk, changed)) for chunk in walked(given))
    large = sum(chunk.nbytes for chunk in given) > LARGE_BYTES
    text = exchanged(pairs, pa.string()) if large else _whole([new for _, new in pairs])
    sizes = [table.rows for table in tables]
    examples = Examples(
        {TEXT: text},
        _whole(targets),
        tuple(table.name for table in tables),
        np.repeat(np.arange(len(tables), dtype=np.int16), sizes),
        np.concatenate([table.numbers for table in tables]),
    )
    return Composed(examples, sum(changed))


def compose_apart(tables: Sequence[Table], columns: Columns) -> Examples:
    """Put the rows of several tables one after another, each input column by itself and as it is, by name."""
    inputs = {
        name: pa.concat_arrays([chunk for table in tables for chunk in table.columns[name].chunks])
        for name in columns.inputs
    }
    one = replace(columns, inputs=columns.inputs[:1])
    return replace(compose(tables, one).examples, inputs=inputs)


def joined_columns(table: Table, names: Sequence[str]) -> pa.ChunkedArray:
    """Return one text a row: a column as it is, several of them joined by line breaks."""
    given = [table.columns[name] for name in names]
    if len(given) == 1:
        return given[0]
    batches = pa.table(given, [str(index) for index in range(len(given))]).to_batches()
    return gathered((pc.binary_join_element_wise(*batch.columns, "\n") for batch in batches), pa.string())


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


def _composed(texts: pa.Array, changed: list[int]) -> pa.Array:
    """Return the texts in composed form, the same array where they are; note how many were not."""
    new = composed(texts)
    changed.append(0 if new is texts else pc.sum(pc.not_equal(texts, new)).as_py())
    return new


def _whole(chunks: Sequence[pa.Array]) -> pa.Array:
    large = sum(chunk.nbytes for chunk in chunks) > _SMALL_BYTES
    kind = pa.large_string() if large else pa.string()
    return pa.concat_arrays([chunk.cast(kind) for chunk in chunks]) if chunks else pa.array([], kind)
