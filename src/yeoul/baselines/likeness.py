"""How close two texts or series are, without learning: shared n-grams by tf-idf, warped distance, plain distance.

Every n-gram of a text has one of 2¹⁸ places by its hash; it counts 1 + log of how often it stands there, times how few
of the training texts hold it. The likeness of two texts is the cosine of these vectors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from yeoul.baselines.warping import warped
from yeoul.errors import ModelFileError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Unit = Literal["character", "word"]
_NGRAMS: Mapping[Unit, tuple[int, int]] = {"character": (1, 4), "word": (1, 2)}
_PLACES = 1 << 18
_STEPS = 96
"""To which all series are stretched or pressed before they are compared."""
_BAND = 0.1
_REMEDY = "copy the folder again from its source, or train again"


class Likeness(Protocol):
    """Says how close texts, or series at an equal number of steps, are; the larger the closer."""

    def pairs(self, lefts: Any, rights: Any) -> Floats:
        """Return the likeness (N,) of each pair."""
        ...

    def matrix(self, queries: Any, pool: Any) -> Floats:
        """Return the likeness (Q, P) of each query and each of a pool."""
        ...


@final
@dataclass(frozen=True, eq=False)
class TfidfCosine:
    """The cosine of weighted n-grams of characters or words."""

    unit: Unit
    weights: npt.NDArray[np.float32]  # (2¹⁸,) of the places

    @classmethod
    def fit(cls, unit: Unit, texts: Sequence[str]) -> "TfidfCosine":
        """Count in how many of the training texts each n-gram stands."""
        held = np.bincount(_counted(unit, texts).indices, minlength=_PLACES)
        weights = np.log((1 + len(texts)) / (1 + held)) + 1
        return cls(unit, weights.astype(np.float32))

    def pairs(self, lefts: Sequence[str], rights: Sequence[str]) -> Floats:
        """Return the cosine of each pair of texts (N,)."""
        product = self._vectors(lefts).multiply(self._vectors(rights))
        return np.asarray(product.sum(axis=1), np.float64).reshape(-1)

    def matrix(self, queries: Sequence[str], pool: Sequence[str]) -> Floats:
        """Return the cosine (Q, P) of each query and each text of a pool."""
        product = self._vectors(queries) @ self._vectors(pool).T
        return np.asarray(product.todense(), np.float64)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what `from_arrays` makes the same model of."""
        return {"weights": self.weights}

    @classmethod
    def from_arrays(cls, unit: Unit, arrays: Mapping[str, npt.NDArray[Any]], where: str) -> "TfidfCosine":
        """Return the model; raise `ModelFileError` for arrays of another one."""
        weights = arrays.get("weights")
        if weights is None or weights.shape != (_PLACES,) or weights.dtype != np.float32:
            raise ModelFileError("the file is damaged or not a model", _REMEDY, where=where)
        return cls(unit, weights)

    def _vectors(self, texts: Sequence[str]) -> sparse.csr_matrix:
        counted = _counted(self.unit, texts)
        counted.data = (1 + np.log(counted.data)) * self.weights[counted.indices]
        lengths = np.sqrt(np.asarray(counted.multiply(counted).sum(axis=1)).reshape(-1))
        counted.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(counted.indptr))
        return counted


def _counted(unit: Unit, texts: Sequence[str]) -> sparse.csr_matrix:
    from sklearn.feature_extraction.text import HashingVectorizer  # slow to import

    vectorizer = HashingVectorizer(
        analyzer="char_wb" if unit == "character" else "word",
        token_pattern=r"(?u)\b\w+\b",
        ngram_range=_NGRAMS[unit],
        n_features=_PLACES,
        alternate_sign=False,
        norm=None,
    )
    if not len(texts):
        return sparse.csr_matrix((0, _PLACES))
    counted: sparse.csr_matrix = vectorizer.transform(texts).tocsr()
    counted.sum_duplicates()
    return counted


@final
@dataclass(frozen=True)
class SeriesDistance:
    """The distance of two series, negative so that the closest are the largest.

    Both are stretched to 96 steps, each scaled to mean 0 and deviation 1 where `standardize` says so. "euclid" takes
    step by step, "dtw" the best warping (Sakoe & Chiba 1978) no farther than a tenth of the steps.
    """

    kind: Literal["dtw", "euclid"]
    standardize: bool = True

    def pairs(self, lefts: Floats, rights: Floats) -> Floats:
        """Return minus the distance of each pair (N,) of stretched series (N, T, D)."""
        first, second = self._scaled(lefts), self._scaled(rights)
        if self.kind == "dtw":
            return -warped(first, second, band=round(_BAND * first.shape[1]))
        distances: Floats = np.sqrt(np.square(first - second).mean(axis=(1, 2)))
        return -distances

    def matrix(self, queries: Floats, pool: Floats) -> Floats:
        """Return minus the distance (Q, P) of each stretched query (Q, T, D) and each series of a pool (P, T, D)."""
        rows = [self.pairs(np.broadcast_to(query, pool.shape), pool) for query in queries]
        return np.stack(rows) if rows else np.zeros((0, len(pool)))

    def _scaled(self, series: Floats) -> Floats:
        if not self.standardize:
            return series
        centered = series - series.mean(axis=1, keepdims=True)
        deviation = centered.std(axis=1, keepdims=True)
        scaled: Floats = centered / np.where(deviation > 1e-12, deviation, 1.0)
        return scaled


def stretched(values: npt.NDArray[np.float32], lengths: Ints, steps: int = _STEPS) -> Floats:
    """Return N series end to end, (sum of `lengths`, D), at so many evenly spaced steps each: (N, T, D).

    Between two steps the numbers go straight from one to the other. A series without steps is all zeros.
    """
    ends = np.cumsum(lengths)
    starts = ends - lengths
    asked = np.linspace(0.0, 1.0, steps) * np.maximum(lengths - 1, 0)[:, None]  # (N, T)
    low = np.floor(asked).astype(np.int64)
    share = (asked - low)[:, :, None]
    high = np.minimum(low + 1, np.maximum(lengths - 1, 0)[:, None])
    if not len(values):
        return np.zeros((len(lengths), steps, values.shape[1]))
    last = len(values) - 1
    first, second = (
        values[np.minimum(starts[:, None] + place, last)].astype(np.float64) for place in (low, high)
    )
    return np.where((lengths > 0)[:, None, None], first * (1 - share) + second * share, 0.0)
