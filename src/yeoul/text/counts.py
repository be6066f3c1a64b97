"""Texts as sparse rows of numbers: how often each unit or run of units occurs in them.

`Counts` learns a vocabulary, `HashedCounts` needs none. Both follow scikit-learn's conventions: they fit into a
`Pipeline`, can be cloned and searched over, and give matrices of `scipy.sparse`. With c how often a run occurs in
a text, n how many of the N texts hold it:

    count      c
    binary     1
    frequency  c over the number of the text's runs, known or not
    tfidf      c · (1 + ln((1 + N) / (1 + n))), every row scaled to length one
"""

from collections.abc import Iterable
from typing import Any, Literal, final

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from yeoul.text.blocks import Texts
from yeoul.text.ngrams import Ngrams, Runs, hashed_runs
from yeoul.text.units import OpenUnit, Units, cut

Weights = Literal["count", "binary", "frequency", "tfidf"]


@final
class Counts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Count the runs of `ngrams` = (shortest, longest) units that the texts given to `fit` hold.

    Columns stand in order of frequency. Runs that occur less than `min_count` times are left out, and all but
    the most frequent `vocabulary_size`. What `fit` has not seen is not counted. Attributes after `fit`:
    `vocabulary_` (an `Ngrams`) and, for tfidf, `idf_` (D,).

    >>> Counts().fit_transform(["물 좀 주세요 물", "물"]).toarray()
    array([[2., 1., 1.],
           [1., 0., 0.]])
    """

    def __init__(
        self,
        unit: OpenUnit = "word",
        ngrams: tuple[int, int] = (1, 1),
        weights: Weights = "count",
        *,
        lowercase: bool = True,
        min_count: int = 1,
        vocabulary_size: int | None = None,
    ) -> None:
        self.unit = unit
        self.ngrams = ngrams
        self.weights = weights
        self.lowercase = lowercase
        self.min_count = min_count
        self.vocabulary_size = vocabulary_size

    def fit(self, texts: Iterable[str] | Texts, y: object = None) -> "Counts":
        """Learn the vocabulary; raise `DataError` if the texts hold nothing that is frequent enough."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Iterable[str] | Texts, y: object = None) -> sparse.csr_matrix:
        """Learn the vocabulary of N texts and return their rows (N, D)."""
        _check(self.weights)
        units = cut(texts, self.unit, lowercase=self.lowercase)
        self.vocabulary_ = Ngrams.learn(
            units, self.ngrams, min_count=self.min_count, vocabulary_size=self.vocabulary_size
        )
        counts = _matrix(self.vocabulary_.find(units), self.vocabulary_.size)
        if self.weights == "tfidf":
            holders = np.bincount(counts.indices, minlength=self.vocabulary_.size)
            self.idf_ = 1 + np.log((1 + counts.shape[0]) / (1 + holders))
        return self._weighted(counts, units)

    def transform(self, texts: Iterable[str] | Texts) -> sparse.csr_matrix:
        """Return the rows (N, D) of N texts, float64; a text in which nothing is known is a row of zeros."""
        check_is_fitted(self, "vocabulary_")
        units = cut(texts, self.unit, lowercase=self.lowercase)
        return self._weighted(_matrix(self.vocabulary_.find(units), self.vocabulary_.size), units)

    def get_feature_names_out(self, input_features: object = None) -> Any:
        """Return what each column stands for (D,): words between spaces, letters side by side."""
        check_is_fitted(self, "vocabulary_")
        return np.array(self.vocabulary_.written(self.unit), dtype=object)

    def _weighted(self, counts: sparse.csr_matrix, units: Units) -> sparse.csr_matrix:
        if self.weights != "tfidf":
            return _plainly_weighted(counts, self.weights, units, self.ngrams)
        counts.data *= self.idf_[counts.indices]
        lengths = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        counts.data /= np.repeat(np.where(lengths > 0, lengths, 1), np.diff(counts.indptr))
        return counts


@final
class HashedCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Count runs of units by a hash of what they are made of, without learning and without a vocabulary.

    A run has one of `buckets` columns, by `seed`, the same in every process and on every machine; runs may share
    one. Weights are those of `Counts` but tfidf, which has something to learn (a `TfidfTransformer` may follow).
    """

    def __init__(
        self,
        unit: OpenUnit = "word",
        ngrams: tuple[int, int] = (1, 1),
        weights: Literal["count", "binary", "frequency"] = "count",
        *,
        lowercase: bool = True,
        buckets: int = 2**18,
        seed: int = 0,
    ) -> None:
        self.unit = unit
        self.ngrams = ngrams
        self.weights = weights
        self.lowercase = lowercase
        self.buckets = buckets
        self.seed = seed

    def fit(self, texts: object = None, y: object = None) -> "HashedCounts":
        """Do nothing: there is nothing to learn."""
        return self

    def transform(self, texts: Iterable[str] | Texts) -> sparse.csr_matrix:
        """Return the rows (N, buckets) of N texts, float64."""
        _check(self.weights, hashed=True)
        units = cut(texts, self.unit, lowercase=self.lowercase)
        counts = _matrix(hashed_runs(units, self.ngrams, self.buckets, self.seed), self.buckets)
        return _plainly_weighted(counts, self.weights, units, self.ngrams)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _check(weights: str, *, hashed: bool = False) -> None:
    known = ("count", "binary", "frequency") if hashed else ("count", "binary", "frequency", "tfidf")
    if weights not in known:
        raise ValueError(f"weights is {weights!r}, expected one of {', '.join(known)}")


def _matrix(runs: Runs, size: int) -> sparse.csr_matrix:
    """Count the runs of each column in each text (N, D)."""
    known = runs.columns >= 0
    places = (runs.rows[known], runs.columns[known])
    ones = np.ones(len(places[0]))
    return sparse.coo_matrix((ones, places), shape=(runs.texts, size)).tocsr()


def _plainly_weighted(
    counts: sparse.csr_matrix, weights: str, units: Units, ngrams: tuple[int, int]
) -> sparse.csr_matrix:
    match weights:
        case "binary":
            counts.data[:] = 1
        case "frequency":
            shortest, longest = ngrams
            runs = sum((units.lengths - length + 1).clip(min=0) for length in range(shortest, longest + 1))
            counts.data /= np.repeat(runs, np.diff(counts.indptr))
    return counts
