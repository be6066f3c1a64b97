"""The numbers to beat for tags: the most frequent tag of each word, and a linear model on a word and its neighbors.

The linear model looks at one word at a time, at its letters and at the words beside it, and never at other tags:
no chain, no network. It is a logistic regression over features that are hashed into 2¹⁸ places, one against the rest
of the tags, fitted by averaged stochastic gradients.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from yeoul.text.ngrams import hashes

Sentences = Sequence[Sequence[str]]

_LONGEST_SUFFIX = 6
_BUCKETS = 2**18
_EDGE = "\0"


@final
@dataclass(frozen=True)
class FrequentTag:
    """Says of each word what it was most often; of an unknown one, what words with its longest known suffix were."""

    words: Mapping[str, str]
    suffixes: Mapping[str, str]
    usual: str

    @classmethod
    def fit(cls, sentences: Sentences, tags: Sentences) -> "FrequentTag":
        """Count the tags of words and of suffixes of up to six letters, those of words seen once or twice only.

        Of tags that are equally frequent the first in order of code points is taken. Raises `ValueError` for no words.
        """
        by_word: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words, given in zip(sentences, tags, strict=True):
            for word, tag in zip(words, given, strict=True):
                by_word[word][tag] += 1
        if not by_word:
            raise ValueError("there are no words to learn from")
        by_suffix: defaultdict[str, Counter[str]] = defaultdict(Counter)
        usual: Counter[str] = Counter()
        for word, counts in by_word.items():
            usual.update(counts)
            if counts.total() <= 2:
                for suffix in _suffixes(word):
                    by_suffix[suffix].update(counts)
        return cls(
            {word: _most_frequent(counts) for word, counts in by_word.items()},
            {suffix: _most_frequent(counts) for suffix, counts in by_suffix.items()},
            _most_frequent(usual),
        )

    def answers(self, sentences: Sentences) -> list[list[str]]:
        """Return the tags of each sentence."""
        return [[self._answer(word) for word in words] for words in sentences]

    def to_settings(self) -> dict[str, object]:
        """Return the model as plain values."""
        return {"words": dict(self.words), "suffixes": dict(self.suffixes), "usual": self.usual}

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> "FrequentTag":
        """Return the model of `to_settings`; raise `ValueError` for anything else."""
        words, suffixes, usual = (settings.get(name) for name in ("words", "suffixes", "usual"))
        if not isinstance(usual, str):
            raise ValueError("there is no usual tag")
        return cls(_texts(words), _texts(suffixes), usual)

    def _answer(self, word: str) -> str:
        if word in self.words:
            return self.words[word]
        known = (self.suffixes[suffix] for suffix in _suffixes(word) if suffix in self.suffixes)
        return next(known, self.usual)


@final
@dataclass(frozen=True, eq=False)
class LinearTags:
    """A fitted linear model: `weights` (buckets, V) and `biases` (V,)."""

    tags: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    biases: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, sentences: Sentences, tags: Sentences, *, passes: int = 8, seed: int = 0) -> "LinearTags":
        """Fit the model; equal arguments give equal models. Raises `ValueError` for no words."""
        from sklearn.linear_model import SGDClassifier  # slow to import

        truth = [tag for given in tags for tag in given]
        if not truth:
            raise ValueError("there are no words to learn from")
        names = tuple(sorted(set(truth)))
        if len(names) == 1:
            return cls(names, np.zeros((_BUCKETS, 1), np.float32), np.zeros(1, np.float32))
        machine = SGDClassifier(
            loss="log_loss", alpha=1e-6, max_iter=passes, tol=None, average=True, random_state=seed
        )
        machine.fit(_features(sentences), np.array(truth))
        weights, biases = machine.coef_, machine.intercept_
        if len(names) == 2:  # one machine speaks for the second
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        return cls(names, weights.T.astype(np.float32), biases.astype(np.float32))

    def to_arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return the weights by name; `tags` is kept apart."""
        return {"weights": self.weights, "biases": self.biases}

    @classmethod
    def from_arrays(cls, tags: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> "LinearTags":
        """Return the model of `to_arrays`; raise `ValueError` for anything else."""
        weights, biases = arrays.get("weights"), arrays.get("biases")
        if weights is None or biases is None or not len(tags):
            raise ValueError("weights are missing")
        wanted = (weights.shape, biases.shape) == ((_BUCKETS, len(tags)), (len(tags),))
        if not wanted or not all(np.isfinite(one).all() for one in (weights, biases)):
            raise ValueError("the weights do not fit the tags")
        return cls(tuple(tags), weights.astype(np.float32), biases.astype(np.float32))

    def answers(self, sentences: Sentences) -> list[list[str]]:
        """Return the tags of each sentence."""
        best = (_features(sentences) @ self.weights + self.biases).argmax(axis=1)
        flat = iter(best.tolist())
        return [[self.tags[next(flat)] for _ in words] for words in sentences]


def _texts(given: object) -> Mapping[str, str]:
    """Return a table of texts; raise `ValueError` for anything else."""
    if not isinstance(given, dict) or not all(isinstance(one, str) for one in given.values()):
        raise ValueError("this is no table of texts")
    return given


def _most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _suffixes(word: str) -> Iterator[str]:
    """Yield the ends of a word, the longest first."""
    for length in range(min(_LONGEST_SUFFIX, len(word)), 0, -1):
        yield word[-length:]


def _features(sentences: Sentences) -> Any:
    """Return what holds of each word (M, buckets): sparse, rows of length one."""
    known: dict[str, list[int]] = {}
    rows: list[int] = []
    lengths: list[int] = []
    for words in sentences:
        edged = [_EDGE, *words, _EDGE]
        for place in range(1, len(edged) - 1):
            found: list[int] = []
            for name in _described(edged, place):
                if name not in known:
                    known[name] = [hashes([name], seed=0)[0] % _BUCKETS]
                found += known[name]
            rows += found
            lengths.append(len(found))
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.array(lengths, np.int64))])
    scale = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths)
    shape = (len(lengths), _BUCKETS)
    return sparse.csr_matrix((scale.astype(np.float32), np.array(rows, np.int64), ends), shape=shape)


def _described(words: Sequence[str], place: int) -> Iterator[str]:
    before, word, after = words[place - 1 : place + 2]
    yield f"w={word}"
    yield f"l={word.lower()}"
    yield f"-={before}"
    yield f"+={after}"
    yield f"-w={before} {word}"
    yield f"w+={word} {after}"
    yield f"shape={_shape(word)}"
    letters = unicodedata.normalize("NFD", word)  # Korean endings begin inside a syllable
    for length in range(1, min(7, len(letters)) + 1):
        yield f"s{letters[-length:]}"
        yield f"p{letters[:length]}"
    for length in range(1, 4):
        yield f"-s{before[-length:]}"
        yield f"+s{after[-length:]}"
        yield f"+p{after[:length]}"


def _shape(word: str) -> str:
    """Return the kinds of a word's letters, runs shortened to one."""
    kinds = [unicodedata.category(letter) for letter in word]
    return " ".join(kind for place, kind in enumerate(kinds) if place == 0 or kinds[place - 1] != kind)
