"""When forecasts are weak: by hour, weekday, month and season of what is forecast; and the windows that went worst."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from yeoul.metrics.blocks import Blocks, Ints, Spread, told
from yeoul.metrics.forecast_sums import Truth, points, step_errors
from yeoul.metrics.forecasts import window_errors
from yeoul.metrics.intervals import Floats, Interval
from yeoul.metrics.slices import holm

_LEVEL = 0.05
_LEAST_TARGETS = 10
_SEASONS = ("12-2", "3-5", "6-8", "9-11")


@dataclass(frozen=True)
class TimeSlice:
    """The error of the targets at one time, `value` on the clock `by`, and its difference to that of all others.

    Clocks are "hour" (00 to 23), "weekday" (1 is Monday), "month" (01 to 12) and "season" (months from–to).
    `chance` is that of so bad a slice by luck alone, corrected for the number of slices (Holm 1979).
    """

    by: str
    value: str
    targets: int
    score: Interval
    difference: Interval
    chance: float
    weak: bool

    def to_json(self) -> dict[str, object]:
        """Return the slice as plain values."""
        return {
            "by": self.by,
            "value": self.value,
            "rows": self.targets,
            "score": told(self.score),
            "difference": told(self.difference),
            "chance": self.chance,
            "weak": self.weak,
        }


@dataclass(frozen=True)
class TimeReport:
    """The error of all targets and by time; `left_out` names clocks by which there are no two slices."""

    metric: str
    overall: float
    slices: tuple[TimeSlice, ...]
    left_out: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the slices as plain values, in the form of `slices.json`."""
        return {
            "metric": self.metric,
            "overall": self.overall,
            "slices": [one.to_json() for one in self.slices],
            "left_out": list(self.left_out),
        }


def slice_times(
    answers: npt.ArrayLike, truth: Truth, times: npt.NDArray[np.datetime64], seed: int
) -> TimeReport:
    """Score answers (N, H, D) or (N, H, D, Q) by the `times` (N, H) of their targets, with the deciding metric.

    Slices of fewer than ten present targets are left out. Raises ValueError like `score_forecasts` and for times of
    another shape.
    """
    middle = points(answers, truth)
    if times.shape != middle.shape[:2]:
        raise ValueError(f"times of shape {times.shape} for windows of shape {middle.shape[:2]}")
    present, errors = step_errors(middle, truth)
    overall = float(errors.sum() / present.sum())
    slices, left_out = [], []
    blocks = truth.blocks()
    for by, (values, codes) in _clocks(times).items():
        counts, sums = (_in_cells(part, codes, len(values), blocks) for part in (present, errors))
        kept = np.flatnonzero(counts.sum(axis=0) >= _LEAST_TARGETS)
        if len(kept) < 2:
            left_out.append(by)
            continue
        scores, gaps, chances = _scored(counts, sums, blocks, seed)
        for place in kept.tolist():
            score, gap = scores.one(place), gaps.one(place)
            if score is not None and gap is not None:
                targets = int(counts[:, place].sum())
                slices.append(TimeSlice(by, values[place], targets, score, gap, float(chances[place]), False))
    corrected = holm([one.chance for one in slices])
    judged = tuple(
        replace(one, chance=chance, weak=one.score.low > overall and chance < _LEVEL)
        for one, chance in zip(slices, corrected, strict=True)
    )
    return TimeReport(truth.deciding(), overall, judged, tuple(left_out))


def worst_windows(answers: npt.ArrayLike, truth: Truth, most: int = 100) -> Ints:
    """Return the places of the windows with the largest errors, the worst first, at most so many.

    Of windows of one series that overlap only the worst is named. Takes answers (N, H, D) or (N, H, D, Q); raises like
    `score_forecasts`.
    """
    errors = window_errors(answers, truth)
    order = np.argsort(-np.where(np.isnan(errors), -np.inf, errors), kind="stable")
    chosen: list[int] = []
    free = ~np.isnan(errors)
    while len(chosen) < most:
        order = order[free[order]]
        if not len(order):
            break
        worst = int(order[0])
        chosen.append(worst)
        near = np.abs(truth.origins - truth.origins[worst]) < truth.reach
        free &= ~(near & (truth.series == truth.series[worst]))
    return np.array(chosen, dtype=np.int64)


def _clocks(times: npt.NDArray[np.datetime64]) -> dict[str, tuple[tuple[str, ...], Ints]]:
    """Return the values of each clock and which of them each time (N, H) has."""
    hours = times.astype("datetime64[h]").astype(np.int64)
    days = times.astype("datetime64[D]").astype(np.int64)
    months = times.astype("datetime64[M]").astype(np.int64) % 12
    return {
        "hour": (tuple(f"{hour:02}" for hour in range(24)), hours % 24),
        "weekday": (tuple(str(day) for day in range(1, 8)), (days + 3) % 7),  # 1970-01-01 was a Thursday
        "month": (tuple(f"{month:02}" for month in range(1, 13)), months),
        "season": (_SEASONS, (months + 1) % 12 // 3),
    }


def _in_cells(part: Floats, codes: Ints, values: int, blocks: Blocks) -> Floats:
    """Sum what the steps (N, H) add by cell and value: (C, G)."""
    cells = len(blocks.starts)
    cell = np.empty(len(part), dtype=np.int64)
    cell[blocks.order] = np.repeat(np.arange(cells), np.diff(blocks.starts, append=len(part)))
    places = cell[:, None] * values + codes
    summed: Floats = np.bincount(places.reshape(-1), part.reshape(-1), cells * values).astype(np.float64)
    return summed.reshape(cells, values)


def _scored(counts: Floats, sums: Floats, blocks: Blocks, seed: int) -> tuple[Spread, Spread, Floats]:
    """Turn counts and errors (C, G) into scores, their differences to the rest, and chances (G,)."""
    from scipy.special import stdtr  # slow to import

    both = np.stack([counts, sums], axis=-1)
    score, gap = _against_the_rest(both.sum(axis=0))
    scores, gaps = _against_the_rest(blocks.resampled(both, seed=seed))
    spreads = Spread.of(score, scores, blocks, least=0.0), Spread.of(gap, gaps, blocks)
    deviation = (spreads[1].high - gap) / blocks.width() if blocks.number else np.full(gap.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        chances = stdtr(max(blocks.number - 1, 1), -gap / deviation)
    return *spreads, np.where(np.isfinite(chances), chances, 1.0)


def _against_the_rest(both: Floats) -> tuple[Floats, Floats]:
    """Return the mean of each slice and its difference to that of all others: (…, G, 2) → (…, G)."""
    others = both.sum(axis=-2, keepdims=True) - both
    with np.errstate(invalid="ignore", divide="ignore"):
        inside, outside = both[..., 1] / both[..., 0], others[..., 1] / others[..., 0]
    return inside, inside - outside
