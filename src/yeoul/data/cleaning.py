"""Clean a split: leave out the rows to learn from that are copies, or nearly so, of rows held out to measure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, final, get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import likely_columns, named_column
from yeoul.data.composition import composed
from yeoul.data.datasets import DEFAULT_TEST
from yeoul.data.examining import opened_tables, pooled_texts, text_columns
from yeoul.data.leaks import single_spaced_texts
from yeoul.data.near import near_texts
from yeoul.data.oddities import place_of
from yeoul.data.pairs.grouping import joined_groups
from yeoul.data.refusals import ROWS_PER_CLASS
from yeoul.data.splits import duplicate_groups, stratified_split
from yeoul.data.tables import Table
from yeoul.data.writing import write_rows
from yeoul.errors import DataError
from yeoul.files import replaced_folder, write_bytes
from yeoul.recipe import DataRecipe
from yeoul.spreadsheets import spreadsheet

Ints = npt.NDArray[np.int64]
Rule = Literal["copied", "near", "together"]
LIST = "left-out.csv"
_SEED = 42


@final
@dataclass(frozen=True)
class LeftOut:
    """A row that was left out, by which rule, and the row held out that it is like."""

    row: str
    split: str
    rule: Rule
    like: str
    text: str


@final
@dataclass(frozen=True)
class Cleaned:
    """The rows of each split that are left, by their tables, and those that were left out."""

    parts: Mapping[str, tuple[Table, Ints]]
    left_out: tuple[LeftOut, ...]

    @property
    def sizes(self) -> dict[str, int]:
        return {split: len(rows) for split, (_, rows) in self.parts.items()}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Rows that were left out of each split by each rule."""
        told = Counter((one.split, one.rule) for one in self.left_out)
        rules: tuple[Rule, ...] = get_args(Rule)
        return {split: {rule: told[split, rule] for rule in rules} for split in self.parts if split != "test"}

    def write(self, folder: Path) -> None:
        """Write a CSV file for each split and a list of what was left out into a new folder, whole or not at all.

        Raises `DataError` where something of that name is there.
        """
        if folder.exists() or folder.is_symlink():
            raise DataError(
                "there is such a file or folder already", "choose another name", where=str(folder)
            )
        rows = ((one.row, one.split, one.rule, one.like, one.text) for one in self.left_out)
        with replaced_folder(folder) as fresh:
            for split, (table, places) in self.parts.items():
                with open(fresh / f"{split}.csv", "w", encoding="utf-8", newline="") as file:
                    write_rows(file, table, places)
            write_bytes(fresh / LIST, spreadsheet(("row", "split", "rule", "like", "text"), rows))


def clean(recipe: DataRecipe, test: str = "", together: str = "") -> Cleaned:
    """Return the rows of a public set with a test set, or of two files, without what would be known of the test rows.

    The rows of one file are first divided by chance, as a training divides them. A row to learn from is left out whose
    text a row held out has, equal or nearly so (see `near`), or whose cell of the column `together` one has; rows held
    out for the test always stay. Raises `DataError` where the columns are not there, and where no rows would be left.
    """
    recipe, _, tables = opened_tables(recipe, test)
    pool = _Pool.of(recipe, tables, together)
    kept = pool.split() if "test" not in tables else pool.given()
    left_out: list[LeftOut] = []
    for split, held_out in (("validation", ("test",)), ("train", ("validation", "test"))):
        if split not in kept:
            continue
        known = np.concatenate([kept[other] for other in held_out if other in kept])
        found = sorted(pool.known(kept[split], known), key=lambda one: one.row)
        left_out += [pool.left_out(split, one) for one in found]
        kept[split] = kept[split][~np.isin(kept[split], [one.row for one in found])]
        if not len(kept[split]):
            raise DataError(
                "no row would be left for {split}: all are copies of rows held out",
                "name another test file, or add rows",
                where=recipe.source,
                values={"split": split},
            )
    return Cleaned({split: pool.part(split, rows) for split, rows in kept.items()}, tuple(left_out))


@dataclass(frozen=True)
class _Known:
    row: int
    rule: Rule
    like: int


@dataclass(frozen=True, eq=False)
class _Pool:
    """The N rows of all tables, one table after another."""

    recipe: DataRecipe
    tables: Mapping[str, Table]
    texts: Sequence[str]
    groups: Ints  # (N,) equal texts have equal numbers
    owners: Ints | None  # (N,) rows that are to stay together have equal numbers, -1 for a row by itself

    @classmethod
    def of(cls, recipe: DataRecipe, tables: Mapping[str, Table], together: str) -> "_Pool":
        texts = pooled_texts(tables, text_columns(recipe, tables))
        owners = _owners(tables, together) if together else None
        return cls(recipe, tables, single_spaced_texts(texts), duplicate_groups(texts), owners)

    def given(self) -> dict[str, Ints]:
        """Return the rows of the tables of each split."""
        ends = np.cumsum([0, *(table.rows for table in self.tables.values())])
        return {split: np.arange(start, end) for split, start, end in zip(self.tables, ends, ends[1:])}

    def split(self) -> dict[str, Ints]:
        """Divide the rows by chance as a training does: classes in proportion, equal texts and owners together."""
        test = DEFAULT_TEST if self.recipe.test is None else self.recipe.test
        validation = (1 - test) * self.recipe.validation
        shares = (1 - test - validation, validation, test)
        parts = stratified_split(self._classes(), self._tied(), shares, _SEED)
        kept = dict(zip(("train", "validation", "test"), parts, strict=True))
        for split, rows in kept.items():
            if not len(rows):
                raise DataError(
                    "{rows} rows are too few: no row is left for {split}",
                    "add rows with other texts",
                    where=self.recipe.source,
                    values={"rows": len(self.texts), "split": split},
                )
        return kept

    def _classes(self) -> Ints:
        table = next(iter(self.tables.values()))
        target = likely_columns(table, self.recipe.inputs, self.recipe.target).target
        classes = _codes([table.columns[target]]) if target else np.zeros(table.rows, np.int64)
        few = len(np.unique(classes)) * ROWS_PER_CLASS <= table.rows
        return classes if few else np.zeros(table.rows, np.int64)

    def _tied(self) -> Ints:
        if self.owners is None:
            return self.groups
        alone = np.arange(len(self.texts))
        filled = np.array([bool(text) for text in self.texts])
        owners = np.unique(np.where(self.owners < 0, len(alone) + alone, self.owners), return_inverse=True)[1]
        groups = np.unique(np.where(filled, self.groups, len(alone) + alone), return_inverse=True)[1]
        return joined_groups(groups.astype(np.int64), owners.astype(np.int64))

    def known(self, rows: Ints, held_out: Ints) -> Iterator[_Known]:
        """Yield which of `rows` are like one of `held_out`, by the first rule that fits, with the first such one."""
        copied = _firsts(self.groups, held_out)
        owned = {} if self.owners is None else _firsts(self.owners, held_out[self.owners[held_out] >= 0])
        rest = []
        for row in rows.tolist():
            if int(self.groups[row]) in copied:
                yield _Known(row, "copied", copied[int(self.groups[row])])
            elif self.owners is not None and int(self.owners[row]) in owned:
                yield _Known(row, "together", owned[int(self.owners[row])])
            elif self.texts[row]:
                rest.append(row)
        different = [row for row in copied.values() if self.texts[row]]
        asked = _firsts(self.groups, np.array(rest, np.int64))
        texts = [self.texts[row] for row in asked.values()]
        near = {
            group: different[one.known]
            for one in near_texts([self.texts[row] for row in different], texts)
            for group in (list(asked)[one.text],)
        }
        yield from (
            _Known(row, "near", near[int(self.groups[row])]) for row in rest if int(self.groups[row]) in near
        )

    def left_out(self, split: str, known: _Known) -> LeftOut:
        """Name the places of a row that was left out and of the one that it is like."""
        place, like = self._place(known.row), self._place(known.like)
        return LeftOut(place, split, known.rule, like, self.texts[known.row])

    def part(self, split: str, rows: Ints) -> tuple[Table, Ints]:
        """Return the table of a split and the numbers of its rows there."""
        own = split if split in self.tables else next(iter(self.tables))
        return self.tables[own], rows - int(self.given()[own][0])

    def _place(self, row: int) -> str:
        split = next(split for split, rows in self.given().items() if row <= rows[-1])
        table, (own,) = self.part(split, np.array([row]))
        return place_of(table, int(own))


def _owners(tables: Mapping[str, Table], together: str) -> Ints:
    """Number the cells of a column, one table after another; -1 for an empty one."""
    columns = [table.columns[named_column(table, together)] for table in tables.values()]
    owners = _codes(columns)
    empty = [pc.equal(pc.utf8_trim_whitespace(column), "").to_numpy().astype(bool) for column in columns]
    return np.where(np.concatenate(empty), -1, owners)


def _codes(columns: Sequence[pa.ChunkedArray]) -> Ints:
    """Number the cells of columns, one after another: equal ones have equal numbers."""
    chunks = [pc.utf8_trim_whitespace(composed(chunk)) for column in columns for chunk in column.chunks]
    codes = pa.concat_arrays(chunks).dictionary_encode().indices
    return np.asarray(codes.to_numpy(zero_copy_only=False), np.int64)


def _firsts(numbers: Ints, rows: Ints) -> dict[int, int]:
    """Return the first of the rows with each number."""
    return dict(zip(numbers[rows][::-1].tolist(), rows[::-1].tolist(), strict=True))
