"""Slices part the rows, score as the rows themselves do, and call few equally good ones weak."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from yeoul.metrics.confusions import most_confused
from yeoul.metrics.paired import mcnemar
from yeoul.metrics.slices import MOST_VALUES, holm, score_slices, slice_by


@given(values=st.lists(st.one_of(st.integers(0, 12), st.floats(0, 1)), min_size=1, max_size=200))
def test_bins_part_the_rows(values: list[float]) -> None:
    column = np.array(values, dtype=float)
    parts = slice_by("length", column)
    total = sum(part.members.astype(int) for part in parts)
    assert np.max(total, initial=0) <= 1
    for part in parts:
        assert part.low is not None
        assert part.high is not None
        inside = column[part.members]
        assert (inside.min(), inside.max()) == (part.low, part.high)
        assert len(inside) >= 10
    edges = [(part.low, part.high) for part in parts]
    assert edges == sorted(edges)


def test_many_equal_numbers_make_one_bin() -> None:
    """Most texts have no unknown token at all."""
    shares = np.concatenate([np.zeros(900), np.linspace(0.01, 0.5, 100)])
    parts = slice_by("unknown", shares)
    assert (parts[0].low, parts[0].high) == (0.0, 0.0)
    assert sum(int(part.members.sum()) for part in parts) == 1000


def test_words_are_sliced_one_by_one_unless_there_are_many() -> None:
    words = np.array(["영화", "책", "영화", "음악"] * 20)
    assert [(part.value, int(part.members.sum())) for part in slice_by("분야", words)] == [
        ("영화", 40),
        ("음악", 20),
        ("책", 20),
    ]
    many = np.array([f"w{number % (MOST_VALUES + 1)}" for number in range(1000)])
    report = score_slices(
        np.ones(1000, bool), {"name": many, "one": np.zeros(1000)}, metric="accuracy", better="more", seed=0
    )
    assert (report.slices, report.left_out) == ((), ("name", "one"))


@given(seed=st.integers(0, 500), hits=st.booleans())
@settings(max_examples=15)
def test_scores_are_those_of_the_rows(seed: int, hits: bool) -> None:
    generator = np.random.default_rng(seed)
    credit = generator.random(120) < 0.7 if hits else generator.gamma(2.0, 1.0, 120)
    column = np.array(["a", "b", "c"])[generator.integers(0, 3, 120)]
    report = score_slices(credit, {"column": column}, metric="m", better="more" if hits else "less", seed=0)
    assert report.overall == pytest.approx(credit.mean())
    for one in report.slices:
        inside = column == one.slice.value
        assert one.rows == inside.sum()
        assert one.score.value == pytest.approx(credit[inside].mean())
        assert one.difference.value == pytest.approx(credit[inside].mean() - credit[~inside].mean())
        assert one.score.low <= one.score.value <= one.score.high
        assert one.difference.low < one.difference.high
    json.dumps(report.to_json(), allow_nan=False)


@pytest.mark.parametrize("hits", [True, False])
def test_a_bad_slice_is_found(hits: bool) -> None:
    generator = np.random.default_rng(0)
    place = generator.integers(0, 6, 3000)
    bad = place == 4
    credit = generator.random(3000) < np.where(bad, 0.75, 0.9) if hits else generator.gamma(2.0, 1.0 + bad)
    report = score_slices(credit, {"place": place}, metric="m", better="more" if hits else "less", seed=0)
    assert [one.slice.low for one in report.slices if one.weak] == [4]


@pytest.mark.parametrize("hits", [True, False])
def test_equally_good_slices_are_seldom_called_weak(hits: bool) -> None:
    """Of twenty slices looked at, the whole report calls one weak by luck in at most about one run of twenty."""
    generator = np.random.default_rng(1)
    alarms = uncorrected = 0
    for seed in range(60):
        credit = generator.random(600) < 0.85 if hits else generator.gamma(2.0, 1.0, 600)
        columns = {name: generator.integers(0, 5, 600) for name in "abcd"}
        report = score_slices(credit, columns, metric="m", better="more" if hits else "less", seed=seed)
        assert len(report.slices) == 20
        alarms += any(one.weak for one in report.slices)
        mean = report.overall
        uncorrected += any(one.score.high < mean if hits else one.score.low > mean for one in report.slices)
    assert alarms <= 7
    assert uncorrected > alarms


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_is_monotone_and_at_most_bonferroni(chances: list[float]) -> None:
    corrected = holm(chances)
    assert all(one <= other + 1e-12 for one, other in zip(chances, corrected, strict=True))
    assert all(
        other <= min(1.0, len(chances) * one) + 1e-12 or other <= max(corrected)
        for one, other in zip(chances, corrected, strict=True)
    )
    order = np.argsort(chances, kind="stable")
    assert (np.diff(np.array(corrected)[order]) >= 0).all()
    assert corrected[order[0]] == pytest.approx(min(1.0, len(chances) * chances[order[0]]))


@given(seed=st.integers(0, 1000), rows=st.integers(0, 200))
def test_mcnemar_is_the_binomial_test(seed: int, rows: int) -> None:
    generator = np.random.default_rng(seed)
    ours, theirs = generator.random(rows) < 0.7, generator.random(rows) < 0.6
    won, lost = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
    wanted = stats.binomtest(won, won + lost, 0.5).pvalue if won + lost else 1.0
    assert mcnemar(ours, theirs) == pytest.approx(wanted)
    assert mcnemar(theirs, ours) == mcnemar(ours, theirs)


def test_the_most_confused_pairs_come_with_their_surest_rows() -> None:
    targets = np.array([0, 0, 0, 0, 1, 1, 2])
    predicted = np.array([1, 1, 1, 0, 0, 1, 2])
    confidence = np.array([0.5, 0.9, 0.7, 1.0, 0.6, 1.0, 1.0])
    found = most_confused(targets, predicted, confidence, examples=2)
    assert [(one.target, one.predicted, one.rows, one.share, one.examples) for one in found] == [
        (0, 1, 3, 0.75, (1, 2)),
        (1, 0, 1, 0.5, (4,)),
    ]
    assert most_confused(targets, targets, confidence) == ()


@given(seed=st.integers(0, 200))
def test_confused_rows_add_up_to_all_mistakes(seed: int) -> None:
    generator = np.random.default_rng(seed)
    targets, predicted = generator.integers(0, 4, 50), generator.integers(0, 4, 50)
    found = most_confused(targets, predicted, generator.random(50), pairs=99, examples=99)
    rows = sorted(row for one in found for row in one.examples)
    assert rows == np.flatnonzero(targets != predicted).tolist()
    assert [one.rows for one in found] == sorted((one.rows for one in found), reverse=True)
    assert all(one.rows == len(one.examples) for one in found)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        score_slices(np.ones(0, bool), {}, metric="m", better="more", seed=0)
    with pytest.raises(ValueError, match="2 values of x"):
        score_slices(np.ones(3, bool), {"x": [1, 2]}, metric="m", better="more", seed=0)
