"""Test rows whose text is a training row's, or nearly so: what makes scores come out too good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.near import near_texts
from yeoul.data.oddities import place_of
from yeoul.data.tables import Table
from yeoul.files import write_bytes
from yeoul.spreadsheets import spreadsheet

MOST_ROWS = 500_000
"""Of more rows near copies are not looked for: that would take minutes."""


@final
@dataclass(frozen=True)
class Leak:
    """A test row and the training row that it repeats, but for so many letters."""

    test: str
    training: str
    edits: int
    test_text: str
    training_text: str


def leaks_of(
    tables: Mapping[str, Table], texts: pa.ChunkedArray, groups: npt.NDArray[np.int64]
) -> list[Leak]:
    """Return the test rows that repeat a training row, in their order; of several the nearest, then the first.

    `texts` are those of all tables, one after another, and `groups` numbers equal ones (see `duplicate_groups`).
    Empty texts repeat nothing.
    """
    sizes = [table.rows for table in tables.values()]
    splits = np.repeat(np.arange(len(sizes)), sizes)
    tested = splits == list(tables).index("test")
    known = np.flatnonzero(~tested)
    written = [" ".join(text.split()) for text in texts.to_pylist()]
    first = dict(zip(groups[known][::-1].tolist(), known[::-1].tolist(), strict=True))
    asked = [row for row in np.flatnonzero(tested).tolist() if written[row]]
    pairs = {row: (first[int(groups[row])], 0) for row in asked if int(groups[row]) in first}
    rest = [row for row in asked if row not in pairs]
    different = list(dict.fromkeys(first.values()))
    for near in near_texts([written[row] for row in different], [written[row] for row in rest]):
        pairs[rest[near.text]] = (different[near.known], near.edits)
    return [
        Leak(_place(tables, row), _place(tables, other), edits, written[row], written[other])
        for row, (other, edits) in sorted(pairs.items())
    ]


def write_leaks(leaks: Sequence[Leak], path: Path) -> None:
    """Write the pairs to a CSV file that a spreadsheet opens."""
    rows = ((leak.test, leak.training, str(leak.edits), leak.test_text, leak.training_text) for leak in leaks)
    write_bytes(path, spreadsheet(("test", "training", "letters", "test text", "training text"), rows))


def _place(tables: Mapping[str, Table], row: int) -> str:
    """Name a row of tables that lie one after another."""
    for table in tables.values():
        if row < table.rows:
            return place_of(table, row)
        row -= table.rows
    raise IndexError("the tables have fewer rows")
