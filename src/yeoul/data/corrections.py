"""Set labels right: take what a person wrote into a list of doubtful rows over into the file that they come from."""

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.catalog import CATALOG
from yeoul.data.columns import likely_columns
from yeoul.data.composition import composed
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import joined_columns
from yeoul.data.readers import read_table
from yeoul.data.tables import Table
from yeoul.data.writing import write_rows
from yeoul.errors import DataError, nearest
from yeoul.files import write_bytes
from yeoul.recipe import DataRecipe
from yeoul.spreadsheets import plain

DOUBTS = ("row", "label", "rather", "lead", "corrected", "text")
"""The columns of a list of doubtful rows; the person fills "corrected"."""
_NEEDED = ("row", "corrected", "text")
_SHOWN = 12


@final
@dataclass(frozen=True)
class Corrected:
    """A table with labels set right."""

    table: Table
    changed: int
    confirmed: int
    """Rows whose corrected label is the one that they had."""
    unfilled: int
    elsewhere: int
    """Rows of the list that are of other files."""

    def write(self, path: Path) -> None:
        """Write all rows as CSV; raise `DataError` where something of that name is there."""
        if path.exists() or path.is_symlink():
            raise DataError("there is such a file or folder already", "choose another name", where=str(path))
        text = io.StringIO(newline="")
        write_rows(text, self.table, np.arange(self.table.rows))
        write_bytes(path, text.getvalue().encode("utf-8"))


def correct(recipe: DataRecipe, doubts: Path) -> Corrected:
    """Return the file that `recipe` names with the labels that the list `doubts` has in its column "corrected".

    Rows are named by number, "reviews.csv:17". Raises `DataError` where the text of a row is not the one of the list,
    where a label is none of the file, and where the list names no row of it.
    """
    if recipe.source in CATALOG or recipe.source in EMBEDDED:
        raise DataError(
            "{name} is a public set, not a file",
            "name one of its files",
            where="FILE",
            values={"name": recipe.source},
        )
    table = read_source(data_path(recipe.source), recipe)
    if table.kind == "folder":
        raise DataError("labels of a folder are the names of its folders", "move the files", where=table.name)
    columns = likely_columns(table, recipe.inputs, recipe.target)
    if not columns.inputs or not columns.target:
        raise DataError(
            "it is not known which columns hold texts and labels",
            "name them with --input and --target",
            where=table.name,
        )
    asked = _asked(doubts)
    own = {f"{table.name}:{number}": row for row, number in enumerate(table.numbers.tolist())}
    mine = [one for one in asked if one.row in own]
    if not mine:
        raise DataError(
            "no row of the list is of {file}: the first is {row}",
            "name the file that the list was made of",
            where=doubts.name,
            values={"file": table.name, "row": asked[0].row},
        )
    cells = _trimmed(table.columns[columns.target])
    given = _given(mine, own, joined_columns(table, columns.inputs), set(cells))
    changed = {row: label for row, label in given.items() if label != cells[row]}
    written = table.columns[columns.target].to_pylist()
    for row, label in changed.items():
        written[row] = label
    fixed = {**table.columns, columns.target: pa.chunked_array([pa.array(written, pa.string())])}
    return Corrected(
        table=replace(table, columns=fixed),
        changed=len(changed),
        confirmed=len(given) - len(changed),
        unfilled=sum(not one.corrected for one in mine),
        elsewhere=len(asked) - len(mine),
    )


@dataclass(frozen=True)
class _Asked:
    row: str
    corrected: str
    text: str
    where: str


def _given(
    mine: Sequence[_Asked], own: Mapping[str, int], texts: pa.ChunkedArray, labels: set[str]
) -> dict[int, str]:
    """Return the corrected label of each row that has one; raise `DataError` for what does not fit the file."""
    given: dict[int, str] = {}
    for one in mine:
        row = own[one.row]
        if _key(texts[row].as_py()) != _key(one.text):
            raise DataError(
                "the text of {row} is not the one in the list",
                "make the list anew with `yeoul data check --doubts`, or name the file that it was made of",
                where=one.where,
                values={"row": one.row},
            )
        if not one.corrected:
            continue
        _check(one, labels)
        if given.setdefault(row, one.corrected) != one.corrected:
            raise DataError(
                "{row} is in the list twice, with different labels",
                "leave one of them",
                where=one.where,
                values={"row": one.row},
            )
    return given


def _asked(doubts: Path) -> Sequence[_Asked]:
    """Read the rows of a list, as Yeoul or a spreadsheet has saved it."""
    table = read_table(doubts)
    absent = [name for name in _NEEDED if name not in table.columns]
    if absent:
        raise DataError(
            "the list has no column {column}",
            "make it with `yeoul data check FILE --doubts LIST.csv`, and write labels into its column corrected",
            where=table.name,
            values={"column": absent[0]},
        )
    rows, corrected, texts = ([plain(cell) for cell in table.columns[name].to_pylist()] for name in _NEEDED)
    return [
        _Asked(
            unicodedata.normalize("NFC", row.strip()),
            unicodedata.normalize("NFC", label.strip()),
            text,
            f"{table.name}:{number}",
        )
        for row, label, text, number in zip(rows, corrected, texts, table.numbers.tolist(), strict=True)
    ]


def _trimmed(column: pa.ChunkedArray) -> list[str]:
    return [cell for chunk in column.chunks for cell in pc.utf8_trim_whitespace(composed(chunk)).to_pylist()]


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _check(asked: _Asked, labels: set[str]) -> None:
    if asked.corrected in labels:
        return
    values = {"label": asked.corrected, "labels": ", ".join(sorted(labels - {""})[:_SHOWN])}
    guess = nearest(asked.corrected, labels)
    if guess:
        raise DataError(
            "{label} is no label of the file; it has {labels}",
            "did you mean {guess}?",
            where=asked.where,
            values={**values, "guess": guess},
        )
    raise DataError(
        "{label} is no label of the file; it has {labels}",
        "write one of these",
        where=asked.where,
        values=values,
    )
