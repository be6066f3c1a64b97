"""How good predicted numbers are, in the unit of the target: mean and median error, root mean square, R²."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval, Verdict, bootstrap_rows, judge

_POINTS = 400
_QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True)
class ValueScores:
    """All scores of one model of numbers on one set of rows.

    `mae`, `rmse` and `median_absolute_error` are in the unit of the target; `r2` is None when all targets are equal.
    `residuals` are quantiles of prediction less target, `target` describes the targets themselves, and `points` are
    at most 400 rows (target, prediction), drawn evenly over the sorted targets.
    """

    rows: int
    mae: Interval
    rmse: Interval
    r2: Interval | None
    median_absolute_error: Interval
    residuals: dict[str, float]
    target: dict[str, float]
    points: tuple[tuple[float, float], ...]

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return {
            "rows": self.rows,
            "scores": {
                "mae": self.mae.to_json(),
                "rmse": self.rmse.to_json(),
                "r2": self.r2.to_json() if self.r2 else {"value": None},
                "median_absolute_error": self.median_absolute_error.to_json(),
            },
            "residuals": dict(self.residuals),
            "target": dict(self.target),
            "points": [list(point) for point in self.points],
        }


def point_scores(answers: npt.ArrayLike, targets: npt.ArrayLike) -> dict[str, float]:
    """Return `loss` (the mean squared error), `mae` and `rmse` without intervals, cheap enough for every epoch.

    Takes numbers (N,) and (N,); raises like `score_values`.
    """
    predicted, truth = _checked(answers, targets)
    errors = predicted - truth
    squared = float(np.square(errors).mean())
    return {"loss": squared, "mae": float(np.abs(errors).mean()), "rmse": squared**0.5}


def score_values(answers: npt.ArrayLike, targets: npt.ArrayLike, seed: int) -> ValueScores:
    """Score predicted numbers (N,) against the true ones (N,).

    Raises ValueError for no rows, mismatched shapes and numbers that are not finite.
    """
    predicted, truth = _checked(answers, targets)
    errors = predicted - truth
    centered = truth - truth.mean()
    squares = np.stack([np.ones(len(truth)), np.square(errors), centered, np.square(centered)], axis=1)
    means = np.stack([np.ones(len(truth)), np.abs(errors)], axis=1)
    return ValueScores(
        rows=len(truth),
        mae=bootstrap_rows(means, lambda sums: sums[:, 1] / sums[:, 0], seed=seed),
        rmse=bootstrap_rows(squares[:, :2], lambda sums: np.sqrt(sums[:, 1] / sums[:, 0]), seed=seed),
        r2=bootstrap_rows(squares, _r2, seed=seed) if centered.any() else None,
        median_absolute_error=_median(np.abs(errors)),
        residuals=_quantiles(errors),
        target={
            **_quantiles(truth),
            "min": float(truth.min()),
            "mean": float(truth.mean()),
            "max": float(truth.max()),
            "deviation": float(truth.std()),
        },
        points=_points(predicted, truth),
    )


def compare_values(
    predicted: npt.ArrayLike,
    baseline: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    against: str,
    seed: int,
) -> Verdict:
    """Judge whether the numbers `predicted` (N,) have a smaller mean absolute error than those of `baseline`.

    The rows are resampled in pairs, with one won and one lost row added that are as large as the differences are in
    the root mean square. The verdict's difference is the baseline's error less the model's: a lead is positive.
    Raises ValueError like `score_values`.
    """
    ours, truth = _checked(predicted, targets)
    theirs, _ = _checked(baseline, targets)
    gains = np.abs(theirs - truth) - np.abs(ours - truth)
    size = float(np.sqrt(np.square(gains).mean()))
    difference = bootstrap_rows(
        np.stack([np.ones(len(gains)), gains], axis=1),
        lambda sums: sums[:, 1] / sums[:, 0],
        added=[(1, size), (1, -size)],
        seed=seed,
    )
    return judge(difference, metric="mae", against=against)


def _r2(sums: Floats) -> Floats:
    """Return 1 - Σe² / Σ(y - ȳ)² from sums of (1, e², y, y²): (R, 4) → (R,), NaN where all targets are equal."""
    rows, squared, first, second = sums.T
    spread = second - np.square(first) / rows
    varied = spread > 1e-12 * np.maximum(second, 1e-300)
    scores: Floats = np.where(varied, 1 - squared / np.where(varied, spread, 1.0), np.nan)
    return scores


def _median(errors: Floats) -> Interval:
    """Return the median with the order statistics that hold it in 95 % (the binomial distribution of ranks)."""
    from scipy.special import bdtr  # slow to import

    ranked, rows = np.sort(errors), len(errors)
    below = bdtr(np.arange(rows), rows, 0.5)  # chance of at most so many of the rows below the median
    place = int(np.searchsorted(below, 0.025, side="right"))
    return Interval(float(np.median(ranked)), float(ranked[max(place - 1, 0)]), float(ranked[-max(place, 1)]))


def _quantiles(values: Floats) -> dict[str, float]:
    found = np.quantile(values, list(_QUANTILES.values()))
    return {name: float(value) for name, value in zip(_QUANTILES, found, strict=True)}


def _points(predicted: Floats, truth: Floats) -> tuple[tuple[float, float], ...]:
    order = np.lexsort((predicted, truth))
    places = order[
        np.unique(np.linspace(0, len(order) - 1, min(_POINTS, len(order))).round().astype(np.int64))
    ]
    return tuple((float(truth[place]), float(predicted[place])) for place in places)


def _checked(answers: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Floats, Floats]:
    predicted, truth = np.asarray(answers, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if predicted.ndim != 1 or predicted.shape != truth.shape:
        raise ValueError(f"numbers of shape {predicted.shape} for targets of shape {truth.shape}")
    if len(truth) == 0:
        raise ValueError("a score needs at least one row")
    if not (np.isfinite(predicted).all() and np.isfinite(truth).all()):
        raise ValueError("a number is not finite")
    return predicted, truth
