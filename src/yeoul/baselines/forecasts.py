"""The numbers to beat that need no training: the last value, the last season, the line through the past, its mean.

None looks at a row from its origin on, or at another series. A missing value is replaced by the newest present one
before it, for the seasonal forecast by that of the seasons before. Where a series has no value at all before the origin
the answer is NaN.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Origins:
    """From which rows forecasts start, and how far they reach.

    `values` (R, V) hold S series end to end, series s from row `offsets[s]` to `offsets[s + 1]`, NaN where missing; D
    of its `columns` are forecast. Each of the N `rows` is the one after the newest that may be read: for a series those
    from its second to the one after its last. The H = `horizon` targets begin `delay` rows further on.
    """

    values: Floats
    offsets: Ints
    columns: tuple[int, ...]
    rows: Ints
    delay: int
    horizon: int

    def past(self) -> Floats:
        """Return the columns that are forecast: (R, D)."""
        return self.values[:, list(self.columns)]

    def starts(self) -> Ints:
        """Return where the series of each origin begins: (N,)."""
        return self.offsets[np.searchsorted(self.offsets, self.rows - 1, side="right") - 1]

    def steps(self) -> Ints:
        """Return how many rows after the newest that may be read each target lies, less one: (H,)."""
        return self.delay + np.arange(self.horizon)


def last(origins: Origins) -> Floats:
    """Answer with the newest present value: (N, H, D), read-only."""
    past = origins.past()
    return _level(_at(past, _newest(past), origins), origins)


def season(origins: Origins, season: int) -> Floats:
    """Answer with the newest present value that lies whole seasons of so many rows before the target: (N, H, D).

    Where there is none the newest present value stands in for it.
    """
    past = origins.past()
    filled = _carried(past, origins.offsets, season)
    rows = origins.rows[:, None] - season + origins.steps() % season  # (N, H)
    outside = rows < origins.starts()[:, None]
    rows = np.maximum(rows, 0)
    answers: Floats = filled[rows]
    holed = np.any(np.isnan(filled), axis=1, keepdims=True)[:, 0]
    window, step = np.nonzero(outside | holed[rows])
    found = np.where(outside[window, step, None], np.float32(np.nan), answers[window, step])
    newest = _at(past, _newest(past), origins)[window]
    answers[window, step] = np.where(np.isnan(found), newest, found)
    return answers


def drift(origins: Origins) -> Floats:
    """Answer with the line from the first present value of the series to the newest: (N, H, D)."""
    past = origins.past()
    newest = _newest(past)[origins.rows - 1]  # (N, D)
    oldest = _oldest(past)[origins.starts()]
    known = (newest >= origins.starts()[:, None]) & (oldest < newest)
    columns = np.arange(past.shape[1])
    ends = _at(past, _newest(past), origins)
    with np.errstate(invalid="ignore"):
        rise = ends - past[np.minimum(oldest, len(past) - 1), columns]
    slope = np.where(known, rise / np.maximum(newest - oldest, 1), 0.0)  # (N, D)
    level = (ends + slope * (origins.rows[:, None] - newest)).astype(np.float32)
    steps = origins.steps().astype(np.float32)
    answers: Floats = level[:, None] + slope.astype(np.float32)[:, None] * steps[:, None]
    return answers


def mean(origins: Origins, lookback: int) -> Floats:
    """Answer with the mean of what is present in the newest so many rows, else the last value: (N, H, D), read-only."""
    past = origins.past()
    present = ~np.isnan(past)
    sums, counts = (
        np.concatenate([np.zeros((1, past.shape[1])), np.cumsum(part, axis=0, dtype=np.float64)])
        for part in (np.where(present, past, 0.0), present)
    )
    begun = np.maximum(origins.rows - lookback, origins.starts())
    total, count = (part[origins.rows] - part[begun] for part in (sums, counts))
    known = np.where(count > 0, total / np.maximum(count, 1), _at(past, _newest(past), origins))
    return _level(known.astype(np.float32), origins)


def _newest(past: Floats) -> Ints:
    """Return the newest row with a value, up to each row: (R, D), -1 where there is none."""
    rows = np.where(np.isnan(past), -1, np.arange(len(past))[:, None])
    return np.maximum.accumulate(rows, axis=0)


def _oldest(past: Floats) -> Ints:
    """Return the first row with a value, from each row on: (R, D), R where there is none."""
    rows = np.where(np.isnan(past), len(past), np.arange(len(past))[:, None])
    return np.minimum.accumulate(rows[::-1], axis=0)[::-1]


def _at(past: Floats, newest: Ints, origins: Origins) -> Floats:
    """Return the newest value that each origin may read: (N, D)."""
    rows = newest[origins.rows - 1]
    found = past[np.maximum(rows, 0), np.arange(past.shape[1])]
    return np.where(rows >= origins.starts()[:, None], found, np.float32(np.nan))


def _level(values: Floats, origins: Origins) -> Floats:
    """Repeat values (N, D) over the horizon, without a copy."""
    return np.broadcast_to(values[:, None], (len(values), origins.horizon, values.shape[1]))


def _carried(past: Floats, offsets: Ints, season: int) -> Floats:
    """Fill holes with the newest value whole seasons before, series by series: (R, D)."""
    holes = np.isnan(past)
    if not holes.any():
        return past
    filled = past.copy()
    for start, end in pairwise(offsets.tolist()):
        if holes[start:end].any():
            seasons = -(-(end - start) // season)
            padded = np.full((seasons * season, past.shape[1]), np.nan, dtype=np.float32)
            padded[: end - start] = past[start:end]
            grid = padded.reshape(seasons, season, -1)
            rows = np.where(np.isnan(grid), 0, np.arange(seasons)[:, None, None])
            taken = np.take_along_axis(grid, np.maximum.accumulate(rows, axis=0), axis=0)
            filled[start:end] = taken.reshape(len(padded), -1)[: end - start]
    return filled
