"""Intervals hold the truth as often as they say, and verdicts are seldom given by luck."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.metrics.intervals import Interval, bootstrap, judge
from yeoul.metrics.labels import compare_labels, score_labels

Array = npt.NDArray[np.float64]


def first_share(tables: Array) -> Array:
    return tables[:, 0] / tables.sum(axis=1)


def test_table_resampling_equals_row_resampling() -> None:
    rows = np.repeat([1.0, 0.0], (70, 30))
    generator = np.random.default_rng(0)
    means = generator.choice(rows, size=(20_000, 100)).mean(axis=1)
    interval = bootstrap((70, 30), first_share, added=(0, 0), seed=1)
    assert interval.value == 0.7
    assert (interval.low, interval.high) == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.011)


def test_the_same_seed_gives_the_same_interval() -> None:
    drawn = [bootstrap((70, 30), first_share, added=(2, 2), seed=seed) for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_large_tables_drawn_in_parts_are_no_narrower() -> None:
    """A table of many equal cells is the table of two cells that sums them up."""
    many = bootstrap(
        np.repeat(1.0, 3000),
        lambda tables: tables[:, :2100].sum(axis=1) / tables.sum(axis=1),
        added=np.zeros(3000),
        seed=1,
    )
    two = bootstrap((2100, 900), first_share, added=(0, 0), seed=1)
    assert (many.low, many.high) == pytest.approx((two.low, two.high), abs=0.003)


@given(right=st.integers(0, 60), wrong=st.integers(0, 60), seed=st.integers(0, 9))
def test_intervals_hold_their_value_and_are_never_of_width_zero(right: int, wrong: int, seed: int) -> None:
    if right + wrong == 0:
        return
    interval = bootstrap((right, wrong), first_share, added=(2, 2), seed=seed)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.low < interval.high


def test_a_faultless_score_admits_the_errors_that_it_could_not_see() -> None:
    """No error in n rows rules out error rates above about 3/n and no others (the rule of three)."""
    for rows in (20, 100, 1000):
        interval = bootstrap((rows, 0), first_share, added=(2, 2), seed=0)
        assert interval.high == 1.0
        assert 2.5 / rows < 1 - interval.low < 6 / rows


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        bootstrap((0, 0), first_share, added=(2, 2), seed=0)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [
        (0.01, 0.02, "beats"),
        (-0.02, -0.01, "does not beat"),
        (-0.01, 0.01, "cannot tell"),
        (0.0, 0.1, "cannot tell"),
    ],
)
def test_a_verdict_needs_zero_outside_the_interval(low: float, high: float, outcome: str) -> None:
    verdict = judge(Interval((low + high) / 2, low, high), metric="accuracy", against="linear")
    assert verdict.outcome == outcome
    assert verdict.to_json()["difference"] == {"value": (low + high) / 2, "low": low, "high": high}


def answers(
    generator: np.random.Generator, truth: npt.NDArray[np.int64], classes: int, right: float
) -> Array:
    """Draw log-probabilities whose likeliest class is the true one with probability `right`."""
    other = (truth + generator.integers(1, classes, len(truth))) % classes
    chosen = np.where(generator.random(len(truth)) < right, truth, other)
    return np.log(np.eye(classes)[chosen] * 0.5 + 0.5 / classes)


def macro_f1_in_the_limit(priors: Array, right: float) -> float:
    """Return the macro-F1 of `answers` on endless rows: 2·hit / (true + predicted), each as a share."""
    classes = len(priors)
    predicted = priors * right + (1 - priors) * (1 - right) / (classes - 1)
    return float((2 * priors * right / (priors + predicted)).mean())


@pytest.mark.parametrize(
    ("rows", "priors", "right"),
    [
        (20, (0.5, 0.5), 0.9),
        (100, (0.5, 0.5), 0.97),
        (100, (0.7, 0.3), 0.6),
        (400, (0.5, 0.3, 0.2), 0.85),
        pytest.param(1000, (0.3, 0.3, 0.2, 0.2), 0.95, marks=pytest.mark.slow),
    ],
)
def test_intervals_cover_the_truth(rows: int, priors: tuple[float, ...], right: float) -> None:
    generator = np.random.default_rng(7)
    classes = len(priors)
    names = [str(v) for v in range(classes)]
    macro_f1 = macro_f1_in_the_limit(np.array(priors), right)
    covered = np.zeros(2)
    for seed in range(500):
        truth = generator.choice(classes, size=rows, p=priors)
        scores = score_labels(answers(generator, truth, classes, right), truth, names, seed)
        covered += (
            scores.accuracy.low <= right <= scores.accuracy.high,
            (scores.macro_f1.low <= macro_f1 <= scores.macro_f1.high),
        )
    assert (covered / 500 >= 0.92).all(), covered / 500
    assert (covered / 500 < 1.0).all(), "an interval that is never wrong says nothing"


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
@pytest.mark.parametrize(
    ("rows", "shared"), [(20, 0.0), (200, 0.5), pytest.param(1000, 0.9, marks=pytest.mark.slow)]
)
def test_equal_models_seldom_get_a_verdict(rows: int, shared: float, metric: str) -> None:
    """Two models that are right equally often, and agree by copying on a share of the rows."""
    generator = np.random.default_rng(3)
    won = lost = 0
    for seed in range(500):
        truth = generator.integers(0, 2, rows)
        ours, theirs = (np.where(generator.random(rows) < 0.8, truth, 1 - truth) for _ in range(2))
        theirs = np.where(generator.random(rows) < shared, ours, theirs)
        outcome = compare_labels(ours, theirs, truth, against="twin", seed=seed, metric=metric).outcome  # type: ignore[arg-type]
        won, lost = won + (outcome == "beats"), lost + (outcome == "does not beat")
    assert won / 500 <= 0.04
    assert lost / 500 <= 0.04


def test_a_better_model_gets_its_verdict() -> None:
    generator = np.random.default_rng(3)
    won = 0
    for seed in range(100):
        truth = generator.integers(0, 2, 1000)
        ours, theirs = (np.where(generator.random(1000) < right, truth, 1 - truth) for right in (0.88, 0.80))
        won += compare_labels(ours, theirs, truth, against="majority", seed=seed).outcome == "beats"
    assert won >= 95
