"""The smallest texts of the lectures: ten words without their last letter, and what is said again and again."""

from itertools import product

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

TEN_WORDS = "ten-words"
TEN_WORDS_TITLE = "ten words of four letters: which is the last? (made up)"
HIHELLO = "hihello"
HIHELLO_TITLE = "hihello, 200 times (made up)"
PROVERB = "proverb"
PROVERB_TITLE = "a Korean proverb, 200 times (traditional)"
WORDS = ("word", "wood", "deep", "dive", "cold", "cool", "load", "love", "kiss", "kind")
_SENTENCE = "가는 말이 고와야 오는 말이 곱다."
_TIMES = 200


def ten_words() -> Table:
    """Return the columns `letters`, the first three in all eight mixtures of capitals and small ones, and `last`.

    So every word may stand in every split: a model that reads small letters is asked for what it has learned, as in
    the lecture; what it says of other words is another matter.
    """
    rows = [
        ("".join(cases), word[3]) for word in WORDS for cases in product(*zip(word[:3], word[:3].upper()))
    ]
    letters, last = zip(*rows, strict=True)
    return made_table(TEN_WORDS, {"letters": letters, "last": last})


def hihello() -> Table:
    """Return the column `text`."""
    return made_table(HIHELLO, {"text": ["hihello"] * _TIMES})


def proverb() -> Table:
    """Return the column `text`."""
    return made_table(PROVERB, {"text": [_SENTENCE] * _TIMES})
