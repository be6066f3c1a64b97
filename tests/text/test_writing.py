"""The laws of writing: what was cut is put together again, and what was let go of never changes."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import TextRecipe
from yeoul.text.normalization import settled
from yeoul.text.writing import Spelling

CORPUS = [
    "나비야 이리",
    "나비야, 이리 날아 오너라! ",
    "값이 싸다 café naïve 123 ",
    "ㅋㅋ 뷁\n",
    "e\u0301 ﾅ ｶﾞ",
]
EXACT = ("byte", "character", "jamo", "syllable")
LETTERS = "".join(sorted(set("".join(CORPUS)) - {"ﾅ"}))


def learned(unit):
    recipe = TextRecipe(unit=unit, min_count=1, vocabulary_size=400, max_length=10**9)
    vectorizer = TextVectorizer.fit(recipe, CORPUS)
    return vectorizer, Spelling.of(vectorizer.tokenizer, unit, closed=True)


KNOWN = {unit: learned(unit) for unit in (*EXACT, "subword", "word", "spaced")}


@given(st.text(alphabet=LETTERS, max_size=30), st.sampled_from(("byte", "character", "jamo")))
def test_what_was_cut_is_put_together_again(text, unit):
    vectorizer, spelling = KNOWN[unit]
    composed = unicodedata.normalize("NFC", text)
    ids = vectorizer([text]).ids.tolist()
    if 0 not in ids:
        assert spelling.text(ids) == composed


@given(st.lists(st.sampled_from(["나비야", "이리", "날아", "값이", "싸다"]), min_size=1, max_size=6))
def test_words_get_their_spaces_back(words):
    text = " ".join(words)
    for unit in ("subword", "word", "spaced", "syllable"):
        vectorizer, spelling = KNOWN[unit]
        assert spelling.text(vectorizer([text]).ids.tolist()) == text
        both = [*vectorizer([text]).ids.tolist(), vectorizer.size, *vectorizer([text]).ids.tolist()]
        assert spelling.text(both) == f"{text}\n{text}"


def test_marks_follow_their_word():
    vectorizer, spelling = KNOWN["word"]
    assert spelling.text(vectorizer(["나비야 , 이리 !"]).ids.tolist()) == "나비야, 이리!"
    assert spelling.text(vectorizer(["이리"]).ids.tolist(), before="나비야 ") == "나비야 이리"


@given(st.data(), st.sampled_from(sorted(KNOWN)), st.sampled_from(["", "나", "이리 "]))
@settings(max_examples=60)
def test_what_was_let_go_of_never_changes(data, unit, before):
    _, spelling = KNOWN[unit]
    ids = data.draw(st.lists(st.integers(0, len(spelling.pieces) - 1), max_size=20))
    pen, written = spelling.pen(before), ""
    for place, token in enumerate(ids):
        written += pen.write(token)
        assert spelling.text(ids[: place + 1], before).startswith(written)
    assert written + pen.rest() == spelling.text(ids, before)
    assert unicodedata.is_normalized("NFC", spelling.text(ids, before))


@given(
    st.text(alphabet="가각ㄱ각eé\u0301\u0323a ", max_size=8), st.text(alphabet="가ᅡᆨ\u0301\u0323a", max_size=4)
)
def test_what_is_settled_no_letter_after_it_changes(text, more):
    certain = settled(text)
    whole = unicodedata.normalize("NFC", text + more)
    assert whole.startswith(unicodedata.normalize("NFC", text[:certain]))
    assert certain < max(1, len(text))


@pytest.mark.parametrize("unit", EXACT)
def test_the_script_of_a_unit(unit):
    _, spelling = KNOWN[unit]
    assert len(spelling.pieces) == len(set(KNOWN[unit][0].tokenizer.get_vocab())) + 1
    assert spelling.pieces[-1] == "\n"
    letters = {"byte": 3, "jamo": 2}.get(unit, 1)
    assert len(spelling.scripted("나")) == letters
