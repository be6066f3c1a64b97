"""One normal form for every text, and the way back to the text as it was written.

Texts are composed (NFC), then perhaps put in small letters, then perhaps taken apart (NFD), which spells a
Korean syllable by its letters. Compatibility letters (ㅋ) and half-width forms mean what they look like, and stay.
"""

import unicodedata
from dataclasses import dataclass
from functools import cached_property

from tokenizers import normalizers

Span = tuple[int, int]
"""First character and the one after the last."""

NFC = normalizers.Sequence([normalizers.NFC()])


def normalizer(*, lowercase: bool, decompose: bool) -> normalizers.Sequence:
    """Return the steps, as they are saved with a tokenizer."""
    small = [normalizers.Lowercase()] if lowercase else []
    apart = [normalizers.NFD()] if decompose else []
    return normalizers.Sequence([normalizers.NFC(), *small, *apart])


@dataclass(frozen=True)
class Aligned:
    """A text in its normal form, with the place in the given text of each of its characters.

    What composing and reordering may touch together, a base with its marks or the letters of one syllable, has
    one place: every normal character made of it points to all of it.
    """

    given: str
    steps: normalizers.Sequence

    @cached_property
    def normal(self) -> str:
        return str(self.steps.normalize_str(self.given))

    @cached_property
    def spans(self) -> list[Span]:
        """Place of each character of `normal`, in order."""
        spans: list[Span] = []
        made: list[str] = []
        for start, end in _segments(self.given):
            made.append(self.steps.normalize_str(self.given[start:end]))
            spans += [(start, end)] * len(made[-1])
        if "".join(made) == self.normal:
            return spans
        return [(0, len(self.given))] * len(self.normal)

    def span(self, start: int, end: int) -> Span:
        """Return the place of `normal[start:end]`; an empty piece has an empty place."""
        if start < end:
            return self.spans[start][0], self.spans[end - 1][1]
        here = self.spans[start][0] if start < len(self.spans) else len(self.given)
        return here, here


def settled(text: str) -> int:
    """Return how many characters of a text that goes on nothing can change: all before the last that begins anew.

    >>> settled("ㄱ나"), settled("e")
    (1, 0)
    """
    for place in range(len(text) - 1, 0, -1):
        if _may_cut(text, place) and _apart(text[:place], text[place]):
            return place
    return 0


def _segments(text: str) -> list[Span]:
    """Cut a text where no normal form looks across."""
    places = [place for place in range(len(text)) if place == 0 or _may_cut(text, place)]
    kept: list[int] = []
    for place in places:
        if not kept or _apart(text[kept[-1] : place], text[place]):
            kept.append(place)
    return list(zip(kept, [*kept[1:], len(text)], strict=False))


def _may_cut(text: str, place: int) -> bool:
    """Tell whether the character there is no mark, nor begins with one when it is taken apart."""
    letter = text[place]
    return letter < "\u0300" or not unicodedata.combining(unicodedata.normalize("NFD", letter)[0])


def _apart(before: str, letter: str) -> bool:
    """Tell whether a starter does not melt into what stands before it, as a vowel does into a consonant."""
    if letter < "\u0300" or "가" <= letter <= "힣":
        return True
    joined = unicodedata.normalize("NFC", before + letter)
    return joined == unicodedata.normalize("NFC", before) + unicodedata.normalize("NFC", letter)
