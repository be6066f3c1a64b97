"""Precision against recall as a threshold falls, and the area below: for one label against the rest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats

CURVE_POINTS = 60


@dataclass(frozen=True)
class PrecisionRecall:
    """A precision-recall curve, thinned to at most 60 points, from the highest threshold to the lowest.

    `average_precision` is the mean precision over the true rows, taken from the whole curve.
    """

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    average_precision: float

    def to_json(self) -> dict[str, object]:
        """Return the curve as plain values."""
        return {
            "average_precision": self.average_precision,
            "recall": list(self.recall),
            "precision": list(self.precision),
        }


def precision_recall(answers: npt.ArrayLike, truth: npt.ArrayLike) -> PrecisionRecall | None:
    """Return the curve of answers (N,), the higher the likelier, for what is true (N,); None where nothing is."""
    hits, named = _steps(answers, truth)
    if not len(hits) or hits[-1] == 0:
        return None
    recall, precision = hits / hits[-1], hits / named
    kept = _thinned(recall)
    return PrecisionRecall(
        tuple(recall[kept].tolist()), tuple(precision[kept].tolist()), _area(recall, precision)
    )


def average_precision(answers: npt.ArrayLike, truth: npt.ArrayLike) -> float | None:
    """Return the mean precision over the true rows, rows of equal answers taken together; None without true rows."""
    hits, named = _steps(answers, truth)
    if not len(hits) or hits[-1] == 0:
        return None
    return _area(hits / hits[-1], hits / named)


def _steps(answers: npt.ArrayLike, truth: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return hits and named rows down to each distinct answer, the highest first."""
    values, right = np.asarray(answers, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    last = np.flatnonzero(np.append(np.diff(values[order]) != 0, np.ones(min(1, len(values)), bool)))
    hits: Floats = np.cumsum(right[order])[last]
    named: Floats = last.astype(np.float64) + 1.0
    return hits, named


def _area(recall: Floats, precision: Floats) -> float:
    return float(np.diff(recall, prepend=0.0) @ precision)


def _thinned(recall: Floats) -> npt.NDArray[np.int64]:
    """Choose at most 60 points, at even steps of recall, with the first and the last."""
    if len(recall) <= CURVE_POINTS:
        return np.arange(len(recall))
    steps = np.linspace(0, 1, CURVE_POINTS - 1)
    places = np.minimum(np.searchsorted(recall, steps), len(recall) - 1)
    return np.unique(np.concatenate([[0], places]))
