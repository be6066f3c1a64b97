"""How good forecasts are, in the data's own unit, and whether one model forecasts better than another.

Every target that is present counts once, whatever window, step or column it is of; missing ones never. MASE divides
each error by the mean error that the seasonal naive forecast makes one step ahead on the training rows of the same
series and column (Hyndman & Koehler 2006), so columns and series of different units can be averaged.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.blocks import Blocks, Spread, told
from yeoul.metrics.forecast_sums import LEVELS as LEVELS
from yeoul.metrics.forecast_sums import (
    Numbers,
    Sums,
    all_sums,
    column_sums,
    in_cells,
    points,
    resampled,
    scores_of,
)
from yeoul.metrics.forecast_sums import Truth as Truth
from yeoul.metrics.forecast_sums import seasonal_errors as seasonal_errors
from yeoul.metrics.intervals import Floats, Interval, Verdict, judge

_CHEAP = ("mae", "rmse", "mase", "mse_scaled")


@dataclass(frozen=True, eq=False)
class ForecastScores:
    """All scores of one model on one set of windows.

    `scores` names single intervals, `columns` the same for each target, `steps` spreads over the H steps of the
    horizon, and `grids` values (H, D) without intervals. "mae", "rmse", "pinball" and the widths of the intervals are
    in the data's unit and mix the columns as they are; "smape" is in percent, at most 200; "mase" and those called
    scaled have no unit; "mse_scaled" is the mean squared error in units of the training rows' deviations. A score that
    has nothing to be divided by is None, and one of too few windows (`blocks` is 0) has no ends.
    """

    windows: int
    present: int
    blocks: int
    scores: Mapping[str, Interval | None]
    columns: Mapping[str, Mapping[str, Interval | None]]
    steps: Mapping[str, Spread]
    grids: Mapping[str, Floats]

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return {
            "windows": self.windows,
            "present": self.present,
            "blocks": self.blocks,
            "scores": {name: told(one) for name, one in self.scores.items()},
            "columns": [
                {"name": column, "scores": {name: told(one) for name, one in scores.items()}}
                for column, scores in self.columns.items()
            ],
            "steps": {
                name: {end: _plain(part) for end, part in spread.parts().items()}
                for name, spread in self.steps.items()
            },
            "grids": {name: [_plain(row) for row in grid] for name, grid in self.grids.items()},
        }


@dataclass(frozen=True)
class ForecastVerdict:
    """A verdict on forecasts, and by how many percent the model's error is smaller than the other's."""

    verdict: Verdict
    gain: Interval | None

    def to_json(self) -> dict[str, object]:
        """Return the verdict as plain values."""
        difference = told(self.verdict.difference)
        return {**self.verdict.to_json(), "difference": difference, "gain": told(self.gain)}


def point_scores(answers: npt.ArrayLike, truth: Truth) -> dict[str, float]:
    """Return "mae", "rmse", "mase" and "mse_scaled" without intervals, cheap enough for every epoch.

    Takes answers (N, H, D) or (N, H, D, Q); raises like `score_forecasts`. A score that does not exist is left out.
    """
    sums = column_sums(points(answers, truth), truth)
    scores = scores_of({name: np.asarray(part.sum()) for name, part in sums.items()})
    return {name: float(scores[name]) for name in _CHEAP if not np.isnan(scores[name])}


def window_errors(answers: npt.ArrayLike, truth: Truth) -> Floats:
    """Return the error (N,) of each window by the deciding metric; NaN where no target of a window counts.

    Takes answers (N, H, D) or (N, H, D, Q); raises like `score_forecasts`.
    """
    sums = column_sums(points(answers, truth), truth)
    return scores_of({name: part.sum(axis=1) for name, part in sums.items()})[truth.deciding()]


def score_forecasts(answers: npt.ArrayLike, truth: Truth, seed: int) -> ForecastScores:
    """Score answers (N, H, D), or (N, H, D, 7) with quantiles at `LEVELS`, in the data's unit.

    Raises ValueError for no windows, no target present, mismatched shapes and answers that are not finite.
    """
    middle, said = points(answers, truth), np.asarray(answers)
    blocks = truth.blocks()
    windows, steps, grids = all_sums(said if said.ndim == 4 else middle[..., None], truth, blocks)
    columns = in_cells(windows, blocks)
    whole = _spreads({name: part.sum(axis=1) for name, part in columns.items()}, blocks, seed)
    by_column = _spreads(columns, blocks, seed)
    return ForecastScores(
        windows=len(truth.origins),
        present=int(columns["present"].sum()),
        blocks=blocks.number,
        scores={name: spread.one() for name, spread in whole.items()},
        columns={
            column: {name: spread.one(place) for name, spread in by_column.items()}
            for place, column in enumerate(truth.columns)
        },
        steps=_spreads(steps, blocks, seed),
        grids=scores_of(grids),
    )


def compare_forecasts(
    ours: npt.ArrayLike, theirs: npt.ArrayLike, truth: Truth, *, against: str, seed: int
) -> ForecastVerdict:
    """Judge whether the answers `ours`, (N, H, D) or (N, H, D, Q), have a smaller error than `theirs`.

    The deciding metric is MAE for one column of one series, else MASE. Blocks of windows are resampled in pairs. The
    difference is the other's error less the model's: a lead is positive. Raises ValueError like `score_forecasts`.
    """
    metric = truth.deciding()
    (mine, my_resamples), (other, other_resamples) = (
        _errors(points(answers, truth), truth, seed)[metric] for answers in (ours, theirs)
    )
    blocks = truth.blocks()
    difference = Spread.of(other - mine, other_resamples - my_resamples, blocks).one()
    if difference is None:
        raise ValueError("no target can be compared")
    with np.errstate(invalid="ignore", divide="ignore"):
        gains = [100 * (1 - mine / other), 100 * (1 - my_resamples / other_resamples)]
    gain = Spread.of(np.asarray(gains[0]), gains[1], blocks).one() if other > 0 else None
    return ForecastVerdict(judge(difference, metric=metric, against=against), gain)


def _errors(middle: Numbers, truth: Truth, seed: int) -> dict[str, tuple[Floats, Floats]]:
    """Return each score of points (N, H, D) with its resamples (R,)."""
    blocks = truth.blocks()
    cells = in_cells({name: part.sum(axis=1) for name, part in column_sums(middle, truth).items()}, blocks)
    values, again = scores_of(_totals(cells)), scores_of(resampled(cells, blocks, seed))
    return {name: (values[name], again[name]) for name in values}


def _spreads(cells: Sums, blocks: Blocks, seed: int) -> dict[str, Spread]:
    """Turn what the cells add (C, …) into scores (…,) with their intervals."""
    values, again = scores_of(_totals(cells)), scores_of(resampled(cells, blocks, seed))
    spreads = {}
    for name, value in values.items():
        if name.startswith("coverage"):
            # a share of windows that hang together is no surer than one of windows that do not
            center = (value * blocks.windows + 2) / (blocks.windows + 4)
            floor = np.sqrt(center * (1 - center) / (blocks.windows + 4))
            spreads[name] = Spread.of(value, again[name], blocks, floor=floor, least=0.0, most=1.0)
        else:
            spreads[name] = Spread.of(value, again[name], blocks, least=0.0)
    return spreads


def _totals(cells: Sums) -> Sums:
    return {name: np.asarray(part.sum(axis=0)) for name, part in cells.items()}


def _plain(numbers: Floats) -> list[float | None]:
    return [number if math.isfinite(number) else None for number in numbers.tolist()]
