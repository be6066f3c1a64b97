"""Scores of label sets agree with scikit-learn, thresholds are sound for rare labels, intervals hold the truth."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from yeoul.metrics.curves import average_precision, precision_recall
from yeoul.metrics.multilabel import choose_thresholds, compare_label_sets, point_scores, score_label_sets

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def rows_of(seed: int, rows: int, labels: int, tied: bool = False) -> tuple[Floats, Bools]:
    """Draw what is true, some labels rarer than others, and log-odds that know something of it."""
    generator = np.random.default_rng(seed)
    truth = generator.random((rows, labels)) < np.linspace(0.5, 0.05, labels)
    odds = generator.normal(size=(rows, labels)) * 2 + 2 * truth - 1
    return (odds.round() if tied else odds), truth


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 40), labels=st.integers(1, 6), tied=st.booleans())
@settings(max_examples=40)
def test_scores_are_those_of_scikit_learn(seed: int, rows: int, labels: int, tied: bool) -> None:
    odds, truth = rows_of(seed, rows, labels, tied)
    limits = np.linspace(-1, 1, labels)
    scores = score_label_sets(odds, truth, [f"l{v}" for v in range(labels)], limits, seed=0)
    predicted = odds >= limits
    each = oracle.precision_recall_fscore_support(truth, predicted, average=None, zero_division=0)
    if labels == 1:
        each = tuple(np.asarray(part)[-1:] for part in each) if truth.any() or predicted.any() else each
    occurs = (truth | predicted).any(axis=0)
    if labels > 1:
        assert scores.micro_f1.value == pytest.approx(
            oracle.f1_score(truth, predicted, average="micro", zero_division=0)
        )
        ours = [(one.precision, one.recall, one.f1, one.rows) for one in scores.per_class]
        assert np.array(ours) == pytest.approx(np.array(each).T)
        macro = each[2][occurs].mean() if occurs.any() else 0.0
        assert scores.macro_f1.value == pytest.approx(macro)
        assert scores.exact_match.value == pytest.approx(oracle.accuracy_score(truth, predicted))
    areas = [
        oracle.average_precision_score(truth[:, v], odds[:, v]) if truth[:, v].any() else None
        for v in range(labels)
    ]
    assert [one.average_precision for one in scores.per_class] == pytest.approx(areas)
    loss = np.mean(
        [
            oracle.log_loss(truth[:, v], 1 / (1 + np.exp(-odds[:, v])), labels=[False, True])
            for v in range(labels)
        ]
    )
    assert scores.log_loss == pytest.approx(loss)
    points = point_scores(odds, truth, limits)
    assert points == pytest.approx(
        {
            "loss": scores.log_loss,
            "micro_f1": scores.micro_f1.value,
            "macro_f1": scores.macro_f1.value,
            "exact_match": scores.exact_match.value,
        }
    )
    for interval in (scores.micro_f1, scores.macro_f1, scores.exact_match):
        assert 0 <= interval.low <= interval.value <= interval.high <= 1
        assert interval.low < interval.high


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 200), tied=st.booleans())
def test_curves_are_those_of_scikit_learn(seed: int, rows: int, tied: bool) -> None:
    odds, truth = rows_of(seed, rows, 1, tied)
    curve = precision_recall(odds[:, 0], truth[:, 0])
    if not truth.any():
        assert curve is None
        assert average_precision(odds[:, 0], truth[:, 0]) is None
        return
    assert curve is not None
    assert curve.average_precision == pytest.approx(oracle.average_precision_score(truth[:, 0], odds[:, 0]))
    precision, recall, _ = oracle.precision_recall_curve(truth[:, 0], odds[:, 0])
    known = {(round(r, 9), round(p, 9)) for r, p in zip(recall, precision, strict=True)}
    ours = [(round(r, 9), round(p, 9)) for r, p in zip(curve.recall, curve.precision, strict=True)]
    assert set(ours) <= known
    assert len(ours) <= 60
    assert ours[-1][0] == 1.0
    assert [r for r, _ in ours] == sorted(r for r, _ in ours)


@given(seed=st.integers(0, 1000))
@settings(max_examples=20)
def test_a_frequent_label_gets_its_own_best_threshold(seed: int) -> None:
    """With one label nothing is borrowed that differs: its F1 on these rows is the best there is."""
    odds, truth = rows_of(seed, 60, 1)
    if not truth.any():
        return

    def f1(limit: npt.ArrayLike) -> float:
        named = odds >= limit
        return float(2 * (named & truth).sum() / (named.sum() + truth.sum()))

    best = max(f1(limit) for limit in odds[:, 0])
    assert f1(choose_thresholds(odds, truth)) == pytest.approx(best)


def test_a_rare_label_leans_on_the_others() -> None:
    """One lucky row at log-odds of -5 must not make a threshold that names nearly every row."""
    generator = np.random.default_rng(0)
    truth = generator.random((1000, 5)) < 0.4
    odds = np.where(truth, 1.5, -1.5) + generator.normal(size=truth.shape)
    truth[:, 4] = False
    truth[0, 4] = True
    odds[:, 4] = generator.normal(size=1000) - 3
    odds[0, 4] = -5.0
    limits = choose_thresholds(odds, truth)
    assert limits[:4] == pytest.approx(0, abs=0.6)
    assert limits[4] == pytest.approx(0, abs=0.8)
    predicted = odds[:, 4] >= limits[4]
    assert predicted.sum() < 10


def test_thresholds_do_not_depend_on_the_order_of_rows_and_lie_between_answers() -> None:
    odds, truth = rows_of(3, 200, 4)
    order = np.random.default_rng(0).permutation(200)
    limits = choose_thresholds(odds, truth)
    assert choose_thresholds(odds[order], truth[order]) == pytest.approx(limits)
    assert not np.isin(limits, odds).any()
    assert (choose_thresholds(odds, np.zeros_like(truth)) == 0).all()


@pytest.mark.parametrize("metric", ["micro_f1", "macro_f1", "exact_match"])
def test_comparisons_tell_better_from_equal(metric: str) -> None:
    generator = np.random.default_rng(1)
    truth = generator.random((400, 4)) < 0.4
    close, far = (truth ^ (generator.random(truth.shape) < error) for error in (0.05, 0.2))
    verdict = compare_label_sets(close, far, truth, against="old", seed=0, metric=metric)  # type: ignore[arg-type]
    assert (verdict.outcome, verdict.metric) == ("beats", metric)
    mirrored = compare_label_sets(far, close, truth, against="old", seed=0, metric=metric)  # type: ignore[arg-type]
    assert mirrored.outcome == "does not beat"
    assert mirrored.difference.value == pytest.approx(-verdict.difference.value)
    itself = compare_label_sets(far, far, truth, against="old", seed=0, metric=metric)  # type: ignore[arg-type]
    assert itself.outcome == "cannot tell"
    assert itself.difference.low < 0 < itself.difference.high


def test_equal_models_seldom_get_a_verdict() -> None:
    generator = np.random.default_rng(5)
    decided = 0
    for seed in range(100):
        truth = generator.random((40, 3)) < 0.4
        ours, theirs = (truth ^ (generator.random(truth.shape) < 0.2) for _ in range(2))
        decided += compare_label_sets(ours, theirs, truth, against="x", seed=seed).outcome != "cannot tell"
    assert decided <= 10


def test_intervals_cover_the_truth() -> None:
    """Micro-F1 of many rows stands for the truth; 95 % of the intervals of 100 rows should hold it."""
    generator = np.random.default_rng(2)

    def draw(rows: int) -> tuple[Floats, Bools]:
        truth = generator.random((rows, 3)) < (0.5, 0.3, 0.1)
        return np.where(truth ^ (generator.random(truth.shape) < 0.15), 1.0, -1.0), truth

    true = point_scores(*draw(400_000))
    covered = np.zeros(3)
    for seed in range(150):
        scores = score_label_sets(*draw(100), ["a", "b", "c"], 0.0, seed)
        for place, name in enumerate(("micro_f1", "macro_f1", "exact_match")):
            interval = {"micro_f1": scores.micro_f1, "macro_f1": scores.macro_f1}.get(
                name, scores.exact_match
            )
            covered[place] += interval.low <= true[name] <= interval.high
    assert (covered / 150 >= 0.9).all(), covered / 150
    assert (covered / 150 < 1.0).any()


def test_json_has_the_agreed_form() -> None:
    odds, truth = rows_of(0, 30, 3)
    truth[:, 2] = False
    scores = score_label_sets(odds, truth, ["가", "나", "다"], 0.0, seed=0)
    written = json.loads(json.dumps(scores.to_json(), allow_nan=False))
    assert set(written) == {"rows", "scores", "per_class"}
    assert set(written["scores"]) == {
        "micro_f1",
        "macro_f1",
        "exact_match",
        "mean_average_precision",
        "log_loss",
    }
    assert written["per_class"][2]["average_precision"] is None
    assert [one["label"] for one in written["per_class"]] == ["가", "나", "다"]


@pytest.mark.parametrize(
    ("answers", "targets", "complaint"),
    [
        (np.zeros((0, 2)), np.zeros((0, 2)), "at least one row"),
        (np.zeros((2, 2)), np.zeros((1, 2)), "shape"),
        (np.full((1, 2), np.nan), np.zeros((1, 2)), "NaN"),
        (np.zeros((1, 2)), [[0, 2]], "true"),
    ],
)
def test_nonsense_is_refused(answers: Floats, targets: Floats, complaint: str) -> None:
    for refused in (
        lambda: score_label_sets(answers, targets, ["a", "b"], 0.0, seed=0),
        lambda: point_scores(answers, targets),
        lambda: choose_thresholds(answers, targets),
    ):
        with pytest.raises(ValueError, match=complaint):
            refused()


def test_fifty_thousand_rows_take_seconds_at_most() -> None:
    odds, truth = rows_of(0, 50_000, 4)
    scores = score_label_sets(odds, truth, list("abcd"), choose_thresholds(odds, truth), seed=0)
    assert 0 < scores.micro_f1.high - scores.micro_f1.low < 0.02
