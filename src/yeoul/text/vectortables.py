"""A table of word vectors and what can be asked of it: neighbors, analogies, similarities, coverage.

Cosines are taken over all words at once, in parts, so that a table mapped from a file need not fit into memory. A
table that also knows parts of words has a vector for words that it does not hold.
An analogy "a is to b as c is to …" is answered by the word whose vector is nearest to b - a + c, all of length one,
the three given ones left out (3CosAdd, Mikolov et al. 2013).
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError, nearest
from yeoul.text.vectorrows import ScatteredRows
from yeoul.text.wordparts import WordParts

Floats = npt.NDArray[np.float32]

_ROWS_AT_ONCE = 100_000
_TINY = float(np.finfo(np.float32).tiny)
_QUESTIONS_AT_ONCE = 256


@dataclass(frozen=True)
class Near:
    """A word with its cosine to what was asked."""

    word: str
    cosine: float


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary a table holds."""

    words: float
    """Share of the distinct words."""
    occurrences: float
    """Share of all that was counted."""
    composed: float
    """Share of all that was counted and is not held, but put together from parts of words."""
    missing: tuple[str, ...]
    """The most frequent words that it does not hold."""


@dataclass(frozen=True)
class Answered:
    """How many questions were right of those all of whose words the table holds."""

    name: str
    right: int
    known: int
    asked: int

    @property
    def accuracy(self) -> float | None:
        return self.right / self.known if self.known else None


@final
@dataclass(frozen=True, eq=False)
class VectorTable:
    """The vectors `values` (N, D) of N words; of one that comes twice the first counts."""

    words: Sequence[str]
    values: Floats | ScatteredRows  # may be mapped from a file
    places: Mapping[str, int]
    parts: WordParts | None = None
    counts: npt.NDArray[np.int64] | None = None
    """How often each word (N,) was seen, where that is known."""

    @classmethod
    def of(
        cls,
        words: Sequence[str],
        values: Floats | ScatteredRows,
        parts: WordParts | None = None,
        counts: npt.NDArray[np.int64] | None = None,
    ) -> "VectorTable":
        """Index the words, in composed form (NFC)."""
        places: dict[str, int] = {}
        for place, word in enumerate(words):
            places.setdefault(unicodedata.normalize("NFC", word), place)
        return cls(words, values, places, parts, counts)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and unicodedata.normalize("NFC", word) in self.places

    @property
    def size(self) -> int:
        """D, the components of a vector."""
        return int(self.values.shape[1])

    def covers(self, word: str) -> bool:
        """Tell whether a word has a vector: it is held, or put together from its parts."""
        return word in self or (self.parts is not None and bool(self.parts.known([word])[0]))

    def vector(self, word: str) -> Floats:
        """Return the vector (D,) of a word; raise `DataError` if it has none."""
        found, values = self.values_of([word])
        if found[0]:
            return np.array(values[0])
        near = nearest(word, [one for one in list(self.words[:_ROWS_AT_ONCE]) if one[:1] == word[:1]])
        if near:
            raise DataError(
                "there is no vector of {word}",
                "did you mean {near}?",
                values={"word": word, "near": near},
            )
        raise DataError("there is no vector of {word}", "ask for another word", values={"word": word})

    def values_of(self, words: Sequence[str]) -> tuple[npt.NDArray[np.bool_], Floats]:
        """Tell which words (N,) have a vector, and return the vectors (M, D) of those, in order.

        Raises `DataError` for a vector that holds something that is no finite number.
        """
        places = np.array(
            [self.places.get(unicodedata.normalize("NFC", word), -1) for word in words], np.int64
        )
        values = np.zeros((len(words), self.size), np.float32)
        found = places >= 0
        values[found] = self.values[places[found]]
        others = np.flatnonzero(~found)
        if self.parts is not None and len(others):
            asked = [words[place] for place in others.tolist()]
            values[others] = self.parts.vectors(asked)
            found[others] = self.parts.known(asked)
        wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if len(wrong):
            raise not_finite(words[int(wrong[0])])
        return found, values[found]

    def coverage(self, counts: Mapping[str, int], shown: int = 10) -> Coverage:
        """Say how much of a counted vocabulary the table holds; raise `ValueError` for an empty one."""
        if not counts:
            raise ValueError("there are no words to cover")
        held = [word for word in counts if word in self]
        missing = sorted(
            (word for word in counts if word not in self), key=lambda word: (-counts[word], word)
        )
        total = max(1, sum(counts.values()))
        composed = 0
        if self.parts is not None and missing:
            known = self.parts.known(missing)
            composed = sum(counts[word] for word, is_known in zip(missing, known) if is_known)
        share = sum(counts[word] for word in held) / total
        return Coverage(len(held) / len(counts), share, composed / total, tuple(missing[:shown]))

    def neighbors(self, word: str, count: int = 10) -> list[Near]:
        """Return the words with the highest cosine to a word, itself left out."""
        asked = self._unit(word)[None]
        return self.nearest(asked, count, [self._given(word)])[0]

    def analogy(self, first: str, second: str, third: str, count: int = 5) -> list[Near]:
        """Return what is to `third` as `second` is to `first`."""
        asked = (self._unit(second) - self._unit(first) + self._unit(third))[None]
        return self.nearest(asked, count, [self._given(first, second, third)])[0]

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two words."""
        return float(self._unit(first) @ self._unit(second))

    def score_analogies(self, questions: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> list[Answered]:
        """Answer sections of questions, each of four words, and say how many were right by section.

        Questions count as known where the table holds all of their words.
        """
        return [self._answered(name, rows) for name, rows in questions]

    def similarities(self, pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
        """Return the cosine (N,) of each pair of words, NaN where one of them has no vector."""
        words = [word for pair in pairs for word in pair]
        found, values = self.values_of(words)
        units = np.full((len(words), self.size), np.nan, np.float64)
        wide = values.astype(np.float64)
        units[found] = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), _TINY)
        cosines: npt.NDArray[np.float64] = np.einsum("nd,nd->n", units[0::2], units[1::2])
        return cosines

    def nearest(self, asked: Floats, count: int, without: Sequence[set[int]]) -> list[list[Near]]:
        """Return the words nearest to each of `asked` (Q, D), the places `without` (Q,) left out."""
        wide = count + max(map(len, without))
        asked = asked / np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), _TINY)
        best: list[list[tuple[float, int]]] = [[] for _ in without]
        for start in range(0, len(self), _ROWS_AT_ONCE):
            part = np.asarray(self.values[start : start + _ROWS_AT_ONCE])
            with np.errstate(over="ignore"):  # numbers too large to be squared are refused below
                lengths = np.sqrt(np.einsum("nd,nd->n", part, part))
            if not np.isfinite(lengths).all():
                raise not_finite(self.words[start + int(np.flatnonzero(~np.isfinite(lengths))[0])])
            cosines = asked @ part.T / np.maximum(lengths, _TINY)
            kept = min(wide, cosines.shape[1])
            places = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept]
            for row, found in enumerate(places):
                best[row] += [(-float(cosines[row, place]), start + int(place)) for place in found]
        return [
            [Near(self.words[place], -far) for far, place in sorted(found) if place not in left_out][:count]
            for found, left_out in zip(best, without, strict=True)
        ]

    def _answered(self, name: str, rows: Sequence[Sequence[str]]) -> Answered:
        known = [row for row in rows if all(word in self for word in row)]
        right = 0
        for start in range(0, len(known), _QUESTIONS_AT_ONCE):
            some = known[start : start + _QUESTIONS_AT_ONCE]
            asked = np.stack([self._unit(b) - self._unit(a) + self._unit(c) for a, b, c, _ in some])
            found = self.nearest(asked, 1, [self._given(*row[:3]) for row in some])
            right += sum(
                bool(best) and self.places[unicodedata.normalize("NFC", best[0].word)] in self._given(row[3])
                for best, row in zip(found, some, strict=True)
            )
        return Answered(name, right, len(known), len(rows))

    def _given(self, *words: str) -> set[int]:
        composed = (unicodedata.normalize("NFC", word) for word in words)
        return {self.places[word] for word in composed if word in self.places}

    def _unit(self, word: str) -> Floats:
        vector = self.vector(word).astype(np.float64)
        unit: Floats = (vector / max(float(np.linalg.norm(vector)), _TINY)).astype(np.float32)
        return unit


def not_finite(word: str, where: str = "") -> DataError:
    """Return the error for a vector with something that is no number, or too large to be multiplied."""
    return DataError(
        "the vector of {word} holds something that is no finite number",
        "use a file of GloVe, word2vec or fastText, whole as it was fetched",
        where=where,
        values={"word": word},
    )
