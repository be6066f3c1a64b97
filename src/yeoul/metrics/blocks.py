"""How sure a score of forecasts is: whole blocks of neighboring windows are resampled, for their errors go together.

Forecasts made an hour apart share most of their targets, and a bad day spoils them all. Windows are therefore drawn in
blocks that are at least as long as a forecast reaches and as a season lasts; around the end the blocks go on at the
beginning (the circular block bootstrap of Politis & Romano 1992), so that every window counts as much as any other. Of
twenty series or more, whole series are drawn instead.

The interval is value ± width(K) · deviation of the resampled scores, where K blocks cover the windows. With few blocks
that deviation is itself a guess: as the windows grow in number while K stays, the score's distance from the truth in
units of it tends to Z / √(Σ wₖ(ξₖ² + ηₖ²)), wₖ = K sin²(πk/K) / (πk)², all normal (as in the fixed-b theory of Kiefer &
Vogelsang 2005), whose 97.5 % quantile is 1.96 + 2.65/K + 2.6/K² to within one percent. Blocks of b windows also miss
what windows on both sides of their borders share: where they overlap over L, (L - 1/L) / 3b of the variance, which is
made good. With fewer than three blocks there is no interval.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval

Ints = npt.NDArray[np.int64]

RESAMPLES = 1000
MANY_SERIES = 20
"""From so many series on they are drawn whole."""
_LEAST_BLOCKS = 3
_ENOUGH_BLOCKS = 10
_LONGEST = 8
_MOST_BLOCKS = 1000
_CELLS = 4000


@dataclass(frozen=True, eq=False)
class Blocks:
    """Which windows are drawn together: N windows in `cells` cells, `size` neighboring cells to a block.

    `order` (N,) puts the windows cell by cell, `starts` (cells,) are the places in it where each begins. `number`
    blocks make a resample; it is 0 where the windows span less than three, and nothing can be said. `windows`
    counts what is drawn from: the distinct origins, or the series. `overlap` is the share of the variance that blocks
    of this size miss.
    """

    order: Ints
    starts: Ints
    size: int
    number: int
    windows: int
    overlap: float

    @classmethod
    def of(cls, origins: npt.ArrayLike, series: npt.ArrayLike, reach: int) -> "Blocks":
        """Cut windows by their origins (N,), rows in time order, and series (N,) into blocks of `reach` rows or more.

        Windows of one origin stay together whatever series they are of, so that series on one clock, numbered by
        it, are drawn jointly. Blocks are up to eight times as long where ten remain, because errors hang together
        longer than windows overlap. Raises ValueError for no windows or unequal lengths.
        """
        rows, names = np.asarray(origins, dtype=np.int64), np.asarray(series)
        if rows.ndim != 1 or rows.shape != names.shape or len(rows) == 0:
            raise ValueError(f"windows of shape {rows.shape} in series of shape {names.shape}")
        distinct, place = np.unique(names, return_inverse=True)
        if len(distinct) >= MANY_SERIES:
            return cls._of_cells(place, (1, len(distinct)), len(distinct), 0.0)
        times, place = np.unique(rows, return_inverse=True)
        stride = max(1, int(np.median(np.diff(times)))) if len(times) > 1 else 1
        least = max(1, math.ceil(reach / stride))
        length = max(least, min(_LONGEST * least, len(times) // _ENOUGH_BLOCKS))
        length = max(length, math.ceil(len(times) / _MOST_BLOCKS))
        number = len(times) // length
        fine = max(1, min(len(times) // _CELLS, length // 8))
        cells = math.ceil(len(times) / fine)
        overlap = (least - 1 / least) / (3 * length)
        return cls._of_cells(place // fine, (max(1, cells // max(number, 1)), number), len(times), overlap)

    @classmethod
    def _of_cells(cls, cell: Ints, shape: tuple[int, int], windows: int, overlap: float) -> "Blocks":
        order = np.argsort(cell, kind="stable")
        starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        size, number = shape
        return cls(order, starts, size, number if number >= _LEAST_BLOCKS else 0, windows, overlap)

    def resampled(self, sums: Floats, *, seed: int) -> Floats:
        """Return the column sums (R, …) of resamples of what the cells add, `sums` (cells, …); R = 1000.

        Equal seeds draw equal blocks, so scores of two models are resampled in pairs. Without blocks R is 0.
        """
        flat = sums.reshape(len(sums), -1)
        if self.number == 0:
            return np.empty((0, *sums.shape[1:]))
        cells = len(self.starts)
        generator = np.random.default_rng(seed)
        drawn = generator.integers(0, cells, (RESAMPLES, self.number)) + cells * np.arange(RESAMPLES)[:, None]
        begun = np.bincount(drawn.reshape(-1), minlength=RESAMPLES * cells).reshape(RESAMPLES, cells)
        wrapped = np.concatenate([begun[:, cells - self.size + 1 :], begun], axis=1)
        running = np.cumsum(wrapped, axis=1)
        counts = running[:, self.size - 1 :].astype(np.float64)
        counts[:, 1:] -= running[:, : cells - 1]
        return (counts @ flat).reshape(RESAMPLES, *sums.shape[1:])

    def width(self) -> float:
        """Return how many deviations a 95 % interval reaches to either side; infinite without blocks.

        It is never less than Student's t over the windows asks for.
        """
        from scipy.special import stdtrit  # slow to import

        if self.number == 0:
            return math.inf
        student = float(stdtrit(self.windows - 1, 0.975)) * math.sqrt(self.windows / (self.windows - 1))
        few = 1.96 + 2.65 / self.number + 2.6 / self.number**2
        return max(student, few) / math.sqrt(1 - self.overlap)


@dataclass(frozen=True, eq=False)
class Spread:
    """Scores (…,) with the ends of their 95 % intervals, infinite where nothing can be said; NaN is no score."""

    value: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(
        cls,
        value: Floats,
        scores: Floats,
        blocks: Blocks,
        *,
        floor: Floats | float = 0.0,
        least: float = -math.inf,
        most: float = math.inf,
    ) -> "Spread":
        """Spread scores (…,) as their resamples (R, …) deviate, those of no value (NaN) left out.

        The deviation is never below `floor`; the ends are kept between `least` and `most`, the bounds of any score.
        """
        known = np.isfinite(scores)
        rows = known.sum(axis=0)
        total = np.where(known, scores, 0.0).sum(axis=0)
        centered = np.where(known, scores - total / np.maximum(rows, 1), 0.0)
        deviation = np.sqrt(np.square(centered).sum(axis=0) / np.maximum(rows - 1, 1))
        wide = np.where(rows > 1, np.maximum(deviation, floor), 1.0) * np.where(
            rows > 1, blocks.width(), math.inf
        )
        told = np.isfinite(wide)
        low, high = np.maximum(value - wide, least), np.minimum(value + wide, most)
        return cls(value, np.where(told, low, -math.inf), np.where(told, high, math.inf))

    def parts(self) -> dict[str, Floats]:
        """Return the three arrays by name."""
        return {"value": self.value, "low": self.low, "high": self.high}

    def one(self, *place: int) -> Interval | None:
        """Return the interval at a place; None where there is no score."""
        value = float(self.value[place])
        if math.isnan(value):
            return None
        return Interval(value, float(self.low[place]), float(self.high[place]))


def told(interval: Interval | None) -> dict[str, float | None]:
    """Return an interval as plain values: without its ends where they are not known, None where there is no score."""
    if interval is None:
        return {"value": None}
    if math.isfinite(interval.low) and math.isfinite(interval.high):
        return {"value": interval.value, "low": interval.low, "high": interval.high}
    return {"value": interval.value}
