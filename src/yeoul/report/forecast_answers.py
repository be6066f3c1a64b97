"""What a run forecast for its test rows, and a paired test of two runs that were asked for the same.

A `predictions.csv` of forecasts holds every target time once, from windows that follow one another. Neighboring errors
hang together, so blocks of them are resampled, as for the scores of all windows.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow import csv

from yeoul.errors import RunError
from yeoul.metrics.forecasts import Truth, compare_forecasts
from yeoul.metrics.intervals import Verdict
from yeoul.report.contents import read_piece
from yeoul.report.forecast_records import Windows
from yeoul.spreadsheets import plain

_SEED = 42
_COLUMNS = ("series", "time", "column", "target", "predicted")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"

Floats = npt.NDArray[np.float64]
Strings = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class ForecastAnswers:
    """Forecasts of D columns at T times of some series, each time once; `series` and `times` are (T,)."""

    windows: Windows
    series: Strings
    times: Strings
    target: Floats  # (T, D) NaN where missing
    predicted: Floats  # (T, D)

    @property
    def rows(self) -> int:
        return int((~np.isnan(self.target)).sum())

    def has_rows_of(self, other: object) -> bool:
        """Say whether the same columns were forecast at the same times, from equally far away."""
        return (
            isinstance(other, ForecastAnswers)
            and _question(self.windows) == _question(other.windows)
            and np.array_equal(self.series, other.series)
            and np.array_equal(self.times, other.times)
            and np.array_equal(self.target, other.target, equal_nan=True)
        )

    def tested(self, other: object, against: str) -> tuple[Verdict, None]:
        """Compare the errors of both by the deciding metric; raise `TypeError` for answers to another question."""
        if not isinstance(other, ForecastAnswers):
            raise TypeError("answers to another question")
        ours, theirs = self.predicted[:, None], other.predicted[:, None]
        return compare_forecasts(ours, theirs, self._truth(), against=against, seed=_SEED).verdict, None

    def _truth(self) -> Truth:
        places = {name: place for place, name in enumerate(self.windows.series)}
        columns = len(self.windows.targets)
        scales = [[np.nan if one is None else one for one in row] for row in self.windows.seasonal]
        return Truth(
            values=self.target[:, None].astype(np.float32),
            origins=_moments(self.times),
            series=np.array([places[name] for name in self.series.tolist()], np.int64),
            seasonal=np.array(scales, np.float64).reshape(len(places), columns),
            deviations=np.ones(columns),
            reach=max(self.windows.delay + self.windows.horizon, self.windows.season),
            columns=self.windows.targets,
        )


def read_forecast_answers(path: Path) -> ForecastAnswers:
    """Read a `predictions.csv` of forecasts with the `metrics.json` beside it; raise `RunError` for damaged files."""
    windows = read_piece(Windows, path.with_name("metrics.json"))
    if windows is None:
        raise RunError("the file is missing", _REMEDY, where=str(path.with_name("metrics.json")))
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False, block_size=max(path.stat().st_size, 1)),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(_COLUMNS, pyarrow.string()),
                include_columns=list(_COLUMNS),
                strings_can_be_null=False,
            ),
        )
        series, times, columns = (_strings(table[name]) for name in _COLUMNS[:3])
        target, predicted = (_numbers(table[name]) for name in _COLUMNS[3:])
    except (pyarrow.ArrowException, ValueError) as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error
    width = max(1, len(windows.targets))
    named = np.resize(np.array(windows.targets, dtype=str), len(columns))
    known = np.isin(series, np.array(windows.series, dtype=str)).all()
    if not len(columns) or len(columns) % width or not np.array_equal(columns, named) or not known:
        raise RunError("the file is damaged", _REMEDY, where=str(path))
    if not np.isfinite(predicted).all() or np.isnan(target).all():
        raise RunError("the file is damaged", _REMEDY, where=str(path))
    return ForecastAnswers(
        windows, series[::width], times[::width], target.reshape(-1, width), predicted.reshape(-1, width)
    )


def _question(windows: Windows) -> tuple[object, ...]:
    return windows.targets, windows.horizon, windows.delay, windows.every


def _strings(cells: pyarrow.ChunkedArray) -> Strings:
    """Read texts, without the apostrophe before those that a spreadsheet would take for a formula."""
    return np.array([plain(cell) for cell in cells.to_pylist()], dtype=str)


def _numbers(cells: pyarrow.ChunkedArray) -> Floats:
    """Read numbers, NaN for an empty cell."""
    return np.array([float(plain(cell)) if cell else np.nan for cell in cells.to_pylist()], np.float64)


def _moments(times: Strings) -> npt.NDArray[np.int64]:
    """Return where times (T,) lie on a common clock: numbers of rows, else the places of the times in their order."""
    if all(time.isdigit() for time in times.tolist()):
        return times.astype(np.int64)
    _, places = np.unique(times, return_inverse=True)
    return places.astype(np.int64)
