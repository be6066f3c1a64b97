"""Rank the captions that a search found anew, also by the words found in the picture (Fang et al. 2015).

A caption is worth w · f, of f how probable it is, how long, how many of its words are likely in the picture and how
many are not, and how much its words are like those that the picture as a whole makes one expect. The validation
pictures choose the weights w, those under which the captions that come first score best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.baselines.captionwords import coverage, presence
from yeoul.decoding import Hypothesis

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Candidates = Sequence[Sequence[Hypothesis]]
FEATURES = 5
_RIDGE = 10.0
_ROUNDS = 3
_STEPS = np.linspace(-2.0, 2.0, 33)
_TINY = 1e-9


@final
@dataclass(frozen=True, eq=False)
class Likeness:
    """How like the words of a caption are to those that a picture makes one expect, by a linear map between them."""

    map: Floats  # (H + 1, W)
    mean: Floats  # (W,)

    @classmethod
    def fit(cls, summaries: npt.NDArray[np.floating], there: npt.NDArray[np.bool_]) -> "Likeness":
        """Learn from what was told of training pictures (N, H) which words (N, W) to expect, by ridge regression."""
        seen, mean = _with_one(summaries), there.mean(axis=0)
        penalty = _RIDGE * np.eye(seen.shape[1])
        penalty[-1, -1] = _TINY
        found: Floats = np.linalg.solve(seen.T @ seen + penalty, seen.T @ (there - mean))
        return cls(found, mean)

    def __call__(self, summaries: npt.NDArray[np.floating], said: npt.NDArray[np.bool_]) -> Floats:
        """Return the cosine (R,) between the words of captions (R, W) and what pictures (R, H) make one expect."""
        expected, own = _with_one(summaries) @ self.map, said - self.mean
        lengths = np.linalg.norm(expected, axis=1) * np.linalg.norm(own, axis=1)
        cosines: Floats = (expected * own).sum(axis=1) / np.maximum(lengths, _TINY)
        return cosines


@final
@dataclass(frozen=True, eq=False)
class Ranking:
    """Weights (5,) of what is known of a caption; of zeros only, the search's own order stays."""

    weights: Floats
    likeness: Likeness

    def order(
        self,
        candidates: Candidates,
        texts: Sequence[str],
        words: Sequence[str],
        chances: npt.NDArray[np.floating],
        summaries: npt.NDArray[np.floating],
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the captions found for each of N pictures, the best first; `texts` are theirs, end to end."""
        features = told_of(candidates, texts, words, chances, summaries, self.likeness)
        worth = features @ self.weights
        ends = np.cumsum([0, *map(len, candidates)]).tolist()
        return [
            tuple(own[place] for place in np.argsort(-worth[start:end], kind="stable").tolist())
            for own, (start, end) in zip(candidates, pairwise(ends), strict=True)
        ]


def told_of(
    candidates: Candidates,
    texts: Sequence[str],
    words: Sequence[str],
    chances: npt.NDArray[np.floating],
    summaries: npt.NDArray[np.floating],
    likeness: Likeness,
) -> Floats:
    """Return what is known of the captions (R,) found for N pictures, (R, 5)."""
    flat = [one for each in candidates for one in each]
    owners = np.repeat(np.arange(len(candidates)), [len(each) for each in candidates])
    lengths = np.array([len(one.log_probs) for one in flat], np.float64)
    surprise = np.array([one.log_prob for one in flat])
    covered = coverage(texts, words, chances[owners])
    alike = likeness(summaries[owners], presence([[text] for text in texts], words))
    return np.column_stack([surprise / np.maximum(lengths, 1.0), np.log(lengths), covered, alike])


def learned_weights(features: Floats, credit: Floats, counts: Ints) -> Floats:
    """Return the weights (F,) under which the first of each picture's `counts` captions have most credit (R,).

    They begin with the model's own order and change one after another, by steps of a deviation of each feature. What
    counts is by how much the mean credit exceeds that of the own order, less the standard error of this lead: few
    pictures teach nothing.
    """
    scale = np.maximum(features.std(axis=0), _TINY)
    known, ends = features / scale, np.cumsum(counts)
    starts = ends - counts
    places = np.minimum(starts[:, None] + np.arange(int(counts.max())), (ends - 1)[:, None])  # (N, K)

    def lead(weights: Floats) -> float:
        first = np.argmax((known @ weights)[places], axis=1)
        gained = credit[np.take_along_axis(places, first[:, None], axis=1)[:, 0]] - credit[starts]
        return float(gained.mean() - gained.std() / len(gained) ** 0.5)

    weights = np.zeros(features.shape[1])
    weights[0] = 1.0
    best, moved = 0.0, False
    for _ in range(_ROUNDS):
        for place in range(features.shape[1]):
            for step in _STEPS.tolist():
                tried = weights.copy()
                tried[place] = step
                if (reached := lead(tried)) > best + _TINY:
                    best, weights, moved = reached, tried, True
    found: Floats = weights / scale
    return found if moved else np.zeros(features.shape[1])


def _with_one(summaries: npt.NDArray[np.floating]) -> Floats:
    return np.column_stack([summaries.astype(np.float64), np.ones(len(summaries))])
