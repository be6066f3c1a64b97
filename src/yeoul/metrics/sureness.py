"""How well a model knows when it is right: its probabilities made honest, and how far they tell right from wrong.

The probability p of a whole sequence is a product over its tokens and need not be the chance that it is right. A
logistic curve through the answers to the validation rows (Platt 1999) makes it one,

    chance = sigmoid(slope · log(p / (1 - p)) + offset),

drawn towards slope 1 and offset 0, where p is taken at its word: few answers, or answers that are all right, move it
little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats
from yeoul.metrics.labels import CALIBRATION_BINS, CalibrationBin

Bools = npt.NDArray[np.bool_]
_ROUNDS = 100
_SETTLED = 1e-10
_PRIOR = 1.0
"""Weight of the pull towards slope 1 and offset 0, in answers."""
_SUREST = 1e-6


@dataclass(frozen=True)
class Calibration:
    """The chance of being right, by the log-odds of the sequence."""

    slope: float = 1.0
    offset: float = 0.0

    @classmethod
    def fit(cls, log_probs: npt.ArrayLike, right: npt.ArrayLike) -> "Calibration":
        """Fit the curve to answers (N,) with log-probabilities and whether each is right; it never falls."""
        odds, truth = _log_odds(log_probs), np.asarray(right, np.float64)
        columns = np.stack([odds, np.ones(len(odds))], axis=1)
        prior = np.array([1.0, 0.0])
        weights = prior.copy()
        for _ in range(_ROUNDS):
            chances = _sigmoid(columns @ weights)
            gradient = columns.T @ (chances - truth) + _PRIOR * (weights - prior)
            curvature = (columns * (chances * (1 - chances))[:, None]).T @ columns + _PRIOR * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            weights -= step * min(1.0, 1.0 / float(np.abs(step).max() + 1e-300))
            if np.abs(step).max() < _SETTLED:
                break
        return cls(max(0.0, float(weights[0])), float(weights[1]))

    def __call__(self, log_probs: npt.ArrayLike) -> Floats:
        """Return the chances (N,) of log-probabilities (N,)."""
        return _sigmoid(self.slope * _log_odds(log_probs) + self.offset)


def _log_odds(log_probs: npt.ArrayLike) -> Floats:
    values = np.minimum(np.asarray(log_probs, np.float64), np.log1p(-_SUREST))
    odds: Floats = values - np.log(-np.expm1(values))
    return odds


def _sigmoid(odds: Floats) -> Floats:
    chances: Floats = 1 / (1 + np.exp(-np.clip(odds, -700.0, 700.0)))
    return chances


@dataclass(frozen=True)
class Sureness:
    """How well chances tell right answers from wrong ones."""

    error: float
    """Expected calibration error (Naeini et al. 2015)."""
    bins: tuple[CalibrationBin, ...]
    area: float | None
    """Chance that a right answer is held surer than a wrong one (area under the ROC curve); None with one kind only."""

    @classmethod
    def of(cls, chances: npt.ArrayLike, right: npt.ArrayLike) -> "Sureness":
        """Measure chances (N,) of answers that are right or not (N,)."""
        sure, truth = np.asarray(chances, np.float64), np.asarray(right, np.bool_)
        place = np.minimum((sure * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
        rows = np.bincount(place, minlength=CALIBRATION_BINS)
        held = np.bincount(place, sure, CALIBRATION_BINS)
        correct = np.bincount(place, truth.astype(np.float64), CALIBRATION_BINS)
        bins = tuple(
            CalibrationBin(float(held[b] / rows[b]), float(correct[b] / rows[b]), int(rows[b]))
            for b in np.flatnonzero(rows)
        )
        return cls(float(np.abs(held - correct).sum() / len(sure)), bins, roc_area(sure, truth))

    def to_json(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "calibration_error": self.error,
            "roc_area": self.area,
            "bins": [
                {"confidence": one.confidence, "accuracy": one.accuracy, "rows": one.rows}
                for one in self.bins
            ],
        }


def roc_area(values: Floats, truth: Bools) -> float | None:
    """Return the chance that a true row has a larger value than a false one, ties counted half; None without both."""
    from scipy.stats import rankdata  # slow to import

    wins = int(truth.sum())
    losses = len(truth) - wins
    if not wins or not losses:
        return None
    ranks = rankdata(values)
    return float((ranks[truth].sum() - wins * (wins + 1) / 2) / (wins * losses))


def low_limit(values: Sequence[float] | Floats, share: float) -> float:
    """Return the limit below which at most this share of values lies."""
    return float(np.quantile(np.asarray(values, np.float64), share, method="lower"))
