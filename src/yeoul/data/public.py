"""Read the tables of a public set in the form that lies on this machine, and check its files on the way."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import DataFile
from yeoul.data.catalog import Found, check
from yeoul.data.columns import expanded_names
from yeoul.data.folders import read_folder
from yeoul.data.opening import shown_name
from yeoul.data.readers import read_table
from yeoul.data.tables import Table, table_of
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

_READ = ("all", "train", "test")


def public_tables(found: Found, recipe: DataRecipe) -> tuple[tuple[DataFile, ...], tuple[Table, ...]]:
    """Return what was read, and a table for all rows or one each for train and test, in this order.

    What `recipe` says about encoding, separator and columns goes before what the catalog says. Raises
    `DataError` when a file has another checksum than the catalog knows.
    """
    form = found.form
    for file in form.files:
        check(file, found.folder / file.name)
    paths = [found.paths[split] for split in _READ if split in found.paths]
    encoding = form.encoding if recipe.encoding == "auto" else recipe.encoding
    separator = form.separator if recipe.separator == "auto" else recipe.separator
    names = expanded_names(recipe.columns or form.columns)
    tables = []
    for path in paths:
        if form.classes:
            reading = read_folder(path, encoding, form.classes)
            table = table_of(reading.rows.table(), shown_name(path), reading.facts)
        else:
            table = read_table(path, encoding=encoding, separator=separator, columns=names)
        if form.labels and recipe.target in ("", form.target):
            table = _relabeled(table, form.target, form.labels)
        tables.append(table)
    return tuple(DataFile.of(path) for path in paths), tuple(tables)


def _relabeled(table: Table, target: str, labels: Mapping[str, str]) -> Table:
    """Write what the values of the target mean."""
    cells = pc.utf8_trim_whitespace(table.columns[target])
    places = pc.index_in(cells, pa.array(list(labels)))
    if places.null_count:
        row = int(np.flatnonzero(pc.is_null(places).to_numpy())[0])
        raise DataError(
            "the value {value} of the column {column} is none of {expected}",
            "fetch the set again with `yeoul data get`",
            where=f"{table.name}:{table.numbers[row]}",
            values={"value": cells[row].as_py(), "column": target, "expected": ", ".join(labels)},
        )
    meant = pa.chunked_array([pa.array(list(labels.values())).take(chunk) for chunk in places.chunks])
    return replace(table, columns={**table.columns, target: meant})
