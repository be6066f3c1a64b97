"""Scores of likeness: equal to their oracles, and under whole weights equal to those of repeated rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import average_precision_score

from yeoul.metrics.likeness import (
    Draws,
    Ranks,
    average_precision_of,
    best_threshold,
    mean_of,
    pearson_of,
    roc_area_of,
    spearman_of,
)
from yeoul.metrics.sureness import roc_area


@st.composite
def scored(draw):
    """Scores with ties, truths of both kinds, and how often each row is taken."""
    size = draw(st.integers(2, 20))
    values = np.array(draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size)), float)
    truth = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    truth[:2] = True, False
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)), float)
    weights[:2] += 1
    return values, truth, weights


def once(score, size):
    return float(score(np.ones((1, size)))[0])


@given(scored())
def test_scores_equal_their_oracles(rows):
    values, truth, _ = rows
    size = len(values)
    assert once(roc_area_of(values, truth), size) == pytest.approx(roc_area(values, truth))
    expected = average_precision_score(truth, values)
    assert once(average_precision_of(values, truth), size) == pytest.approx(expected)
    numbers = truth + 0.5 * np.arange(size)
    if len(set(values.tolist())) > 1:
        rank, plain = stats.spearmanr(values, numbers), stats.pearsonr(values, numbers)
        assert once(spearman_of(values, numbers), size) == pytest.approx(rank.statistic)
        assert once(pearson_of(values, numbers), size) == pytest.approx(plain.statistic)
    else:
        assert once(spearman_of(values, numbers), size) == once(pearson_of(values, numbers), size) == 0.0


@given(scored())
def test_a_weight_of_two_is_a_row_taken_twice(rows):
    values, truth, weights = rows
    taken = np.repeat(np.arange(len(values)), weights.astype(int))
    numbers = values**2 + truth
    scores = {
        "area": (roc_area_of(values, truth), roc_area_of(values[taken], truth[taken])),
        "precision": (
            average_precision_of(values, truth),
            average_precision_of(values[taken], truth[taken]),
        ),
        "spearman": (spearman_of(values, numbers), spearman_of(values[taken], numbers[taken])),
        "pearson": (pearson_of(values, numbers), pearson_of(values[taken], numbers[taken])),
        "mean": (mean_of(values), mean_of(values[taken])),
    }
    for name, (weighted, repeated) in scores.items():
        ours = weighted(np.stack([weights, np.ones_like(weights)]))
        assert float(ours[0]) == pytest.approx(once(repeated, len(taken)), abs=1e-9), name


@given(scored())
def test_no_threshold_is_more_accurate_than_the_best(rows):
    values, truth, _ = rows
    best = best_threshold(values, truth)
    tried = [*(values - 0.5), *(values + 0.5)]
    right = [float(((values >= limit) == truth).mean()) for limit in tried]
    assert float(((values >= best) == truth).mean()) == max(right)


def test_ranks_share_the_places_of_equal_scores():
    scores = np.array([[0.9, 0.5, 0.5, 0.1], [0.2, 0.2, 0.2, 0.2]])
    right = np.array([[False, True, False, False], [True, False, False, False]])
    left_out = np.array([[False, False, False, True], [False, False, False, False]])
    # first: one above, one level: 1 + 1 + 1/2; second: three level: 1 + 3/2
    ranks = Ranks.of(scores, right, left_out)
    assert ranks.first.tolist() == [2.5, 2.5]
    assert ranks.parts()["mrr"].tolist() == [0.4, 0.4]
    with pytest.raises(ValueError, match="without a right answer"):
        Ranks.of(scores, right, np.ones_like(right))


def test_rows_of_a_group_are_drawn_together():
    random = np.random.default_rng(0)
    values = np.repeat(random.normal(size=30), 20)
    alone = Draws(np.arange(600), 1).interval(mean_of(values))
    together = Draws(np.repeat(np.arange(30), 20), 1).interval(mean_of(values))
    assert together.value == alone.value
    assert together.high - together.low > 3 * (alone.high - alone.low)


def test_a_model_is_no_better_than_itself():
    random = np.random.default_rng(1)
    values, truth = random.normal(size=50), random.random(50) < 0.5
    score = roc_area_of(values, truth)
    verdict = Draws(np.arange(50), 3).verdict(score, score, metric="roc_area", against="itself")
    assert verdict.outcome == "cannot tell"
    assert verdict.difference.low == verdict.difference.high == 0.0
