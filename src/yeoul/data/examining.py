"""Open what the data doctor is to look at: a file or a public set, with the rows to be scored later beside it."""

from collections.abc import Mapping

import pyarrow as pa

from yeoul.data import catalog
from yeoul.data.columns import likely_columns, named_column
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import joined_columns
from yeoul.data.public import public_tables
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe


def opened_tables(recipe: DataRecipe, test: str) -> tuple[DataRecipe, str, dict[str, Table]]:
    """Return the recipe with the columns of a public set, what the catalog knows, and the tables by split.

    The splits are "train" and "test", or "all" where neither the set nor `test`, a file, parts them. Raises `DataError`
    for what cannot be read as tables of rows.
    """
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    entry = catalog.CATALOG.get(recipe.source)
    known: tuple[tuple[str, ...], str] = ((), "")
    note = ""
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        known, note = (made.inputs, made.target), made.title
        tables = {"all": made.table()}
    elif entry is not None:
        found = catalog.find(entry)
        known, note = (found.form.inputs, found.form.target), entry.note
        _, read = public_tables(found, recipe)
        if not read:
            raise DataError(
                "the public set {name} is no table of rows: it is for the task {task}",
                "give the path of one of its files in {folder}",
                where=entry.name,
                values={"name": entry.name, "task": entry.task, "folder": found.folder},
            )
        tables = dict(zip(("train", "test") if len(read) > 1 else ("all",), read))
    else:
        tables = {"all": read_source(data_path(recipe.source), recipe)}
    if test:
        tables = {"train" if split == "all" else split: table for split, table in tables.items()}
        tables["test"] = read_source(data_path(test), recipe)
    named = {"inputs": recipe.inputs or known[0], "target": recipe.target or known[1]}
    return recipe.model_copy(update=named), note, tables


def pooled_texts(tables: Mapping[str, Table], inputs: tuple[str, ...]) -> pa.ChunkedArray:
    """Return the text of every row, table after table; raise `DataError` for a table without one of the columns."""
    columns = [
        joined_columns(table, [named_column(table, name) for name in inputs]) for table in tables.values()
    ]
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], pa.string())


def text_columns(recipe: DataRecipe, tables: Mapping[str, Table]) -> tuple[str, ...]:
    """Return the columns of the texts, named or guessed; raise `DataError` where there are none."""
    columns = likely_columns(next(iter(tables.values())), recipe.inputs, recipe.target)
    if not columns.inputs:
        raise DataError("no text column was found", "name it with --input", where=recipe.source)
    return columns.inputs
