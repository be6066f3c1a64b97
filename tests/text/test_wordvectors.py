"""Word vectors from a file: what was written is read, of wanted words only, and what is wrong is named."""

import io
import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.errors import DataError
from yeoul.text.wordvectors import read_vectors

WORDS = st.lists(st.from_regex(r"[a-z가-힣.']{1,6}", fullmatch=True), min_size=1, max_size=12, unique=True)
TEXT = "good 1 -2\nbad 0.5 2e-1\n좋다 3 4\n".encode()


def read(content, vocabulary, size=2):
    return read_vectors(io.BytesIO(content), vocabulary, size, "v.txt")


@given(WORDS, st.integers(1, 4), st.booleans(), st.randoms(use_true_random=False))
def test_what_was_written_is_read(words, size, counted, random):
    values = np.float32([[random.uniform(-3, 3) for _ in range(size)] for _ in words])
    lines = [" ".join([word, *map(repr, map(float, row))]) for word, row in zip(words, values, strict=True)]
    head = [f"{len(words)} {size}"] if counted else []
    wanted = {word: 7 * place for place, word in enumerate(words) if place % 2 == 0}
    random.shuffle(lines)
    found = read("\n".join([*head, *lines]).encode(), {**wanted, "아무것": 999}, size)
    assert found.ids.tolist() == sorted(wanted.values())
    np.testing.assert_array_equal(found.values, values[[place // 7 for place in found.ids]])


def test_words_are_compared_composed_and_the_first_line_counts():
    found = read(unicodedata.normalize("NFD", "좋다 1 2\n좋다 3 4\n").encode(), {"좋다": 5})
    assert (found.ids.tolist(), found.values.tolist()) == ([5], [[1, 2]])


def test_a_word_may_hold_spaces():
    assert read(b". . . 1 2\r\n", {". . .": 1}).values.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT + b"worse 1\n", r"v.txt:4: the line holds 1 numbers, expected 2; set model.embedding.size"),
        (TEXT + b"worse 1 2 3\n", r"v.txt:4: the line holds 3 numbers"),
        (TEXT + b"worse\n", "v.txt:4: the line holds 0 numbers"),
        (TEXT + b"\n", "v.txt:4"),
        (b"good 1 x\n", "v.txt:1: the vector of good holds something that is no finite number"),
        (b"good 1 inf\n", "no finite number"),
        (b"good 1 1e300\n", "no finite number"),
        (b"\xff\xfe 1 2\n", "v.txt:1: the line is not UTF-8"),
        (b"a" * 3_000_000, "v.txt:1"),
        (b"", "none of the vocabulary's 2 tokens has a vector"),
        ("나쁘다 1 2\n".encode(), "none of the vocabulary"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_wrong_is_named(content, said):
    with pytest.raises(DataError, match=said):
        read(content, {"good": 0, "좋다": 1})
