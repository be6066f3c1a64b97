"""The numbers to beat for pairs: what can be answered without a network.

Copy the source; say the most frequent target; say the target of the training source that is most alike; put the
likeliest word for each word; take the beginning of the source.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from yeoul.data.tokens import places

Ints = npt.NDArray[np.int64]

_NGRAMS = (2, 4)
_FEATURES = 1 << 18
_MOST_HOLDERS = 2000
"""Training sources that hold an n-gram: what stands in more of them tells little and costs most of the time."""
_MOST_CHARACTERS = 1000
"""Of a source, from its beginning on."""
_LEAST_COMMON = 0.05
_QUERIES_AT_ONCE = 256
_ROUNDS = 6
_TINY = 1e-300
_MOST_LINKS = 12_000_000
_WORD = re.compile(r"\w+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


class PairBaseline(Protocol):
    """Answers a source with a text."""

    def answers(self, sources: Sequence[str]) -> list[str]: ...


@final
@dataclass(frozen=True)
class Copied:
    """The source itself."""

    def answers(self, sources: Sequence[str]) -> list[str]:
        return list(sources)


@final
@dataclass(frozen=True)
class Frequent:
    """The most frequent target of the training rows, the first in sorted order among equals."""

    target: str

    @classmethod
    def fit(cls, targets: Sequence[str]) -> "Frequent":
        counts = Counter(targets)
        return cls(min(counts, key=lambda target: (-counts[target], target)))

    def answers(self, sources: Sequence[str]) -> list[str]:
        return [self.target] * len(sources)


@final
@dataclass(frozen=True)
class Lead:
    """The first sentence of the source, at most so many words of it."""

    words: int

    @classmethod
    def fit(cls, targets: Sequence[str]) -> "Lead":
        """Take as many words as a target has on average."""
        return cls(max(1, round(sum(len(target.split()) for target in targets) / max(1, len(targets)))))

    def answers(self, sources: Sequence[str]) -> list[str]:
        firsts = (_SENTENCE_END.split(source.strip(), maxsplit=1)[0] for source in sources)
        return [" ".join(first.split()[: self.words]) for first in firsts]


@final
@dataclass(frozen=True, eq=False)
class Nearest:
    """The target of the training source that is most alike: cosine of weighted n-grams of characters."""

    targets: tuple[str, ...]
    weights: Mapping[str, tuple[int, float]]
    """Of each n-gram its column and how much it weighs."""
    sources: sparse.csc_array
    """(N, F), rows of length one."""
    frequent: str
    """Said where nothing is alike."""

    @classmethod
    def fit(cls, sources: Sequence[str], targets: Sequence[str]) -> "Nearest":
        """Index the training sources; n-grams that nearly all of them hold are left out, where others are enough."""
        holders: Counter[str] = Counter()
        for source in sources:
            holders.update(set(_character_ngrams(source)))
        most = max(_MOST_HOLDERS, int(_LEAST_COMMON * len(sources)))
        kept = [gram for gram, count in holders.items() if count <= most or len(gram) == _NGRAMS[1]]
        kept = sorted(kept, key=lambda gram: (-holders[gram], gram))[:_FEATURES]
        weights = {
            gram: (place, math.log((1 + len(sources)) / (1 + holders[gram])) + 1)
            for place, gram in enumerate(kept)
        }
        return cls(tuple(targets), weights, _rows(sources, weights).tocsc(), Frequent.fit(targets).target)

    def answers(self, sources: Sequence[str]) -> list[str]:
        return said_of(self.places(sources), self.targets, self.frequent)

    def places(self, sources: Sequence[str]) -> Ints:
        """Return the training row (N,) most alike to each source; -1 where none is alike at all."""
        found: list[int] = []
        for start in range(0, len(sources), _QUERIES_AT_ONCE):
            found += self._places(_rows(sources[start : start + _QUERIES_AT_ONCE], self.weights))
        return np.array(found, np.int64)

    def _places(self, queries: sparse.csr_array) -> list[int]:
        """Return the row most alike to each query, the earliest among equals; -1 where none shares an n-gram."""
        alike = (queries @ self.sources.T).tocsr()
        found = []
        for row in range(alike.shape[0]):
            own = slice(alike.indptr[row], alike.indptr[row + 1])
            values, columns = alike.data[own], alike.indices[own]
            best = columns[values >= values.max() - 1e-9].min() if len(values) else -1
            found.append(int(best))
        return found


def said_of(places: Ints, targets: Sequence[str], frequent: str) -> list[str]:
    """Return the targets at these places (N,), and the most frequent one where there is no place."""
    return [frequent if place < 0 else targets[place] for place in places.tolist()]


@final
@dataclass(frozen=True)
class Dictionary:
    """A word for each word of the source in its order; a word that was never seen stays as it is.

    The chance t(w | v) that v is told by w is learned from which words occur in the same pairs (Brown et al. 1993,
    model 1), of many pairs from an even sample.
    """

    words: Mapping[str, str]

    @classmethod
    def fit(cls, sources: Sequence[str], targets: Sequence[str]) -> "Dictionary":
        left, right = _Words.of(sources, sources=True), _Words.of(targets, sources=False)
        table = _likeliest(left, right)
        return cls({left.words[v]: right.words[w] for v, w in table.items() if v})

    def answers(self, sources: Sequence[str]) -> list[str]:
        return [
            " ".join(self.words.get(word.lower(), word) for word in _WORD.findall(source))
            for source in sources
        ]


@dataclass(frozen=True, eq=False)
class _Words:
    """The words of texts by number, end to end: text i is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: Ints
    offsets: Ints
    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Sequence[str], *, sources: bool) -> "_Words":
        """Number the words as they are; those of sources in small letters, after the word 0, which is nothing."""
        numbers: dict[str, int] = {"": 0} if sources else {}
        ids: list[int] = []
        ends = [0]
        for text in texts:
            ids += [0] * sources
            words = _WORD.findall(text.lower() if sources else text)
            ids += [numbers.setdefault(word, len(numbers)) for word in words]
            ends.append(len(ids))
        return cls(np.array(ids, np.int64), np.array(ends, np.int64), tuple(numbers))

    @property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)


def _likeliest(left: _Words, right: _Words) -> dict[int, int]:
    """Return for each word of the sources the likeliest word of the targets, by expectation maximization."""
    token, source = _links(left, right)
    width = len(right.words)
    known, link = np.unique(left.ids[source] * width + right.ids[token], return_inverse=True)
    owner = known // width
    chances = np.ones(len(known))
    for _ in range(_ROUNDS):
        shares = chances[link]
        shares /= np.maximum(np.bincount(token, shares, len(right.ids)), _TINY)[token]
        counts = np.bincount(link, shares, len(known))
        chances = counts / np.maximum(np.bincount(owner, counts, len(left.words)), _TINY)[owner]
    order = np.lexsort((known % width, -chances, owner))
    owners, first = np.unique(owner[order], return_index=True)
    return dict(zip(owners.tolist(), (known[order][first] % width).tolist()))


def _links(left: _Words, right: _Words) -> tuple[Ints, Ints]:
    """Return the places of all pairs of words that stand in one pair of texts: in the targets, and in the sources."""
    sizes = left.lengths * right.lengths
    step = -(-int(sizes.sum()) // _MOST_LINKS) or 1
    rows = np.arange(0, len(sizes), step)
    tokens = places(right.offsets[rows], right.lengths[rows])
    of_row = np.repeat(rows, right.lengths[rows])
    token = np.repeat(tokens, left.lengths[of_row])
    return token, places(left.offsets[of_row], left.lengths[of_row])


def _character_ngrams(text: str) -> Iterator[str]:
    """Yield the n-grams of a text in small letters, letters of syllables apart, with a space at both ends."""
    words = " ".join(text[:_MOST_CHARACTERS].lower().split())
    letters = f" {unicodedata.normalize('NFD', words)} "
    for size in range(_NGRAMS[0], _NGRAMS[1] + 1):
        for start in range(len(letters) - size + 1):
            yield letters[start : start + size]


def _rows(texts: Sequence[str], weights: Mapping[str, tuple[int, float]]) -> sparse.csr_array:
    """Return the weighted n-grams of texts (N, F), each row of length one or empty."""
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        counts = Counter(gram for gram in _character_ngrams(text) if gram in weights)
        row = [(weights[gram][0], (1 + math.log(count)) * weights[gram][1]) for gram, count in counts.items()]
        length = math.sqrt(sum(value * value for _, value in row)) or 1.0
        columns += [column for column, _ in row]
        values += [value / length for _, value in row]
        ends.append(len(columns))
    return sparse.csr_array(
        (np.array(values, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
        shape=(len(texts), len(weights)),
    )
