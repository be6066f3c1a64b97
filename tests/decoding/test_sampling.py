"""The laws of sampling: frequencies are probabilities, each row its own stream, steps keep what they say."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from toy_decoders import Table, TinyGRU, memory_of, rows_of

from yeoul.decoding import (
    AtLeast,
    Draws,
    Forbid,
    Limits,
    MinP,
    NoRepeatNgrams,
    Path,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
    Typical,
    opened,
    path_of,
    sample,
)

END = 0
LOGITS = torch.tensor([[2.0, 1.0, 0.9, 0.0, -1.0, -3.0]])
STEPS = [
    Temperature(0.7),
    TopK(2),
    TopP(0.6),
    Typical(0.5),
    MinP(0.3),
    Forbid((1, 3)),
    RepetitionPenalty(1.5),
    NoRepeatNgrams(1),
    NoRepeatNgrams(3),
    AtLeast(4, END),
]


def draws_of(logits, count, first=0):
    return Draws(range(first, first + count)).tokens(logits.expand(count, -1))


def kept(step, logits, paths=None):
    shaped = step(logits, paths or [Path()] * len(logits))
    return [set(torch.nonzero(row > float("-inf"))[:, 0].tolist()) for row in shaped]


@pytest.mark.parametrize(
    "step", [None, Temperature(2.0), TopK(3), TopP(0.7), Typical(0.6), MinP(0.2)], ids=str
)
def test_what_is_drawn_is_as_frequent_as_it_is_likely(step):
    shaped = LOGITS if step is None else step(LOGITS, [Path()])
    probs = shaped.softmax(1)[0].double().numpy()
    count = 5_000
    drawn = np.bincount(draws_of(shaped, count).numpy(), minlength=6)
    assert drawn[probs == 0].sum() == 0
    real = probs > 0
    assert chisquare(drawn[real], count * probs[real] / probs[real].sum()).pvalue > 1e-3


@given(st.lists(st.floats(-8, 8), min_size=1, max_size=12), st.floats(0.01, 1.0))
def test_nucleus_and_typical_set_are_the_smallest_that_hold_their_share(values, share):
    logits = torch.tensor([values], dtype=torch.float64)
    probs = logits.softmax(1)[0]
    surprise = -logits.log_softmax(1)[0]
    entropy = float((probs * surprise).sum())
    for step, key in ((TopP(share), -probs), (Typical(share), (surprise - entropy).abs())):
        (places,) = kept(step, logits)
        held = float(probs[list(places)].sum())
        assert held >= share - 1e-9
        worst = max(places, key=lambda place: float(key[place]))
        assert held - float(probs[worst]) < share + 1e-9
        others = [place for place in range(len(values)) if place not in places]
        assert all(key[place] >= key[worst] - 1e-9 for place in others)


def test_a_large_vocabulary_is_cut_like_a_small_one(monkeypatch):
    logits = 0.3 * torch.randn(3, 2000, generator=torch.Generator().manual_seed(0))
    logits[0] *= 20  # most of the mass in a few
    for step in (TopP(0.8), Typical(0.8)):
        few = step(logits, [])
        monkeypatch.setattr("yeoul.decoding.sampling._FEW", 5000)
        assert torch.equal(step(logits, []), few)
        monkeypatch.undo()


def test_known_sets():
    # e^2, e, e^0.9, 1, e^-1, e^-3 are 7.39, 2.72, 2.46, 1, 0.37, 0.05, together 13.98: 0.53, 0.19, 0.18, 0.07, …
    assert kept(TopK(2), LOGITS) == [{0, 1}]
    assert kept(TopP(0.5), LOGITS) == [{0}]
    assert kept(TopP(0.75), LOGITS) == [{0, 1, 2}]
    assert kept(TopP(1.0), LOGITS) == [set(range(6))]
    assert kept(MinP(math.exp(-1.05)), LOGITS) == [{0, 1}]
    assert kept(Forbid((0, 5)), LOGITS) == [{1, 2, 3, 4}]


def test_equal_tokens_do_not_widen_a_set():
    same = torch.zeros(1, 10)
    assert len(kept(TopK(3), same)[0]) == 3
    assert len(kept(TopP(0.35), same)[0]) == 4


def test_repetition_is_penalized_alike_for_logits_and_log_probabilities():
    step = RepetitionPenalty(2.0)
    history = [path_of([0, 0, 3])]
    by_logits, by_log_probs = step(LOGITS, history), step(LOGITS.log_softmax(1), history)
    torch.testing.assert_close(by_logits, by_log_probs)
    expected = LOGITS.log_softmax(1)
    expected[0, [0, 3]] *= 2.0
    torch.testing.assert_close(by_logits, expected)
    torch.testing.assert_close(
        RepetitionPenalty(2.0, window=1)(LOGITS, history)[0, 0], LOGITS.log_softmax(1)[0, 0]
    )


@given(st.lists(st.integers(0, 2), max_size=12), st.integers(1, 4))
def test_an_ngram_is_forbidden_exactly_if_it_would_come_twice(tokens, size):
    (allowed,) = kept(NoRepeatNgrams(size), torch.zeros(1, 3), [path_of(tokens)])
    said = {tuple(tokens[place : place + size]) for place in range(len(tokens) - size + 1)}
    for token in range(3):
        newest = tuple([*tokens, token][-size:])
        assert (token in allowed) is (len(newest) < size or newest not in said)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_step_never_makes_a_nan_and_leaves_what_it_was_given(step):
    logits = torch.randn(4, 6, generator=torch.Generator().manual_seed(1))
    logits[1] = float("-inf")
    logits[2, 1:] = float("-inf")
    before = logits.clone()
    history = [path_of([0, 1, 2, 0, 1], row) for row in range(4)]
    shaped = step(logits, history)
    assert torch.equal(logits, before)
    assert not shaped.isnan().any()
    assert (shaped[1] == float("-inf")).all()
    assert not ((shaped > float("-inf")) & (before == float("-inf"))).any()
    for row in range(4):
        assert torch.equal(step(logits[row : row + 1], history[row : row + 1])[0], shaped[row])


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_every_step_has_an_effect(step):
    logits = torch.tensor([[3.0, 1.0, 0.5, 0.0]])
    shaped = step(logits, [path_of([0, 1, 0])] if step != NoRepeatNgrams(3) else [path_of([0, 1, 2, 0, 1])])
    assert not torch.allclose(shaped.softmax(1), logits.softmax(1))


def test_nothing_can_be_drawn_from_a_dead_row():
    logits = torch.tensor([[0.0, 1.0], [float("-inf")] * 2, [float("-inf"), 0.0]])
    assert Draws(range(3)).tokens(logits).tolist()[1:] == [-1, 1]


def test_a_row_draws_from_its_own_stream():
    logits = torch.randn(200, 3, 9, generator=torch.Generator().manual_seed(2))
    together = Draws([5, 6, 7])
    whole = torch.stack([together.tokens(each) for each in logits])
    for row in range(3):
        alone = Draws([5 + row])
        assert torch.equal(
            torch.stack([alone.tokens(each[row : row + 1]) for each in logits])[:, 0], whole[:, row]
        )
    assert not torch.equal(whole[:, 0], whole[:, 1])
    leaving = Draws([5, 6, 7])
    for time, each in enumerate(logits):
        if time == 70:
            leaving.select([2, 0])
        drawn = leaving.tokens(each if time < 70 else each[[2, 0]])
        assert torch.equal(drawn, whole[time] if time < 70 else whole[time, [2, 0]])


def test_samples_do_not_depend_on_batch_mates():
    decoder, memory = TinyGRU(seed=1), memory_of([4, 1, 6])
    limits, steps = Limits(10, END), [TopK(5), Temperature(1.3)]
    seeds = [[9, 10], [11, 12], [13, 14]]
    together = sample(decoder, memory, opened(decoder, memory, 3, 1), limits, steps, seeds=seeds)
    for row in range(3):
        alone = rows_of(memory, [row])
        opening = opened(decoder, alone, 1, 1)
        for path in range(2):
            ((single,),) = sample(decoder, alone, opening, limits, steps, seeds=[[seeds[row][path]]])
            assert single.tokens == together[row][path].tokens
            assert single.log_probs == pytest.approx(together[row][path].log_probs)
            assert single.outcome == together[row][path].outcome
    again = sample(decoder, memory, opened(decoder, memory, 3, 1), limits, steps, seeds=seeds)
    assert [[one.tokens for one in each] for each in again] == [
        [one.tokens for one in each] for each in together
    ]


def test_whole_samples_are_as_frequent_as_they_are_likely():
    table = Table(3, 2, seed=1)
    memory = torch.arange(1)
    count = 4000
    (drawn,) = sample(table, memory, opened(table, memory, 1, 1), Limits(2, END), seeds=[range(count)])
    found = Counter((*each.tokens, END) if each.ended else each.tokens for each in drawn)
    ways = [(END,), *[(first, second) for first in (1, 2) for second in (0, 1, 2)]]
    expected = [count * math.exp(sum(table.log_prob(0, way))) for way in ways]
    assert sum(found[way] for way in ways) == count
    assert chisquare([found[way] for way in ways], expected, sum_check=False).pvalue > 1e-3
    for each in drawn[:50]:
        way = (*each.tokens, END) if each.ended else each.tokens
        assert each.log_probs == pytest.approx(table.log_prob(0, way), abs=1e-5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Temperature(0.0),
        lambda: Temperature(float("nan")),
        lambda: TopK(0),
        lambda: TopP(0.0),
        lambda: Typical(1.1),
        lambda: MinP(-0.1),
        lambda: RepetitionPenalty(0.9),
        lambda: NoRepeatNgrams(0),
        lambda: Limits(0),
    ],
)
def test_impossible_values_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        wrong()
