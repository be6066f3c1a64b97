"""Automata around automata read what the inner one would read of the text as it is meant."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_constraints import Dice

from yeoul.decoding import (
    Composed,
    InBytes,
    InTime,
    Lexicon,
    Limits,
    LineStarts,
    Once,
    Pattern,
    Single,
    Spelled,
    Together,
    Unspaced,
    generate,
    opened,
)


def reads(automaton, text):
    """Whether an automaton reads a text to an end."""
    state = automaton.start
    for letter in text:
        state = None if state is None else automaton.after(state, automaton.kind(letter))
    return state is not None and automaton.ends(state)


PATTERN = Pattern("(나|é|a){2}[가-힣]?😀?")
BYTES = InBytes(PATTERN)


@given(st.text(alphabet="나비éa😀", max_size=5))
def test_bytes_are_read_as_their_text(text):
    assert reads(BYTES, text.encode("utf-8").decode("latin-1")) == PATTERN.matches(text)


@given(st.binary(max_size=6))
@settings(max_examples=200)
def test_bytes_that_are_no_text_are_never_read(raw):
    anything = InBytes(Pattern("[^x]*"))
    TEXTS.setdefault("anything", anything)
    automaton = TEXTS["anything"]
    try:
        text = raw.decode("utf-8")
        expected = all(letter != "x" and ord(letter) < 0x20000 for letter in text)
    except UnicodeDecodeError:
        expected = False
    assert reads(automaton, raw.decode("latin-1")) == expected


TEXTS: dict[str, InBytes] = {}


def test_the_space_before_the_first_word_of_a_line_is_not_seen():
    inner = Pattern("ab( ab)*(\nab)?")
    for length in range(7):
        for letters in itertools.product("ab \n", repeat=length):
            text = "".join(letters)
            seen = "\n".join(line.lstrip(" ") for line in text.split("\n"))
            assert reads(Unspaced(inner), text) == inner.matches(seen), repr(text)


def test_one_separator_at_a_time():
    words = Single(Lexicon(["a", "ab"], " \n"), " \n")
    for length in range(6):
        for letters in itertools.product("ab \n", repeat=length):
            text = "".join(letters)
            parts = text.replace("\n", " ").split(" ")
            whole = parts if parts[-1] else parts[:-1]
            assert reads(words, text) == (set(whole) <= {"a", "ab"} and len(parts) <= len(whole) + 1)


@given(st.integers(0, 10**6), st.sampled_from(["a{3}(ba)*b", "(ab|ba)+c", "a+b{2}c"]), st.integers(6, 30))
def test_what_has_room_comes_to_its_end(seed, pattern, room):
    spelled = Spelled(["a", "b", "c", "ab"], Pattern(pattern), None, max_tokens=room)
    dice = Dice(4, seed)
    said = generate(
        dice, None, opened(dice, None, 1, 0), Limits(room, None, (InTime(spelled),)), [spelled], seed
    )
    text = "".join(spelled.texts[one.token] for one in said)
    assert Pattern(pattern).matches(text)


@pytest.mark.parametrize("words", [["a", "ab"], ["ab", "ba", "b"]])
def test_no_word_of_a_lexicon_is_read_twice(words):
    once = Once(Lexicon(words, " "))
    for length in range(8):
        for letters in itertools.product("ab ", repeat=length):
            text = "".join(letters)
            said = [part for part in text.split(" ") if part]
            last = len(said) == len(words) and text.endswith(" ")
            fits = set(said) <= set(words) and len(set(said)) == len(said) and not last
            assert reads(once, text) == fits, repr(text)


def test_several_automata_read_what_each_of_them_reads():
    parts = [Pattern("(a|b)*( [ab]+)?"), Single(Lexicon(["a", "ab"], " "), " "), LineStarts(("ab",))]
    for outer in (lambda inner: inner, Unspaced, InBytes, Composed):
        both, each = outer(Together(parts)), [outer(part) for part in parts]
        for length in range(6):
            for letters in itertools.product("ab \n", repeat=length):
                text = "".join(letters)
                assert reads(both, text) == all(reads(part, text) for part in each), repr(text)
