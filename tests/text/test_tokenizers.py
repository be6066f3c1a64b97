"""Units: exact cuts, training rows only, one normal form, and two ways to cut that agree."""

import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from yeoul.recipe import TextRecipe
from yeoul.text import pieces
from yeoul.text.morphemes import installed_versions
from yeoul.text.normalization import NFC, Aligned, _segments
from yeoul.text.tokenizers import UNKNOWN, Unit, cutter, train_tokenizer, unit_of

CORPUS = ["이 Movie2 최고!! ㅋㅋㅋ", "3.5점, good movie’s don't", "영화가 최고였다 <br />movie"] * 3
OWN = [unit for unit in get_args(Unit) if unit != "morpheme"]
KINDS = [*((unit, False) for unit in OWN), ("subword", True)]
needs_kiwi = pytest.mark.skipif(not installed_versions(), reason="needs the extra ko")
ANY = [*KINDS, pytest.param("morpheme", False, marks=needs_kiwi)]

# Korean in all its spellings, letters with marks, spaces, emoji and whatever else there is
LETTERS = (
    "가각힣ㅋㅏ한글간ㅎ\u1100\u1161\u11a8éİıßΣςᾳ\u0301\u0323\u0345\u0f73 \n\t▁\u3000'’<>br/!.,_09😀\u200d"
)
TEXTS = st.text(
    st.one_of(st.sampled_from(LETTERS), st.characters(exclude_categories=("Cs", "Cn"))), max_size=30
)


def recipe(unit, **options):
    return TextRecipe(unit=unit, min_count=1, **options)


def trained(unit, decompose=False, **options):
    return train_tokenizer(recipe(unit, decompose=decompose, vocabulary_size=200, **options), CORPUS)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("character", ["이", " ", "M", "o", "v", "i", "e", "2", " ", "최", "고", "!", "!"]),
        ("syllable", ["이", " ", "Movie", "2", " ", "최", "고", "!", "!"]),
        ("word", ["이", "Movie2", "최고", "!", "!"]),
    ],
)
def test_a_text_is_cut_by_the_rule_of_its_unit(unit, expected):
    assert trained(unit).encode("이 Movie2 최고!!").tokens == expected


def test_jamo_are_the_letters_of_syllables():
    expected = [*unicodedata.normalize("NFD", "최고"), "!", " ", *"ㅋㅋ"]
    assert trained("jamo").encode("최고! ㅋㅋ").tokens == expected
    assert len(expected) == 2 + 2 + 1 + 1 + 2  # ㅊㅚ ㄱㅗ, a mark, a space, two letters that stand alone


def test_bytes_are_those_of_utf8_and_never_unknown():
    ids = cutter("byte", trained("byte")).ids(["최고 <unk>\0"]).ids
    assert bytes((ids - 1).tolist()) == "최고 <unk>\0".encode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't, you DON’T!", ["I", "don't", ",", "you", "DON’T", "!"]),
        ("the movie's best, they've said", ["the", "movie", "'s", "best", ",", "they", "'ve", "said"]),
        ("Good.<br /><br />Bad</i> a < b", ["Good", ".", "<br />", "<br />", "Bad", "</i>", "a", "<", "b"]),
        ("'최고'라고 했다", ["'", "최고", "'", "라고", "했다"]),
        ("rock 'n' roll", ["rock", "'", "n", "'", "roll"]),
    ],
)
def test_words_in_english_and_korean(text, words):
    tokenizer = trained("word")
    assert [text[slice(*offsets)] for offsets in tokenizer.encode(text).offsets] == words


def test_subwords_are_frequent_pieces_of_words():
    tokenizer = train_tokenizer(recipe("subword", vocabulary_size=60), CORPUS)
    tokens = tokenizer.encode("최고 movie").tokens
    assert "".join(tokens) == "▁최고▁movie"
    assert len(tokens) < len("▁최고▁movie")


def test_decomposed_subwords_know_syllables_that_training_never_saw():
    texts = ["난 갈게", "날 봐", "간다"] * 5
    whole = train_tokenizer(recipe("subword", vocabulary_size=40), texts)
    apart = train_tokenizer(recipe("subword", vocabulary_size=40, decompose=True), texts)
    assert UNKNOWN in whole.encode("갔난낟 갉").tokens
    assert UNKNOWN not in apart.encode("달 날간").tokens


@pytest.mark.parametrize(("unit", "decompose"), KINDS)
def test_what_training_never_saw_is_unknown_and_id_zero(unit, decompose):
    tokenizer = trained(unit, decompose)
    assert tokenizer.token_to_id(UNKNOWN) == 0
    assert (tokenizer.encode("꿹").tokens[-1] == UNKNOWN) == (unit != "byte")


@pytest.mark.parametrize(("unit", "decompose"), ANY)
@settings(max_examples=60)
@given(text=TEXTS)
def test_every_spelling_of_a_text_gives_the_same_ids(unit, decompose, text, cutters):
    cut = cutters(unit, decompose)
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    composed, apart = (cut.ids([form]).ids for form in forms)
    np.testing.assert_array_equal(composed, apart)


@pytest.mark.parametrize(("unit", "decompose"), ANY)
@settings(max_examples=40)
@given(texts=st.lists(TEXTS, max_size=4))
def test_alone_as_in_company(unit, decompose, texts, cutters):
    cut = cutters(unit, decompose)
    together = cut.ids(texts)
    alone = [cut.ids([text]).ids for text in texts]
    assert together.lengths.tolist() == [len(ids) for ids in alone]
    np.testing.assert_array_equal(together.ids, np.concatenate([np.empty(0, np.int32), *alone]))


@pytest.mark.parametrize(("unit", "decompose"), KINDS)
@pytest.mark.parametrize("lowercase", [False, True])
@settings(max_examples=60)
@given(text=TEXTS)
def test_the_saved_tokenizer_alone_gives_the_same_ids(unit, decompose, lowercase, text, cutters):
    cut = cutters(unit, decompose, lowercase)
    tokenizer = cutters.tokenizer(unit, decompose, lowercase)
    assert cut.ids([text]).ids.tolist() == tokenizer.encode(text).ids


@pytest.mark.parametrize(("unit", "decompose"), ANY)
@pytest.mark.parametrize("lowercase", [False, True])
@settings(max_examples=80)
@given(text=TEXTS)
def test_spans_are_ordered_places_in_the_text_as_it_is_written(unit, decompose, lowercase, text, cutters):
    cut = cutters(unit, decompose, lowercase)
    spans = cut.spans(text)
    assert len(spans) == len(cut.ids([text]).ids)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    for (start, end), (next_start, next_end) in pairwise(spans):
        assert start <= next_start
        assert end <= next_end
        # what overlaps was written as one: a character, a syllable, a base with its marks
        if next_start < end and unit != "morpheme":
            assert (next_start, end) in _segments(text)


@settings(max_examples=300)
@given(text=TEXTS)
def test_every_normal_character_has_its_place(text):
    aligned = Aligned(text, NFC)
    assert len(aligned.spans) == len(aligned.normal)
    # each segment by itself becomes what it becomes in the text, so nothing looked across
    assert "".join(NFC.normalize_str(text[start:end]) for start, end in _segments(text)) == aligned.normal


def test_letters_that_are_written_as_one_are_not_parted():
    assert _segments("각e\u0323\u0301 \u1100\u1161") == [(0, 1), (1, 4), (4, 5), (5, 7)]


@pytest.mark.parametrize("unit", ["character", "syllable", "word", "jamo", "subword"])
@given(text=st.text(st.sampled_from("가각힣ㅋéa <br/>'!한ᄒ"), max_size=20))
def test_a_span_cut_out_holds_its_token(unit, text, cutters):
    """Characters, syllables and words are their spans in composed form; letters are among those of theirs."""
    tokenizer, cut = cutters.tokenizer(unit, False), cutters(unit, False)
    for token, (start, end) in zip(tokenizer.encode(text).tokens, cut.spans(text), strict=True):
        written = unicodedata.normalize("NFC", text[start:end])
        match unit, token:
            case _, "<unk>":
                assert written
            case "jamo", _:
                assert token in unicodedata.normalize("NFD", written)
            case "subword", _:
                assert written.replace(" ", "▁") in (token, token.removeprefix("▁")), token
            case _:
                assert written == token


@pytest.mark.parametrize("unit", ["syllable", "word", "subword"])
@given(
    words=st.lists(
        st.sampled_from(["가 ", "don't", " ", "  ", "\n", "\u0301", "é", "▁", "각", "<br />", "."])
    )
)
def test_a_long_text_cut_in_passing_is_cut_in_the_same_way(unit, words, cutters):
    text = "".join(words)
    cut = cutters(unit, False)
    whole = cut.ids([text, "가"])
    before = pieces._LONG
    pieces._LONG = 3
    try:
        passing = cut.ids([text, "가"])
    finally:
        pieces._LONG = before
    np.testing.assert_array_equal(whole.ids, passing.ids)
    np.testing.assert_array_equal(whole.lengths, passing.lengths)


@pytest.mark.parametrize(("unit", "decompose"), KINDS)
def test_the_same_texts_give_the_same_vocabulary_however_they_are_held(unit, decompose):
    texts = [f"{word} {word[::-1]}" for word in ("가나다", "라마바", "abc", "xyz", "사아자")] * 40
    column = pa.array(texts)
    held = [texts, texts, column, pa.chunked_array([column[:7], column[7:7], column[7:]])]
    asked = recipe(unit, decompose=decompose, vocabulary_size=25)
    assert len({train_tokenizer(asked, one).to_str() for one in held}) == 1


@pytest.mark.parametrize("unit", ["character", "jamo", "syllable", "word"])
@given(texts=st.lists(st.text("가각힣ab ", max_size=8), min_size=1, max_size=20), least=st.integers(1, 4))
def test_a_vocabulary_is_the_most_frequent_units_seen_often_enough(unit, texts, least):
    asked = TextRecipe(unit=unit, min_count=least, vocabulary_size=5)
    everything = train_tokenizer(TextRecipe(unit=unit, min_count=1, vocabulary_size=10_000), texts)
    counts = Counter(token for text in texts for token in everything.encode(text).tokens)
    found = {*train_tokenizer(asked, texts).get_vocab()} - {UNKNOWN}
    assert all(counts[token] >= least for token in found)
    frequent = sorted((count for count in counts.values() if count >= least), reverse=True)
    assert sorted((counts[token] for token in found), reverse=True) == frequent[:4]


@pytest.mark.parametrize(("unit", "decompose"), ANY)
@pytest.mark.parametrize("lowercase", [False, True])
def test_a_tokenizer_tells_its_unit(unit, decompose, lowercase):
    saved = trained(unit, decompose, lowercase=lowercase).to_str()
    assert unit_of(Tokenizer.from_str(saved)) == unit


def test_a_tokenizer_with_another_rule_has_no_unit():
    strange = trained("word")
    strange.pre_tokenizer = pre_tokenizers.Whitespace()
    special = trained("character")
    special.add_special_tokens(["가"])
    gap = Tokenizer(models.BPE({UNKNOWN: 0, "a": 2}, [], unk_token=UNKNOWN))
    gap.normalizer = trained("character").normalizer
    few = trained("byte")
    few.model = models.BPE({UNKNOWN: 0, "a": 1}, [], unk_token=UNKNOWN)
    dropping = trained("subword")
    dropping.model.dropout = 0.5
    for tokenizer in (strange, special, gap, few, dropping):
        assert unit_of(tokenizer) is None


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


@needs_kiwi
def test_morphemes_are_dictionary_forms_with_their_part_of_speech():
    tokenizer = train_tokenizer(recipe("morpheme"), ["영화를 봤다"] * 2)
    assert {*tokenizer.get_vocab()} == {UNKNOWN, "영화/NNG", "를/JKO", "보/VV", "었/EP", "다/EF"}
    spans = cutter("morpheme", tokenizer).spans("영화를 봤다")
    assert spans == [(0, 2), (2, 3), (4, 5), (4, 5), (5, 6)]


class Cutters:
    """Cutters of every kind, each trained once."""

    def __init__(self):
        self._made = {}

    def tokenizer(self, unit, decompose, lowercase=False):
        key = unit, decompose, lowercase
        if key not in self._made:
            self._made[key] = trained(unit, decompose, lowercase=lowercase)
        return self._made[key]

    def __call__(self, unit, decompose, lowercase=False):
        return cutter(unit, self.tokenizer(unit, decompose, lowercase))


@pytest.fixture(scope="module")
def cutters():
    return Cutters()
