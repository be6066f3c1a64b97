"""Open the table of measurements that a recipe names, and tell where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.measured.times import Every, looks_like_times, parse_times
from yeoul.data.public import public_tables
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe, ForecastRecipe

Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Provenance:
    """Where measurements come from."""

    name: str
    source: str
    title: str = ""
    licence: str = ""
    files: tuple[DataFile, ...] = ()
    encoding: str = ""
    separator: str = ""


def open_source(recipe: DataRecipe) -> tuple[Provenance, Table, Mapping[str, Any]]:
    """Return the table that is named, where it comes from, and what is known of its columns and times."""
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        _refuse_other_task(made.name, made.task)
        return (
            Provenance(made.name, recipe.source, made.title, made.licence),
            made.table(),
            {"targets": [made.target]},
        )
    entry = catalog.CATALOG.get(recipe.source)
    if entry is None:
        path = data_path(recipe.source)
        table = read_source(path, recipe)
        name = Path(table.name.removesuffix(".gz")).stem
        return Provenance(name, recipe.source, files=(DataFile.of(path),)), table, {}
    _refuse_other_task(entry.name, entry.task)
    found = catalog.find(entry)
    files, tables = public_tables(found, recipe)
    provenance = Provenance(entry.name, recipe.source, entry.title, entry.licence, files)
    return provenance, tables[0], found.form.forecast


def known_task(source: str) -> str:
    """Return the task that a public or embedded set is for; "" for anything else."""
    entry = EMBEDDED.get(source) or catalog.CATALOG.get(source)
    return "" if entry is None else entry.task


def _refuse_other_task(name: str, task: str) -> None:
    if task != "forecast":
        raise DataError(
            "the public set {name} holds no measurements: it is for the task {task}",
            "`yeoul data list` tells which sets are for forecast",
            where=name,
            values={"name": name, "task": task},
        )


def start_of(forecast: ForecastRecipe, every: Every | None) -> Times:
    """Return the time of the first row (1,), NaT where the recipe does not say it."""
    if not forecast.start:
        return np.full(1, np.datetime64("NaT", "s"))
    if every is None:
        raise RecipeError(
            "a start does not tell the times of the rows after it",
            "say how far apart they are with forecast.every, such as 10min",
            where="forecast.start",
        )
    cells = pa.chunked_array([pa.array([forecast.start])])
    if not looks_like_times(cells):
        raise RecipeError(
            "{start} is no time",
            "write it as in 2020-01-01T00:10",
            where="forecast.start",
            values={"start": forecast.start},
        )
    return parse_times(cells, "forecast.start", lambda _: "forecast.start", forecast.dates).times
