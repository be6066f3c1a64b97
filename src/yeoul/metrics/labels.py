"""How good predicted labels are: accuracy, macro-F1, log loss, calibration, and the comparison of two models.

Every score is a function of the contingency table of true and predicted class (for two models, of true class
and both predictions); only log loss and calibration need the probabilities themselves.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval, Statistic, Verdict, bootstrap, judge

Ints = npt.NDArray[np.int64]
Metric = Literal["accuracy", "macro_f1"]

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class ClassScore:
    """One row of the table by class; `rows` is how many rows truly are of the class."""

    label: str
    rows: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class CalibrationBin:
    """The rows whose top probability falls into one of 15 equally wide bins: its mean, the share right."""

    confidence: float
    accuracy: float
    rows: int


@dataclass(frozen=True, eq=False)
class LabelScores:
    """All scores of one classifier on one set of rows.

    `confusion (V, V)` counts rows by true (first axis) and predicted class. `log_loss` is in nats, and
    infinite when a true label was given the probability zero. `calibration` leaves empty bins out.
    """

    rows: int
    accuracy: Interval
    macro_f1: Interval
    log_loss: float
    calibration_error: float
    per_class: tuple[ClassScore, ...]
    confusion: Ints
    calibration: tuple[CalibrationBin, ...]

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values; an infinite log loss, which JSON cannot hold, becomes None."""
        log_loss = self.log_loss if math.isfinite(self.log_loss) else None
        return {
            "rows": self.rows,
            "scores": {
                "accuracy": self.accuracy.to_json(),
                "macro_f1": self.macro_f1.to_json(),
                "log_loss": {"value": log_loss},
                "calibration_error": {"value": self.calibration_error},
            },
            "per_class": [
                {
                    "label": one.label,
                    "rows": one.rows,
                    "precision": one.precision,
                    "recall": one.recall,
                    "f1": one.f1,
                }
                for one in self.per_class
            ],
            "confusion": self.confusion.tolist(),
            "calibration": [
                {"confidence": one.confidence, "accuracy": one.accuracy, "rows": one.rows}
                for one in self.calibration
            ],
        }


def score_labels(
    log_probs: npt.ArrayLike, targets: npt.ArrayLike, labels: Sequence[str], seed: int
) -> LabelScores:
    """Score predicted log-probabilities (N, V) against the true classes (N,); `labels` names the V classes.

    The predicted class is the likeliest, the first one of several equals. Macro-F1 is the plain mean over the
    classes that occur in the targets or the predictions; a precision or recall of no rows counts as zero.
    Raises ValueError for no rows, mismatched shapes, classes out of range and NaN.
    """
    probs, truth = _checked(log_probs, targets)
    classes = probs.shape[1]
    if len(labels) != classes:
        raise ValueError(f"{len(labels)} labels for {classes} classes")
    predicted = probs.argmax(axis=1)
    table = np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)
    table.setflags(write=False)
    error, bins = _calibration(np.exp(probs.max(axis=1)), predicted == truth)
    return LabelScores(
        rows=len(truth),
        accuracy=_score_interval(table, "accuracy", seed),
        macro_f1=_score_interval(table, "macro_f1", seed),
        log_loss=_log_loss(probs, truth),
        calibration_error=error,
        per_class=_per_class(table, labels),
        confusion=table,
        calibration=bins,
    )


def point_scores(log_probs: npt.ArrayLike, targets: npt.ArrayLike) -> dict[str, float]:
    """Return `loss`, `accuracy` and `macro_f1` without intervals, cheap enough for every epoch.

    Takes log-probabilities (N, V) and classes (N,); raises like `score_labels`.
    """
    probs, truth = _checked(log_probs, targets)
    cells = _Cells(truth, probs.argmax(axis=1), np.ones(len(truth)))
    return {
        "loss": _log_loss(probs, truth),
        "accuracy": float(cells.statistic("accuracy")(cells.counts[None])[0]),
        "macro_f1": float(cells.statistic("macro_f1")(cells.counts[None])[0]),
    }


def compare_labels(
    predicted: npt.ArrayLike,
    baseline: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    against: str,
    seed: int,
    metric: Metric = "accuracy",
) -> Verdict:
    """Judge whether the classes `predicted` (N,) are better than those of `baseline` (N,) on the same rows.

    The rows are resampled in pairs, so errors that both models share do not widen the interval. `against`
    names the baseline. Raises ValueError for no rows, unequal lengths and negative classes.
    """
    ours, theirs, truth = (_classes(values) for values in (predicted, baseline, targets))
    if not len(ours) == len(theirs) == len(truth) > 0:
        raise ValueError("a comparison needs two predictions and a target for every row")
    size = int(max(ours.max(), theirs.max(), truth.max())) + 1
    codes, counts = np.unique((truth * size + ours) * size + theirs, return_counts=True)
    present, frequency = np.unique(truth, return_counts=True)
    wrong = _another_class(present, np.union1d(np.union1d(ours, theirs), present), size)
    share = frequency / len(truth)
    true_class = np.concatenate([codes // size**2, present, present])
    ours = np.concatenate([codes // size % size, present, wrong])
    theirs = np.concatenate([codes % size, wrong, present])
    nothing = np.zeros(2 * len(present))
    model = _Cells(true_class, ours, np.concatenate([counts, nothing])).statistic(metric)
    other = _Cells(true_class, theirs, np.concatenate([counts, nothing])).statistic(metric)
    difference = bootstrap(
        np.concatenate([counts, nothing]),
        lambda tables: model(tables) - other(tables),
        added=np.concatenate([np.zeros(len(codes)), share, share]),
        seed=seed,
    )
    return judge(difference, metric=metric, against=against)


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of a contingency table, each with its true and its predicted class (C,)."""

    truth: Ints
    predicted: Ints
    counts: Floats

    def statistic(self, metric: Metric) -> Statistic:
        """Return the function from tables (R, C) to scores (R,)."""
        right = (self.truth == self.predicted).astype(np.float64)
        if metric == "accuracy":
            return lambda tables: tables @ right / tables.sum(axis=1)
        names, classes = np.unique(np.concatenate([self.truth, self.predicted]), return_inverse=True)
        truth, predicted = classes[: len(right)], classes[len(right) :]
        hits = _Sums(np.flatnonzero(right), truth[right > 0], len(names))
        sizes = [_Sums(np.arange(len(right)), side, len(names)) for side in (truth, predicted)]
        return lambda tables: _macro_f1(hits.of(tables), sizes[0].of(tables) + sizes[1].of(tables))


class _Sums:
    """Sums over the cells `chosen` (C,) of tables, by their `classes` (C,): (R, cells) → (R, V).

    Sorted cells are summed group by group, which costs one pass where a product with zeros and ones costs V.
    """

    def __init__(self, chosen: Ints, classes: Ints, size: int) -> None:
        order = np.argsort(classes, kind="stable")
        self._cells = chosen[order]
        self._present, self._starts = np.unique(classes[order], return_index=True)
        self._size = size

    def of(self, tables: Floats) -> Floats:
        """Sum each class's cells."""
        sums = np.zeros((len(tables), self._size))
        if len(self._cells):
            sums[:, self._present] = np.add.reduceat(tables[:, self._cells], self._starts, axis=1)
        return sums


def _macro_f1(hits: Floats, sizes: Floats) -> Floats:
    """Average F1 = 2·hits / (true + predicted) over the classes that occur at all: (R, V), (R, V) → (R,)."""
    occurs = sizes > 0
    f1 = 2 * hits / np.where(occurs, sizes, 1.0)
    mean: Floats = f1.sum(axis=1) / occurs.sum(axis=1)
    return mean


def _score_interval(table: Ints, metric: Metric, seed: int) -> Interval:
    """Bootstrap one score of a confusion table (V, V), with two right and two wrong rows added."""
    truth, predicted = np.nonzero(table)
    counts = table[truth, predicted]
    present = np.flatnonzero(table.sum(axis=1))
    share = 2 * table.sum(axis=1)[present] / table.sum()
    wrong = _another_class(present, np.union1d(truth, predicted), len(table))
    if metric == "accuracy":
        hits = float(np.trace(table))
        two = np.array([hits, float(table.sum()) - hits])
        return bootstrap(two, lambda tables: tables[:, 0] / tables.sum(axis=1), added=(2.0, 2.0), seed=seed)
    cells = _Cells(
        np.concatenate([truth, present, present]),
        np.concatenate([predicted, present, wrong]),
        np.concatenate([counts, np.zeros(2 * len(present))]),
    )
    added = np.concatenate([np.zeros(len(counts)), share, share])
    return bootstrap(cells.counts, cells.statistic(metric), added=added, seed=seed)


def _another_class(classes: Ints, occurring: Ints, size: int) -> Ints:
    """Return for each class one that it could be mistaken for: the next that occurs, else simply the next."""
    if len(occurring) > 1:
        found: Ints = np.roll(occurring, -1)[np.searchsorted(occurring, classes)]
        return found
    return (classes + 1) % max(size, 2)


def _per_class(table: Ints, labels: Sequence[str]) -> tuple[ClassScore, ...]:
    hits, truth, predicted = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    precision = hits / np.maximum(predicted, 1)
    recall = hits / np.maximum(truth, 1)
    f1 = 2 * hits / np.maximum(truth + predicted, 1)
    return tuple(
        ClassScore(label, int(truth[v]), float(precision[v]), float(recall[v]), float(f1[v]))
        for v, label in enumerate(labels)
    )


def _calibration(
    confidence: Floats, right: npt.NDArray[np.bool_]
) -> tuple[float, tuple[CalibrationBin, ...]]:
    """Return the expected calibration error (Naeini et al. 2015) and its bins that hold rows."""
    place = np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1)
    rows = np.bincount(place, minlength=CALIBRATION_BINS)
    confident = np.bincount(place, confidence, CALIBRATION_BINS)
    correct = np.bincount(place, right.astype(np.float64), CALIBRATION_BINS)
    bins = tuple(
        CalibrationBin(float(confident[b] / rows[b]), float(correct[b] / rows[b]), int(rows[b]))
        for b in np.flatnonzero(rows)
    )
    return float(np.abs(confident - correct).sum() / rows.sum()), bins


def _log_loss(log_probs: Floats, targets: Ints) -> float:
    return float(-log_probs[np.arange(len(targets)), targets].mean()) + 0.0


def _checked(log_probs: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Floats, Ints]:
    probs = np.asarray(log_probs, dtype=np.float64)
    truth = _classes(targets)
    if probs.ndim != 2 or probs.shape[0] != len(truth):
        raise ValueError(f"log-probabilities of shape {probs.shape} for {len(truth)} targets")
    if len(truth) == 0:
        raise ValueError("a score needs at least one row")
    if np.isnan(probs).any():
        raise ValueError("the log-probabilities hold NaN")
    if truth.max() >= probs.shape[1]:
        raise ValueError(f"class {truth.max()} among the targets, but only {probs.shape[1]} classes")
    return probs, truth


def _classes(values: npt.ArrayLike) -> Ints:
    found = np.asarray(values)
    if found.ndim != 1 or (len(found) and not np.issubdtype(found.dtype, np.integer)):
        raise ValueError(f"classes are whole numbers in one row, not {found.dtype} of shape {found.shape}")
    if len(found) and found.min() < 0:
        raise ValueError(f"class {found.min()} is negative")
    return found.astype(np.int64)
