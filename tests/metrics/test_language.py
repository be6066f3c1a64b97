"""The laws of language scores: units agree, pieces add up, intervals hold what they should, runs are found."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.metrics import language
from yeoul.metrics.language import (
    Copied,
    LanguageScores,
    ScoredText,
    compare_texts,
    distinct_share,
    interpolated,
    interpolation_weights,
    longest_repeat,
    run_hashes,
)

SMALL_TEXTS = st.lists(st.integers(0, 2), max_size=40)


def scored(size, *, seed=0, mean=-2.0, spread=0.5):
    random = np.random.default_rng(seed)
    letters = random.integers(1, 9, size)
    return ScoredText(-np.abs(random.normal(-mean, spread, size)), letters, 3 * letters)


def runs_of(ids, length):
    return [tuple(ids[place : place + length]) for place in range(len(ids) - length + 1)]


def test_units_say_the_same_of_one_text():
    text = scored(5000)
    scores = LanguageScores.of(text, seed=0)
    nats = -text.log_probs.sum()
    assert scores.nats_per_token.value == pytest.approx(nats / 5000)
    assert scores.perplexity.value == pytest.approx(math.exp(nats / 5000))
    assert scores.perplexity.low == pytest.approx(math.exp(scores.nats_per_token.low))
    assert scores.bits_per_byte.value == pytest.approx(nats / math.log(2) / text.bytes.sum())
    assert scores.bits_per_character.value == pytest.approx(3 * scores.bits_per_byte.value)
    assert scores.bits_per_byte.low < scores.bits_per_byte.value < scores.bits_per_byte.high
    assert scores.to_json()["tokens"] == 5000
    assert LanguageScores.of(text, seed=0) == scores


@settings(max_examples=30)
@given(st.integers(2, 60), st.integers(0, 99))
def test_bits_per_byte_do_not_depend_on_how_a_text_is_cut_into_tokens(size, seed):
    fine = scored(size, seed=seed)
    cuts = np.unique([0, *np.random.default_rng(seed).integers(0, size, 5)])
    coarse = ScoredText(
        np.add.reduceat(fine.log_probs, cuts),
        np.add.reduceat(fine.characters, cuts),
        np.add.reduceat(fine.bytes, cuts),
    )
    values = [LanguageScores.of(text, seed=0).bits_per_byte.value for text in (fine, coarse)]
    assert values[0] == pytest.approx(values[1])
    difference = compare_texts(fine, coarse, against="coarse", seed=0).difference
    assert difference.value == pytest.approx(0.0, abs=1e-12)


def test_what_is_unknown_is_spelled_out():
    text = scored(5000)
    unknown = np.arange(5000) % 10 == 0
    before, after = (
        LanguageScores.of(one, seed=0).bits_per_byte.value for one in (text, text.spelled(unknown))
    )
    assert after == pytest.approx(before + 8 * text.bytes[unknown].sum() / text.bytes.sum())
    # a model that knows nothing but that something comes next costs the eight bits of every byte
    nothing = ScoredText(np.zeros(5000), text.characters, text.bytes).spelled(np.ones(5000, np.bool_))
    assert LanguageScores.of(nothing, seed=0).bits_per_byte.value == pytest.approx(8.0)


def test_a_short_text_has_no_interval_and_an_impossible_one_no_end():
    scores = LanguageScores.of(scored(3), seed=0)
    assert scores.bits_per_byte.low == -math.inf
    assert scores.to_json()["perplexity"] == {"value": scores.perplexity.value}
    text = scored(5000)
    text.log_probs[7] = -math.inf
    assert LanguageScores.of(text, seed=0).perplexity.value == math.inf
    assert compare_texts(text, text, against="itself", seed=0).outcome == "cannot tell"
    assert compare_texts(scored(5000), text, against="the impossible", seed=0).outcome != "does not beat"


def test_no_text_costs_less_than_nothing():
    text = scored(5000)
    text.log_probs[:] = 0.0
    text.log_probs[7] = -5.0
    scores = LanguageScores.of(text, seed=0)
    assert scores.bits_per_byte.low == 0.0
    assert scores.perplexity.low == 1.0
    assert scores.bits_per_byte.value > 0.0


def test_a_lead_is_positive_and_shared_difficulty_does_not_hide_it():
    theirs = scored(20_000, spread=2.0)
    random = np.random.default_rng(1)
    ours = ScoredText(theirs.log_probs + random.normal(0.05, 0.1, 20_000), theirs.characters, theirs.bytes)
    for metric in ("bits_per_byte", "bits_per_character", "nats_per_token"):
        verdict = compare_texts(ours, theirs, metric=metric, against="theirs", seed=0)
        assert verdict.outcome == "beats"
        assert verdict.difference.value > 0
        assert compare_texts(theirs, ours, metric=metric, against="ours", seed=0).outcome == "does not beat"
    assert compare_texts(ours, ours, against="itself", seed=0).outcome == "cannot tell"
    value = compare_texts(ours, theirs, metric="nats_per_token", against="theirs", seed=0).difference.value
    assert value == pytest.approx((ours.log_probs - theirs.log_probs).mean())


def test_unlike_texts_and_tokens_are_refused():
    text = scored(100)
    with pytest.raises(ValueError, match="not the same"):
        compare_texts(text, scored(99), against="", seed=0)
    parted = ScoredText(
        np.append(text.log_probs, 0.0), np.append(text.characters, 0), np.append(text.bytes, 0)
    )
    with pytest.raises(ValueError, match="same tokens"):
        compare_texts(text, parted, metric="nats_per_token", against="", seed=0)
    with pytest.raises(ValueError, match="each of its tokens"):
        ScoredText(text.log_probs, text.characters, text.bytes[1:])


def test_intervals_cover_when_neighbors_hang_together():
    """Intervals of texts whose difficulty drifts hold the true mean; half would, were tokens drawn by themselves."""
    held = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        topic = np.repeat(random.normal(0, 1, 400), 50)  # 50 tokens of 10 bytes
        sizes = np.full(20_000, 10)
        text = ScoredText(-3 + topic + random.normal(0, 1, 20_000), sizes, sizes)
        interval = LanguageScores.of(text, seed=seed).nats_per_token
        held += interval.low <= 3.0 <= interval.high
    assert held >= 34  # 38 expected; below 34 once in 100


@given(st.integers(1, 4), st.integers(1, 30), st.integers(0, 99))
def test_weights_are_the_best_there_are(models, size, seed):
    random = np.random.default_rng(seed)
    log_probs = np.log(random.dirichlet(np.ones(5), (models, size))[:, :, 0])
    weights = interpolation_weights(log_probs)
    assert weights.sum() == pytest.approx(1.0)
    reached = interpolated(log_probs, weights).sum()
    for other in random.dirichlet(np.ones(models), 20):
        assert interpolated(log_probs, other).sum() <= reached + 1e-3
    np.testing.assert_allclose(
        interpolated(log_probs, weights), np.log(weights @ np.exp(log_probs)), rtol=1e-9
    )


@given(SMALL_TEXTS, st.integers(1, 6))
def test_hashes_tell_runs_apart(ids, length):
    hashes = run_hashes(np.array(ids, np.int64), length).tolist()
    runs = runs_of(ids, length)
    assert len(hashes) == len(runs)
    assert len(set(hashes)) == len(set(runs)) == len(set(zip(hashes, runs, strict=True)))


@given(SMALL_TEXTS, SMALL_TEXTS, st.integers(1, 5), st.integers(1, 9))
def test_copies_are_found_as_by_looking(written, training, length, at_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yeoul.metrics.language._TOKENS_AT_ONCE", at_once)
        found = Copied.of(written, np.array(training, np.int32), length)
    runs = runs_of(written, length)
    known = set(runs_of(training, length))
    lengths = [n for n in range(length, 41) if set(runs_of(written, n)) & set(runs_of(training, n))]
    assert found.longest == max(lengths, default=0)
    if runs:
        assert found.share == pytest.approx(sum(run in known for run in runs) / len(runs))
    else:
        assert math.isnan(found.share)


@given(SMALL_TEXTS, st.integers(1, 5))
def test_repetition_is_found_as_by_looking(ids, length):
    runs = runs_of(ids, length)
    if runs:
        assert distinct_share(ids, length) == pytest.approx(len(set(runs)) / len(runs))
    else:
        assert math.isnan(distinct_share(ids, length))
    repeated = [n for n in range(1, len(ids)) if len(set(runs_of(ids, n))) < len(runs_of(ids, n))]
    assert longest_repeat(ids) == max(repeated, default=0)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("block", [3, 64, 5000])
def test_pieces_are_the_same_however_many_tokens_are_taken_at_once(seed, block, monkeypatch):
    """What each piece holds is counted here token by token; nothing of it depends on the blocks that are summed."""
    monkeypatch.setattr(language, "_TOKENS_AT_ONCE", block)
    random = np.random.default_rng(seed)
    sizes = random.integers(0, [2, 300, 3000][seed % 3], random.integers(1, 3000)) + (seed % 2)
    text = ScoredText(-random.random(len(sizes)), sizes.astype(np.uint16), sizes.astype(np.uint16))
    ends = np.cumsum(sizes)
    edges = np.unique([ends[ends >= wanted][0] for wanted in range(1000, ends[-1], 1000)])
    pieces = [int((edges < end).sum()) for end in ends]
    sums = text.sums(text.bounds(text.edges()))
    expected = [np.bincount(pieces, part) for part in (-text.log_probs, None, sizes, sizes)]
    np.testing.assert_array_equal(sums, np.stack(expected, axis=1))


def test_unlike_tokens_of_one_text_are_compared_in_pieces_that_both_have():
    fine = scored(3000)
    cuts = np.arange(0, 3000, 7)
    coarse = ScoredText(
        *(np.add.reduceat(part, cuts) for part in (fine.log_probs, fine.characters, fine.bytes))
    )
    edges = language._common_edges(fine, coarse)
    assert np.isin(edges, fine.ends).all()
    assert np.isin(edges, coarse.ends).all()
    sums = [text.sums(text.bounds(edges)) for text in (fine, coarse)]
    np.testing.assert_allclose(sums[0][:, [0, 2, 3]], sums[1][:, [0, 2, 3]])


@pytest.mark.parametrize("block", [3, 64, 5000])
def test_a_mixture_is_the_same_however_many_tokens_are_taken_at_once(block, monkeypatch):
    both, weights = np.stack([scored(200).log_probs, scored(200, seed=1).log_probs]), np.array([0.3, 0.7])
    monkeypatch.setattr(language, "_TOKENS_AT_ONCE", block)
    np.testing.assert_allclose(interpolated(both, weights), np.log(weights @ np.exp(both)))
    np.testing.assert_array_equal(interpolated(list(both), weights), interpolated(both, weights))
