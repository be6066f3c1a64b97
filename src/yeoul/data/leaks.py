"""Test rows whose text is a training row's, or nearly so: what makes scores come out too good."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.examining import opened_tables, pooled_texts, text_columns
from yeoul.data.near import near_earlier, near_texts
from yeoul.data.oddities import place_of
from yeoul.data.splits import duplicate_groups
from yeoul.data.tables import Table
from yeoul.files import write_bytes
from yeoul.recipe import DataRecipe
from yeoul.spreadsheets import spreadsheet

MOST_ROWS = 500_000
"""Of more rows near copies are not looked for: that would take minutes."""


@final
@dataclass(frozen=True)
class Leak:
    """A row and the known one, of training or earlier in the file, that it repeats but for so many letters."""

    row: str
    known: str
    edits: int
    text: str
    known_text: str


@final
@dataclass(frozen=True)
class Leaks:
    """Rows that repeat others: test rows and training rows, or rows of a file without a split and earlier ones."""

    found: tuple[Leak, ...]
    across_split: bool

    def write(self, path: Path) -> None:
        """Write the pairs to a CSV file that a spreadsheet opens."""
        rows = ((leak.row, leak.known, str(leak.edits), leak.text, leak.known_text) for leak in self.found)
        header = ("test", "training", "letters", "test text", "training text")
        if not self.across_split:
            header = ("row", "earlier row", "letters", "text", "earlier text")
        write_bytes(path, spreadsheet(header, rows))


def find_leaks(recipe: DataRecipe, test: str = "") -> Leaks:
    """Return the test rows of a public set, or of the file `test`, that repeat a training row or nearly do.

    Without test rows, return the rows that nearly repeat an earlier one: equal rows are never parted by a split made
    here, those are. Raises `DataError` where it is not known what the texts are.
    """
    recipe, _, tables = opened_tables(recipe, test)
    texts = pooled_texts(tables, text_columns(recipe, tables))
    if "test" in tables:
        return Leaks(tuple(leaks_of(tables, texts, duplicate_groups(texts))), True)
    return Leaks(tuple(_repeats(next(iter(tables.values())), texts)), False)


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
    written = single_spaced_texts(texts)
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


def single_spaced_texts(texts: pa.ChunkedArray) -> list[str]:
    """Return the texts as they are compared: with runs of white space made one space."""
    return [" ".join(text.split()) for text in texts.to_pylist()]


def _repeats(table: Table, texts: pa.ChunkedArray) -> list[Leak]:
    """Return the rows that nearly repeat an earlier one; of equal ones the first."""
    first: dict[str, int] = {}
    for row, text in enumerate(single_spaced_texts(texts)):
        first.setdefault(text, row)
    different = list(first)
    return [
        Leak(
            place_of(table, first[different[near.text]]),
            place_of(table, first[different[near.known]]),
            near.edits,
            different[near.text],
            different[near.known],
        )
        for near in near_earlier(different)
    ]


def _place(tables: Mapping[str, Table], row: int) -> str:
    """Name a row of tables that lie one after another."""
    for table in tables.values():
        if row < table.rows:
            return place_of(table, row)
        row -= table.rows
    raise IndexError("the tables have fewer rows")
