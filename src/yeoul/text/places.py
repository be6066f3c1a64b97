"""Texts as the units at their places: one-hot rows and padded arrays of ids.

A one-hot row of a text has a column for every place and unit: column p · V + v is 1 where unit v stands at place
p, so that `matrix.toarray().reshape(N, length, V)` holds the vectors that a network reads. All follow
scikit-learn's conventions.
"""

from collections.abc import Iterable
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from yeoul.text.blocks import Texts
from yeoul.text.ngrams import Ngrams, hashed_runs
from yeoul.text.units import Numbers, OpenUnit, Units, cut

_PADDING, _UNKNOWN, _SPECIAL = 0, 1, 2


@final
class OneHot(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Give the unit at each of the first `length` places of a text a vector with a single one.

    Without `length` it is that of the longest text given to `fit`. Units stand in order of frequency; those that
    occur less than `min_count` times, all but the most frequent `vocabulary_size`, and what `fit` has not seen
    are vectors of zeros. Attributes after `fit`: `vocabulary_` (an `Ngrams`) and `length_`.

    >>> OneHot("character").fit_transform(["aab"]).toarray().reshape(1, 3, 2)
    array([[[1., 0.],
            [1., 0.],
            [0., 1.]]])
    """

    def __init__(
        self,
        unit: OpenUnit = "word",
        length: int | None = None,
        *,
        lowercase: bool = True,
        min_count: int = 1,
        vocabulary_size: int | None = None,
    ) -> None:
        self.unit = unit
        self.length = length
        self.lowercase = lowercase
        self.min_count = min_count
        self.vocabulary_size = vocabulary_size

    def fit(self, texts: Iterable[str] | Texts, y: object = None) -> "OneHot":
        """Learn the vocabulary; raise `DataError` if the texts hold nothing that is frequent enough."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Iterable[str] | Texts, y: object = None) -> sparse.csr_matrix:
        """Learn the vocabulary of N texts and return their rows (N, length · V)."""
        units = cut(texts, self.unit, lowercase=self.lowercase)
        self.vocabulary_ = _learned(units, self.min_count, self.vocabulary_size)
        self.length_ = _length(self.length, units)
        return self._rows(units)

    def transform(self, texts: Iterable[str] | Texts) -> sparse.csr_matrix:
        """Return the rows (N, length · V) of N texts, float64."""
        check_is_fitted(self, "vocabulary_")
        return self._rows(cut(texts, self.unit, lowercase=self.lowercase))

    def get_feature_names_out(self, input_features: object = None) -> Any:
        """Return what each column stands for: the place from 0, a colon, the unit."""
        check_is_fitted(self, "vocabulary_")
        names = self.vocabulary_.written(self.unit)
        return np.array([f"{place}:{name}" for place in range(self.length_) for name in names], dtype=object)

    def _rows(self, units: Units) -> sparse.csr_matrix:
        heads = units.heads(self.length_)
        return _one_hot(heads, self.vocabulary_.find(heads).columns, self.length_, self.vocabulary_.size)


@final
class HashedOneHot(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Give the unit at each of the first `length` places one of `buckets` vectors with a single one.

    Which, a hash of the unit says, by `seed`, the same in every process and on every machine; there is nothing to
    learn, and units may share a vector.
    """

    def __init__(
        self,
        unit: OpenUnit = "word",
        length: int = 10,
        *,
        buckets: int = 1000,
        seed: int = 0,
        lowercase: bool = True,
    ) -> None:
        self.unit = unit
        self.length = length
        self.buckets = buckets
        self.seed = seed
        self.lowercase = lowercase

    def fit(self, texts: object = None, y: object = None) -> "HashedOneHot":
        """Do nothing: there is nothing to learn."""
        return self

    def transform(self, texts: Iterable[str] | Texts) -> sparse.csr_matrix:
        """Return the rows (N, length · buckets) of N texts, float64."""
        units = cut(texts, self.unit, lowercase=self.lowercase)
        heads = units.heads(_length(self.length, units))
        return _one_hot(
            heads, hashed_runs(heads, (1, 1), self.buckets, self.seed).columns, self.length, self.buckets
        )

    def __sklearn_is_fitted__(self) -> bool:
        return True


@final
class PaddedIds(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Number the units of texts and fill short texts up with zeros.

    0 is padding, 1 what `fit` has not seen or what is too rare, 2 the most frequent unit, and so on. A longer
    text keeps its `keep`, "head" or "tail"; zeros stand "before" or "after" a shorter one by `padding`. Without
    `length` rows are as long as the longest text given to `fit`. `vocabulary_size` counts 0 and 1. Attributes
    after `fit`: `vocabulary_` (an `Ngrams`) and `length_`.

    >>> PaddedIds().fit_transform(["물 좀 주세요", "물"])
    array([[2, 3, 4],
           [2, 0, 0]], dtype=int32)
    """

    def __init__(
        self,
        unit: OpenUnit = "word",
        length: int | None = None,
        *,
        keep: Literal["head", "tail"] = "head",
        padding: Literal["before", "after"] = "after",
        lowercase: bool = True,
        min_count: int = 1,
        vocabulary_size: int | None = None,
    ) -> None:
        self.unit = unit
        self.length = length
        self.keep = keep
        self.padding = padding
        self.lowercase = lowercase
        self.min_count = min_count
        self.vocabulary_size = vocabulary_size

    def fit(self, texts: Iterable[str] | Texts, y: object = None) -> "PaddedIds":
        """Learn the vocabulary; raise `DataError` if the texts hold nothing that is frequent enough."""
        self.fit_transform(texts)
        return self

    def fit_transform(self, texts: Iterable[str] | Texts, y: object = None) -> npt.NDArray[np.int32]:
        """Learn the vocabulary of N texts and return their ids (N, length)."""
        _check_choice("keep", self.keep, ("head", "tail"))
        _check_choice("padding", self.padding, ("before", "after"))
        units = cut(texts, self.unit, lowercase=self.lowercase)
        most = None if self.vocabulary_size is None else max(0, self.vocabulary_size - _SPECIAL)
        self.vocabulary_ = _learned(units, self.min_count, most)
        self.length_ = _length(self.length, units)
        return self._rows(units)

    def transform(self, texts: Iterable[str] | Texts) -> npt.NDArray[np.int32]:
        """Return the ids (N, length) of N texts."""
        check_is_fitted(self, "vocabulary_")
        return self._rows(cut(texts, self.unit, lowercase=self.lowercase))

    def inverse_transform(self, ids: npt.ArrayLike) -> list[list[str]]:
        """Return the units of each row, "<unk>" for those unknown."""
        check_is_fitted(self, "vocabulary_")
        names = ["", "<unk>", *self.vocabulary_.written(self.unit)]
        return [[names[number] for number in row if number != _PADDING] for row in np.asarray(ids).tolist()]

    def _rows(self, units: Units) -> npt.NDArray[np.int32]:
        kept = units.heads(self.length_) if self.keep == "head" else units.tails(self.length_)
        columns = self.vocabulary_.find(kept).columns
        rows, places = _where(kept)
        if self.padding == "before":
            places = places + np.repeat(self.length_ - kept.lengths, kept.lengths)
        ids = np.full((len(kept.lengths), self.length_), _PADDING, np.int32)
        ids[rows, places] = np.where(columns < 0, _UNKNOWN, columns + _SPECIAL)
        return ids


def _learned(units: Units, min_count: int, vocabulary_size: int | None) -> Ngrams:
    return Ngrams.learn(units, (1, 1), min_count=min_count, vocabulary_size=vocabulary_size)


def _length(asked: int | None, units: Units) -> int:
    if asked is None:
        return int(units.lengths.max())
    if asked < 1:
        raise ValueError(f"length is {asked}, expected 1 or more")
    return asked


def _check_choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ValueError(f"{name} is {value!r}, expected {' or '.join(map(repr, known))}")


def _where(units: Units) -> tuple[Numbers, Numbers]:
    """Return the text (M,) of each unit and its place there (M,)."""
    rows = np.repeat(np.arange(len(units.lengths)), units.lengths)
    return rows, np.arange(len(units.codes)) - np.repeat(units.starts, units.lengths)


def _one_hot(units: Units, columns: Numbers, length: int, size: int) -> sparse.csr_matrix:
    rows, places = _where(units)
    known = columns >= 0
    where = (rows[known], places[known] * size + columns[known])
    shape = (len(units.lengths), length * size)
    return sparse.coo_matrix((np.ones(len(where[0])), where), shape=shape).tocsr()
