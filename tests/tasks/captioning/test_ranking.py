"""Captions ranked anew: nothing is learned from noise, what is learned is found, and likeness knows its words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.decoding import Hypothesis
from yeoul.tasks.captioning.ranking import FEATURES, Likeness, Ranking, learned_weights


def candidates(rng, pictures, most=4):
    counts = rng.integers(1, most + 1, pictures)
    features = rng.normal(size=(int(counts.sum()), FEATURES))
    return counts, features


def first_credit(features, credit, counts, weights):
    """The plain way: the credit of each picture's best caption, on average."""
    total, start = 0.0, 0
    for count in counts:
        own = features[start : start + count] @ weights
        total += credit[start + int(np.argmax(own))]
        start += count
    return total / len(counts)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 40))
def test_a_new_order_is_never_worse_where_it_was_learned(seed, pictures):
    rng = np.random.default_rng(seed)
    counts, features = candidates(rng, pictures)
    credit = rng.random(len(features))
    weights = learned_weights(features, credit, counts)
    starts = np.cumsum(counts) - counts
    own = credit[starts].mean()
    assert first_credit(features, credit, counts, weights) >= own - 1e-9 or not weights.any()


def test_a_feature_that_tells_what_is_good_is_found():
    rng = np.random.default_rng(3)
    counts, features = candidates(rng, 300)
    credit = 0.5 + 0.1 * features[:, 3] + 0.01 * rng.normal(size=len(features))
    weights = learned_weights(features, credit, counts)
    best = np.mean([part.max() for part in np.split(credit, np.cumsum(counts)[:-1])])
    assert first_credit(features, credit, counts, weights) > best - 0.02


def test_equal_captions_teach_nothing_and_the_order_stays():
    rng = np.random.default_rng(4)
    counts, features = candidates(rng, 50)
    assert not learned_weights(features, np.ones(len(features)), counts).any()
    found = [tuple(Hypothesis((place,), 0.0, (-1.0, -0.1), None, "ended") for place in range(3))]
    likeness = Likeness(np.zeros((3, 2)), np.zeros(2))
    ranking = Ranking(np.zeros(FEATURES), likeness)
    (after,) = ranking.order(found, ["a dog", "a cat", "a"], ("dog", "cat"), np.ones((1, 2)), np.ones((1, 2)))
    assert [one.tokens for one in after] == [(0,), (1,), (2,)]


def test_words_that_are_likely_move_a_caption_forward():
    """Of dog 0.9 and cat 0.1 the caption with the dog has covered 0.9, that with the cat 0.1."""
    found = [tuple(Hypothesis((place,), 0.0, (-1.0, -0.1), None, "ended") for place in range(2))]
    likeness = Likeness(np.zeros((3, 2)), np.zeros(2))
    weights = np.zeros(FEATURES)
    weights[2] = 1.0
    ranking = Ranking(weights, likeness)
    chances = np.array([[0.9, 0.1]])
    (after,) = ranking.order(found, ["a cat", "a dog"], ("dog", "cat"), chances, np.ones((1, 2)))
    assert [one.tokens for one in after] == [(1,), (0,)]


def test_likeness_is_the_cosine_of_what_a_picture_makes_one_expect():
    rng = np.random.default_rng(5)
    there = rng.random((200, 4)) < 0.4
    summaries = there @ rng.normal(size=(4, 6)) + 0.01 * rng.normal(size=(200, 6))
    likeness = Likeness.fit(summaries, there)
    right = likeness(summaries, there)
    wrong = likeness(summaries, ~there)
    assert right.mean() > 0.95
    assert wrong.max() < right.min()
    assert np.abs(right).max() <= 1.0 + 1e-9
    assert likeness(summaries, there * 2.0 - there) == pytest.approx(right)
