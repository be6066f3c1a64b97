"""Sums over all rows of tags, and the best of them, for scores of tags and of pairs of neighboring tags.

In NumPy and float64: the work of a step is a product with one small matrix, where what counts is how little a call
costs. With scores e of each tag at each step, A of each tag after another, s of the first and f of the last one,

    α_t = (α_{t-1} exp A) ∘ exp e_t,   Z = α_T · exp f

with α scaled every few steps (`Products`). The same products from the other end give the expected counts. No weight
that could ever matter is lost to rounding while scores lie within some hundreds of one another; where they do not,
sums of exponentials are taken step by step on logarithms instead (`Logarithms`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FORBIDDEN = -1e9
"""The score of what is not allowed."""
_WIDEST = 600.0
"""Float64 holds numbers down to exp(-708)."""
_PERIOD = 4
"""So many steps go by from one scaling to the next."""


@dataclass(frozen=True, eq=False)
class Chain:
    """B rows of up to T steps with V tags; T is at least 1."""

    scores: Floats  # (B, T, V), zero beyond the lengths
    transitions: Floats  # (V, V)
    first: Floats  # (V,)
    last: Floats  # (V,)
    lengths: Ints  # (B,)

    @cached_property
    def mask(self) -> npt.NDArray[np.bool_]:
        """(B, T)"""
        here: npt.NDArray[np.bool_] = np.arange(self.scores.shape[1]) < self.lengths[:, None]
        return here

    @cached_property
    def rows(self) -> Ints:
        """(B, 1) to index rows with."""
        return np.arange(len(self.lengths))[:, None]

    @cached_property
    def ends(self) -> Ints:
        """(B,) the last step of each row, the first of a row without any."""
        return np.maximum(self.lengths - 1, 0)


class Sums(Protocol):
    """What follows from the sum over all rows of tags."""

    log_partition: Floats  # (B,)

    def tags(self) -> Floats:
        """Return the probability of each tag at each step (B, T, V), zero beyond the lengths."""
        ...

    def transitions(self, weights: Floats) -> Floats:
        """Return how often each tag is expected after each other (V, V), rows weighing `weights` (B,)."""
        ...


def sums(chain: Chain, mixing: int | None) -> Sums:
    """Sum over all rows of tags.

    `mixing` is after how many steps every tag may have come from every other, None if never. By then no tag is
    farther behind the others than the scores of so many steps lie apart, whatever the length of the row.
    """
    if mixing is None or not len(chain.scores):
        return Logarithms(chain)
    weights = np.concatenate([chain.transitions.ravel(), chain.first, chain.last])
    between = weights.max() - weights[weights > FORBIDDEN / 2].min()
    wide = (chain.scores.max(axis=2) - chain.scores.min(axis=2)).max() + between
    return Products(chain) if (mixing + _PERIOD) * wide + 2 * between < _WIDEST else Logarithms(chain)


@final
class Products:
    """By scaled products, from both ends at once: backwards they are those of a mirrored row."""

    def __init__(self, chain: Chain) -> None:
        batch, steps, size = chain.scores.shape
        places = np.arange(steps)
        highest = chain.scores.max(axis=2)  # (B, T)
        factors = np.exp(chain.scores - highest[:, :, None])
        self._chain = chain
        self._mirrored = np.where(chain.mask, chain.lengths[:, None] - 1 - places, places)
        both = np.empty((steps, 2, batch, size))
        both[:, 0] = factors.transpose(1, 0, 2)
        both[:, 1] = factors[chain.rows, self._mirrored].transpose(1, 0, 2)
        between, start, end = chain.transitions.max(), chain.first.max(), chain.last.max()
        self._matrix, self._ends = np.exp(chain.transitions - between), np.exp(chain.last - end)
        turned = np.stack([self._matrix, self._matrix.T])
        self._states = np.empty_like(both)
        scales = np.ones((-(-steps // _PERIOD), 2, batch, 1))
        np.multiply(
            both[0], np.stack([np.exp(chain.first - start), self._ends])[:, None], out=self._states[0]
        )
        before = self._states[0]
        for step in range(1, steps):
            state = self._states[step]
            np.matmul(before, turned, out=state)
            state *= both[step]
            if step % _PERIOD == 0:
                scale = scales[step // _PERIOD]
                np.add.reduce(state, axis=2, keepdims=True, out=scale)
                state /= scale
            before = state
        taken = chain.ends[:, None] // _PERIOD >= places[: len(scales)]
        closing = np.log(self._states[chain.ends, 0, chain.rows[:, 0]] @ self._ends)
        scaled = (np.log(scales[:, 0, :, 0].T) * taken).sum(axis=1)
        shift = (highest * chain.mask).sum(axis=1) + chain.ends * between + start + end
        self.log_partition: Floats = np.where(chain.lengths > 0, scaled + closing + shift, 0.0)

    def tags(self) -> Floats:
        return self._products * (self._chain.mask / self._totals)[:, :, None]

    def transitions(self, weights: Floats) -> Floats:
        shares = self._chain.mask[:, 1:] * weights[:, None] / self._totals[:, :-1]
        after = self._pulled[:, 1:] * shares[:, :, None]
        size = len(self._matrix)
        found: Floats = self._pushed[:, :-1].reshape(-1, size).T @ after.reshape(-1, size) * self._matrix
        return found

    @cached_property
    def _pushed(self) -> Floats:
        """α (B, T, V) up to factors."""
        return np.ascontiguousarray(self._states[:, 0].transpose(1, 0, 2))

    @cached_property
    def _pulled(self) -> Floats:
        """exp e ∘ β (B, T, V) up to factors."""
        backward: Floats = self._states[self._mirrored, 1, self._chain.rows]
        return backward

    @cached_property
    def _products(self) -> Floats:
        """α ∘ β (B, T, V) up to factors."""
        products = np.empty_like(self._pushed)
        np.matmul(self._pulled[:, 1:], self._matrix.T, out=products[:, :-1])
        products[self._chain.rows[:, 0], self._chain.ends] = self._ends
        products[:, -1] = self._ends
        products *= self._pushed
        return products

    @cached_property
    def _totals(self) -> Floats:
        """(B, T), what makes the products of a step probabilities."""
        totals: Floats = self._products.sum(axis=2)
        return np.where(self._chain.mask, totals, 1.0)


@final
class Logarithms:
    """By sums of exponentials, step by step."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._alphas = np.empty_like(chain.scores)
        alpha = self._alphas[:, 0] = chain.first + chain.scores[:, 0]
        for step in range(1, chain.scores.shape[1]):
            after = _log_sum(alpha[:, :, None] + chain.transitions, 1) + chain.scores[:, step]
            alpha = self._alphas[:, step] = np.where(chain.mask[:, step, None], after, alpha)
        self.log_partition = np.where(chain.lengths > 0, _log_sum(alpha + chain.last, 1), 0.0)

    def tags(self) -> Floats:
        logs = self._alphas + self._betas - self.log_partition[:, None, None]
        return np.exp(np.where(self._chain.mask[:, :, None], logs, -np.inf))

    def transitions(self, weights: Floats) -> Floats:
        chain = self._chain
        found = np.zeros_like(chain.transitions)
        for step in range(1, chain.scores.shape[1]):
            entering = (chain.scores[:, step] + self._betas[:, step])[:, None]
            logs = self._alphas[:, step - 1, :, None] + chain.transitions + entering
            shares = np.exp(
                np.where(chain.mask[:, step, None, None], logs, -np.inf) - self.log_partition[:, None, None]
            )
            found += np.einsum("b,bij->ij", weights, shares)
        return found

    @cached_property
    def _betas(self) -> Floats:
        chain = self._chain
        betas = np.broadcast_to(chain.last, chain.scores.shape).copy()
        for step in range(chain.scores.shape[1] - 1, 0, -1):
            entering = (chain.scores[:, step] + betas[:, step])[:, None]
            before = _log_sum(chain.transitions + entering, 2)
            betas[:, step - 1] = np.where(chain.mask[:, step, None], before, betas[:, step - 1])
        return betas


def path_scores(chain: Chain, tags: Ints) -> Floats:
    """Return the score (B,) of tags (B, T), which are 0 beyond the lengths."""
    gained = chain.scores[chain.rows, np.arange(tags.shape[1]), tags]
    gained[:, 0] += chain.first[tags[:, 0]]
    gained[:, 1:] += chain.transitions[tags[:, :-1], tags[:, 1:]]
    left = chain.last[tags[chain.rows[:, 0], chain.ends]]
    scores: Floats = (gained * chain.mask).sum(axis=1) + left * chain.mask[:, 0]
    return scores


def best_paths(chain: Chain, count: int) -> tuple[Ints, Floats]:
    """Return the best rows of tags (B, K, T) and their scores (B, K), -inf where there are fewer (Viterbi 1967)."""
    batch, steps, size = chain.scores.shape
    best = np.full((batch, size, count), -np.inf)
    best[:, :, 0] = chain.first + chain.scores[:, 0]
    entering = np.ascontiguousarray(chain.transitions.T)[:, :, None]  # (V after, V before, 1)
    came_from: list[Ints] = []
    stay = np.arange(size * count).reshape(size, count)
    for step in range(1, steps):
        routes = (best[:, None] + entering).reshape(batch, size, size * count)
        found, places = _highest(routes, count)
        works = chain.mask[:, step, None, None]
        came_from.append(np.where(works, places, stay).reshape(batch, -1))
        best = np.where(works, found + chain.scores[:, step, :, None], best)
    ends, places = _highest((best + chain.last[:, None]).reshape(batch, -1), count)
    tags = np.empty((batch, count, steps), np.int64)
    tags[:, :, -1] = places // count
    for step in range(steps - 2, -1, -1):
        places = np.take_along_axis(came_from[step], places, axis=1)
        tags[:, :, step] = places // count
    ends = np.where(ends < FORBIDDEN / 2, -np.inf, ends)
    empty = np.where(np.arange(count) == 0, 0.0, -np.inf)
    return tags, np.where(chain.lengths[:, None] > 0, ends, empty)


def _log_sum(values: Floats, axis: int) -> Floats:
    highest = values.max(axis=axis, keepdims=True)
    found: Floats = np.log(np.exp(values - highest).sum(axis=axis)) + highest.squeeze(axis)
    return found


def _highest(values: Floats, count: int) -> tuple[Floats, Ints]:
    """Return the `count` highest values of the last axis and their places, the highest first."""
    if count == 1:
        places = values.argmax(axis=-1, keepdims=True)
    else:
        missing = max(0, count - values.shape[-1])
        padding = [(0, 0)] * (values.ndim - 1) + [(0, missing)]
        values = np.pad(values, padding, constant_values=-np.inf)
        places = np.argsort(-values, axis=-1, kind="stable")[..., :count]
    return np.take_along_axis(values, places, axis=-1), places
