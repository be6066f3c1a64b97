"""The numbers to beat for captions: what can be said of a picture without a network.

Say the most frequent caption; say that of the training picture that is most alike; of the captions of several such
pictures say the one that agrees most with the others (Devlin et al. 2015).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from yeoul.metrics.captions import caption_words
from yeoul.metrics.translation import cut_for, ngrams

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]
References = Sequence[Sequence[str]]

NEIGHBORS = 60
"""So many pictures whose captions are asked what they agree on are worth beating."""
_AGREEING = 100
"""So many of the other captions count, those that agree best; a few odd pictures then do no harm."""
_ORDER = 4
_CELLS = 8
_EDGE_CELLS = 6
_DIRECTIONS = 8
_LEVELS = 4
_AT_ONCE = 256
_SIDE = 48
_TINY = 1e-6


@final
@dataclass(frozen=True)
class Frequent:
    """The most frequent caption, the first in sorted order among equals."""

    caption: str

    @classmethod
    def fit(cls, captions: Sequence[str]) -> "Frequent":
        counts = Counter(captions)
        return cls(min(counts, key=lambda caption: (-counts[caption], caption)))

    def answers(self, pictures: int) -> list[str]:
        return [self.caption] * pictures


@final
@dataclass(frozen=True, eq=False)
class Neighbors:
    """Pictures by what is known of them: the nearest have the greatest cosine, seen from their mean."""

    features: Floats  # (N, D) of length one
    mean: Floats  # (D,)

    @classmethod
    def fit(cls, features: Floats) -> "Neighbors":
        mean = features.mean(axis=0)
        return cls(_unit(features - mean), mean)

    def places(self, features: Floats, count: int) -> Ints:
        """Return the nearest pictures (Q, count) of each of Q others, the nearest first, the earlier among equals."""
        count = min(count, len(self.features))
        found = []
        for start in range(0, len(features), _AT_ONCE):
            alike = _unit(features[start : start + _AT_ONCE] - self.mean) @ self.features.T
            found.append(np.argsort(-alike, axis=1, kind="stable")[:, :count])
        return np.concatenate(found) if found else np.empty((0, count), np.int64)


@final
@dataclass(frozen=True, eq=False)
class Nearest:
    """Of the captions of the nearest pictures, the one that agrees most with the others."""

    neighbors: Neighbors
    agreement: "Agreement"

    @classmethod
    def fit(cls, features: Floats, references: References) -> "Nearest":
        """Remember pictures by their features (N, D) with what is said of them."""
        return cls(Neighbors.fit(features), Agreement.of(references))

    def answers(self, features: Floats, count: int = 1) -> list[str]:
        """Say a caption of each of Q pictures by their features (Q, D), from those of so many nearest pictures."""
        places = self.neighbors.places(features, count)
        return [self.agreement.best(row) for row in places.tolist()]


@final
@dataclass(frozen=True, eq=False)
class Agreement:
    """Captions as weighted n-grams: two agree by the mean of the cosines of their 1- to 4-grams."""

    captions: tuple[str, ...]
    ends: tuple[int, ...]
    """Where the captions of each picture begin, and the end of the last."""
    grams: sparse.csr_array  # (R, G), the product of two rows is how much they agree

    @classmethod
    def of(cls, references: References) -> "Agreement":
        captions = list(chain.from_iterable(references))
        cut = cut_for(captions)
        counted = [ngrams(caption_words(text, cut), _ORDER) for text in captions]
        ends = np.concatenate([[0], np.cumsum([len(each) for each in references])]).tolist()
        holders: Counter[tuple[str, ...]] = Counter()
        for start, end in pairwise(ends):
            holders.update(set().union(*counted[start:end]))
        return cls(tuple(captions), tuple(ends), _weighted(counted, holders, len(references)))

    def best(self, pictures: Sequence[int]) -> str:
        """Return the caption of these pictures that agrees most with the others, the first among equals."""
        rows = [row for picture in pictures for row in range(self.ends[picture], self.ends[picture + 1])]
        own = self.grams[rows]
        alike = (own @ own.T).toarray()
        np.fill_diagonal(alike, 0.0)
        kept = min(_AGREEING, len(rows) - 1)
        strongest = np.partition(alike, len(rows) - kept, axis=1)[:, len(rows) - kept :] if kept else alike
        return self.captions[rows[int(np.argmax(np.round(strongest.sum(axis=1), 9)))]]


def _weighted(
    counted: Sequence[Counter[tuple[str, ...]]], holders: Counter[tuple[str, ...]], pictures: int
) -> sparse.csr_array:
    """Return n-grams weighted by how few pictures have them; those of one picture alone agree with nothing."""
    numbers = {gram: place for place, gram in enumerate(holders)}
    columns, values, ends = list[int](), list[float](), [0]
    for counts in counted:
        weighed = {gram: count * math.log((1 + pictures) / holders[gram]) for gram, count in counts.items()}
        lengths = [0.0] * _ORDER
        for gram, value in weighed.items():
            lengths[len(gram) - 1] += value * value
        columns += [numbers[gram] for gram in weighed]
        values += [value / math.sqrt(_ORDER * lengths[len(gram) - 1]) for gram, value in weighed.items()]
        ends.append(len(columns))
    return sparse.csr_array(
        (np.array(values, np.float32), np.array(columns, np.int32), np.array(ends, np.int64)),
        shape=(len(counted), max(1, len(numbers))),
    )


def picture_features(pixels: Pixels) -> Floats:
    """Return what colors and edges are where in pictures (N, S, S, 3), and which colors there are at all: (N, D)."""
    parts = []
    for start in range(0, len(pixels), _AT_ONCE):
        block = _in_cells(pixels[start : start + _AT_ONCE].astype(np.float32), min(_SIDE, pixels.shape[1]))
        parts.append(np.concatenate([_colors(block), _edges(block), _histograms(block)], axis=1))
    return np.concatenate(parts).astype(np.float32)


def _colors(pixels: Floats) -> Floats:
    """Return the mean colors of cells (N, 3 · cells²), as a vector of length one seen from gray."""
    return _unit(_in_cells(pixels / np.float32(255) - np.float32(0.5), _CELLS).reshape(len(pixels), -1))


def _edges(pixels: Floats) -> Floats:
    """Return how strong edges of each direction are in cells (Dalal & Triggs 2005), a vector of length one."""
    gray = pixels.mean(axis=3, dtype=np.float32)
    down, across = np.gradient(gray, axis=(1, 2))
    strength = np.hypot(down, across)
    turn = np.arctan2(down, across) % np.pi * (_DIRECTIONS / np.pi)  # edges have no sign
    first = np.floor(turn).astype(np.int64)
    rest = turn - first
    shares = np.zeros((*gray.shape, _DIRECTIONS), np.float32)
    for direction, share in ((first % _DIRECTIONS, 1 - rest), ((first + 1) % _DIRECTIONS, rest)):
        np.put_along_axis(shares, direction[..., None], (share * strength)[..., None], axis=3)
    return _unit(np.sqrt(_in_cells(shares, _EDGE_CELLS)).reshape(len(pixels), -1))


def _histograms(pixels: Floats) -> Floats:
    """Return how much of each color there is, wherever it is: a vector of length one."""
    levels = (pixels * (_LEVELS / 256)).astype(np.int64)
    colors = (levels[..., 0] * _LEVELS + levels[..., 1]) * _LEVELS + levels[..., 2]  # (N, S, S)
    kinds = _LEVELS**3
    flat = colors.reshape(len(pixels), -1) + kinds * np.arange(len(pixels))[:, None]
    counts = np.bincount(flat.reshape(-1), minlength=kinds * len(pixels)).reshape(len(pixels), kinds)
    return _unit(np.sqrt(counts).astype(np.float32))


def _in_cells(values: Floats, cells: int) -> Floats:
    """Return the means of what lies in each cell of a grid: (N, S, S, C) to (N, cells, cells, C)."""
    edges = np.linspace(0, values.shape[1], cells + 1).astype(np.int64)
    sizes = np.diff(edges).astype(np.float32)
    sums: Floats = np.add.reduceat(np.add.reduceat(values, edges[:-1], axis=1), edges[:-1], axis=2)
    means: Floats = sums / (sizes[:, None, None] * sizes[:, None])
    return means


def _unit(vectors: Floats) -> Floats:
    """Return vectors (N, D) of length one; those of no length stay so."""
    lengths = np.sqrt(np.square(vectors).sum(axis=1, keepdims=True))
    scaled: Floats = vectors / np.maximum(lengths, _TINY)
    return scaled
