"""Where a model is weak: its score on parts of the rows, by length, by unknown tokens, by a column of the data.

Many slices are looked at, and of twenty equally good ones some look bad by chance. A slice is called weak only when
two things hold: the whole 95 % interval of its score is worse than the score of all rows, and its difference to the
rest stays significant at 5 % after Holm's correction (1979) for all slices that were looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval, bootstrap, resampled_sums, spread

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Better = Literal["more", "less"]

BINS = 5
MOST_VALUES = 20
_LEAST_ROWS = 10
_LEVEL = 0.05


@dataclass(frozen=True, eq=False)
class Slice:
    """The rows of one part: those with a `value`, or with a number from `low` to `high`, both inclusive."""

    by: str
    members: Bools
    value: str | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, object]:
        """Return what the slice is, without its rows."""
        if self.value is not None:
            return {"by": self.by, "value": self.value}
        return {"by": self.by, "low": self.low, "high": self.high}


@dataclass(frozen=True, eq=False)
class SliceScore:
    """The score of a slice, its difference to all other rows, and the chance of so bad a one by luck alone."""

    slice: Slice
    rows: int
    score: Interval
    difference: Interval
    chance: float
    weak: bool

    def to_json(self) -> dict[str, object]:
        """Return the slice and its scores as plain values."""
        return {
            **self.slice.to_json(),
            "rows": self.rows,
            "score": self.score.to_json(),
            "difference": self.difference.to_json(),
            "chance": self.chance,
            "weak": self.weak,
        }


@dataclass(frozen=True)
class SliceReport:
    """All slices of an evaluation; `left_out` names columns with too many values, too few rows or only one value."""

    metric: str
    overall: float
    slices: tuple[SliceScore, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the slices as plain values: `slices.json`."""
        return {
            "metric": self.metric,
            "overall": self.overall,
            "slices": [one.to_json() for one in self.slices],
            "left_out": list(self.left_out),
        }


def slice_by(by: str, values: npt.ArrayLike) -> tuple[Slice, ...]:
    """Cut rows by their `values` (N,): numbers into five bins of about as many rows, other values one by one.

    Numbers with at most ten distinct values are taken one by one too. Slices of fewer than ten rows are left out, and
    a column that yields no two parts, or has more than 20 values that are no numbers, yields none.
    """
    column = np.asarray(values)
    if np.issubdtype(column.dtype, np.number):
        known = np.isfinite(column)
        distinct = np.unique(column[known])
        if len(distinct) > 2 * BINS:
            return _parts(_bins(by, column, known))
        return _parts([Slice(by, column == value, low=float(value), high=float(value)) for value in distinct])
    words = column.astype(str)
    distinct = np.unique(words)
    if len(distinct) > MOST_VALUES:
        return ()
    return _parts([Slice(by, words == value, value=str(value)) for value in distinct])


def score_slices(
    credit: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike], *, metric: str, better: Better, seed: int
) -> SliceReport:
    """Score every slice that `columns` give, each an array (N,) with a value for each row.

    `credit (N,)` says how good each answer is: True or False for right or wrong, else a number of which more or less
    is `better`. A slice's score is their mean. Raises ValueError for no rows and unequal lengths.
    """
    earned = np.asarray(credit)
    if earned.ndim != 1 or len(earned) == 0:
        raise ValueError("slices need at least one row")
    found: list[Slice] = []
    left_out = []
    for by, values in columns.items():
        if len(np.asarray(values)) != len(earned):
            raise ValueError(f"{len(np.asarray(values))} values of {by} for {len(earned)} rows")
        parts = slice_by(by, values)
        found += parts
        if not parts:
            left_out.append(by)
    scores: list[SliceScore] = []
    if found:
        overall = float(earned.mean())
        measured = measure_slices(earned, found, seed)
        chances = holm([_chance(earned, part.members, better) for part in found])
        for part, (score, difference), chance in zip(found, measured, chances, strict=True):
            worse = score.high < overall if better == "more" else score.low > overall
            weak = worse and chance < _LEVEL
            scores.append(SliceScore(part, int(part.members.sum()), score, difference, chance, weak))
    return SliceReport(metric, float(earned.mean()), tuple(scores), tuple(left_out))


def measure_slices(
    credit: npt.NDArray[np.generic], slices: Sequence[Slice], seed: int
) -> list[tuple[Interval, Interval]]:
    """Return the mean credit of each slice, and its difference to that of the other rows."""
    if credit.dtype == bool:
        return _of_hits(credit.astype(bool), slices, seed)
    return _of_numbers(credit.astype(np.float64), slices, seed)


def holm(chances: Sequence[float]) -> list[float]:
    """Return p-values corrected for being several (Holm 1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(chances, kind="stable")
    corrected = np.empty(len(chances))
    largest = 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(chances) - place) * chances[index]))
        corrected[index] = largest
    return [float(value) for value in corrected]


def _bins(by: str, column: npt.NDArray[np.generic], known: Bools) -> list[Slice]:
    numbers = column.astype(np.float64)
    number = max(2, min(BINS, int(known.sum()) // _LEAST_ROWS))
    inner = np.unique(np.quantile(numbers[known], np.arange(1, number) / number))
    places = np.searchsorted(inner, numbers, side="left")  # a value on an edge belongs to the bin below it
    parts = []
    for place in range(len(inner) + 1):
        members = known & (places == place)
        if members.any():
            inside = numbers[members]
            parts.append(Slice(by, members, low=float(inside.min()), high=float(inside.max())))
    return parts


def _parts(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """Leave out slices of too few rows, or with too few beside them: there is nothing to compare."""
    return tuple(one for one in slices if _LEAST_ROWS <= one.members.sum() <= len(one.members) - _LEAST_ROWS)


def _of_hits(right: Bools, slices: Sequence[Slice], seed: int) -> list[tuple[Interval, Interval]]:
    """Bootstrap tables of hits and misses, with two of each added to a score, one of each to both sides of a difference
    (Agresti & Caffo 2000).
    """
    measured = []
    for part in slices:
        inside, outside = right[part.members], right[~part.members]
        cells = [inside.sum(), (~inside).sum(), outside.sum(), (~outside).sum()]
        score = bootstrap(cells[:2], _share, added=(2, 2), seed=seed)
        difference = bootstrap(
            cells, lambda tables: _share(tables[:, :2]) - _share(tables[:, 2:]), added=(1, 1, 1, 1), seed=seed
        )
        measured.append((score, difference))
    return measured


def _share(tables: Floats) -> Floats:
    shares: Floats = tables[:, 0] / np.maximum(tables.sum(axis=1), 1e-9)
    return shares


def _of_numbers(credit: Floats, slices: Sequence[Slice], seed: int) -> list[tuple[Interval, Interval]]:
    """Resample the rows once for all slices: the sums of each part's rows and credits."""
    masks = np.stack([part.members for part in slices], axis=1).astype(np.float64)  # (N, S)
    parts = np.concatenate(
        [masks, masks * credit[:, None], np.ones((len(credit), 1)), credit[:, None]], axis=1
    )
    sums = np.concatenate([parts.sum(axis=0)[None], resampled_sums(parts, seed=seed)])
    count = len(slices)
    rows, total = sums[:, :count], sums[:, count : 2 * count]
    others, rest = sums[:, -2:-1] - rows, sums[:, -1:] - total
    with np.errstate(invalid="ignore", divide="ignore"):
        inside, outside = total / rows, rest / others
    measured = []
    for place in range(count):
        score, gap = inside[:, place], inside[:, place] - outside[:, place]
        size = int(rows[0, place])
        measured.append((spread(float(score[0]), score[1:], size), spread(float(gap[0]), gap[1:], size)))
    return measured


def _chance(earned: npt.NDArray[np.generic], members: Bools, better: Better) -> float:
    """Return the one-sided p-value of a slice that is worse than the rest (Welch's test; shares with Agresti-Caffo)."""
    from scipy.special import stdtr  # slow to import

    inside, outside = earned[members].astype(np.float64), earned[~members].astype(np.float64)
    if earned.dtype == bool:
        inside, outside = (np.append(side, (0.0, 1.0)) for side in (inside, outside))
    parts = [(side.var(ddof=1) / len(side), len(side)) for side in (inside, outside)]
    variance = sum(part for part, _ in parts)
    gap = float(inside.mean() - outside.mean()) * (1.0 if better == "less" else -1.0)
    if variance == 0:
        return 1.0 if gap <= 0 else 0.0
    freedom = variance**2 / sum(part**2 / (size - 1) for part, size in parts)
    return float(stdtr(freedom, -gap / variance**0.5))
