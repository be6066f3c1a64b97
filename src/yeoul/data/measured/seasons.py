"""Find after how many rows a pattern returns."""

import numpy as np
import numpy.typing as npt

from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.times import Every

Floats = npt.NDArray[np.float32]
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800
_MOST_ROWS = 100_000  # of a series, the newest
_LEAST_CORRELATION = 0.3
_LEAST_TURNS = 3  # a pattern that is believed has returned so often


def guess_season(measurements: Measurements, training: npt.NDArray[np.bool_]) -> int:
    """Return the rows of a season, 1 where there is none, by what lies between two rows, else by the training rows.

    Rows of a minute to half a day have a season of a day, days one of a week, weeks, months and quarters one of a year.
    """
    usual = usual_season(measurements.every)
    if usual:
        return usual
    longest = int(np.argmax(measurements.lengths))
    rows = slice(int(measurements.offsets[longest]), int(measurements.offsets[longest + 1]))
    values = measurements.values[rows, 0][training[rows]]
    return season_of(values[-_MOST_ROWS:])


def usual_season(every: Every | None) -> int:
    """Return the rows of the season that rows so far apart usually have, 0 where that is unknown."""
    if every is None:
        return 0
    if every.months:
        return 12 // every.months if 12 % every.months == 0 and every.months < 12 else 0
    if 60 <= every.seconds < _DAY and _DAY % every.seconds == 0:
        return _DAY // every.seconds
    return {_DAY: 7, _WEEK: 52}.get(every.seconds, 0)


def season_of(values: Floats) -> int:
    """Return the lag of the first high peak of the autocorrelation of `values` (T,), 1 where there is none.

    A straight line is taken out before; what is missing counts as nothing.
    """
    present = ~np.isnan(values)
    if present.sum() < 3 * _LEAST_TURNS:
        return 1
    rows = np.arange(len(values), dtype=np.float64)
    slope, level = np.polyfit(rows[present], values[present].astype(np.float64), 1)
    rest = np.where(present, values - slope * rows - level, 0.0)
    scale = float(np.abs(values[present]).max())
    if rest.std() <= 1e-6 * max(scale, 1e-30):
        return 1
    size = 1 << (2 * len(rest) - 1).bit_length()
    sums = np.fft.irfft(np.abs(np.fft.rfft(rest, size)) ** 2, size)[: len(rest) // _LEAST_TURNS + 1]
    lags = np.arange(len(sums))
    correlation = sums / sums[0] * (len(rest) / (len(rest) - lags))
    peaks = (
        np.flatnonzero((correlation[1:-1] > correlation[:-2]) & (correlation[1:-1] >= correlation[2:])) + 1
    )
    peaks = peaks[(peaks > 1) & (correlation[peaks] > _LEAST_CORRELATION)]
    if not len(peaks):
        return 1
    highest = float(correlation[peaks].max())
    return int(peaks[correlation[peaks] > 0.9 * highest][0])
