"""Vectors put together from letters: hashed as fastText hashes, one word like many."""

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text.wordparts import WordParts, hashed_runs

WORDS = st.lists(st.text("abz가각힣é漢😀ᄀ ", max_size=8), max_size=6)
LENGTHS = st.tuples(st.integers(1, 4), st.integers(0, 5)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def hashed(part, buckets):
    """FNV-1a as fastText has it: bytes above 127 are negative."""
    number = 2166136261
    for byte in part.encode():
        number = (number ^ (byte - 256 if byte > 127 else byte) % 2**32) * 16777619 % 2**32
    return number % buckets


def runs_of(word, shortest, longest):
    edged = f"<{word}>"
    for first in range(len(edged)):
        for last in range(first + shortest, min(first + longest, len(edged)) + 1):
            if last - first > 1 or 0 < first < len(edged) - 1:
                yield edged[first:last]


@given(WORDS, LENGTHS)
def test_runs_are_hashed_as_in_fasttext(words, lengths):
    places, counts = hashed_runs(words, *lengths, 97)
    expected = [sorted(hashed(run, 97) for run in runs_of(word, *lengths)) for word in words]
    assert counts.tolist() == [len(runs) for runs in expected]
    found = np.split(places, np.cumsum(counts)[:-1]) if words else []
    assert [sorted(part.tolist()) for part in found] == expected


@given(WORDS, LENGTHS, st.sampled_from(["NFC", "NFD"]))
def test_a_word_is_the_mean_of_its_runs_alone_or_among_others(words, lengths, form):
    random = np.random.default_rng(1)
    own = random.normal(size=(len(words), 3)).astype(np.float32)
    parts = WordParts(own, random.normal(size=(97, 3)).astype(np.float32), *lengths, form)
    known, vectors, composed = parts.known(words), parts.vectors(words), parts.composed(words, 0)
    for place, word in enumerate(words):
        runs = [hashed(run, 97) for run in runs_of(unicodedata.normalize(form, word), *lengths)]
        assert known[place] == bool(runs)
        rows = parts.runs[runs].astype(np.float64)
        expected = rows.mean(axis=0) if runs else np.zeros(3)
        np.testing.assert_allclose(vectors[place], expected, atol=1e-5)
        np.testing.assert_allclose(composed[place], np.vstack([own[[place]], rows]).mean(axis=0), atol=1e-5)
        np.testing.assert_array_equal(parts.vectors([word])[0], vectors[place])


def test_the_end_of_a_sentence_has_no_letters():
    assert hashed_runs(["</s>", "a"], 1, 2, 7)[1].tolist() == [0, 3]  # a, <a, a>
