"""Cut a raw sentence into the words of a tagged corpus, as far as the corpus tells how its words were cut.

At spaces first. Where punctuation stands alone in the corpus, brackets and quotation marks are words of their own
wherever they stand, other marks at the ends of a word; a run of one mark stays together. Where the corpus cuts the
English endings n't, 's, 're, 've, 'll, 'm and 'd off, so does this.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Range = tuple[int, int]
"""The first character and the one after the last."""

_ALONE = re.compile(r"[\[\](){}<>«»〈〉《》「」『』【】〔〕\"“”]")
_CLITIC = re.compile(r"(?i)(?<=.)(n['’]t|['’](?:s|re|ve|ll|m|d))$")
_SEEN_WORDS = 200_000


@dataclass(frozen=True)
class WordCut:
    """How sentences become words beside being cut at spaces."""

    punctuation: bool = False
    clitics: bool = False

    @classmethod
    def of(cls, words: Iterable[str]) -> "WordCut":
        """Learn from the words of a corpus whether punctuation, and English endings, stand alone there."""
        alone = attached = endings = 0
        for place, word in enumerate(words):
            if place == _SEEN_WORDS:
                break
            marks = [_is_mark(letter) for letter in word]
            alone += all(marks)
            attached += not all(marks) and marks[-1]
            endings += word.lower() in ("n't", "n’t", "'s", "’s", "'re", "'ll")
        return cls(alone > attached, alone > attached and endings > 0)

    def __call__(self, text: str) -> list[Range]:
        """Return where the words of a text are, in order."""
        return [found for space in re.finditer(r"\S+", text) for found in self._parts(text, *space.span())]

    def _parts(self, text: str, start: int, end: int) -> Iterator[Range]:
        if not self.punctuation:
            yield start, end
            return
        begin = start
        for mark in _ALONE.finditer(text, start, end):
            yield from self._edges(text, begin, mark.start())
            yield mark.span()
            begin = mark.end()
        yield from self._edges(text, begin, end)

    def _edges(self, text: str, start: int, end: int) -> Iterator[Range]:
        """Cut the marks at both ends off, and an English ending."""
        while start < end and _is_mark(text[start]):
            after = _run(text, start, end)
            yield start, after
            start = after
        last, behind = end, list[Range]()
        while start < last and _is_mark(text[last - 1]):
            first = last - 1
            while first > start and text[first - 1] == text[last - 1]:
                first -= 1
            behind.append((first, last))
            last = first
        if start < last:
            ending = _CLITIC.search(text[start:last]) if self.clitics else None
            middle = last if ending is None else start + ending.start()
            yield start, middle
            if ending is not None:
                yield middle, last
        yield from reversed(behind)


def _run(text: str, start: int, end: int) -> int:
    """Return the end of the run of one mark that begins at `start`."""
    after = start + 1
    while after < end and text[after] == text[start]:
        after += 1
    return after


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P") and letter not in "%&@#*/\\"
