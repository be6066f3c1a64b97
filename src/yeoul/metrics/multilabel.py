"""How good predicted sets of labels are: micro- and macro-F1, whole sets right, average precision; and thresholds.

Answers are log-odds (N, V), one for each row and label; a label is predicted where its answer reaches its
threshold. Every score but average precision and the loss is a function of hits and errors summed over rows. Before
resampling, two rows with one hit each and two with one error each are added (see `yeoul.metrics.intervals`), in a
comparison one won and one lost label.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics.curves import average_precision
from yeoul.metrics.intervals import Floats, Interval, Verdict, bootstrap, bootstrap_rows, judge
from yeoul.metrics.labels import compare_labels

Bools = npt.NDArray[np.bool_]
Metric = Literal["micro_f1", "macro_f1", "exact_match"]
_BORROWED_ROWS = 10.0


@dataclass(frozen=True)
class LabelScore:
    """One row of the table by label; `rows` is how many rows truly have it.

    `average_precision` is None for a label that no row has.
    """

    label: str
    rows: int
    precision: float
    recall: float
    f1: float
    threshold: float
    average_precision: float | None


@dataclass(frozen=True)
class SetScores:
    """All scores of a model that gives each row any number of labels.

    `exact_match` is the share of rows whose labels are all right and complete. `log_loss` is in nats, the mean over
    rows and labels; `mean_average_precision` is over the labels that occur, None when none does.
    """

    rows: int
    micro_f1: Interval
    macro_f1: Interval
    exact_match: Interval
    mean_average_precision: float | None
    log_loss: float
    per_class: tuple[LabelScore, ...]

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        return {
            "rows": self.rows,
            "scores": {
                "micro_f1": self.micro_f1.to_json(),
                "macro_f1": self.macro_f1.to_json(),
                "exact_match": self.exact_match.to_json(),
                "mean_average_precision": {"value": self.mean_average_precision},
                "log_loss": {"value": self.log_loss},
            },
            "per_class": [
                {
                    "label": one.label,
                    "rows": one.rows,
                    "precision": one.precision,
                    "recall": one.recall,
                    "f1": one.f1,
                    "threshold": one.threshold,
                    "average_precision": one.average_precision,
                }
                for one in self.per_class
            ],
        }


def choose_thresholds(answers: npt.ArrayLike, targets: npt.ArrayLike) -> Floats:
    """Return for each label the threshold (V,) of the best F1 on these rows, which should be validation rows.

    Takes log-odds (N, V) and what is true (N, V). A label with few rows cannot tell its best threshold: its hits and
    false alarms are counted together with those of ten rows that are like the average of all labels, so that a rare
    label gets about the common threshold and a frequent one its own. A threshold lies halfway between two answers.
    Without a single true label every threshold is the even odds of 0.
    """
    odds, truth = _checked(answers, targets)
    positives = int(truth.sum())
    if positives == 0:
        return np.zeros(odds.shape[1])
    order = np.argsort(odds, axis=None, kind="stable")
    pooled = odds.reshape(-1)[order]
    pooled_hits = np.concatenate([[0], np.cumsum(truth.reshape(-1)[order])])  # true labels below each place
    return np.array(
        [
            _best_threshold(odds[:, label], truth[:, label], pooled, pooled_hits)
            for label in range(odds.shape[1])
        ]
    )


def _best_threshold(odds: Floats, truth: Bools, pooled: Floats, pooled_hits: npt.NDArray[np.int64]) -> float:
    order = np.argsort(-odds, kind="stable")
    ranked = odds[order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # the last row of each distinct answer
    hits = np.cumsum(truth[order])[last]
    named = last + 1
    places = np.searchsorted(pooled, ranked[last], side="left")
    borrowed = _BORROWED_ROWS / pooled_hits[-1]
    all_hits = borrowed * (pooled_hits[-1] - pooled_hits[places])
    all_named = borrowed * (len(pooled) - places)
    f1 = 2 * (hits + all_hits) / (truth.sum() + _BORROWED_ROWS + named + all_named)
    best = int(np.argmax(f1))
    upper = ranked[last[best]]
    lower = ranked[last[best] + 1] if last[best] + 1 < len(ranked) else upper - 1.0
    return float((upper + lower) / 2)


def point_scores(
    answers: npt.ArrayLike, targets: npt.ArrayLike, thresholds: npt.ArrayLike = 0.0
) -> dict[str, float]:
    """Return `loss`, `micro_f1`, `macro_f1` and `exact_match` without intervals, cheap enough for every epoch.

    Takes log-odds (N, V), what is true (N, V) and thresholds (V,); raises like `score_label_sets`.
    """
    odds, truth = _checked(answers, targets)
    predicted = odds >= np.asarray(thresholds, dtype=np.float64)
    return {
        "loss": _log_loss(odds, truth),
        "micro_f1": float(_micro_f1(_sums_by_row(predicted, truth).sum(axis=0)[None])[0]),
        "macro_f1": float(_macro_f1(_sums_by_label(predicted, truth).sum(axis=0)[None])[0]),
        "exact_match": float((predicted == truth).all(axis=1).mean()),
    }


def score_label_sets(
    answers: npt.ArrayLike,
    targets: npt.ArrayLike,
    labels: Sequence[str],
    thresholds: npt.ArrayLike,
    seed: int,
) -> SetScores:
    """Score log-odds (N, V) against the labels that are true (N, V); `labels` names the V labels.

    Macro-F1 is the plain mean over the labels that occur in the targets or the predictions; a precision or recall
    of no rows counts as zero. Raises ValueError for no rows, mismatched shapes and NaN.
    """
    odds, truth = _checked(answers, targets)
    if len(labels) != odds.shape[1]:
        raise ValueError(f"{len(labels)} labels for {odds.shape[1]} columns")
    limits = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), (odds.shape[1],))
    predicted = odds >= limits
    exact = int((predicted == truth).all(axis=1).sum())
    precisions = [average_precision(odds[:, v], truth[:, v]) for v in range(odds.shape[1])]
    known = [one for one in precisions if one is not None]
    share = _shares(truth)
    return SetScores(
        rows=len(truth),
        micro_f1=bootstrap_rows(
            _sums_by_row(predicted, truth),
            _micro_f1,
            added=[(1, 0), (1, 0), (0, 1), (0, 1)],
            seed=seed,
        ),
        macro_f1=bootstrap_rows(
            _sums_by_label(predicted, truth),
            _macro_f1,
            added=[np.append(share, 0 * share)] * 2 + [np.append(0 * share, share)] * 2,
            seed=seed,
        ),
        exact_match=bootstrap(
            (exact, len(truth) - exact),
            lambda tables: tables[:, 0] / tables.sum(axis=1),
            added=(2, 2),
            seed=seed,
        ),
        mean_average_precision=float(np.mean(known)) if known else None,
        log_loss=_log_loss(odds, truth),
        per_class=tuple(
            _label_score(label, predicted[:, v], truth[:, v], float(limits[v]), precisions[v])
            for v, label in enumerate(labels)
        ),
    )


def compare_label_sets(
    predicted: npt.ArrayLike,
    baseline: npt.ArrayLike,
    targets: npt.ArrayLike,
    *,
    against: str,
    seed: int,
    metric: Metric = "micro_f1",
) -> Verdict:
    """Judge whether the sets of labels `predicted` (N, V) are better than those of `baseline` on the same rows.

    The rows are resampled in pairs, so errors that both models share do not widen the interval. Raises ValueError
    for no rows and unequal shapes.
    """
    ours, theirs, truth = (np.asarray(values, dtype=bool) for values in (predicted, baseline, targets))
    if not ours.shape == theirs.shape == truth.shape or truth.ndim != 2 or len(truth) == 0:
        raise ValueError("a comparison needs two predictions and a target for every row and label")
    if metric == "exact_match":
        ours_whole, theirs_whole = ((one == truth).all(axis=1).astype(np.int64) for one in (ours, theirs))
        verdict = compare_labels(
            ours_whole, theirs_whole, np.ones(len(truth), np.int64), against=against, seed=seed
        )
        return judge(verdict.difference, metric=metric, against=against)
    summed, score = (_sums_by_row, _micro_f1) if metric == "micro_f1" else (_sums_by_label, _macro_f1)
    parts = np.concatenate([summed(ours, truth), summed(theirs, truth)], axis=1)
    half = parts.shape[1] // 2
    share = np.ones(1) if metric == "micro_f1" else _shares(truth)
    right, wrong = np.append(share, 0 * share), np.append(0 * share, share)
    difference = bootstrap_rows(
        parts,
        lambda sums: score(sums[:, :half]) - score(sums[:, half:]),
        added=[np.append(right, wrong), np.append(wrong, right)],
        seed=seed,
    )
    return judge(difference, metric=metric, against=against)


def _sums_by_row(predicted: Bools, truth: Bools) -> Floats:
    """Return each row's hits, and its misses and false alarms together: (N, 2)."""
    sums: Floats = np.stack(
        [(predicted & truth).sum(axis=1), (predicted != truth).sum(axis=1)], axis=1
    ).astype(np.float64)
    return sums


def _sums_by_label(predicted: Bools, truth: Bools) -> Floats:
    """Return each row's hits for every label, then its misses and false alarms: (N, 2V)."""
    return np.concatenate([predicted & truth, predicted != truth], axis=1).astype(np.float64)


def _micro_f1(sums: Floats) -> Floats:
    """Return F1 = 2·hits / (2·hits + errors): (R, 2) → (R,)."""
    sizes = 2 * sums[:, 0] + sums[:, 1]
    scores: Floats = 2 * sums[:, 0] / np.where(sizes > 0, sizes, 1.0)
    return scores


def _macro_f1(sums: Floats) -> Floats:
    """Average F1 over the labels that occur in targets or predictions: (R, 2V) → (R,)."""
    hits, errors = np.split(sums, 2, axis=1)
    sizes = 2 * hits + errors
    occurs = sizes > 0
    scores: Floats = (2 * hits / np.where(occurs, sizes, 1.0)).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)
    return scores


def _shares(truth: Bools) -> Floats:
    """Return each label's share of all true labels (V,)."""
    counts = truth.sum(axis=0).astype(np.float64)
    shares: Floats = counts / counts.sum() if counts.sum() else np.full(len(counts), 1 / len(counts))
    return shares


def _label_score(
    label: str, predicted: Bools, truth: Bools, threshold: float, precision: float | None
) -> LabelScore:
    hits, named, rows = int((predicted & truth).sum()), int(predicted.sum()), int(truth.sum())
    return LabelScore(
        label,
        rows,
        hits / max(named, 1),
        hits / max(rows, 1),
        2 * hits / max(named + rows, 1),
        threshold,
        precision,
    )


def _log_loss(odds: Floats, truth: Bools) -> float:
    return float(np.logaddexp(0.0, np.where(truth, -odds, odds)).mean())


def _checked(answers: npt.ArrayLike, targets: npt.ArrayLike) -> tuple[Floats, Bools]:
    odds, truth = np.asarray(answers, dtype=np.float64), np.asarray(targets)
    if odds.ndim != 2 or odds.shape != truth.shape or odds.shape[1] == 0:
        raise ValueError(f"log-odds of shape {odds.shape} for targets of shape {truth.shape}")
    if len(odds) == 0:
        raise ValueError("a score needs at least one row")
    if np.isnan(odds).any():
        raise ValueError("the log-odds hold NaN")
    if not np.isin(truth, (0, 1)).all():
        raise ValueError("a label is true (1) or not (0)")
    return odds, truth.astype(bool)
