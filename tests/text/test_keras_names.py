"""Keras's `Tokenizer` and `pad_sequences`: the numbers that its documentation and its code promise."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text.keras import (
    Tokenizer,
    hashing_trick,
    one_hot,
    pad_sequences,
    text_to_word_sequence,
    tokenizer_from_json,
)

CATS = ["The cat sat on the mat.", "The dog ate my homework."]


def fitted(texts=CATS, **settings):
    tokenizer = Tokenizer(**settings)
    tokenizer.fit_on_texts(texts)
    return tokenizer


def test_words_are_numbered_by_frequency_ties_by_first_appearance():
    tokenizer = fitted()
    # the: 3 times; all others once, in the order of the texts
    assert tokenizer.word_index == {
        "the": 1,
        "cat": 2,
        "sat": 3,
        "on": 4,
        "mat": 5,
        "dog": 6,
        "ate": 7,
        "my": 8,
        "homework": 9,
    }
    assert tokenizer.index_word[9] == "homework"
    assert tokenizer.texts_to_sequences(CATS) == [[1, 2, 3, 4, 1, 5], [1, 6, 7, 8, 9]]
    assert tokenizer.word_counts["the"] == 3
    assert tokenizer.word_docs["the"] == 2
    assert tokenizer.index_docs[1] == 2
    assert tokenizer.document_count == 2


def test_num_words_keeps_the_numbers_below_it():
    assert fitted(num_words=3).texts_to_sequences(CATS) == [[1, 2, 1], [1]]
    assert len(fitted(num_words=3).word_index) == 9


def test_an_unknown_word_is_left_out_or_becomes_the_oov_token():
    assert fitted().texts_to_sequences(["the zebra"]) == [[1]]
    tokenizer = fitted(oov_token="<OOV>")
    assert tokenizer.word_index["<OOV>"] == 1
    assert tokenizer.texts_to_sequences(["the zebra"]) == [[2, 1]]
    assert fitted(oov_token="<OOV>", num_words=3).texts_to_sequences(["the cat"]) == [[2, 1]]
    assert tokenizer.sequences_to_texts([[2, 3, 99]]) == ["the cat <OOV>"]
    assert fitted().sequences_to_texts([[1, 2, 99]]) == ["the cat"]


def test_filters_case_separators_characters_lists_and_analyzers():
    assert text_to_word_sequence("Hello, World! It's\tfine_x") == ["hello", "world", "it's", "fine", "x"]
    assert text_to_word_sequence("A,b", filters="", lower=False) == ["A,b"]
    assert text_to_word_sequence("한국어 문장, 여울!", split=" ") == ["한국어", "문장", "여울"]
    assert text_to_word_sequence("a-b c", filters="-", split=",") == ["a", "b c"]
    assert fitted(["Hello"], char_level=True).word_index == {"l": 1, "h": 2, "e": 3, "o": 4}
    assert fitted([["The", "Cat"]]).word_index == {"the": 1, "cat": 2}
    assert fitted(["a|b"], analyzer=lambda text: text.split("|"), lower=False).word_index == {"a": 1, "b": 2}


def test_matrices():
    tokenizer = fitted(["a a b", "b c"])  # a 1, b 2, c 3: ties of a and b by first appearance
    assert tokenizer.texts_to_matrix(["a a c"]).tolist() == [[0, 1, 0, 1]]
    assert tokenizer.texts_to_matrix(["a a c"], mode="count").tolist() == [[0, 2, 0, 1]]
    np.testing.assert_allclose(tokenizer.texts_to_matrix(["a a c"], mode="freq"), [[0, 2 / 3, 0, 1 / 3]])
    # (1 + ln 2) ln(1 + 2 / (1 + 1)) for a, which one of two texts holds; ln(1 + 2 / 2) for c
    np.testing.assert_allclose(
        tokenizer.texts_to_matrix(["a a c"], mode="tfidf"),
        [[0, (1 + math.log(2)) * math.log(2), 0, math.log(2)]],
    )
    assert fitted(CATS, num_words=4).texts_to_matrix(CATS).shape == (2, 4)
    assert Tokenizer(num_words=5).sequences_to_matrix([[1, 1, 7]], mode="count").tolist() == [[0, 2, 0, 0, 0]]


def test_texts_that_are_numbers_already():
    tokenizer = Tokenizer(num_words=4)
    tokenizer.fit_on_sequences([[1, 2], [1, 1]])
    assert (tokenizer.document_count, tokenizer.index_docs) == (2, {1: 2, 2: 1})
    # ln(1 + 2 / (1 + 2)) for 1, ln(1 + 2 / (1 + 0)) for 3
    np.testing.assert_allclose(
        tokenizer.sequences_to_matrix([[1, 3]], mode="tfidf"), [[0, math.log(5 / 3), 0, math.log(3)]]
    )


def test_what_cannot_be_answered_is_refused():
    with pytest.raises(ValueError, match="num_words"):
        Tokenizer().texts_to_matrix(["a"])
    with pytest.raises(ValueError, match="tfidf"):
        Tokenizer(num_words=2).texts_to_matrix(["a"], mode="tfidf")
    with pytest.raises(ValueError, match="mode is 'counts'"):
        fitted().texts_to_matrix(["a"], mode="counts")


WORDS = st.lists(st.sampled_from(["여울", "a", "B", "c,d", "e'f", "."]), max_size=8).map(" ".join)


@given(st.lists(WORDS, max_size=5), st.lists(WORDS, max_size=5), st.sampled_from([None, 2, 4]))
def test_a_saved_tokenizer_is_the_same(first, second, num_words):
    tokenizer = fitted(first, num_words=num_words, oov_token="?")
    again = tokenizer_from_json(tokenizer.to_json(ensure_ascii=False))
    assert again.texts_to_sequences(second) == tokenizer.texts_to_sequences(second)
    assert again.get_config() == tokenizer.get_config()
    again.fit_on_texts(second)
    tokenizer.fit_on_texts(second)
    assert again.word_index == tokenizer.word_index


def test_what_keras_saved_is_read():
    config = {
        "num_words": None,
        "filters": "",
        "lower": True,
        "split": " ",
        "char_level": False,
        "oov_token": None,
        "document_count": 1,
        "word_counts": '{"b": 2, "a": 1}',
        "word_docs": '{"b": 1, "a": 1}',
        "index_docs": '{"1": 1, "2": 1}',
        "index_word": '{"1": "b", "2": "a"}',
        "word_index": '{"b": 1, "a": 2}',
    }
    tokenizer = tokenizer_from_json(json.dumps({"class_name": "Tokenizer", "config": config}))
    assert tokenizer.texts_to_sequences(["a b c"]) == [[2, 1]]
    assert tokenizer.sequences_to_texts([[2, 1]]) == ["a b"]


@given(st.lists(WORDS, min_size=1, max_size=6))
def test_numbers_follow_the_counts(texts):
    words = [word for text in texts for word in text_to_word_sequence(text)]
    ranked = [word for word, _ in Counter(words).most_common()]  # stable: ties by first appearance
    assert fitted(texts).word_index == {word: rank for rank, word in enumerate(ranked, 1)}


def test_hashing():
    # md5("cat") is d077f244def8a70e5ea758bd8352fcd8, of which 999 leaves the rest counted below
    cat = int("d077f244def8a70e5ea758bd8352fcd8", 16)
    assert hashing_trick("The cat", 1000, "md5")[1] == cat % 999 + 1
    assert hashing_trick("a bb", 4, len) == [1 % 3 + 1, 2 % 3 + 1]
    numbers = one_hot("여울 물 여울", 50)
    assert numbers == hashing_trick("여울 물 여울", 50)
    assert numbers[0] == numbers[2]
    assert all(1 <= number < 50 for number in numbers)


def test_padding():
    rows = [[1], [2, 3], [4, 5, 6]]
    assert pad_sequences(rows).tolist() == [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
    assert pad_sequences(rows, value=-1).tolist() == [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]
    assert pad_sequences(rows, padding="post").tolist() == [[1, 0, 0], [2, 3, 0], [4, 5, 6]]
    assert pad_sequences(rows, maxlen=2).tolist() == [[0, 1], [2, 3], [5, 6]]
    assert pad_sequences(rows, maxlen=2, truncating="post").tolist() == [[0, 1], [2, 3], [4, 5]]
    assert pad_sequences([[0.5], []], dtype="float32").tolist() == [[0.5], [0.0]]
    assert pad_sequences([[[1, 2]], [[3, 4], [5, 6]]]).tolist() == [[[0, 0], [1, 2]], [[3, 4], [5, 6]]]
    assert pad_sequences([["a"], ["b", "c"]], dtype=object, value="-").tolist() == [["-", "a"], ["b", "c"]]
    assert pad_sequences([], maxlen=3).shape == (0, 3)
    assert pad_sequences([[1]]).dtype == np.int32


ROWS = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=5)


@given(ROWS, st.integers(1, 8), st.booleans(), st.booleans())
def test_padding_keeps_the_end_that_it_says(rows, steps, cut_after, fill_after):
    padded = pad_sequences(
        rows,
        steps,
        padding="post" if fill_after else "pre",
        truncating="post" if cut_after else "pre",
    )
    for row, filled in zip(rows, padded.tolist(), strict=True):
        kept = row[:steps] if cut_after else row[-steps:]
        zeros = [0] * (steps - len(kept))
        assert filled == (kept + zeros if fill_after else zeros + kept)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, 2],), "a list of lists"),
        ((3,), "a list of lists"),
        (([[1]], None, "int32", "left"), "padding is 'left'"),
        (([[1]], None, "int32", "pre", "left"), "truncating is 'left'"),
        (([[1]], None, "int32", "pre", "pre", "x"), "dtype=object"),
        (([[1], [[2]]],), "steps of shape"),
    ],
)
def test_what_cannot_be_padded_is_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        pad_sequences(*arguments)
