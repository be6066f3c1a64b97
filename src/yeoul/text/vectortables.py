"""A table of word vectors and what can be asked of it: neighbors, analogies, similarities, coverage.

Cosines are taken over all words at once, in parts, so that a table mapped from a file need not fit into memory.
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


@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlation of cosines with what people said, over the pairs that the table holds."""

    spearman: float | None
    known: int
    asked: int


@final
@dataclass(frozen=True, eq=False)
class VectorTable:
    """The vectors `values` (N, D) of N words; of one that comes twice the first counts."""

    words: Sequence[str]
    values: Floats  # may be mapped from a file
    places: Mapping[str, int]
    lengths: Floats  # (N,)

    @classmethod
    def of(cls, words: Sequence[str], values: Floats) -> "VectorTable":
        """Index the words, in composed form (NFC); measure the vectors."""
        places: dict[str, int] = {}
        for place, word in enumerate(words):
            places.setdefault(unicodedata.normalize("NFC", word), place)
        parts = [
            np.sqrt(np.einsum("nd,nd->n", part, part))
            for part in (
                values[first : first + _ROWS_AT_ONCE] for first in range(0, len(words), _ROWS_AT_ONCE)
            )
        ]
        lengths = np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)
        return cls(words, values, places, lengths)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and unicodedata.normalize("NFC", word) in self.places

    def vector(self, word: str) -> Floats:
        """Return the vector (D,) of a word; raise `DataError` if the table holds none."""
        place = self.places.get(unicodedata.normalize("NFC", word))
        if place is None:
            near = nearest(word, [one for one in list(self.words[:_ROWS_AT_ONCE]) if one[:1] == word[:1]])
            if near:
                raise DataError(
                    "there is no vector of {word}",
                    "did you mean {near}?",
                    values={"word": word, "near": near},
                )
            raise DataError("there is no vector of {word}", "ask for another word", values={"word": word})
        return np.array(self.values[place])

    def coverage(self, counts: Mapping[str, int], shown: int = 10) -> Coverage:
        """Say how much of a counted vocabulary the table holds; raise `ValueError` for an empty one."""
        if not counts:
            raise ValueError("there are no words to cover")
        held = [word for word in counts if word in self]
        missing = sorted(
            (word for word in counts if word not in self), key=lambda word: (-counts[word], word)
        )
        share = sum(counts[word] for word in held) / max(1, sum(counts.values()))
        return Coverage(len(held) / len(counts), share, tuple(missing[:shown]))

    def neighbors(self, word: str, count: int = 10) -> list[Near]:
        """Return the words with the highest cosine to a word, itself left out."""
        asked = self._unit(word)[None]
        return self._nearest(asked, [{self.places[unicodedata.normalize("NFC", word)]}], count)[0]

    def analogy(self, first: str, second: str, third: str, count: int = 5) -> list[Near]:
        """Return what is to `third` as `second` is to `first`."""
        asked = (self._unit(second) - self._unit(first) + self._unit(third))[None]
        return self._nearest(asked, [self._given(first, second, third)], count)[0]

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two words."""
        return float(self._unit(first) @ self._unit(second))

    def score_analogies(self, questions: Iterable[tuple[str, Sequence[Sequence[str]]]]) -> list[Answered]:
        """Answer sections of questions, each of four words, and say how many were right by section."""
        return [self._answered(name, rows) for name, rows in questions]

    def score_similarities(self, pairs: Sequence[tuple[str, str, float]]) -> Agreement:
        """Compare cosines with what people said of pairs of words; raise `ValueError` for no pairs."""
        from scipy.stats import spearmanr  # slow to import

        if not pairs:
            raise ValueError("there are no pairs to compare")
        known = [(a, b, said) for a, b, said in pairs if a in self and b in self]
        cosines = [self.similarity(a, b) for a, b, _ in known]
        said = [one for _, _, one in known]
        told = len(set(cosines)) > 1 and len(set(said)) > 1
        return Agreement(float(spearmanr(cosines, said).statistic) if told else None, len(known), len(pairs))

    def _answered(self, name: str, rows: Sequence[Sequence[str]]) -> Answered:
        known = [row for row in rows if all(word in self for word in row)]
        right = 0
        for start in range(0, len(known), _QUESTIONS_AT_ONCE):
            some = known[start : start + _QUESTIONS_AT_ONCE]
            asked = np.stack([self._unit(b) - self._unit(a) + self._unit(c) for a, b, c, _ in some])
            found = self._nearest(asked, [self._given(*row[:3]) for row in some], 1)
            right += sum(
                bool(best) and self.places[unicodedata.normalize("NFC", best[0].word)] in self._given(row[3])
                for best, row in zip(found, some, strict=True)
            )
        return Answered(name, right, len(known), len(rows))

    def _given(self, *words: str) -> set[int]:
        return {self.places[unicodedata.normalize("NFC", word)] for word in words}

    def _unit(self, word: str) -> Floats:
        vector = self.vector(word)
        unit: Floats = vector / max(float(np.linalg.norm(vector)), _TINY)
        return unit

    def _nearest(self, asked: Floats, without: Sequence[set[int]], count: int) -> list[list[Near]]:
        """Return the words nearest to each of (Q, D), some places left out."""
        wide = count + max(map(len, without))
        asked = asked / np.maximum(np.linalg.norm(asked, axis=1, keepdims=True), _TINY)
        best: list[list[tuple[float, int]]] = [[] for _ in without]
        for start in range(0, len(self), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            cosines = asked @ self.values[part].T / np.maximum(self.lengths[part], _TINY)
            kept = min(wide, cosines.shape[1])
            places = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept]
            for row, found in enumerate(places):
                best[row] += [(-float(cosines[row, place]), start + int(place)) for place in found]
        return [
            [Near(self.words[place], -far) for far, place in sorted(found) if place not in left_out][:count]
            for found, left_out in zip(best, without, strict=True)
        ]
