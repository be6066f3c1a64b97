"""Cut texts into units and number these as they come: words at some two million a second, letters at far more.

Units are those of `yeoul.text.tokenizers`, cut by the same rules with an open vocabulary. Superscripts and
circled digits count as digits here, which that module's regular expressions take for marks.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.errors import DataError, RecipeError
from yeoul.text.blocks import Texts, blocks
from yeoul.text.letters import code_units
from yeoul.text.morphemes import analyze, installed_versions
from yeoul.text.normalization import normalizer

OpenUnit = Literal["character", "jamo", "syllable", "word", "spaced", "morpheme"]
"""Units that are cut by a rule; bytes need no vocabulary and sub-words learn one of their own."""
Numbers = npt.NDArray[np.int64]

_CODE_POINTS = 0x110000
_BETWEEN = "\0"
"""Stands between texts; by no rule is it part of a longer unit. One inside a text counts as `_REPLACEMENT`."""
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, eq=False)
class Units:
    """The units of N texts end to end, each by its place in `names`."""

    codes: Numbers  # (M,)
    names: list[str]
    lengths: Numbers  # (N,)

    @property
    def starts(self) -> Numbers:
        """(N,) place of each text's first unit."""
        return np.cumsum(self.lengths) - self.lengths

    def heads(self, count: int) -> "Units":
        """Return the first units of each text, at most so many."""
        places = np.arange(len(self.codes)) - np.repeat(self.starts, self.lengths)
        return Units(self.codes[places < count], self.names, np.minimum(self.lengths, count))

    def tails(self, count: int) -> "Units":
        """Return the last units of each text, at most so many."""
        left = np.repeat(self.starts + self.lengths, self.lengths) - np.arange(len(self.codes))
        return Units(self.codes[left <= count], self.names, np.minimum(self.lengths, count))


def cut(texts: Iterable[str] | Texts, unit: OpenUnit, *, lowercase: bool) -> Units:
    """Cut every text; morphemes need the extra `ko`.

    Raises `TypeError` for a single string, `ValueError` for an unknown unit and `DataError` for a row that is
    no text.
    """
    given = _listed(texts)
    match unit:
        case "character" | "jamo":
            return _letters(given, decompose=unit == "jamo", lowercase=lowercase)
        case "syllable" | "word" | "spaced":
            rule = {"syllable": _syllable, "word": _word, "spaced": _spaced}[unit]
            return _pieces(given, rule().findall, lowercase=lowercase)
        case "morpheme":
            if not installed_versions():
                raise RecipeError(
                    "morphemes need kiwipiepy, which is not installed", "install it: pip install 'yeoul[ko]'"
                )
            steps = normalizer(lowercase=lowercase, decompose=False)
            numbering = _Numbering()
            for block in blocks(given):
                numbering.add(list(analyze(block, steps)))
            return numbering.units()
        case _:
            raise ValueError(
                f"unit is {unit!r}, expected 'character', 'jamo', 'syllable', 'word', 'spaced' or 'morpheme'"
            )


def _listed(texts: Iterable[str] | Texts) -> Texts:
    if isinstance(texts, str):
        raise TypeError("one text came, expected a sequence of texts")
    if isinstance(texts, (pa.Array, pa.ChunkedArray)):
        return texts
    given = list(texts)
    for row, text in enumerate(given):
        if not isinstance(text, str):
            raise DataError(
                "row {row} of the texts is {value}, expected a text",
                "fill in or leave out rows without a text",
                values={"row": row, "value": repr(text)[:40]},
            )
    return given


def _letters(texts: Texts, *, decompose: bool, lowercase: bool) -> Units:
    steps = normalizer(lowercase=lowercase, decompose=decompose)
    parts = [code_units(block, "utf-32-le", steps) for block in blocks(texts)]
    points = _whole([units.astype(np.int64) for units, _ in parts])
    found = np.flatnonzero(np.bincount(points, minlength=1))
    found = found if len(points) else found[:0]
    table = np.zeros(_CODE_POINTS, np.int64)
    table[found] = np.arange(len(found))
    return Units(table[points], [chr(point) for point in found], _whole([lengths for _, lengths in parts]))


def _pieces(texts: Texts, findall: Callable[[str], list[str]], *, lowercase: bool) -> Units:
    """Cut block by block in one piece, for a million lists would keep Python's collector busy."""
    numbering = _Numbering()
    for block in blocks(texts):
        apart = [text.replace(_BETWEEN, _REPLACEMENT) for text in block]
        joined = unicodedata.normalize("NFC", _BETWEEN.join(apart))
        numbering.add_joined(findall(joined.lower() if lowercase else joined))
    return numbering.units()


class _Numbering:
    """Numbers units in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict()
        self._numbers.default_factory = self._numbers.__len__
        self._numbers[_BETWEEN] = 0
        self._codes: list[Numbers] = []
        self._lengths: list[Numbers] = []

    def add(self, rows: Sequence[list[str]]) -> None:
        """Append the units of texts."""
        self._lengths.append(np.fromiter(map(len, rows), np.int64, len(rows)))
        self._codes.append(self._numbered(list(chain.from_iterable(rows))))

    def add_joined(self, flat: list[str]) -> None:
        """Append the units of texts, between which a unit stands that is in none of them."""
        codes = self._numbered(flat)
        ends = np.flatnonzero(codes == 0)
        self._lengths.append(np.diff(ends, prepend=-1, append=len(codes)) - 1)
        self._codes.append(codes[codes != 0])

    def units(self) -> Units:
        return Units(_whole(self._codes) - 1, list(self._numbers)[1:], _whole(self._lengths))

    def _numbered(self, flat: list[str]) -> Numbers:
        return np.fromiter(map(self._numbers.__getitem__, flat), np.int64, len(flat))


def _whole(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate([np.empty(0, np.int64), *parts])


@cache
def _word() -> re.Pattern[str]:
    """Return the rule of words; what follows a run of letters tells don't from movie's, so none is read twice."""
    run = f"[\\w{_marks()}]+"
    contracted = r"(?:(?<=\w[nN])['’][tT]\b)?"
    clitic = r"(?<=\w)['’](?:[sdmSDM]|[rR][eE]|[vV][eE]|[lL][lL])\b"
    return re.compile(rf"{run}{contracted}|{clitic}|</?[a-zA-Z]+ ?/?>|[^\w\s]")


@cache
def _syllable() -> re.Pattern[str]:
    return re.compile(rf"[가-힣]|(?:[^\W\d_가-힣]|[{_marks()}])+|\d+|\s+|[^\w\s]|_")


@cache
def _spaced() -> re.Pattern[str]:
    return re.compile(rf"[^\s{_BETWEEN}]+|{_BETWEEN}")


def _marks() -> str:
    """Return the ranges of a character class: marks, such as the vowel signs of Devanagari, and connectors."""
    ranges: list[list[int]] = []
    for point in range(0x80, 0x10000):
        if unicodedata.category(chr(point)) in ("Mn", "Mc", "Me", "Pc"):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)
