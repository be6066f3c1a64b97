"""How sure a score is: bootstrap intervals, and the paired verdict on two models.

Resampling rows with replacement is a multinomial draw over the cells of their contingency table, so a
resample costs as much as the table has occupied cells, however many rows there are.

A percentile interval of the bare table fails where it matters most: a model without a single error would get
an interval of width zero, and four lucky rows of twenty would pass for a victory. A few rows are therefore
added to the table before it is resampled: two right and two wrong ones for a single score (the idea of
Agresti & Coull 1998), one won and one lost row for a comparison (Bonett & Price 2012). Each is spread over
the classes by their frequency. The reported value is always that of the bare table.

Where every row is a cell of its own (errors of numbers, sets of labels), rows are drawn one by one, and the score
is a function of sums over them. The percentiles are then set a little farther out, as a mean of few rows needs
(the expanded percentile interval of Hesterberg 2015).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Outcome = Literal["beats", "does not beat", "cannot tell"]
Statistic = Callable[[Floats], Floats]

RESAMPLES = 2000
_CELLS_AT_ONCE = 2_000_000
_CACHED_CELLS = 65_536


@dataclass(frozen=True)
class Interval:
    """A score with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def turned(self) -> "Interval":
        """Return the interval of the difference the other way round."""
        return Interval(0.0 - self.value, 0.0 - self.high, 0.0 - self.low)

    def to_json(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Verdict:
    """Whether a model is better than another one, `against`, on the same rows.

    `difference` is the model's score less the other's; for errors, where less is better, it is the other's error
    less the model's, so that a lead is positive whatever is measured.
    """

    outcome: Outcome
    metric: str
    against: str
    difference: Interval

    def to_json(self) -> dict[str, object]:
        """Return the verdict as plain values."""
        return {
            "outcome": self.outcome,
            "metric": self.metric,
            "against": self.against,
            "difference": self.difference.to_json(),
        }


def bootstrap(counts: npt.ArrayLike, statistic: Statistic, *, added: npt.ArrayLike, seed: int) -> Interval:
    """Return the 95 % percentile interval of a statistic of a contingency table.

    `counts (C,)` holds the rows in each cell and `added (C,)` the rows (fractions too) that are added before
    resampling; cells without either need not be listed. `statistic` maps tables (R, C) to scores (R,) and
    must accept cells that are zero. The interval always holds the value. Equal arguments give equal
    intervals. Raises ValueError when the table is empty.
    """
    bare = np.asarray(counts, dtype=np.float64)
    weights = bare + np.asarray(added, dtype=np.float64)
    if not bare.sum() > 0:
        raise ValueError("an interval needs at least one row")
    value = float(statistic(bare[None])[0])
    rows = round(weights.sum())
    shares = weights / weights.sum()
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // len(weights))
    parts = [
        statistic(generator.multinomial(rows, shares, size=min(step, RESAMPLES - start)).astype(np.float64))
        for start in range(0, RESAMPLES, step)
    ]
    low, high = np.quantile(np.concatenate(parts), (0.025, 0.975))
    return Interval(value, min(float(low), value), max(float(high), value))


def resampled_sums(parts: npt.ArrayLike, *, seed: int) -> Floats:
    """Return the column sums (R, D) of resamples of the rows `parts` (N, D), R = 2000.

    Raises ValueError when there is no row.
    """
    rows = np.asarray(parts, dtype=np.float64)
    size = len(rows)
    if size == 0:
        raise ValueError("an interval needs at least one row")
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // size)
    sums = np.empty((RESAMPLES, rows.shape[1]))
    for start in range(0, RESAMPLES, step):
        number = min(step, RESAMPLES - start)
        sums[start : start + number] = _drawn(number, size, generator) @ rows
    return sums


def _drawn(number: int, size: int, generator: np.random.Generator) -> Floats:
    """Return how often each of `size` rows is drawn in each of so many resamples: (number, size)."""
    counts = np.empty((number, size))
    together = max(1, _CACHED_CELLS // size)
    for start in range(0, number, together):
        some = min(together, number - start)
        places = generator.integers(0, size, (some, size)) + size * np.arange(some)[:, None]
        counts[start : start + some] = np.bincount(places.reshape(-1), minlength=some * size).reshape(
            some, size
        )
    return counts


def spread(value: float, scores: Floats, rows: int) -> Interval:
    """Return the 95 % interval of a score of so many rows from its resampled scores (R,).

    Resamples without a score (NaN) are left out. The interval always holds the value.
    """
    from scipy.special import ndtr, stdtrit  # slow to import

    known = scores[~np.isnan(scores)]
    if rows < 2 or not len(known):
        return Interval(value, value, value)
    outer = float(ndtr(np.sqrt(rows / (rows - 1)) * stdtrit(rows - 1, 0.025)))
    low, high = np.quantile(known, (outer, 1 - outer))
    return Interval(value, min(float(low), value), max(float(high), value))


def bootstrap_rows(
    parts: npt.ArrayLike, statistic: Statistic, *, seed: int, added: npt.ArrayLike | None = None
) -> Interval:
    """Return the 95 % interval of a statistic of sums over rows.

    `parts (N, D)` holds what each row adds; `statistic` maps sums (R, D) to scores (R,). The rows `added (A, D)`
    are resampled with the others but do not count for the value. Equal arguments give equal intervals. Raises
    ValueError when there is no row.
    """
    rows = np.asarray(parts, dtype=np.float64)
    if len(rows) == 0:
        raise ValueError("an interval needs at least one row")
    value = float(statistic(rows.sum(axis=0)[None])[0])
    drawn = rows if added is None else np.concatenate([rows, np.asarray(added, dtype=np.float64)])
    return spread(value, statistic(resampled_sums(drawn, seed=seed)), len(drawn))


def judge(difference: Interval, *, metric: str, against: str) -> Verdict:
    """Turn the interval of a paired difference into a verdict, which decides only when zero lies outside."""
    outcome: Outcome = "cannot tell"
    if difference.low > 0:
        outcome = "beats"
    elif difference.high < 0:
        outcome = "does not beat"
    return Verdict(outcome, metric, against, difference)
