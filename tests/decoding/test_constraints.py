"""The laws of constraints: never violated, never a dead end of their own making, and never more than is asked."""

import itertools
import re
import unicodedata

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.decoding import (
    AtLeast,
    Beams,
    Complete,
    Composed,
    Lexicon,
    Limits,
    LineStarts,
    MustAppear,
    NoRepeats,
    OneOf,
    Path,
    Pattern,
    Prefixes,
    Spelled,
    beam_search,
    opened,
    path_of,
    sample,
)
from yeoul.errors import UsageError
from yeoul.models.protocols import Decoded

END = 0
SEEDS = st.integers(0, 10**6)


class Dice:
    """A decoder without a memory that says anything, another thing for each seed."""

    def __init__(self, size, seed):
        self.logits = 2 * torch.randn(997, size, generator=torch.Generator().manual_seed(seed))

    def start(self, memory, rows):
        return torch.zeros(rows, dtype=torch.int64)

    def step(self, previous, state, memory):
        code = (state * 31 + previous + 7) % 997
        return Decoded(self.logits[code]), code


def hypotheses(size, seed, limits, steps, paths=4):
    """What sampling and a beam find."""
    dice = Dice(size, seed)
    opening = opened(dice, None, 2, 0)
    drawn = sample(
        dice, None, opening, limits, steps, seeds=[range(seed, seed + paths), range(-seed - paths, -seed)]
    )
    found = beam_search(dice, None, opening, limits, Beams(size=4, best=3, length_penalty=0.5), steps)
    return [each for one in (*drawn, *(each.hypotheses for each in found)) for each in one]


def spelled(texts, hypothesis):
    return "".join(texts[token] for token in hypothesis.tokens)


def ways_of(step, size, longest, end=END):
    """Every whole sequence that a step allows."""
    found, ahead = set(), [()]
    while ahead:
        tokens = ahead.pop()
        row = step(torch.zeros(1, size), [path_of(tokens)])[0]
        for token in torch.nonzero(row > float("-inf"))[:, 0].tolist():
            if token == end:
                found.add(tokens)
            elif len(tokens) + 1 < longest:
                ahead.append((*tokens, token))
    return found


words = st.lists(
    st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple), min_size=1, max_size=5, unique=True
)


@given(words, SEEDS)
@settings(max_examples=25, deadline=None)
def test_one_of_a_list_is_said_and_nothing_else(sequences, seed):
    step = OneOf(sequences, END)
    assert ways_of(step, 5, 6) == set(sequences)
    for each in hypotheses(5, seed, Limits(6, END), [step]):
        assert each.outcome == "ended"
        assert each.tokens in sequences
    bare = OneOf(sequences, None)
    for each in hypotheses(5, seed, Limits(6, None, (Complete(bare),)), [bare]):
        assert each.outcome == "ended"
        assert each.tokens in sequences
        assert not any(other[: len(each.tokens)] == each.tokens != other for other in sequences)


@given(
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple), min_size=1, max_size=3),
    st.integers(0, 4),
    SEEDS,
)
@settings(max_examples=25, deadline=None)
def test_what_must_appear_appears(sequences, room, seed):
    longest = sum(map(len, sequences)) + 1 + room
    for end in (END, None):
        for each in hypotheses(4, seed, Limits(longest, end), [MustAppear(sequences, end, longest)]):
            assert each.outcome == "length" or (each.ended and end == END)
            for sequence in sequences:
                assert any(
                    each.tokens[place : place + len(sequence)] == sequence
                    for place in range(len(each.tokens))
                )


@given(st.lists(st.lists(st.integers(1, 2), min_size=1, max_size=3).map(tuple), min_size=1, max_size=2))
@settings(max_examples=20, deadline=None)
def test_whatever_lets_words_appear_one_after_another_is_allowed(sequences):
    longest = sum(map(len, sequences)) + 2
    allowed = ways_of(MustAppear(sequences, END, longest), 3, longest)
    for order in itertools.permutations(sequences):
        assert tuple(itertools.chain.from_iterable(order)) in allowed
        for extra in (1, 2):
            assert (extra, *itertools.chain.from_iterable(order)) in allowed


def test_there_may_be_too_little_room_for_what_must_appear():
    for each in hypotheses(4, 0, Limits(3, END), [MustAppear([(1, 2, 3)], END, 3)]):
        assert each.outcome == "stuck"


def test_prefixes_and_least_lengths():
    steps = [Prefixes([(3, 1), (2,)]), AtLeast(4, END)]
    for row, each in enumerate(hypotheses(4, 5, Limits(9, END), steps, paths=1)):
        assert each.tokens[: 2 - row % 2] == ((3, 1), (2,))[row % 2] or row >= 2
        assert len(each.tokens) >= 4


LETTERS = "ab가\n"
_atoms = st.sampled_from(
    [
        "a",
        "b",
        "가",
        ".",
        "[ab]",
        "[^a]",
        "[가-힣]",
        r"\w",
        r"\s",
        r"\n",
        "()",
        "[a\\]-]",
        r"\u0061",
        "{",
        "}",
    ]
)
expressions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "{,2}"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)


@given(expressions)
@settings(max_examples=150, deadline=None)
def test_a_pattern_is_what_re_matches(expression):

    pattern, oracle = Pattern(expression), re.compile(expression)
    for length in range(4):
        for letters in itertools.product(LETTERS, repeat=length):
            text = "".join(letters)
            assert pattern.matches(text) is (oracle.fullmatch(text) is not None), text


TEXTS = ["", "a", "b", "ab", "가", "가a", "ba가", "\n", "a", "", "aaa"]


@given(expressions, SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_pattern_is_never_violated_and_leads_to_no_dead_end(expression, seed):

    step = Spelled(TEXTS, Pattern(expression), END)
    for each in hypotheses(len(TEXTS), seed, Limits(25, END), [step]):
        if each.outcome == "ended":
            assert re.fullmatch(expression, spelled(TEXTS, each))
        if each.outcome == "stuck":
            assert each.tokens == ()  # the vocabulary has no text for it at all
            longest = "".join(TEXTS)
            assert not any(
                re.fullmatch(expression, "".join(parts))
                for parts in itertools.product({*TEXTS, longest}, repeat=3)
            )


@given(expressions)
@settings(max_examples=20, deadline=None)
def test_every_spelling_of_a_pattern_is_allowed(expression):

    texts = ["", "a", "ab", "b", "가"]
    allowed = ways_of(Spelled(texts, Pattern(expression), END), 5, 4)
    for length in range(4):
        for tokens in itertools.product(range(1, 5), repeat=length):
            text = "".join(texts[token] for token in tokens)
            assert (tokens in allowed) is (re.fullmatch(expression, text) is not None)


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("a**", 3), ("*a", 1), ("(a", 1), ("a)", 2), ("[a", 1), ("[b-a]", 2), ("a{3,2}", 2), (r"\b", 1), ("a\\", 2),
        ("^a", 1), ("a$", 2), ("(?=a)", 1), (r"(a)\1", 4), ("a*?", 3), ("a{99999}", 2), ("[\\d-a]", 2),
        ("(" * 60 + ")" * 60, 51),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused_with_its_place(expression, place):
    with pytest.raises(UsageError, match=f"from its character {place} on") as caught:
        Pattern(expression)
    assert "character" in caught.value.message("en")
    assert f"{place}번째" in caught.value.message("ko")


def test_a_pattern_may_be_too_large():
    with pytest.raises(UsageError, match="too large"):
        Pattern("((((a{50}){50}){50}){50})")


def test_a_pattern_is_read_in_time_along_the_text():
    assert Pattern("(a*)*(a*)*b?").matches("a" * 2000)
    assert not Pattern("(a|b)*a(a|b){12}").matches("b" * 500)


def test_a_vocabulary_that_cannot_spell_a_pattern_is_a_dead_end_at_once():
    step = Spelled(["", "a", "b"], Pattern("[ab]*c"), END)
    for each in hypotheses(3, 0, Limits(9, END), [step]):
        assert (each.outcome, each.tokens) == ("stuck", ())


def test_a_text_constraint_stops_where_nothing_can_follow():
    step = Spelled(TEXTS, Pattern("a{2,4}"), None)
    for each in hypotheses(len(TEXTS), 3, Limits(9, None, (Complete(step),)), [step]):
        assert (each.outcome, spelled(TEXTS, each)) == ("ended", "aaaa")


@given(st.lists(st.text("가나다", min_size=1, max_size=3), min_size=1, max_size=4), SEEDS)
@settings(max_examples=20, deadline=None)
def test_only_words_of_a_lexicon(known, seed):
    texts = ["", "가", "나", "다", " ", " 가", "나다", "다 ", "가나 다"]
    step = Spelled(texts, Lexicon(known), END)
    for each in hypotheses(len(texts), seed, Limits(9, END), [step]):
        said = spelled(texts, each).split(" ")
        assert set(said[:-1]) <= {*known, ""}
        if each.ended:
            assert said[-1] in {*known, ""}
        else:
            assert any(word.startswith(said[-1]) for word in known)


POEM = ["", "나", "비", "야", "라", "각", "가", "\n", "나비", "야\n", "비\n야"]


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_each_line_begins_with_its_syllable(seed):
    step = Spelled(POEM, LineStarts(("나", "비", "야")), END)
    for each in hypotheses(len(POEM), seed, Limits(25, END), [step]):
        lines = spelled(POEM, each).split("\n")
        if each.ended and lines[-1] == "" and len(lines) == 4:
            lines.pop()
        assert each.outcome != "stuck"
        assert len(lines) == 3 if each.ended else len(lines) <= 4
        for line, syllable in zip(lines, "나비야", strict=False):
            assert line.startswith(syllable) or (line == "" and not each.ended)


@given(SEEDS)
@settings(max_examples=6, deadline=None)
def test_syllables_in_single_letters_are_read_whole(seed):
    letters = [
        "",
        *unicodedata.normalize("NFD", "가각나비야")[:5],
        *"ᄂᄇᄋㅏ",
        "ᅵ",
        "ᅣ",
        "\n",
        unicodedata.normalize("NFD", "비"),
    ]
    step = Spelled(letters, Composed(LineStarts(("가", "나"))), END)
    ended = 0
    for each in hypotheses(len(letters), seed, Limits(30, END), [step]):
        assert each.outcome != "stuck"
        lines = unicodedata.normalize("NFC", spelled(letters, each)).split("\n")
        if each.ended:
            ended += 1
            assert lines[0][0] == "가"
            assert lines[1][0] == "나"
    pattern = Spelled(letters, Composed(Pattern("[가-깋]{2}|나비")), END)
    for each in hypotheses(len(letters), seed, Limits(30, END), [pattern]):
        assert each.outcome == "ended"
        text = unicodedata.normalize("NFC", spelled(letters, each))
        assert text == "나비" or (len(text) == 2 and all("가" <= one <= "깋" for one in text))


def test_composed_reads_any_text_as_it_would_be_read_whole():
    inner = Pattern("(가|각|까|ᄀ|a)*나?.?")
    outer = Composed(inner)

    def reads(text):
        state = outer.start
        for character in text:
            state = None if state is None else outer.after(state, outer.kind(character))
        return state is not None and outer.ends(state)

    for length in range(6):
        for letters in itertools.product("ᄀᄂ\u1161\u11a8a", repeat=length):
            text = "".join(letters)
            assert reads(text) is inner.matches(unicodedata.normalize("NFC", text)), letters


@given(SEEDS, st.booleans())
@settings(max_examples=20, deadline=None)
def test_no_line_and_no_word_comes_twice(seed, words_too):
    texts = ["", "가", "나", "\n", " ", "가\n", " 나", "나\n나\n"]
    step = NoRepeats(texts, END, "\n " if words_too else "\n")
    for each in hypotheses(len(texts), seed, Limits(25, END), [step]):
        text = spelled(texts, each)
        segments = (text.replace(" ", "\n") if words_too else text).split("\n")
        whole = [one for one in (segments if each.ended else segments[:-1]) if one]
        assert len(set(whole)) == len(whole)


def test_a_free_row_is_left_as_it_is():
    logits = torch.zeros(2, 4)
    for step in (MustAppear([], END, 5), NoRepeats(["a"] * 4, END), Prefixes([(), ()])):
        assert torch.equal(step(logits, [Path(0), Path(1)]), logits)


def test_masks_are_the_same_for_any_batch():
    step = Spelled(POEM, LineStarts(("나", "비")), END)
    logits = torch.zeros(3, len(POEM))
    history = [path_of([1]), path_of([1, 7]), path_of([2])]
    together = step(logits, history)
    for row in range(3):
        assert torch.equal(step(logits[:1], history[row : row + 1])[0], together[row])
    assert (together[2] == float("-inf")).all()
