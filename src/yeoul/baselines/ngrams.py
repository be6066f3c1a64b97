"""The number to beat for language models: interpolated Kneser–Ney n-grams, and with order 1 the tokens' own shares.

With h the last n - 1 tokens, h' all but the oldest of them, and a the counts (Kneser & Ney 1995; several discounts d
after Chen & Goodman 1998),

    p(w | h) = (a(hw) - d(a(hw))) / Σ_v a(hv) + λ(h) p(w | h'),   λ(h) = Σ_v d(a(hv)) / Σ_v a(hv)

down to p = 1/V. The longest runs count as often as they occur, shorter ones by how many tokens occur before them.
Where h was never seen, p(w | h) = p(w | h'). A text is one stream, with start tokens before its first.

The runs of n tokens are nodes of a tree, below that of their first n - 1: a node's key is parent · V + token. Keys are
sorted, so that nodes are found by bisection, many at once, and the children of a node stand side by side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.errors import ModelFileError
from yeoul.recipe.language import NgramRecipe

Ids = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NONE = -1
_TOKENS_AT_ONCE = 1 << 20
_LONGEST = 32
_DISTINGUISHED = 3
_UNTOLD = 0.5  # discount where nothing occurs once


@dataclass(frozen=True, eq=False)
class _Level:
    """All runs of n tokens (G,) below P runs of n - 1; `weights` are what is left of counts, over the parent's sum."""

    keys: Ints  # (G,) sorted
    counts: Ints  # (G,) a; 0 for what stands only before the text
    weights: Floats  # (G,)
    backoff: Floats  # (P,) λ, 1 for a parent without children

    @classmethod
    def of(cls, keys: Ints, counts: Ints, discounts: Floats, parents: int, tokens: int) -> "_Level":
        above = keys // tokens
        taken = _taken(counts, discounts)
        sums = np.bincount(above, counts, parents)
        lost = np.bincount(above, taken, parents)
        backoff = np.divide(lost, sums, out=np.ones(parents), where=sums > 0)
        return cls(keys, counts, (counts - taken) / np.maximum(sums[above], 1.0), backoff)

    def find(self, parents: Ints, ids: Ints, tokens: int) -> Ints:
        """Return the nodes of tokens (…) below `parents` (…), -1 where there is none."""
        if not len(self.keys):
            return np.full(ids.shape, _NONE)
        wanted = parents * tokens + ids
        places = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where((parents != _NONE) & (self.keys[places] == wanted), places, _NONE)


@dataclass(frozen=True, eq=False)
class Ngrams:
    """A fitted model of V tokens; `keys[n]` and `counts[n]` are those of runs of n + 1 tokens."""

    tokens: int
    start: int
    """The id that stands for what is before a text."""
    keys: tuple[Ints, ...]
    counts: tuple[Ints, ...]
    discounts: Floats  # (order, 3) of counts 1, 2 and more
    _levels: tuple[_Level, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parents = [1, *map(len, self.keys)]
        levels = [
            _Level.of(keys, counts, taken, above, self.tokens)
            for keys, counts, taken, above in zip(
                self.keys, self.counts, self.discounts, parents, strict=False
            )
        ]
        object.__setattr__(self, "_levels", tuple(levels))

    @classmethod
    def fit(cls, recipe: NgramRecipe, ids: Ids, *, tokens: int, start: int) -> "Ngrams":
        """Count a stream of ids (N,), all from 0 to below `tokens`; raise ValueError for an empty one."""
        if not len(ids):
            raise ValueError("n-grams need a text of one token at least")
        text = np.concatenate([np.full(recipe.order - 1, start), ids]).astype(np.int64)
        keys, counts, nodes = [np.arange(tokens)], list[Ints](), text
        occurrences = np.bincount(ids, minlength=tokens)
        for length in range(2, recipe.order + 1):
            shorter = nodes[1:]  # node of the newest n - 1 of n tokens
            runs = nodes[:-1] * tokens + text[length - 1 :]
            unique, places, nodes = np.unique(runs, return_index=True, return_inverse=True)
            size, occurrences = len(occurrences), np.bincount(nodes[-len(ids) :], minlength=len(unique))
            counts.append(np.bincount(shorter[places[occurrences > 0]], minlength=size))
            keys.append(unique)
        counts.append(occurrences)
        discounts = np.stack([_discounts(each, recipe.discounts) for each in counts])
        return cls(tokens, start, tuple(keys), tuple(counts), discounts)

    @property
    def order(self) -> int:
        return len(self.keys)

    @property
    def occurrences(self) -> Ints:
        """How often each token (V,) occurs in the text."""
        return np.bincount(self.keys[-1] % self.tokens, self.counts[-1], self.tokens).astype(np.int64)

    @classmethod
    def of_occurrences(cls, counts: Ints, *, start: int) -> "Ngrams":
        """Return the tokens' own shares by how often each of them occurs, (V,)."""
        discounts = np.stack([_discounts(counts, _DISTINGUISHED)])
        return cls(len(counts), start, (np.arange(len(counts)),), (counts,), discounts)

    def log_probs(self, ids: Ids) -> Floats:
        """Return the log-probability of every token (N,) of a stream after those before it."""
        before = self.order - 1
        text = np.concatenate([np.full(before, self.start), ids]).astype(np.int64)
        parts = [
            self._log_probs(text[first : first + _TOKENS_AT_ONCE + before])
            for first in range(0, len(ids), _TOKENS_AT_ONCE)
        ]
        return np.concatenate([np.empty(0), *parts])

    def distribution(self, context: Ids | Ints) -> Floats:
        """Return the probability of each token (V,) after `context` (C,), before which the text begins."""
        before = self.order - 1
        newest = np.asarray(context[max(0, len(context) - before) :], np.int64)
        newest = np.concatenate([np.full(before - len(newest), self.start), newest])
        probs = np.full(self.tokens, 1.0 / self.tokens)
        for length, level in enumerate(self._levels):
            if (parent := self._node(newest[before - length :])) == _NONE:
                break
            first, last = np.searchsorted(level.keys, [parent * self.tokens, (parent + 1) * self.tokens])
            probs *= level.backoff[parent]
            probs[level.keys[first:last] - parent * self.tokens] += level.weights[first:last]
        return probs

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the model as arrays, all that `from_arrays` needs."""
        runs = {f"keys_{length}": keys for length, keys in enumerate(self.keys[1:], 2)}
        counts = {f"counts_{length}": counts for length, counts in enumerate(self.counts, 1)}
        sizes = np.array([self.tokens, self.start, self.order], np.int64)
        return {"sizes": sizes, "discounts": self.discounts, **runs, **counts}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], *, where: str = "") -> "Ngrams":
        """Restore a model; raise `ModelFileError`, with `where` as its place, for what `to_arrays` did not write."""
        sizes = arrays.get("sizes", np.empty(0, np.int64))
        if sizes.dtype != np.int64 or sizes.shape != (3,) or not 1 <= sizes[2] <= _LONGEST:
            raise _damaged(where)
        tokens, start, order = sizes.tolist()
        names = [f"keys_{length}" for length in range(2, order + 1)]
        names += [f"counts_{length}" for length in range(1, order + 1)]
        if arrays.keys() != {"sizes", "discounts", *names}:
            raise _damaged(where)
        if any(arrays[name].dtype != np.int64 or arrays[name].ndim != 1 for name in names):
            raise _damaged(where)
        discounts, counts = (
            arrays["discounts"],
            [arrays[f"counts_{length}"] for length in range(1, order + 1)],
        )
        keys = [np.arange(len(counts[0])), *(arrays[f"keys_{length}"] for length in range(2, order + 1))]
        fitting = (
            tokens == len(counts[0])
            and 0 <= start < tokens
            and discounts.dtype == np.float64
            and discounts.shape == (order, _DISTINGUISHED)
            and bool(((discounts > 0) & (discounts <= np.arange(1, _DISTINGUISHED + 1))).all())
            and all(
                len(some) == len(each) and (each >= 0).all() for some, each in zip(keys, counts, strict=True)
            )
            and all(
                (np.diff(longer) > 0).all() and _within(longer, len(shorter) * tokens)
                for shorter, longer in pairwise(keys)
            )
        )
        if not fitting:
            raise _damaged(where)
        return cls(tokens, start, tuple(keys), tuple(counts), discounts)

    def _log_probs(self, text: Ints) -> Floats:
        """Return the log-probabilities of all but the first order - 1 tokens."""
        size = len(text) - self.order + 1
        probs = np.full(size, 1.0 / self.tokens)
        parents = np.zeros(len(text), np.int64)  # node of the last n - 1 tokens before each
        for level in self._levels:
            nodes = level.find(parents, text[-len(parents) :], self.tokens)
            above, found = parents[-size:], nodes[-size:]
            known = above != _NONE
            probs = np.where(known, level.backoff[above], 1.0) * probs
            probs += np.where(found != _NONE, level.weights[found], 0.0)
            parents = nodes[:-1]
        logs: Floats = np.log(probs)
        return logs

    def _node(self, run: Ints) -> int:
        """Return the node of a run of tokens, -1 if it never occurred."""
        node = np.zeros(1, np.int64)
        for level, token in zip(self._levels, run, strict=False):
            node = level.find(node, np.array([token]), self.tokens)
        return int(node[0])


def _taken(counts: Ints, discounts: Floats) -> Floats:
    taken: Floats = np.concatenate([[0.0], discounts])[np.minimum(counts, _DISTINGUISHED)]
    return taken


def _discounts(counts: Ints, number: int) -> Floats:
    """Return what is taken from counts of 1, 2 and more, by how many counts are 1, 2, 3 and 4."""
    once, twice, thrice, more = (int(np.count_nonzero(counts == count)) for count in range(1, 5))
    single = once / (once + 2 * twice) if once else _UNTOLD
    if number == 1 or not (once and twice and thrice and more):
        return np.full(_DISTINGUISHED, single)
    several = np.array(
        [1 - 2 * single * twice / once, 2 - 3 * single * thrice / twice, 3 - 4 * single * more / thrice]
    )
    return several if (several > 0).all() else np.full(_DISTINGUISHED, single)


def _within(keys: Ints, limit: int) -> bool:
    return not len(keys) or (keys[0] >= 0 and keys[-1] < limit)


def _damaged(where: str) -> ModelFileError:
    return ModelFileError(
        "the n-gram model is damaged or from another version",
        "copy the file again from its source, or train again",
        where=where,
    )
