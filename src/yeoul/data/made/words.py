"""Six English words with their Korean ones, also misspelt by a slip of one letter."""

import string
from collections.abc import Iterator

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

SIX_WORDS = "six-words"
SIX_WORDS_TITLE = "six English words and their Korean ones, with every misspelling by one letter (made up)"
WORDS = {"word": "단어", "wood": "나무", "game": "놀이", "girl": "소녀", "kiss": "키스", "love": "사랑"}


def six_words() -> Table:
    """Return the columns `english` and `korean`: each word, and all that one slip makes of it.

    A slip leaves a letter out, writes one twice, exchanges two neighbors, or takes another letter for one. What two of
    the words may become is left out; what is one of the words means that.
    """
    meant: dict[str, set[str]] = {word: {word} for word in WORDS}
    for word in WORDS:
        for written in _slips(word):
            if written not in WORDS:
                meant.setdefault(written, set()).add(word)
    single = [(written, next(iter(words))) for written, words in meant.items() if len(words) == 1]
    return made_table(
        SIX_WORDS,
        {"english": [written for written, _ in single], "korean": [WORDS[word] for _, word in single]},
    )


def _slips(word: str) -> Iterator[str]:
    for place, letter in enumerate(word):
        before, after = word[:place], word[place + 1 :]
        yield before + after
        yield before + letter + letter + after
        if after:
            yield before + after[0] + letter + after[1:]
        yield from (before + other + after for other in string.ascii_lowercase if other != letter)
