"""Measurements as they come in a request: columns of cells, read in the way of a file with the same columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pyarrow as pa

from yeoul.api import Run
from yeoul.data.encodings import Encoding
from yeoul.data.measured.measurements import Measurements, measurements_of
from yeoul.data.measured.provenance import Provenance
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError, UsageError
from yeoul.recipe import ForecastRecipe
from yeoul.recipefile import resolve

Cell = float | str | None
_NAME = "columns"


@final
@dataclass(frozen=True)
class HistoryReader:
    """Reads measurements as the training rows were read."""

    forecast: ForecastRecipe
    inputs: tuple[str, ...]

    @classmethod
    def of(cls, run: Run) -> "HistoryReader":
        """Return what reads measurements for a run of forecasts."""
        text = (run.path / "resolved.toml").read_text("utf-8")
        forecast = resolve(text, str(run.record["recipe"]), {}).recipe.forecast
        if forecast is None:
            raise TypeError("not a run of forecasts")
        plan = run.forecaster.plan
        return cls(forecast.model_copy(update={"rows": None}), plan.inputs or plan.targets)

    def read(self, columns: Mapping[str, Sequence[Cell]], start: str) -> Measurements:
        """Bring columns to regular times; `start` is the time of the first row where no column tells it.

        Raises `DataError` for columns that cannot be used as they are, with row and remedy.
        """
        sizes = {len(cells) for cells in columns.values()}
        if len(sizes) != 1 or 0 in sizes:
            raise DataError(
                "the columns are not equally long", "send a cell, or null, for every row", where=_NAME
            )
        rows = sizes.pop()
        cells = {name: _cells(column) for name, column in columns.items()}
        table = Table(_NAME, cells, Encoding("utf-8", False), "", rows, np.arange(1, rows + 1))
        try:
            forecast = self.forecast.model_copy(update={"start": start})
            return measurements_of(table, forecast, self.inputs, Provenance(_NAME, _NAME))
        except RecipeError as error:
            raise UsageError(error.problem, error.remedy, where=error.where, values=error.values) from error


def _cells(column: Sequence[Cell]) -> pa.ChunkedArray:
    """Return a column as a file would hold it: a missing cell is empty."""
    texts = [cell if isinstance(cell, str) else "" if cell is None else repr(cell) for cell in column]
    return pa.chunked_array([pa.array(texts, pa.string())])


def columns_of(measurements: Measurements) -> dict[str, Any]:
    """Return one series as `HistoryReader.read` reads it again: `columns`, and `start` where times have no column."""
    values = measurements.values.astype(np.float64)
    columns: dict[str, list[Cell]] = {
        name: [None if value != value else value for value in values[:, place].tolist()]
        for place, name in enumerate(measurements.columns)
    }
    for place, name in enumerate(measurements.static):
        columns[name] = [float(measurements.statics[0, place])] * measurements.rows
    roles = measurements.roles
    if roles.series:
        columns[roles.series] = [measurements.series[0]] * measurements.rows
    if roles.time:
        times = measurements.times(np.arange(measurements.rows))
        columns[roles.time] = [f"{time}{measurements.zone}" for time in times]
        return {"columns": columns, "start": ""}
    start = measurements.starts[0]
    return {"columns": columns, "start": "" if np.isnat(start) else str(start)}
