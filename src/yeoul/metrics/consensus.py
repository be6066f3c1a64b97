"""CIDEr-D (Vedantam et al. 2015): how much a caption agrees with what several people said of the same picture.

A sentence is a vector of its n-grams for each n of 1 to 4, the count of each times log(N / d): N pictures, of which d
have the n-gram in a reference. With g(c) the vector of a caption, of l(c) words, and s a reference of m,

    score = 10 / 4 · Σ_n  mean over s of  exp(-(l(c) - l(s))² / 2σ²) · min(g(c), g(s)) · g(s) / (|g(c)| |g(s)|),  σ = 6.

What is said of many pictures counts little; an n-gram that no reference has weighs log N, against the caption. The N
pictures are those that are scored, as is usual: the score of a caption depends on the set that it is in, and with one
picture it is zero.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from yeoul.metrics.intervals import Floats

ORDER = 4
_WIDTH = 6.0
_SCALE = 10.0
Words = Sequence[str]
Grams = Counter[tuple[str, ...]]


def cider(written: Sequence[Words], references: Sequence[Sequence[Words]]) -> Floats:
    """Return the CIDEr-D of each sentence (N,), from 0 to 10; the score of a corpus is their mean.

    `written` are N sentences as words, `references` those that each is compared with, one or more.
    """
    counted = [[_ngrams(words) for words in each] for each in references]
    frequent = Counter(gram for each in counted for gram in set().union(*each))
    most = math.log(max(1, len(references)))
    weights = {gram: most - math.log(count) for gram, count in frequent.items()}
    scores = np.zeros(len(written))
    for row, (words, grams) in enumerate(zip(written, counted, strict=True)):
        own = _Vector(words, _ngrams(words), weights, most)
        true = [_Vector(said, gram, weights, most) for said, gram in zip(references[row], grams, strict=True)]
        scores[row] = _SCALE / ORDER * sum(map(own.agreement, true)) / len(true)
    return scores


def _ngrams(words: Words) -> Grams:
    return Counter(
        tuple(words[start : start + order])
        for order in range(1, ORDER + 1)
        for start in range(len(words) - order + 1)
    )


class _Vector:
    """A weighted sentence."""

    def __init__(
        self, words: Words, grams: Grams, weights: dict[tuple[str, ...], float], most: float
    ) -> None:
        self.words = len(words)
        self.values = {gram: count * weights.get(gram, most) for gram, count in grams.items()}
        squares = [0.0] * ORDER
        for gram, value in self.values.items():
            squares[len(gram) - 1] += value * value
        self.lengths = [math.sqrt(square) for square in squares]

    def agreement(self, reference: "_Vector") -> float:
        """Return the sum over n of the clipped cosines, made smaller where the lengths differ."""
        common = [0.0] * ORDER
        for gram, value in self.values.items():
            true = reference.values.get(gram, 0.0)
            common[len(gram) - 1] += min(value, true) * true
        cosines = (
            dot / (own * true)
            for dot, own, true in zip(common, self.lengths, reference.lengths)
            if own > 0 and true > 0
        )
        return sum(cosines) * math.exp(-((self.words - reference.words) ** 2) / (2 * _WIDTH**2))
