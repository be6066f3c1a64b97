"""Units: exact cuts, training rows only, NFC, and a vectorizer whose pieces equal the whole."""

import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, ModelFileError
from yeoul.recipe import TextRecipe
from yeoul.text.tokenizers import UNKNOWN, train_tokenizer

UNITS = ("character", "syllable", "word", "subword")
CORPUS = ["이 Movie2 최고!! ㅋㅋㅋ", "3.5점, good movie", "영화가 최고였다 movie"] * 3


def recipe(unit, **options):
    return TextRecipe(unit=unit, min_count=1, **options)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("character", ["이", " ", "M", "o", "v", "i", "e", "2", " ", "최", "고", "!", "!"]),
        ("syllable", ["이", " ", "Movie", "2", " ", "최", "고", "!", "!"]),
        ("word", ["이", "Movie2", "최고", "!", "!"]),
    ],
)
def test_a_text_is_cut_by_the_rule_of_its_unit(unit, expected):
    assert train_tokenizer(recipe(unit), CORPUS).encode("이 Movie2 최고!!").tokens == expected


def test_subwords_are_frequent_pieces_of_words():
    tokenizer = train_tokenizer(recipe("subword", vocabulary_size=60), CORPUS)
    tokens = tokenizer.encode("최고 movie").tokens
    assert "".join(tokens) == "▁최고▁movie"
    assert len(tokens) < len("▁최고▁movie")


@pytest.mark.parametrize("unit", UNITS)
def test_what_training_never_saw_is_unknown_and_id_zero(unit):
    tokenizer = train_tokenizer(recipe(unit), CORPUS)
    assert tokenizer.token_to_id(UNKNOWN) == 0
    assert tokenizer.encode("뷁").tokens[-1] == UNKNOWN


@pytest.mark.parametrize("unit", UNITS)
def test_decomposed_text_is_the_same_text(unit):
    vectorizer = TextVectorizer.fit(recipe(unit), CORPUS)
    nfc, nfd = vectorizer(CORPUS), vectorizer([unicodedata.normalize("NFD", text) for text in CORPUS])
    np.testing.assert_array_equal(nfc.ids, nfd.ids)


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_texts_give_the_same_vocabulary(unit):
    texts = [f"{word} {word[::-1]}" for word in ("가나다", "라마바", "abc", "xyz", "사아자")] * 40
    saved = {train_tokenizer(recipe(unit, vocabulary_size=25), texts).to_str() for _ in range(3)}
    assert len(saved) == 1


@pytest.mark.parametrize("unit", UNITS)
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=30), max_size=6))
def test_any_text_is_encoded_and_alone_as_in_company(unit, texts):
    vectorizer = TextVectorizer.fit(recipe(unit), CORPUS)
    together = vectorizer(texts)
    assert len(together) == len(texts)
    for row, text in enumerate(texts):
        alone = vectorizer([text])
        ids, lengths = together.gather(np.array([row]))
        np.testing.assert_array_equal(ids, alone.ids)
        assert lengths[0] == len(alone.ids)


def test_truncation_keeps_the_head_and_counts_what_it_loses():
    whole = TextVectorizer.fit(recipe("character", max_length=100), CORPUS)(["movie movie", ""])
    cut = TextVectorizer.fit(recipe("character", max_length=4), CORPUS)(["movie movie", ""])
    np.testing.assert_array_equal(cut.ids, whole.ids[:4])
    assert cut.lost.tolist() == [7, 0]
    assert cut.lost_share == pytest.approx(7 / 11)
    assert whole.lost_share == 0


def test_gathering_rows_in_any_order():
    rows = TextVectorizer.fit(recipe("character"), CORPUS)(["abc", "", "movie", "이"])
    ids, lengths = rows.gather(np.array([2, 1, 0]))
    assert lengths.tolist() == [5, 0, 3]
    np.testing.assert_array_equal(ids, np.concatenate([rows.ids[3:8], rows.ids[:3]]))


def test_saved_and_loaded_it_encodes_the_same(tmp_path):
    vectorizer = TextVectorizer.fit(recipe("subword", lowercase=True), CORPUS)
    vectorizer.save(tmp_path)
    loaded = TextVectorizer.load(tmp_path, vectorizer.max_length)
    texts = ["MOVIE 최고 뷁", ""]
    np.testing.assert_array_equal(loaded(texts).ids, vectorizer(texts).ids)
    (tmp_path / "tokenizer.json").write_text("{", "utf-8")
    with pytest.raises(ModelFileError, match="the tokenizer cannot be read"):
        TextVectorizer.load(tmp_path, 4)


def test_nothing_to_learn_is_an_error_with_a_remedy():
    with pytest.raises(
        DataError, match=r"no word occurs 3 times in the training texts; lower text.min_count"
    ):
        TextVectorizer.fit(TextRecipe(unit="word", min_count=3), ["a b", "c d"])


def test_a_cut_alphabet_is_the_same_in_every_process():
    """More characters than room: which of the rare ones stay must not be left to chance."""
    program = (
        "import hashlib; from yeoul.recipe import TextRecipe; from yeoul.text.tokenizers import train_tokenizer\n"
        "texts = [chr(0xAC00 + n) + chr(0xAC00 + n % 50) for n in range(1500)]\n"
        "made = train_tokenizer(TextRecipe(vocabulary_size=300, min_count=1), texts)\n"
        "print(hashlib.sha256(made.to_str().encode()).hexdigest())"
    )
    hashes = {subprocess.run([sys.executable, "-c", program], capture_output=True).stdout for _ in range(3)}
    assert len(hashes) == 1
    assert b"" not in hashes
