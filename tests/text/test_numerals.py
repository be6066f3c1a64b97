"""Korean words for numbers, exact both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text.numerals import LARGEST, number_of, read_number

NUMBERS = st.integers(0, LARGEST) | st.integers(0, 19).flatmap(lambda digits: st.integers(0, 10**digits))


@given(NUMBERS)
def test_what_is_read_is_the_number_again(number):
    words = read_number(number)
    assert number_of(words) == number
    assert number_of(words.replace(" ", "")) == number


@given(NUMBERS, NUMBERS)
def test_unequal_numbers_are_read_unlike(one, other):
    assert (read_number(one) == read_number(other)) == (one == other)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "영"),
        (7, "칠"),
        (10, "십"),
        (11, "십일"),
        (1234, "천이백삼십사"),
        (10_000, "만"),
        (110_000, "십일만"),
        (12_000, "만 이천"),
        (100_010_000, "일억 일만"),
        (
            1_234_567_898,
            "십이억 삼천사백오십육만 칠천팔백구십팔",
        ),  # the example of the orthography, article 44
    ],
)
def test_numbers_are_read_as_the_orthography_says(number, words):
    assert read_number(number) == words


@pytest.mark.parametrize(("words", "number"), [("일만 이천", 12_000), ("일천일백일십일", 1111)])
def test_a_one_that_need_not_be_read_may_be(words, number):
    assert number_of(words) == number


@pytest.mark.parametrize("words", ["", "십백", "만억", "이이", "한", "12", "영일"])
def test_other_words_are_refused(words):
    with pytest.raises(ValueError, match="no number"):
        number_of(words)


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_numbers_beyond_are_refused(number):
    with pytest.raises(ValueError, match="not between"):
        read_number(number)
