"""Open the pairs to compare that a recipe names: a table, a public set or a made-up one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.columns import expanded_names, named_column
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.pairs.opening import SOURCE_NAMES, TARGET_NAMES, open_pairs
from yeoul.data.public import public_tables
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

_SIDES = (
    *(("sentence1", "sentence2"), ("text1", "text2"), ("question1", "question2"), ("a", "b")),
    *(("left", "right"), ("first", "second"), ("premise", "hypothesis"), ("query", "document")),
    *(("문장1", "문장2"), ("텍스트1", "텍스트2"), ("질문1", "질문2"), ("왼쪽", "오른쪽"), ("질의", "문서")),
)
"""Usual names of two columns that are compared, the likeliest first."""
_TRUTHS = (
    *("similarity", "score", "match", "matches", "same", "is_duplicate", "duplicate", "label", "target", "y"),
    *("유사도", "점수", "일치", "같음", "중복", "라벨", "레이블", "정답"),
)
"""Usual names of columns that say how close the two are, the likeliest first."""
_SHOWN = 12


@dataclass(frozen=True)
class SideColumns:
    """The columns that are read, and which of them nobody named."""

    left: str
    right: str
    truth: str
    """Empty where no column says how close the two are."""
    guessed_sides: bool
    guessed_truth: bool


@dataclass(frozen=True, eq=False)
class ComparedOrigin:
    """What is known about pairs before their rows are split."""

    name: str
    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    tables: Mapping[str, Table]
    """By split where the set has official ones, else "all"."""
    columns: SideColumns


def open_comparisons(recipe: DataRecipe) -> ComparedOrigin:
    """Read the tables that `recipe` names.

    Raises `DataError` for what holds no two columns to compare, and `RecipeError` when no source is named.
    """
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        if made.task == "transduce":
            return _open_pairs(recipe)
        table = made.table()
        columns = choose_sides(table, recipe, (*made.inputs, made.target))
        return ComparedOrigin(
            table.name, recipe.source, made.title, made.licence, (), {"all": table}, columns
        )
    entry = catalog.CATALOG.get(recipe.source)
    if entry is not None:
        return _open_public(entry, recipe)
    path = data_path(recipe.source)
    table = read_source(path, recipe)
    name = Path(table.name.removesuffix(".gz")).stem
    columns = choose_sides(table, recipe, ())
    return ComparedOrigin(name, recipe.source, "", "", (DataFile.of(path),), {"all": table}, columns)


def _open_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> ComparedOrigin:
    found = catalog.find(entry)
    form = found.form
    if form.pair and entry.task != "compare":
        return _open_pairs(recipe)
    files, tables = public_tables(found, recipe)
    columns = choose_sides(tables[0], recipe, (*form.inputs, form.target))
    by_split = dict(zip(("train", "test") if len(tables) > 1 else ("all",), tables, strict=True))
    return ComparedOrigin(entry.name, recipe.source, entry.title, entry.licence, files, by_split, columns)


def _open_pairs(recipe: DataRecipe) -> ComparedOrigin:
    """Read a set of sources and targets, whose two sides belong together."""
    if recipe.inputs and len(recipe.inputs) != 2:
        raise _not_two(len(recipe.inputs), recipe.source)
    named = {"inputs": recipe.inputs[:1], "target": recipe.inputs[1] if recipe.inputs else ""}
    origin = open_pairs(recipe.model_copy(update=named))
    left, right = origin.columns.inputs[0], origin.columns.target
    truth = named_column(next(iter(origin.tables.values())), recipe.target) if recipe.target else ""
    columns = SideColumns(left, right, truth, guessed_sides=not recipe.inputs, guessed_truth=not truth)
    return ComparedOrigin(
        origin.name, origin.source, origin.title, origin.licence, origin.files, origin.tables, columns
    )


def _not_two(count: int, where: str) -> DataError:
    return DataError(
        "two columns are compared, and {count} are named",
        "name both, each with --input",
        where=where,
        values={"count": count},
    )


def choose_sides(table: Table, recipe: DataRecipe, known: tuple[str, ...]) -> SideColumns:
    """Return the columns that are named, else those that the set is `known` for, else those with usual names.

    `known` holds the two sides and the truth, "" where the set has none.
    """
    named = tuple(named_column(table, name) for name in expanded_names(recipe.inputs))
    if named and len(named) != 2:
        raise _not_two(len(named), table.name)
    target = named_column(table, recipe.target) if recipe.target else ""
    known = known if all(known[:2]) and len(known) == 3 else ()
    sides = named or known[:2] or _guessed_sides(table, target)
    truth = target or (known[2] if known and not named else _guessed_truth(table, sides))
    if truth in sides or sides[0] == sides[1]:
        raise DataError(
            "the column {column} is named twice",
            "name three different columns",
            where=table.name,
            values={"column": truth if truth in sides else sides[0]},
        )
    return SideColumns(sides[0], sides[1], truth, not named, not target)


def _guessed_sides(table: Table, target: str) -> tuple[str, ...]:
    by_lower = {name.lower(): name for name in reversed(list(table.columns)) if name != target}
    for left, right in _SIDES:
        if left in by_lower and right in by_lower:
            return by_lower[left], by_lower[right]
    source = next((by_lower[name] for name in SOURCE_NAMES if name in by_lower), "")
    other = next((by_lower[name] for name in TARGET_NAMES if name in by_lower), "")
    if source and other and source != other:
        return source, other
    rest = [name for name in table.columns if name != (target or _guessed_truth(table, ()))]
    if len(rest) == 2:
        return rest[0], rest[1]
    raise DataError(
        "no two columns look like what is to be compared; the columns are {columns}",
        "name both, each with --input",
        where=table.name,
        values={"columns": ", ".join(list(table.columns)[:_SHOWN])},
    )


def _guessed_truth(table: Table, sides: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in reversed(list(table.columns)) if name not in sides}
    return next((by_lower[name] for name in _TRUTHS if name in by_lower), "")
