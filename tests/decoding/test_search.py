"""The laws of search: greedy is a beam of one, a wide beam finds the best, and no row depends on another."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_decoders import Table, TinyGRU, leaves, memory_of, repeated, rows_of, sequences

from yeoul.decoding import (
    AtLeast,
    Beams,
    BeamTree,
    Forbid,
    Limits,
    MustAppear,
    NoRepeatNgrams,
    Opening,
    Prefixes,
    StopTexts,
    TopK,
    Twig,
    beam_search,
    greedy_search,
    opened,
    prompted,
    sample,
)
from yeoul.errors import DivergedError
from yeoul.models.protocols import Decoded

END = 0
LENGTHS = [4, 1, 6, 3, 5]


def search(decoder, memory, rows, limits, beams, **others):
    return beam_search(decoder, memory, opened(decoder, memory, rows, 1), limits, beams, **others)


def table_search(table, limits, beams, steps=()):
    memory = torch.arange(table.sources)
    return search(table, memory, table.sources, limits, beams, steps=steps)


def alike(first, second):
    assert [(each.tokens, each.outcome) for each in first] == [(each.tokens, each.outcome) for each in second]
    for one, other in zip(first, second, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-9)
        assert one.log_probs == pytest.approx(other.log_probs, abs=1e-9)
        if one.attention is not None:
            torch.testing.assert_close(one.attention, other.attention)


@pytest.mark.parametrize("decoder", [TinyGRU(), Table(3, 4, sources=5)], ids=["gru", "table"])
def test_forward_is_repeated_step(decoder):
    memory = memory_of(LENGTHS) if isinstance(decoder, TinyGRU) else torch.arange(5)
    inputs = torch.randint(3, (10, 4), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        whole, after = decoder.forward(inputs, decoder.start(memory, 10), memory)
        steps, last = repeated(decoder, inputs, decoder.start(memory, 10), memory)
    torch.testing.assert_close(whole.logits, steps.logits)
    torch.testing.assert_close(whole.attention, steps.attention)
    for one, other in zip(leaves(after), leaves(last), strict=True):
        torch.testing.assert_close(one, other)


@given(
    size=st.integers(2, 4),
    steps=st.integers(1, 4),
    seed=st.integers(0, 10**6),
    alpha=st.sampled_from([-1.0, 0.0, 0.6, 1.0, 2.0]),
    best=st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_a_beam_as_wide_as_the_space_finds_the_best(size, steps, seed, alpha, best):
    table = Table(size, steps, sources=2, seed=seed)
    beams = Beams(size=size**steps + best, best=best, length_penalty=alpha)
    for source, found in enumerate(table_search(table, Limits(steps, END), beams)):
        ranked = sorted(
            (
                (
                    END not in tokens,
                    sum(table.log_prob(source, tokens)) / ((5 + len(tokens)) / 6) ** alpha,
                    tokens,
                )
                for tokens in sequences(size, steps, END)
            ),
            key=lambda each: (each[0], -each[1]),
        )
        for hypothesis, (unended, score, tokens) in zip(found.hypotheses, ranked, strict=False):
            assert hypothesis.tokens == tuple(token for token in tokens if token != END)
            assert hypothesis.score == pytest.approx(score, abs=1e-5)
            assert hypothesis.ended is not unended
            assert hypothesis.log_probs == pytest.approx(table.log_prob(source, tokens), abs=1e-5)
        assert len(found.hypotheses) == min(best, len(ranked))


def test_the_best_by_coverage_is_found_too():
    table = Table(3, 4, sources=2, seed=3)
    lengths = torch.tensor([2, 3])
    memory = torch.arange(2)
    beams = Beams(size=100, best=3, length_penalty=0.8, coverage_penalty=0.7)
    found = search(table, memory, 2, Limits(4, END), beams, source_lengths=lengths)

    def score(source, tokens):
        looked = torch.zeros(3)
        for count, previous in enumerate((1, *tokens[:-1])):
            looked += table.attention[source, count, previous]
        covered = sum(math.log(min(float(each), 1.0)) for each in looked[: lengths[source]])
        return sum(table.log_prob(source, tokens)) / ((5 + len(tokens)) / 6) ** 0.8 + 0.7 * covered

    for source in range(2):
        ended = [tokens for tokens in sequences(3, 4, END) if END in tokens]
        ranked = sorted(ended, key=lambda tokens: -score(source, tokens))
        for hypothesis, tokens in zip(found[source].hypotheses, ranked, strict=False):
            assert (*hypothesis.tokens, END) == tokens
            assert hypothesis.score == pytest.approx(score(source, tokens), abs=1e-5)
            assert hypothesis.attention.shape == (len(tokens), lengths[source])


def says(tokens, words):
    return all(
        any(tokens[place : place + len(word)] == word for place in range(len(tokens))) for word in words
    )


@given(
    seed=st.integers(0, 10**6),
    words=st.sampled_from([[(1,)], [(2, 2)], [(3, 1)], [(1,), (2, 3)], [(3,), (2,)]]),
)
@settings(max_examples=25, deadline=None)
def test_the_best_that_says_what_must_appear_is_found_too(seed, words):
    table, longest = Table(4, 5, sources=2, seed=seed), 5
    wanted = MustAppear(words, END, longest)
    found = table_search(table, Limits(longest, END), Beams(size=4**5), [wanted])
    narrow = table_search(table, Limits(longest, END), Beams(size=6), [wanted])
    for source in range(2):
        ways = [tokens for tokens in sequences(4, longest, END) if END in tokens and says(tokens, words)]
        best = max((sum(table.log_prob(source, tokens)), tokens) for tokens in ways)
        (first,) = found[source].hypotheses
        assert (*first.tokens, END) == best[1]
        (second,) = narrow[source].hypotheses
        assert says(second.tokens, words)
        assert not second.ended or second.score <= first.score + 1e-6


def test_a_word_that_must_appear_is_said_where_it_suits():
    """A beam without banks would put it off to the last: what lacks it is always likelier so far."""

    class Suits:
        """Of 5 the word only after 2 is likely, and after the word the end is; 2, 3 and 4 follow any other."""

        def start(self, memory, rows):
            return torch.zeros(rows)

        def step(self, previous, state, memory):
            logits = torch.tensor([-20.0, -20.0, 1.0, 2.0, 2.0, -20.0]).repeat(len(previous), 1)
            logits[previous == 2, 5] = -1.0
            logits[previous == 5] = torch.tensor([5.0, -20.0, 0.0, 0.0, 0.0, -20.0])
            return Decoded(logits), state

    beams = Beams(size=4, length_penalty=1.0)
    opening = opened(Suits(), None, 1, 1)
    (found,) = beam_search(Suits(), None, opening, Limits(8, END), beams, [MustAppear([(5,)], END, 8)])
    assert found.hypotheses[0].tokens == (2, 5)


def by_hand(decoder, memory, row, longest):
    """Take the likeliest token until the end, one source alone."""
    alone = rows_of(memory, [row])
    state = decoder.start(alone, 1)
    previous, tokens = torch.tensor([1]), []
    with torch.no_grad():
        for _ in range(longest):
            decoded, state = decoder.step(previous, state, alone)
            previous = decoded.logits.argmax(1)
            if int(previous) == END:
                break
            tokens.append(int(previous))
    return tuple(tokens)


@pytest.mark.parametrize("seed", range(4))
def test_a_beam_of_one_is_greedy(seed):
    decoder, memory = TinyGRU(seed=seed), memory_of(LENGTHS)
    opening = opened(decoder, memory, 5, 1)
    greedy = greedy_search(decoder, memory, opening, Limits(12, END))
    assert [each.tokens for each in greedy] == [by_hand(decoder, memory, row, 12) for row in range(5)]
    drawn = sample(decoder, memory, opening, Limits(12, END), [TopK(1)], seeds=[[seed]] * 5)
    for one, (other,) in zip(greedy, drawn, strict=True):
        alike([one], [other])


BEAMS = [
    Beams(size=1),
    Beams(size=3, best=3),
    Beams(size=4, best=2, length_penalty=0.8),
    Beams(size=6, best=4, groups=3, diversity=0.7),
    Beams(size=4, best=4, length_penalty=0.5, coverage_penalty=0.3),
]


@pytest.mark.parametrize("beams", BEAMS, ids=str)
@pytest.mark.parametrize(
    "steps", [(), (NoRepeatNgrams(2), AtLeast(3, END), Forbid((2,)))], ids=["free", "shaped"]
)
def test_batch_mates_order_and_padding_change_no_hypothesis(beams, steps):
    decoder, memory = TinyGRU(seed=1), memory_of(LENGTHS)
    limits = Limits(9, END)
    together = search(decoder, memory, 5, limits, beams, steps=steps, source_lengths=memory.lengths)
    order = [3, 0, 4, 2, 1]
    turned = rows_of(memory_of(LENGTHS, extra=3), order)
    mixed = search(decoder, turned, 5, limits, beams, steps=steps, source_lengths=turned.lengths)
    for row in range(5):
        alone = rows_of(memory, [row])
        single = search(decoder, alone, 1, limits, beams, steps=steps, source_lengths=alone.lengths)
        alike(together[row].hypotheses, single[0].hypotheses)
        alike(together[row].hypotheses, mixed[order.index(row)].hypotheses)


def test_sources_that_are_done_leave_the_batch():
    class Watching(TinyGRU):
        def step(self, previous, state, memory):
            seen.append((len(previous), len(memory.lengths)))
            return super().step(previous, state, memory)

    seen = []
    decoder, memory = Watching(seed=1), memory_of(LENGTHS)
    found = search(decoder, memory, 5, Limits(30, END), Beams(size=3, best=1))
    assert len({len(each.hypotheses[0].tokens) for each in found}) > 1
    assert all(rows <= 3 * sources for rows, sources in seen)
    assert [sources for _, sources in seen] == sorted((sources for _, sources in seen), reverse=True)
    assert seen[-1][1] < 5


@pytest.mark.parametrize("alpha", [0.0, 1.0, 3.0, -1.0])
def test_stopping_early_changes_nothing(alpha, monkeypatch):
    decoder, memory = TinyGRU(seed=2), memory_of(LENGTHS)
    beams = Beams(size=4, best=2, length_penalty=alpha)
    early = search(decoder, memory, 5, Limits(15, END), beams)
    monkeypatch.setattr("yeoul.decoding.beams.Kept.settled", lambda *_: False)
    late = search(decoder, memory, 5, Limits(15, END), beams)
    for one, other in zip(early, late, strict=True):
        alike(one.hypotheses, other.hypotheses)


def test_without_an_end_token_every_hypothesis_is_marked_unended():
    table = Table(3, 4, seed=8)
    (found,) = table_search(table, Limits(4), Beams(size=100, best=2))
    best = max(itertools.product(range(3), repeat=4), key=lambda each: sum(table.log_prob(0, each)))
    assert found.hypotheses[0].tokens == best
    assert {each.outcome for each in found.hypotheses} == {"length"}
    assert not found.hypotheses[0].ended


def test_a_dead_end_is_marked_and_never_a_nan():
    def nothing_after_two(logits, history):
        gone = torch.tensor([path.length >= 2 for path in history])
        return logits.masked_fill(gone[:, None], float("-inf"))

    table = Table(3, 5, sources=2)
    for found in table_search(table, Limits(5), Beams(size=3, best=3, keep_tree=True), [nothing_after_two]):
        assert [each.outcome for each in found.hypotheses] == ["stuck"] * 3
        for each in found.hypotheses:
            assert len(each.tokens) == len(each.log_probs) == 2
            assert math.isfinite(each.score)
        assert {twig.outcome for twig in found.tree.levels[1]} == {"stuck"}
    for found in table_search(table, Limits(5), Beams(size=3), [Forbid((0, 1, 2))]):
        assert found.hypotheses[0].tokens == ()
        assert found.hypotheses[0].outcome == "stuck"


def test_one_that_ended_comes_before_a_dead_end_however_unlikely():
    def only_end_or_two(logits, history):
        return torch.stack([rule(row, path) for row, path in zip(logits, history, strict=True)])

    def rule(row, path):
        if path.length == 0:
            return row
        return torch.where(torch.tensor([path.token == 1, False, False]), row, float("-inf"))

    (found,) = table_search(Table(3, 4, seed=2), Limits(4, END), Beams(size=3, best=3), [only_end_or_two])
    outcomes = [each.outcome for each in found.hypotheses]
    assert outcomes == sorted(outcomes, key=("ended", "length", "stuck").index)
    assert "stuck" in outcomes
    assert found.hypotheses[0].ended


def test_groups_differ_and_each_is_a_beam_of_its_own_without_diversity():
    table = Table(4, 5, sources=3, seed=4)
    plain = table_search(table, Limits(5, END), Beams(size=2, best=1))
    same = table_search(table, Limits(5, END), Beams(size=6, best=3, groups=3))
    for one, other in zip(plain, same, strict=True):
        assert {each.tokens for each in other.hypotheses} == {one.hypotheses[0].tokens}
    apart = table_search(table, Limits(5, END), Beams(size=3, best=3, groups=3, diversity=100.0))
    for found in apart:
        firsts = [each.tokens[:1] for each in found.hypotheses]
        assert len(set(firsts)) == 3
        for each in found.hypotheses:
            assert each.score == pytest.approx(each.log_prob, abs=1e-5)


def test_the_tree_holds_every_hypothesis():
    table = Table(4, 4, sources=2, seed=6)
    for found in table_search(table, Limits(4, END), Beams(size=3, best=3, keep_tree=True)):
        levels = found.tree.levels
        ends = {}
        for depth, level in enumerate(levels):
            for twig in level:
                tokens, parent = [twig.token], twig.parent
                for above in reversed(levels[:depth]):
                    assert above[parent].outcome is None
                    tokens.insert(0, above[parent].token)
                    parent = above[parent].parent
                if twig.outcome:
                    ends[tuple(tokens)] = (twig.score, twig.outcome)
        for each in found.hypotheses:
            tokens = (*each.tokens, END) if each.ended else each.tokens
            assert ends[tokens] == (each.score, each.outcome)
        assert len(found.tree.lines(str)) == sum(len(level) for level in levels)
        assert [len(level) for level in found.tree.records()] == [len(level) for level in levels]
    assert table_search(table, Limits(4, END), Beams(size=3))[0].tree is None


def test_a_tree_is_drawn_with_its_branches():
    root, other = Twig(0, 0, -0.5, None), Twig(0, 1, -1.0, "ended")
    below = (Twig(0, 2, -0.75, None), Twig(0, 3, -2.0, "ended"))
    tree = BeamTree(((root, other), below, (Twig(0, 4, -0.9, "length"),)))
    drawn = ["가  -0.50", "├ 다  -0.75", "│ └ 마  -0.90 length", "└ 라  -2.00 ended", "나  -1.00 ended"]
    assert tree.lines("가나다라마".__getitem__) == drawn
    assert tree.records()[2] == [{"parent": 0, "token": 4, "score": -0.9, "outcome": "length"}]
    assert tree.records()[0][0]["parent"] is None
    assert BeamTree(()).lines(str) == []


def test_a_stop_ends_what_it_is_said_of():
    decoder, memory = TinyGRU(seed=3), memory_of(LENGTHS)
    stop = StopTexts(("bc", "ee"), "abcdefg")
    limits = Limits(8, END, (stop,))
    for found in search(decoder, memory, 5, limits, Beams(size=4, best=4, length_penalty=0.6)):
        for each in found.hypotheses:
            text = "".join("abcdefg"[token] for token in each.tokens)
            assert not any(one in text[:-1] for one in stop.stops)
            stopped = text.endswith(stop.stops)
            assert len(each.log_probs) == len(each.tokens) + (each.ended and not stopped)
            assert each.ended or len(each.tokens) == 8
    wide = table_search(
        Table(3, 4, seed=1), Limits(4, END, (StopTexts(("bb",), "abc"),)), Beams(size=90, best=90)
    )
    texts = {"".join("abc"[token] for token in each.tokens) for each in wide[0].hypotheses}
    assert texts == {
        text
        for length in range(5)
        for text in map("".join, itertools.product("bc", repeat=length))
        if "bb" not in text[:-1]
    }


def test_every_row_has_its_own_prefix():
    decoder, memory = TinyGRU(), memory_of(LENGTHS)
    prefixes = [(3, 4), (), (2, 2, 2), (5,), (6, 1)]
    found = search(decoder, memory, 5, Limits(8, END), Beams(size=3, best=2), steps=[Prefixes(prefixes)])
    for prefix, each in zip(prefixes, found, strict=True):
        for hypothesis in each.hypotheses:
            assert hypothesis.tokens[: len(prefix)] == prefix
            assert len(hypothesis.log_probs) == len(hypothesis.tokens) + hypothesis.ended


def test_a_prompt_is_what_steps_would_have_read():
    decoder, memory = TinyGRU(), memory_of(LENGTHS)
    prompts = torch.tensor([[1, 3, 2]] * 5)
    read = prompted(decoder, memory, prompts)
    by_prompt = beam_search(decoder, memory, read, Limits(6, END), Beams(size=3))
    forced = search(decoder, memory, 5, Limits(8, END), Beams(size=3), steps=[Prefixes([(3, 2)] * 5)])
    for one, other in zip(by_prompt, forced, strict=True):
        assert one.hypotheses[0].tokens == other.hypotheses[0].tokens[2:]
    with pytest.raises(ValueError, match="at least one token"):
        prompted(decoder, memory, prompts[:, :0])


def test_searching_leaves_the_opening_as_it_is():
    decoder, memory = TinyGRU(), memory_of(LENGTHS)
    opening = opened(decoder, memory, 5, 1)
    before = opening.state[0].clone()
    first = beam_search(decoder, memory, opening, Limits(6, END), Beams(size=2))
    assert torch.equal(opening.state[0], before)
    again = beam_search(decoder, memory, opening, Limits(6, END), Beams(size=2))
    for one, other in zip(first, again, strict=True):
        alike(one.hypotheses, other.hypotheses)


def test_a_model_that_answers_with_nan_is_said_to():
    class Broken(Table):
        def step(self, previous, state, memory):
            decoded, state = super().step(previous, state, memory)
            return Decoded(decoded.logits * float("nan")), state

    table, memory = Broken(3, 3), torch.arange(1)
    opening = opened(table, memory, 1, 1)
    with pytest.raises(DivergedError, match="not a number"):
        beam_search(table, memory, opening, Limits(3, END), Beams())
    with pytest.raises(DivergedError, match="not a number"):
        sample(table, memory, opening, Limits(3, END), seeds=[[0]])


def test_nothing_to_search_for_is_nothing_found():
    decoder = TinyGRU()
    memory = rows_of(memory_of(LENGTHS), [])
    empty = Opening(torch.zeros(0, dtype=torch.int64), decoder.start(memory_of([1]), 1)[0][:0])
    assert beam_search(decoder, memory, empty, Limits(3, END), Beams()) == []


@pytest.mark.parametrize(
    "wrong", [{"best": 6}, {"best": 0}, {"groups": 2}, {"diversity": 0.5}, {"coverage_penalty": -1.0}]
)
def test_impossible_beams_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        Beams(**wrong)
