"""Raw sentences become words as the corpus tells, and no letter is lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text.wordcuts import WordCut

APART = WordCut(punctuation=True, clitics=True)


def words(cut, text):
    return [text[start:end] for start, end in cut(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("나는 학교에 간다.", ["나는", "학교에", "간다", "."]),
        ("애플(Apple)은 “크다”…", ["애플", "(", "Apple", ")", "은", "“", "크다", "”", "…"]),
        ("정말?! 3.5%와 1,234원", ["정말", "?", "!", "3.5%와", "1,234원"]),
        ("흠... 그래", ["흠", "...", "그래"]),
        ("He didn't say we're", ["He", "did", "n't", "say", "we", "'re"]),
        ("a@b.kr #3 C&A", ["a@b.kr", "#3", "C&A"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_punctuation_stands_alone(text, expected):
    assert words(APART, text) == expected


def test_a_corpus_tells_how_its_words_are_cut():
    assert WordCut.of(["나는", "간다", "."]) == WordCut(punctuation=True)
    assert WordCut.of(["나는", "간다.", "가.", "."]) == WordCut()
    assert WordCut.of(["did", "n't", "."]) == APART
    assert words(WordCut(), "간다. (정말)") == ["간다.", "(정말)"]


@given(st.text(alphabet="가나 ab.,()\"'…n't\n!?", max_size=40), st.booleans(), st.booleans())
def test_no_letter_is_lost_and_none_twice(text, punctuation, clitics):
    ranges = WordCut(punctuation, clitics)(text)
    assert "".join(text[start:end] for start, end in ranges) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(ranges))
    assert all(start < end for start, end in ranges)
