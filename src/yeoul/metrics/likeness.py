"""How well scores of likeness agree with the truth: correlations, the area under the ROC curve, retrieval.

All scores here are means, shares or ranks under weights, so that a resample of the rows is a row of weights. Rows of
one group, such as all pairs of one sentence, are drawn together: a hundred pairs of ten sentences tell little more
than ten. Ties share the mean of their ranks.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval, Verdict, judge, spread

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Metric = Literal["roc_area", "spearman", "mrr", "order"]
Score = Callable[[Floats], Floats]
"""From weights (R, N) to scores (R,)."""

RESAMPLES = 1000
DEPTHS = (1, 5, 10)
_CELLS_AT_ONCE = 4_000_000


def roc_area_of(values: Floats, truth: Bools) -> Score:
    """Return the chance that a true row has a larger value than a false one, ties counted half; NaN without both."""
    order, starts, _ = _tied(values)
    wins, losses = truth[order].astype(np.float64), (~truth)[order].astype(np.float64)

    def score(weights: Floats) -> Floats:
        drawn = weights[:, order]
        won, lost = (np.add.reduceat(drawn * kind, starts, axis=1) for kind in (wins, losses))
        below = np.cumsum(lost, axis=1) - lost / 2
        total = won.sum(axis=1) * lost.sum(axis=1)
        area = (won * below).sum(axis=1) / np.where(total > 0, total, np.nan)
        return np.asarray(area, np.float64)

    return score


def average_precision_of(values: Floats, truth: Bools) -> Score:
    """Return the mean precision at the true rows, from the largest value down; tied rows are taken together."""
    order, starts, _ = _tied(-values)
    wins = truth[order].astype(np.float64)

    def score(weights: Floats) -> Floats:
        drawn = weights[:, order]
        won = np.add.reduceat(drawn * wins, starts, axis=1)
        seen = np.cumsum(np.add.reduceat(drawn, starts, axis=1), axis=1)
        precision = np.cumsum(won, axis=1) / np.maximum(seen, 1e-300)
        total = won.sum(axis=1)
        return np.asarray((won * precision).sum(axis=1) / np.where(total > 0, total, np.nan))

    return score


def pearson_of(values: Floats, truth: Floats) -> Score:
    """Return the correlation of Pearson; 0 where either side never changes."""
    return lambda weights: _correlation(
        np.broadcast_to(values, weights.shape), np.broadcast_to(truth, weights.shape), weights
    )


def spearman_of(values: Floats, truth: Floats) -> Score:
    """Return the correlation of ranks (Spearman); 0 where either side never changes."""
    ours, theirs = _ranks_of(values), _ranks_of(truth)
    return lambda weights: _correlation(ours(weights), theirs(weights), weights)


def mean_of(values: Floats) -> Score:
    """Return the mean of what each row has."""

    def score(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        means: Floats = (weights @ values) / np.where(total > 0, total, np.nan)
        return means

    return score


def _tied(values: Floats) -> tuple[Ints, Ints, Ints]:
    """Return the order (N,) from small to large, where each run of ties begins, and the run of each row (N,)."""
    order = np.argsort(values, kind="stable")
    ranked = values[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    place = np.empty(len(values), np.int64)
    place[order] = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    return order, starts, place


def _ranks_of(values: Floats) -> Score:
    order, starts, place = _tied(values)

    def ranks(weights: Floats) -> Floats:
        tied = np.add.reduceat(weights[:, order], starts, axis=1)
        middles = np.cumsum(tied, axis=1) - tied / 2
        return np.asarray(middles[:, place])

    return ranks


def _correlation(ours: Floats, theirs: Floats, weights: Floats) -> Floats:
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
    first = ours - (weights * ours).sum(axis=1, keepdims=True) / total
    second = theirs - (weights * theirs).sum(axis=1, keepdims=True) / total
    product = (weights * first * second).sum(axis=1)
    scale = np.sqrt((weights * first**2).sum(axis=1) * (weights * second**2).sum(axis=1))
    return np.asarray(np.where(scale > 1e-12, product / np.where(scale > 1e-12, scale, 1.0), 0.0))


@dataclass(frozen=True, eq=False)
class Draws:
    """Resamples of N rows that are drawn by group; equal seeds draw equal groups."""

    groups: Ints  # (N,)
    seed: int

    def interval(self, score: Score) -> Interval:
        """Return the 95 % interval of a score."""
        value = float(score(np.ones((1, len(self.groups))))[0])
        return spread(value, self._drawn(score), len(np.unique(self.groups)))

    def verdict(self, ours: Score, theirs: Score, *, metric: Metric, against: str) -> Verdict:
        """Judge by the difference on the same resamples, ours less theirs."""
        return judge(
            self.interval(lambda weights: ours(weights) - theirs(weights)), metric=metric, against=against
        )

    def _drawn(self, score: Score) -> Floats:
        """Return the scores of the resamples (R,)."""
        _, group = np.unique(self.groups, return_inverse=True)
        size = int(group.max()) + 1
        generator = np.random.default_rng(self.seed)
        step = max(1, _CELLS_AT_ONCE // max(len(group), 1))
        parts = []
        for start in range(0, RESAMPLES, step):
            number = min(step, RESAMPLES - start)
            places = generator.integers(0, size, (number, size)) + size * np.arange(number)[:, None]
            counts = np.bincount(places.reshape(-1), minlength=number * size).reshape(number, size)
            parts.append(score(counts[:, group].astype(np.float64)))
        return np.concatenate(parts)


def best_threshold(values: Floats, truth: Bools) -> float:
    """Return the value from which on a row is best called true, by accuracy: between two values of rows.

    Of equally good ones it is in the middle of them. Raises ValueError for no rows.
    """
    order, starts, _ = _tied(values)
    if not len(order):
        raise ValueError("a threshold needs at least one row")
    wins, losses = (np.add.reduceat(kind[order].astype(np.int64), starts) for kind in (truth, ~truth))
    right = np.concatenate([[wins.sum()], wins.sum() - np.cumsum(wins) + np.cumsum(losses)])
    best = np.flatnonzero(right == right.max())
    chosen = int(best[len(best) // 2])  # so many values lie below
    ranked = values[order][starts]
    if chosen == 0:
        return float(np.nextafter(ranked[0], -np.inf))
    if chosen == len(ranked):
        return float(np.nextafter(ranked[-1], np.inf))
    middle = float((ranked[chosen - 1] + ranked[chosen]) / 2)
    return middle if middle > ranked[chosen - 1] else float(ranked[chosen])


@dataclass(frozen=True, eq=False)
class Ranks:
    """Where the first right one of a pool stands for each of Q queries, from 1."""

    first: Floats  # (Q,) half a place more for each wrong one with an equal score

    @classmethod
    def of(cls, scores: Floats, right: Bools, left_out: Bools) -> "Ranks":
        """Rank a pool by its scores (Q, P); some are `right` and some are left out for a query, both (Q, P).

        Every query has a right one. Raises ValueError otherwise.
        """
        asked = right & ~left_out
        if not asked.any(axis=1).all():
            raise ValueError("a query without a right answer")
        best = np.where(asked, scores, -np.inf).max(axis=1, keepdims=True)
        wrong = ~right & ~left_out
        above = (wrong & (scores > best)).sum(axis=1)
        level = (wrong & (scores == best)).sum(axis=1)
        return cls(1.0 + above + level / 2)

    def parts(self) -> Mapping[str, Floats]:
        """Return what each query adds: its reciprocal rank, and whether a right one is among the first so many."""
        found = {f"recall_{depth}": (self.first <= depth).astype(np.float64) for depth in DEPTHS}
        return {"mrr": 1.0 / self.first, **found}
