"""Label scores agree with scikit-learn, do not depend on the order of the rows, and refuse nonsense."""

import json
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from yeoul.metrics.labels import LabelScores, compare_labels, point_scores, score_labels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def rows_of(seed: int, rows: int, classes: int) -> tuple[Floats, Ints]:
    """Draw log-probabilities and targets; of many classes some occur in neither, as in real tests."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=(rows, classes)) * 2
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs, generator.integers(0, max(1, classes - 1), rows)


def scored(seed: int, rows: int, classes: int) -> tuple[LabelScores, Floats, Ints]:
    log_probs, targets = rows_of(seed, rows, classes)
    return score_labels(log_probs, targets, [f"c{v}" for v in range(classes)], seed=0), log_probs, targets


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60), classes=st.integers(2, 9))
def test_scores_are_those_of_scikit_learn(seed: int, rows: int, classes: int) -> None:
    scores, log_probs, targets = scored(seed, rows, classes)
    predicted, names = log_probs.argmax(axis=1), list(range(classes))
    assert scores.rows == rows
    assert scores.accuracy.value == pytest.approx(oracle.accuracy_score(targets, predicted))
    f1 = oracle.f1_score(targets, predicted, average="macro", zero_division=0)
    assert scores.macro_f1.value == pytest.approx(f1)
    loss = oracle.log_loss(targets, np.exp(log_probs), labels=names)
    assert scores.log_loss == pytest.approx(loss)
    assert (scores.confusion == oracle.confusion_matrix(targets, predicted, labels=names)).all()
    by_class = oracle.precision_recall_fscore_support(targets, predicted, labels=names, zero_division=0)
    ours = [(one.precision, one.recall, one.f1, one.rows) for one in scores.per_class]
    assert np.array(ours) == pytest.approx(np.array(by_class).T)
    assert point_scores(log_probs, targets) == pytest.approx(
        {"loss": loss, "accuracy": scores.accuracy.value, "macro_f1": f1}
    )


def test_calibration_is_the_weighted_gap_between_confidence_and_accuracy() -> None:
    """Half the rows are believed with 0.9 and right in 0.6, the others with 0.6: (0.3 + 0.0) / 2."""
    log_probs = np.log([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
    targets = np.array(([0] * 6 + [1] * 4) * 2)
    scores = score_labels(log_probs, targets, ["a", "b"], seed=0)
    assert [(b.confidence, b.accuracy, b.rows) for b in scores.calibration] == [
        (pytest.approx(0.6), pytest.approx(0.6), 10),
        (pytest.approx(0.9), pytest.approx(0.6), 10),
    ]
    assert scores.calibration_error == pytest.approx(0.15)


@given(seed=st.integers(0, 1000))
def test_calibration_bins_hold_every_row_and_their_own_range(seed: int) -> None:
    scores, _, _ = scored(seed, 40, 3)
    assert sum(b.rows for b in scores.calibration) == 40
    assert len({int(b.confidence * 15) for b in scores.calibration}) == len(scores.calibration)
    gaps = sum(abs(b.confidence - b.accuracy) * b.rows for b in scores.calibration) / 40
    assert scores.calibration_error == pytest.approx(gaps)


def test_certainty_falls_into_the_last_bin() -> None:
    scores = score_labels(np.log([[1.0, 1e-30]]), [0], ["a", "b"], seed=0)
    assert [b.rows for b in scores.calibration] == [1]


@given(seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    scores, log_probs, targets = scored(seed, 50, 4)
    order = np.random.default_rng(seed).permutation(50)
    again = score_labels(log_probs[order], targets[order], ["c0", "c1", "c2", "c3"], seed=0)
    assert (again.accuracy, again.macro_f1, again.per_class) == (
        scores.accuracy,
        scores.macro_f1,
        scores.per_class,
    )
    other = log_probs[:, ::-1].argmax(axis=1)
    ours = log_probs.argmax(axis=1)
    assert compare_labels(ours, other, targets, against="b", seed=1) == compare_labels(
        ours[order], other[order], targets[order], against="b", seed=1
    )


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_comparison_reports_the_difference_of_the_two_scores(metric: str) -> None:
    log_probs, targets = rows_of(1, 300, 4)
    ours, theirs = log_probs.argmax(axis=1), np.roll(targets, 1)
    verdict = compare_labels(ours, theirs, targets, against="old", seed=0, metric=metric)  # type: ignore[arg-type]
    score = {
        "accuracy": oracle.accuracy_score,
        "macro_f1": lambda a, b: oracle.f1_score(a, b, average="macro", zero_division=0),
    }[metric]
    assert verdict.difference.value == pytest.approx(score(targets, ours) - score(targets, theirs))
    assert (verdict.metric, verdict.against) == (metric, "old")
    mirrored = compare_labels(theirs, ours, targets, against="old", seed=0, metric=metric)  # type: ignore[arg-type]
    assert mirrored.difference.value == pytest.approx(-verdict.difference.value)


def test_pairing_narrows_the_interval() -> None:
    """Two models that share most errors are told apart where their single intervals overlap."""
    targets = np.zeros(1000, dtype=int)
    ours, theirs = np.repeat([0, 1], (800, 200)), np.repeat([0, 1], (780, 220))
    verdict = compare_labels(ours, theirs, targets, against="old", seed=0)
    assert verdict.outcome == "beats"
    assert verdict.difference.value == pytest.approx(0.02)
    assert verdict.difference.high - verdict.difference.low < 0.03


def test_a_model_cannot_be_told_from_itself() -> None:
    _, targets = rows_of(2, 100, 5)
    verdict = compare_labels(targets, targets, targets, against="itself", seed=0)
    assert verdict.outcome == "cannot tell"
    assert verdict.difference.low < 0 < verdict.difference.high


def test_few_lucky_rows_are_no_victory() -> None:
    targets = np.zeros(20, dtype=int)
    theirs = targets.copy()
    theirs[:4] = 1
    assert compare_labels(targets, theirs, targets, against="old", seed=0).outcome == "cannot tell"


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_faultless_and_hopeless_models_keep_an_interval(classes: int) -> None:
    targets = np.zeros(30, dtype=int)
    names = [str(v) for v in range(classes)]
    right = score_labels(np.log(np.eye(classes)[targets] * 0.98 + 0.01), targets, names, seed=0)
    assert (right.accuracy.high, right.macro_f1.high) == (1.0, 1.0)
    assert 0.8 < right.accuracy.low < 1.0
    if classes > 1:
        wrong = score_labels(np.log(np.eye(classes)[targets + 1] * 0.98 + 0.01), targets, names, seed=0)
        assert (wrong.accuracy.low, wrong.macro_f1.value) == (0.0, 0.0)
        assert 0.0 < wrong.accuracy.high < 0.2


def test_a_hundred_classes_take_seconds_at_most() -> None:
    """50,000 rows in 100 classes: the tables are sparse, and only their occupied cells are drawn."""
    log_probs, targets = rows_of(0, 50_000, 100)
    log_probs[np.arange(50_000), targets] += 4
    scores = score_labels(log_probs, targets, [str(v) for v in range(100)], seed=0)
    assert 0 < scores.macro_f1.high - scores.macro_f1.low < 0.02


def test_json_has_the_agreed_form() -> None:
    scores, _, _ = scored(0, 30, 3)
    written = json.loads(json.dumps(scores.to_json(), allow_nan=False))
    assert set(written) == {"rows", "scores", "per_class", "confusion", "calibration"}
    assert set(written["scores"]) == {"accuracy", "macro_f1", "log_loss", "calibration_error"}
    assert set(written["scores"]["accuracy"]) == {"value", "low", "high"}
    assert written["scores"]["log_loss"] == {"value": scores.log_loss}
    assert set(written["per_class"][0]) == {"label", "rows", "precision", "recall", "f1"}
    assert set(written["calibration"][0]) == {"confidence", "accuracy", "rows"}
    assert np.sum(written["confusion"]) == 30


def test_an_impossible_truth_costs_infinitely_and_still_makes_json() -> None:
    log_probs = np.array([[0.0, -math.inf], [0.0, -math.inf]])
    scores = score_labels(log_probs, [0, 1], ["a", "b"], seed=0)
    assert scores.log_loss == math.inf
    assert scores.to_json()["scores"]["log_loss"] == {"value": None}  # type: ignore[index]


@pytest.mark.parametrize(
    ("log_probs", "targets", "labels", "complaint"),
    [
        (np.zeros((0, 2)), [], ["a", "b"], "at least one row"),
        (np.zeros((2, 2)), [0], ["a", "b"], "shape"),
        (np.zeros((1, 2)), [2], ["a", "b"], "only 2 classes"),
        (np.zeros((1, 2)), [-1], ["a", "b"], "negative"),
        (np.zeros((1, 2)), [0.5], ["a", "b"], "whole numbers"),
        (np.full((1, 2), np.nan), [0], ["a", "b"], "NaN"),
        (np.zeros((1, 2)), [0], ["a"], "1 labels for 2 classes"),
    ],
)
def test_nonsense_is_refused(
    log_probs: Floats, targets: list[int], labels: list[str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        score_labels(log_probs, targets, labels, seed=0)


def test_comparisons_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="for every row"):
        compare_labels([0, 1], [0], [0, 1], against="old", seed=0)


def test_what_the_caller_gave_is_not_changed() -> None:
    log_probs, targets = rows_of(0, 20, 3)
    kept = log_probs.copy(), targets.copy()
    score_labels(log_probs, targets, ["a", "b", "c"], seed=0)
    compare_labels(targets, targets[::-1], targets, against="old", seed=0)
    assert (log_probs == kept[0]).all()
    assert (targets == kept[1]).all()
