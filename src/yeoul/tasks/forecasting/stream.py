"""Forecasts row by row: hand over the newest measurements, get what comes next, in the same time each."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from yeoul.data.measured.measurements import Measurements
from yeoul.errors import DataError, UsageError
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts

_SEASONS_KEPT = 3


class ForecastStream:
    """The newest rows of one series, and a forecast after each new one.

    Forecasts equal those that a file with all rows would get, but for exponential smoothing, which forgets rows
    that lie more than a few seasons back.
    """

    def __init__(self, forecaster: Forecaster, measurements: Measurements) -> None:
        """Begin after the newest row; raise `UsageError` for several series and for columns known ahead."""
        if len(measurements.series) > 1:
            raise UsageError("a stream follows one series", "give the rows of one of them")
        if measurements.known:
            raise UsageError(
                "columns that are known ahead cannot be streamed",
                "forecast from files instead",
                where="forecast.known",
            )
        self._forecaster = forecaster
        plan = forecaster.plan
        self._kept = plan.span + (_SEASONS_KEPT * plan.season if plan.season > 1 else plan.span)
        self._newest = _tail(measurements, self._kept)

    @property
    def columns(self) -> tuple[str, ...]:
        """What a row holds."""
        return self._newest.columns

    @property
    def newest(self) -> Measurements:
        """The rows that are kept: all that forecasts are made from."""
        return self._newest

    def feed(self, row: Mapping[str, float | None]) -> Forecasts:
        """Take in the next row, in the columns' own units, None or NaN where missing; say what follows it.

        Raises `DataError` for a row without all columns, or with others.
        """
        self.keep(self.after(row))
        return self._forecaster.forecast(self._newest)

    def keep(self, newest: Measurements) -> None:
        """Go on from these rows, as `after` returned them."""
        self._newest = newest

    def after(self, row: Mapping[str, float | None]) -> Measurements:
        """Return the rows to forecast from once this one has come; `feed` tells what it holds and raises."""
        if set(row) != set(self.columns):
            raise DataError(
                "the row has the columns {came}, the model reads {expected}",
                "give a number, or nothing, for each of them",
                values={"came": ", ".join(row), "expected": ", ".join(self.columns)},
            )
        cells = [row[name] for name in self.columns]
        with np.errstate(over="ignore"):  # refused below
            numbers = np.array([[np.nan if cell is None else cell for cell in cells]]).astype(np.float32)
        large = np.flatnonzero(np.isinf(numbers[0]))
        if len(large):
            raise DataError(
                "{cell} in the column {column} is far too large",
                "correct it, or empty the cell",
                values={"cell": f"{cells[large[0]]:g}", "column": self.columns[large[0]]},
            )
        newest = self._newest
        values = np.concatenate([newest.values, numbers])
        return _tail(replace(newest, values=values, offsets=np.array([0, len(values)])), self._kept)


def _tail(measurements: Measurements, rows: int) -> Measurements:
    """Keep the newest so many rows."""
    first = max(0, measurements.rows - rows)
    return replace(
        measurements,
        values=measurements.values[first:],
        offsets=np.array([0, measurements.rows - first]),
        starts=measurements.times(np.array([first])) if measurements.rows else measurements.starts,
    )
