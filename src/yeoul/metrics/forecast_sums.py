"""What came true, and the errors of forecasts summed over it: by window, by step of the horizon, by column.

All scores are ratios of such sums, so they are taken once, and resampling never returns to single targets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.metrics.blocks import Blocks, Ints
from yeoul.metrics.intervals import Floats

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Of the quantiles of a forecast; the middle one is the point forecast."""
_INSIDE = {"80": (1, 5), "90": (0, 6)}  # the places of the levels around it
_NUMBERS_AT_ONCE = 2**18

Sums = dict[str, Floats]
Numbers = npt.NDArray[np.floating[Any]]
Weights = Mapping[str, tuple[str, Floats]]


@dataclass(frozen=True, eq=False)
class Truth:
    """What came true in N windows: `values` (N, H, D) in the data's unit, NaN where missing, of D `columns`.

    `origins` (N,) are rows in time order and `series` (N,) the number of each window's series. Series on one clock
    whose windows are to be resampled together share their origins. `seasonal` (S, D) is what `seasonal_errors` returns,
    `deviations` (D,) the standard deviations of the training rows, above zero. Windows `reach` rows apart have nothing
    in common: the delay and the horizon together, or a season where that is longer.
    """

    values: npt.NDArray[np.float32]
    origins: Ints
    series: Ints
    seasonal: Floats
    deviations: Floats
    reach: int
    columns: tuple[str, ...]

    def blocks(self) -> Blocks:
        """Cut the windows into blocks for resampling."""
        return Blocks.of(self.origins, self.series, self.reach)

    def chosen(self, places: npt.NDArray[np.generic]) -> "Truth":
        """Return the truth of some windows only, by their places or a mask (N,)."""
        return replace(
            self, values=self.values[places], origins=self.origins[places], series=self.series[places]
        )

    def deciding(self) -> str:
        """Return the metric that decides: "mae" for one column of one series, else "mase" where it can be taken."""
        return "mase" if self.seasonal.size > 1 and _inverse(self.seasonal).any() else "mae"


def seasonal_errors(
    values: npt.ArrayLike, offsets: npt.ArrayLike, training: npt.ArrayLike, season: int
) -> Floats:
    """Return the mean absolute error of the seasonal naive forecast one step ahead on training rows: (S, D).

    `values` (R, D) hold S series end to end, series s from row `offsets[s]` to `offsets[s + 1]`; `training` (R,) marks
    the rows to learn from; `season` is in rows, 1 where there is none. NaN where a series has no two present training
    rows a season apart.
    """
    known = np.where(np.asarray(training, dtype=bool)[:, None], np.asarray(values, dtype=np.float64), np.nan)
    borders = np.asarray(offsets, dtype=np.int64)
    errors = np.full((len(borders) - 1, known.shape[1]), np.nan)
    for place, (start, end) in enumerate(pairwise(borders)):
        if end - start > season:
            differences = np.abs(known[start + season : end] - known[start : end - season])
            present = ~np.isnan(differences)
            total, count = np.where(present, differences, 0.0).sum(axis=0), present.sum(axis=0)
            errors[place] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return errors


def points(answers: npt.ArrayLike, truth: Truth) -> Numbers:
    """Return the point forecasts (N, H, D) of answers (N, H, D) or (N, H, D, Q) after looking for nonsense.

    Raises ValueError for no windows, no target present, mismatched shapes and answers that are not finite.
    """
    said = np.asarray(answers)
    if truth.values.ndim != 3 or len(truth.values) == 0:
        raise ValueError("a score needs at least one window")
    if (
        said.shape[:3] != truth.values.shape
        or said.ndim > 4
        or said.shape[3:] not in ((), (1,), (len(LEVELS),))
    ):
        raise ValueError(f"answers of shape {said.shape} for targets of shape {truth.values.shape}")
    if truth.deviations.shape != truth.values.shape[2:] or not (truth.deviations > 0).all():
        raise ValueError("deviations are one number above zero for every column")
    if not np.isfinite(said).all():
        raise ValueError("an answer is not finite")
    if np.isnan(truth.values).all():
        raise ValueError("no target is present")
    return said[..., said.shape[3] // 2] if said.ndim == 4 else said


def column_sums(middle: Numbers, truth: Truth) -> Sums:
    """Sum the errors of points (N, H, D) over the horizon: (N, D) each."""
    rows, horizon, width = middle.shape
    sums: Sums = {}
    for some in _portions(rows, horizon * width):
        for name, part in _point_parts(middle[some], truth.values[some]).items():
            sums.setdefault(name, np.empty((rows, width)))[some] = np.einsum("nhd->nd", part)
    return weighted(sums, truth)


def step_errors(middle: Numbers, truth: Truth) -> tuple[Floats, Floats]:
    """Return how many targets of each step count for the deciding metric, and the sum of their errors: (N, H) each."""
    weights = _weights(truth)
    names = ("measured", "seasonal") if truth.deciding() == "mase" else ("present", "absolute")
    sums = [np.empty(middle.shape[:2]) for _ in names]
    for some in _portions(len(middle), middle[0].size):
        parts = _point_parts(middle[some], truth.values[some])
        for total, name in zip(sums, names, strict=True):
            source, weight = weights.get(name, (name, np.ones_like(truth.seasonal)))
            total[some] = np.einsum("nhd,nd->nh", parts[source], weight[truth.series[some]])
    return sums[0], sums[1]


def weighted(sums: Sums, truth: Truth) -> Sums:
    """Add the errors in units of the seasonal naive's, and of the deviation, to sums by window and column (N, D)."""
    further = {
        name: sums[source] * weight[truth.series] for name, (source, weight) in _weights(truth).items()
    }
    return {**sums, **further}


def all_sums(answers: Numbers, truth: Truth, blocks: Blocks) -> tuple[Sums, Sums, Sums]:
    """Sum all that is measured of answers (N, H, D, Q): by window and column, by cell and step, by step and column.

    The shapes are (N, D), (C, H) with the C cells of `blocks`, and (H, D).
    """
    rows, horizon, width, levels = answers.shape
    cells = np.repeat(np.arange(len(blocks.starts)), np.diff(blocks.starts, append=rows))
    weights = _weights(truth)
    windows, steps, grids = Sums(), Sums(), Sums()
    for some in _portions(rows, horizon * width):
        places, inside = blocks.order[some], cells[some]
        said, came = answers[places], truth.values[places]
        parts = _point_parts(said[..., levels // 2], came)
        parts["relative"] = _relative(said[..., levels // 2], came, parts["absolute"])
        if levels > 1:
            parts |= _quantile_parts(said, came)
        by_step = {name: np.einsum("nhd->nh", part) for name, part in parts.items()}
        for name, (source, weight) in weights.items():
            by_step[name] = np.einsum("nhd,nd->nh", parts[source], weight[truth.series[places]])
        for name, part in parts.items():
            windows.setdefault(name, np.empty((rows, width)))[places] = np.einsum("nhd->nd", part)
            grid = grids.setdefault(name, np.zeros((horizon, width)))
            grid += part.sum(axis=0)
        begun = np.flatnonzero(np.diff(inside, prepend=-1))
        for name, step in by_step.items():
            total = steps.setdefault(name, np.zeros((len(blocks.starts), horizon)))
            total[inside[0] : inside[-1] + 1] += np.add.reduceat(step, begun)
    return weighted(windows, truth), steps, grids


def in_cells(sums: Sums, blocks: Blocks) -> Sums:
    """Add up the windows (N, …) of each cell: (C, …)."""
    return {name: np.add.reduceat(part[blocks.order], blocks.starts) for name, part in sums.items()}


def resampled(sums: Sums, blocks: Blocks, seed: int) -> Sums:
    """Return resamples (R, …) of what the cells add (C, …), the same blocks drawn for all."""
    drawn = blocks.resampled(np.stack(list(sums.values()), axis=-1), seed=seed)
    return {name: drawn[..., place] for place, name in enumerate(sums)}


def scores_of(sums: Sums) -> Sums:
    """Turn sums of any equal shape into scores of that shape, NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        means = {name: part / sums["present"] for name, part in sums.items()}
        scores = {"mae": means["absolute"], "rmse": np.sqrt(means["squared"])}
        if "relative" in sums:
            scores["smape"] = 100 * means["relative"]
        if "seasonal" in sums:
            scores["mase"] = sums["seasonal"] / sums["measured"]
            scores["mae_scaled"] = means["scaled"]
            scores["mse_scaled"] = means["squared scaled"]
        if "pinball" in sums:
            scores["pinball"] = means["pinball"]
            for name in _INSIDE:
                scores[f"coverage_{name}"], scores[f"width_{name}"] = (
                    means[f"inside {name}"],
                    means[f"width {name}"],
                )
    return scores


def _weights(truth: Truth) -> Weights:
    """Return how further sums come from others: the source, and a weight for each series and column (S, D)."""
    inverse = _inverse(truth.seasonal)
    scale = np.broadcast_to(1 / truth.deviations, inverse.shape)
    return {
        "measured": ("present", (inverse > 0).astype(np.float64)),
        "seasonal": ("absolute", inverse),
        "scaled": ("absolute", scale),
        "squared scaled": ("squared", np.square(scale)),
    }


def _inverse(seasonal: Floats) -> Floats:
    """Return one over each error of the seasonal naive forecast, 0 where it is unknown or zero."""
    usable = np.isfinite(seasonal) & (seasonal > 0)
    return np.where(usable, 1 / np.where(usable, seasonal, 1.0), 0.0)


def _portions(rows: int, numbers: int) -> Iterator[slice]:
    """Cut rows of so many numbers into portions that stay in the processor's cache."""
    step = max(1, _NUMBERS_AT_ONCE // max(numbers, 1))
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def _point_parts(middle: Numbers, came: Numbers) -> Sums:
    """Measure points (n, H, D): whether each target is present, its absolute and squared error; 0 where missing."""
    present = ~np.isnan(came)
    absolute = np.where(present, np.abs(middle.astype(np.float64) - came), 0.0)
    return {"present": present.astype(np.float64), "absolute": absolute, "squared": np.square(absolute)}


def _relative(middle: Numbers, came: Numbers, absolute: Floats) -> Floats:
    """Return 2 |e| / (|answer| + |truth|), at most 2, and 0 where all are zero."""
    size = np.abs(middle.astype(np.float64)) + np.abs(came)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(absolute > 0, 2 * absolute / size, 0.0)


def _quantile_parts(said: Numbers, came: Numbers) -> Sums:
    """Measure quantiles (n, H, D, 7): the pinball loss, its mean over the levels; intervals and whether they hold."""
    present = ~np.isnan(came)
    pinball = np.zeros(came.shape)
    for place, level in enumerate(LEVELS):
        above = came - said[..., place]
        pinball += np.maximum(level * above, (level - 1) * above)
    parts = {"pinball": np.where(present, pinball / len(LEVELS), 0.0)}
    for name, (lower, upper) in _INSIDE.items():
        low, high = said[..., lower], said[..., upper]
        parts[f"inside {name}"] = ((came >= low) & (came <= high)).astype(np.float64)
        parts[f"width {name}"] = np.where(present, high.astype(np.float64) - low, 0.0)
    return parts
