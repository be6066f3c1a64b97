"""What every reader gives: the columns of one file as strings, and the place of each row in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.encodings import Encoding
from yeoul.data.mapped import Gathered

Kind = Literal["csv", "jsonl", "parquet", "folder"]


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of one file or folder.

    A row of a separated file that is wholly empty (a blank line, or nothing between its separators) is no
    record: it is counted in `blank` and left out, except in files of one column, where it is an empty value.
    """

    name: str
    """File name as shown to people."""
    columns: Mapping[str, pa.ChunkedArray]
    """All of string type and without nulls; those of a large file lie in a memory-mapped one."""
    encoding: Encoding
    separator: str
    """One character; "" where the file has none."""
    rows: int
    numbers: npt.NDArray[np.int64]
    """(rows,) where each row is: as a spreadsheet numbers it (the header is row 1), the line of a JSONL file or
    of a file of texts, the count from 1 in a Parquet file or a folder of files."""
    blank: int = 0
    kind: Kind = "csv"
    missing: Mapping[str, int] = field(default_factory=dict)
    """Cells that a JSONL or Parquet file does not have (no such key, or null), by column; they are empty."""


@dataclass(frozen=True)
class Facts:
    """What is known about a table beside its rows."""

    columns: tuple[str, ...]
    encoding: Encoding
    separator: str
    kind: Kind
    blank: int = 0
    missing: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Reading:
    """What a reader has read: `rows` have their numbers in the first column, those of `facts` after it."""

    facts: Facts
    rows: Gathered


def row_schema(width: int) -> pa.Schema:
    """Return the schema of rows with so many columns of strings."""
    return pa.schema([("number", pa.int64()), *((str(index), pa.string()) for index in range(width))])


def row_batch(numbers: npt.NDArray[np.int64] | list[int], columns: Sequence[pa.Array]) -> pa.RecordBatch:
    """Return rows of that schema."""
    return pa.record_batch([pa.array(numbers, pa.int64()), *columns], row_schema(len(columns)))


def table_of(data: pa.Table, name: str, facts: Facts) -> Table:
    """Return the table whose rows are `data`."""
    return Table(
        name,
        dict(zip(facts.columns, data.columns[1:], strict=True)),
        facts.encoding,
        facts.separator,
        data.num_rows,
        data.column(0).to_numpy(),
        facts.blank,
        facts.kind,
        facts.missing,
    )
