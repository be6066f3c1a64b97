"""The data doctor for tables of measurements: what each column holds, what is odd in it, and how to begin."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yeoul.data.measured.measurements import Measurements, read_measurements
from yeoul.data.measured.provenance import known_task, open_source
from yeoul.data.measured.roles import likely_series, measured_columns
from yeoul.data.measured.seasons import guess_season
from yeoul.data.opening import PIPE
from yeoul.recipe import DataRecipe, ForecastRecipe

_FLAG = 2


@dataclass(frozen=True)
class ColumnCheck:
    """The numbers of a column over all rows."""

    missing: int
    low: float
    mean: float
    high: float


@dataclass(frozen=True)
class MeasurementCheckup:
    """What was found, and the command to begin with."""

    measurements: Measurements
    columns: Mapping[str, ColumnCheck]
    season: int
    """Rows after which a pattern returns; 1: none was found."""
    command: str

    def to_json(self) -> dict[str, Any]:
        """Return all that was found as plain values."""
        columns = {
            name: {"missing": one.missing, "min": one.low, "mean": one.mean, "max": one.high}
            for name, one in self.columns.items()
        }
        return {
            "task": "forecast",
            **self.measurements.to_json(),
            "values": columns,
            "season": self.season,
            "command": self.command,
        }


def check_measurements(
    recipe: DataRecipe, forecast: ForecastRecipe, asked: bool
) -> MeasurementCheckup | None:
    """Look through a table of measurements; None for a table of something else, unless it is `asked` for as such.

    A table holds measurements when a column tells times and all others hold numbers, but for one that tells series
    apart. Raises `DataError` like
    `read_measurements`.
    """
    if not asked and (recipe.source == PIPE or known_task(recipe.source) not in ("", "forecast")):
        return None
    _, table, known = open_source(recipe)
    time, numeric, texts = measured_columns(table)
    if time and not (forecast.series or known):
        forecast = forecast.model_copy(update={"series": likely_series(table, time)})
        numeric, texts = (
            tuple(name for name in names if name != forecast.series) for names in (numeric, texts)
        )
    if not (asked or known or (time and numeric and not texts)):
        return None
    if not forecast.targets:
        forecast = forecast.model_copy(update={"targets": tuple(known.get("targets", numeric))})
    measurements = read_measurements(recipe, forecast)
    values = measurements.values
    columns = {}
    for place, name in enumerate(measurements.columns):
        present = values[~np.isnan(values[:, place]), place].astype(np.float64)
        told = (present.min(), present.mean(), present.max()) if len(present) else (np.nan,) * 3
        columns[name] = ColumnCheck(measurements.found.missing.get(name, 0), *map(float, told))
    season = guess_season(measurements, np.ones(measurements.rows, bool))
    return MeasurementCheckup(measurements, columns, season, _command(recipe, forecast, measurements, season))


def _command(recipe: DataRecipe, forecast: ForecastRecipe, measurements: Measurements, season: int) -> str:
    """Write a command that trains on these measurements, with the last column as its target."""
    words = ["yeoul", "train", recipe.source, "--task", "forecast", "--target", _likely_target(measurements)]
    words += ["--horizon", str(max(1, season))]
    for name, value in (("--start", forecast.start), ("--every", forecast.every)):
        words += [name, value] if value else []
    if forecast.series:
        words.append(f"forecast.series={forecast.series}")
    return shlex.join(words)


def _likely_target(measurements: Measurements) -> str:
    """Return the last column that is more than an on and off, else the last one."""
    values = measurements.values[:, : len(measurements.targets)]
    varied = [
        name
        for name, column in zip(measurements.targets, values.T, strict=True)
        if len(np.unique(column[~np.isnan(column)][:10_000])) > _FLAG
    ]
    return (varied or list(measurements.targets))[-1]
