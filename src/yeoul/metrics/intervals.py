"""How sure a score is: bootstrap intervals, and the paired verdict on two models.

Resampling rows with replacement is a multinomial draw over the cells of their contingency table, so a
resample costs as much as the table has occupied cells, however many rows there are.

A percentile interval of the bare table fails where it matters most: a model without a single error would get
an interval of width zero, and four lucky rows of twenty would pass for a victory. A few rows are therefore
added to the table before it is resampled: two right and two wrong ones for a single score (the idea of
Agresti & Coull 1998), one won and one lost row for a comparison (Bonett & Price 2012). Each is spread over
the classes by their frequency. The reported value is always that of the bare table.
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


@dataclass(frozen=True)
class Interval:
    """A score with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Return the three numbers by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True)
class Verdict:
    """Whether a model is better than another one, `against`, on the same rows.

    `difference` is the model's score less the other's.
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


def judge(difference: Interval, *, metric: str, against: str) -> Verdict:
    """Turn the interval of a paired difference into a verdict, which decides only when zero lies outside."""
    outcome: Outcome = "cannot tell"
    if difference.low > 0:
        outcome = "beats"
    elif difference.high < 0:
        outcome = "does not beat"
    return Verdict(outcome, metric, against, difference)
