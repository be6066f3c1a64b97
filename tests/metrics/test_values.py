"""Scores of numbers agree with scikit-learn, keep their unit, and their intervals hold the truth."""

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from yeoul.metrics.values import compare_values, point_scores, score_values

Floats = npt.NDArray[np.float64]


def rows_of(seed: int, rows: int) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    truth = generator.gamma(2.0, 3.0, rows)
    return truth + generator.normal(size=rows), truth


@given(seed=st.integers(0, 10_000), rows=st.integers(2, 60), scale=st.sampled_from((1e-6, 1.0, 1e9)))
@settings(max_examples=30)
def test_scores_are_those_of_scikit_learn(seed: int, rows: int, scale: float) -> None:
    predicted, truth = (scale * part for part in rows_of(seed, rows))
    scores = score_values(predicted, truth, seed=0)
    assert scores.mae.value == pytest.approx(oracle.mean_absolute_error(truth, predicted))
    assert scores.rmse.value == pytest.approx(oracle.root_mean_squared_error(truth, predicted))
    assert scores.r2 is not None
    assert scores.r2.value == pytest.approx(oracle.r2_score(truth, predicted), rel=1e-6, abs=1e-6)
    assert scores.median_absolute_error.value == pytest.approx(oracle.median_absolute_error(truth, predicted))
    points = point_scores(predicted, truth)
    assert points["mae"] == pytest.approx(scores.mae.value)
    assert points["loss"] == pytest.approx(scores.rmse.value**2)
    for interval in (scores.mae, scores.rmse, scores.r2, scores.median_absolute_error):
        assert interval.low <= interval.value <= interval.high


def test_a_change_of_unit_scales_every_error_and_no_share() -> None:
    predicted, truth = rows_of(1, 80)
    one, thousand = score_values(predicted, truth, 0), score_values(1000 * predicted, 1000 * truth, 0)
    assert thousand.mae.low == pytest.approx(1000 * one.mae.low)
    assert thousand.rmse.high == pytest.approx(1000 * one.rmse.high)
    assert one.r2 is not None
    assert thousand.r2 is not None
    assert thousand.r2.low == pytest.approx(one.r2.low)


@pytest.mark.parametrize("rows", [20, 60])
def test_intervals_cover_the_truth(rows: int) -> None:
    """Errors are normal with deviation 1: the mean absolute error is √(2/π), the median 0.6745, the root 1."""
    generator = np.random.default_rng(rows)
    covered = np.zeros(3)
    for seed in range(150):
        truth = generator.normal(size=rows)
        scores = score_values(truth + generator.normal(size=rows), truth, seed)
        for place, (interval, true) in enumerate(
            ((scores.mae, (2 / np.pi) ** 0.5), (scores.median_absolute_error, 0.67449), (scores.rmse, 1.0))
        ):
            covered[place] += interval.low <= true <= interval.high
    assert (covered / 150 >= 0.88).all(), covered / 150
    assert (covered / 150 < 1.0).any(), covered / 150


@pytest.mark.parametrize("rows", [8, 100])
def test_equal_models_seldom_get_a_verdict(rows: int) -> None:
    generator = np.random.default_rng(rows)
    decided = 0
    for seed in range(200):
        truth = generator.normal(size=rows)
        ours, theirs = (truth + generator.normal(size=rows) for _ in range(2))
        decided += compare_values(ours, theirs, truth, against="x", seed=seed).outcome != "cannot tell"
    assert decided / 200 <= 0.08


def test_the_lead_is_positive_when_the_error_is_smaller() -> None:
    truth = np.arange(200.0)
    wiggle = np.where(truth % 2 > 0, 1.0, -1.0)
    close, far = truth + wiggle, truth + 2 * wiggle * (1 + truth / 400)
    verdict = compare_values(close, far, truth, against="mean", seed=0)
    assert (verdict.outcome, verdict.metric, verdict.against) == ("beats", "mae", "mean")
    assert verdict.difference.value == pytest.approx(
        oracle.mean_absolute_error(truth, far) - oracle.mean_absolute_error(truth, close)
    )
    assert compare_values(far, close, truth, against="mean", seed=0).outcome == "does not beat"
    assert compare_values(far, far, truth, against="mean", seed=0).outcome == "cannot tell"


def test_constant_targets_have_no_r2() -> None:
    scores = score_values([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], seed=0)
    assert scores.r2 is None
    written = json.loads(json.dumps(scores.to_json(), allow_nan=False))
    assert written["scores"]["r2"] == {"value": None}


def test_points_are_rows_and_span_the_targets() -> None:
    predicted, truth = rows_of(4, 5000)
    scores = score_values(predicted, truth, seed=0)
    assert len(scores.points) == 400
    assert set(scores.points) <= set(zip(truth.tolist(), predicted.tolist(), strict=True))
    assert (scores.points[0][0], scores.points[-1][0]) == (truth.min(), truth.max())
    assert scores.residuals["p5"] < scores.residuals["p50"] < scores.residuals["p95"]
    assert set(scores.to_json()) == {"rows", "scores", "residuals", "target", "points"}


@pytest.mark.parametrize(
    ("answers", "targets", "complaint"),
    [([], [], "at least one row"), ([1.0], [1.0, 2.0], "shape"), ([np.nan], [1.0], "finite")],
)
def test_nonsense_is_refused(answers: list[float], targets: list[float], complaint: str) -> None:
    for refused in (
        lambda: score_values(answers, targets, 0),
        lambda: point_scores(answers, targets),
        lambda: compare_values(answers, answers, targets, against="x", seed=0),
    ):
        with pytest.raises(ValueError, match=complaint):
            refused()
