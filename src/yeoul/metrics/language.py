"""How well a model says what comes next, and how much of what it writes is its own.

A stream of tokens is told by its log-probabilities, in nats. Per token (perplexity) two models compare only if they
read the same tokens; per character or byte whatever their units. Neighboring tokens are hard or easy together, so that
intervals come from whole blocks of the text (see `yeoul.metrics.blocks`), pieces of about a kilobyte being drawn.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.metrics.blocks import Blocks, Spread, told
from yeoul.metrics.intervals import Floats, Interval, Verdict, judge

Ints = npt.NDArray[np.int64]
Sizes = npt.NDArray[np.integer]
Hashes = npt.NDArray[np.uint64]
Metric = Literal["nats_per_token", "bits_per_character", "bits_per_byte"]

PIECE_BYTES = 1000
_TOKENS_AT_ONCE = 1 << 20
_MOST_ROUNDS = 1000
_SETTLED = 1e-7
_NATS_PER_BYTE = 8 * math.log(2.0)


@dataclass(frozen=True, eq=False)
class ScoredText:
    """A text as a model read it: the log-probability of every token (N,), and how long each is."""

    log_probs: Floats
    characters: Sizes
    bytes: Sizes

    def __post_init__(self) -> None:
        if not len(self.log_probs) == len(self.characters) == len(self.bytes) > 0:
            raise ValueError("a scored text has a log-probability and two sizes for each of its tokens")

    @property
    def ends(self) -> Ints:
        """Return the place in bytes after every token (N,)."""
        return np.cumsum(self.bytes, dtype=np.int64)

    def spelled(self, unknown: npt.NDArray[np.bool_]) -> "ScoredText":
        """Return the text with its unknown tokens (N,) spelled out at eight bits a byte.

        Per character or byte, it would be cheap not to know a word: so many words would cost what one does.
        """
        places = np.flatnonzero(unknown)
        if not len(places):
            return self
        log_probs = self.log_probs.copy()
        log_probs[places] -= self.bytes[places] * _NATS_PER_BYTE
        return ScoredText(log_probs, self.characters, self.bytes)

    def sums(self, bounds: Ints) -> Floats:
        """Return nats, tokens, characters and bytes (P, 4) of the pieces between the tokens `bounds` (P + 1,)."""
        sums = np.empty((len(bounds) - 1, 4))
        first = 0
        while first < len(sums):
            last = max(first + 1, int(np.searchsorted(bounds, bounds[first] + _TOKENS_AT_ONCE, "right")) - 1)
            own, sizes = slice(bounds[first], bounds[last]), np.diff(bounds[first : last + 1])
            pieces = np.repeat(np.arange(last - first), sizes)
            parts = (-self.log_probs[own], None, self.characters[own], self.bytes[own])
            sums[first:last] = np.stack([np.bincount(pieces, part) for part in parts], axis=1)
            first = last
        return sums

    def edges(self) -> Ints:
        """Return where pieces of about `PIECE_BYTES` end, in bytes, each at the end of a token, but for the last."""
        edges, begin, size = [np.empty(0, np.int64)], 0, int(self.bytes.sum())
        for _, ends in _ends(self.bytes):
            first = begin - begin % PIECE_BYTES + PIECE_BYTES
            wanted = np.arange(first, min(int(ends[-1]) + 1, size), PIECE_BYTES)
            edges.append(np.unique(ends[np.searchsorted(ends, wanted)]))
            begin = int(ends[-1])
        return np.unique(np.concatenate(edges))

    def bounds(self, edges: Ints) -> Ints:
        """Return the tokens (P + 1,) between which the pieces lie that end at `edges`, in bytes, and at the end."""
        bounds = np.zeros(len(edges) + 1, np.int64)
        for begin, ends in _ends(self.bytes):
            first, last = np.searchsorted(edges, ends[0]), np.searchsorted(edges, ends[-1], "right")
            bounds[first + 1 : last + 1] = begin + np.searchsorted(ends, edges[first:last], "right")
        return bounds if bounds[-1] == len(self.bytes) else np.append(bounds, len(self.bytes))


@dataclass(frozen=True)
class LanguageScores:
    """What a stream costs, with 95 % intervals; the ends are infinite where the text is too short to tell."""

    tokens: int
    nats_per_token: Interval
    perplexity: Interval
    bits_per_character: Interval
    bits_per_byte: Interval

    @classmethod
    def of(cls, text: ScoredText, *, seed: int) -> "LanguageScores":
        """Measure a scored text. A model that gives a token no chance has infinite scores."""
        sums = text.sums(text.bounds(text.edges()))
        values = {metric: _not_negative(_spread(sums[:, None], metric, seed)) for metric in _UNITS}
        nats = values["nats_per_token"]
        return cls(
            len(text.log_probs),
            nats,
            Interval(_exp(nats.value), _exp(nats.low), _exp(nats.high)),
            values["bits_per_character"],
            values["bits_per_byte"],
        )

    def to_json(self) -> dict[str, object]:
        """Return the scores as plain values."""
        names = ("nats_per_token", "perplexity", "bits_per_character", "bits_per_byte")
        intervals = (self.nats_per_token, self.perplexity, self.bits_per_character, self.bits_per_byte)
        return {"tokens": self.tokens} | {
            name: told(interval) for name, interval in zip(names, intervals, strict=True)
        }


def compare_texts(
    ours: ScoredText, theirs: ScoredText, *, metric: Metric = "bits_per_byte", against: str, seed: int
) -> Verdict:
    """Judge two models by the same text, in the same pieces of it; a lead is positive.

    Raises ValueError for texts of unequal length, and for the costs of unlike tokens.
    """
    sizes = [int(text.bytes.sum()) for text in (ours, theirs)]
    if sizes[0] != sizes[1]:
        raise ValueError(f"texts of {sizes[0]} and {sizes[1]} bytes are not the same")
    alike = ours.bytes is theirs.bytes or np.array_equal(ours.bytes, theirs.bytes)
    if metric == "nats_per_token" and not alike:
        raise ValueError("costs per token compare for the same tokens only")
    edges = ours.edges() if alike else _common_edges(ours, theirs)
    sums = [text.sums(text.bounds(edges)) for text in (theirs, ours)]
    return judge(_spread(np.stack(sums, axis=1), metric, seed), metric=metric, against=against)


def interpolation_weights(log_probs: Floats | Sequence[Floats]) -> Floats:
    """Return the weights (M,) under which M models together say a text, log-probabilities (M, N), best.

    Expectation maximization from even weights: there is but one best. Take the text that models are chosen on.
    """
    ratios = np.array(log_probs)
    models, size = ratios.shape
    if size == 0:
        raise ValueError("weights need a text of one token at least")
    ratios -= ratios.max(axis=0)
    np.exp(ratios, out=ratios)
    weights, shares = np.full(models, 1.0 / models), np.empty_like(ratios)
    for _ in range(_MOST_ROUNDS):
        before = weights
        np.multiply(weights[:, None], ratios, out=shares)
        shares /= shares.sum(axis=0)
        weights = shares.mean(axis=1)
        if np.abs(weights - before).max() < _SETTLED:
            break
    return weights


def interpolated(log_probs: Floats | Sequence[Floats], weights: Floats) -> Floats:
    """Return the log-probabilities (N,) of a mixture of M models, (M, N), by their weights (M,)."""
    logs = np.empty(len(log_probs[0]))
    with np.errstate(divide="ignore"):
        shares = np.log(weights)[:, None]
    for first in range(0, len(logs), _TOKENS_AT_ONCE):
        part = np.stack([one[first : first + _TOKENS_AT_ONCE] for one in log_probs])
        logs[first : first + _TOKENS_AT_ONCE] = np.logaddexp.reduce(part + shares, axis=0)
    return logs


@dataclass(frozen=True)
class Copied:
    """How much of a written text stands in the training text, run for run."""

    share: float
    """Of its runs of so many tokens; NaN where it has none."""
    longest: int
    """Tokens of the longest run that stands there; 0 where none of that length does."""

    @classmethod
    def of(cls, written: npt.ArrayLike, training: npt.NDArray[np.integer], length: int) -> "Copied":
        """Look for every run of `length` tokens, or characters by their code points, of `written` in `training`.

        Runs are told apart by 64 bits; that two unlike ones are taken for the same in 10⁹ · 10⁴ pairs happens once in
        a million times.
        """
        text = np.asarray(written)
        found = _found(text, training, length)
        if not found.any():
            return cls(0.0 if len(found) else math.nan, 0)
        known, unknown = length, 2 * length
        while _found(text, training, unknown).any():
            known, unknown = unknown, 2 * unknown
        while unknown - known > 1:
            middle = (known + unknown) // 2
            known, unknown = (middle, unknown) if _found(text, training, middle).any() else (known, middle)
        return cls(float(found.mean()), known)


def distinct_share(ids: npt.ArrayLike, length: int) -> float:
    """Return how many runs of `length` tokens differ, as a share of all runs; NaN where there is none."""
    hashes = run_hashes(np.asarray(ids), length)
    return len(np.unique(hashes)) / len(hashes) if len(hashes) else math.nan


def longest_repeat(ids: npt.ArrayLike) -> int:
    """Return the tokens of the longest run that occurs twice; the two may overlap."""
    text = np.asarray(ids)
    known, unknown = 0, max(1, len(text))
    while unknown - known > 1:
        middle = (known + unknown) // 2
        hashes = run_hashes(text, middle)
        known, unknown = (middle, unknown) if len(np.unique(hashes)) < len(hashes) else (known, middle)
    return known


def run_hashes(ids: npt.NDArray[np.integer], length: int) -> Hashes:
    """Return 64 bits for each run of `length` tokens of N: (N - length + 1,), equal for equal runs."""
    size = len(ids) - length + 1
    if size <= 0:
        return np.empty(0, np.uint64)
    doubled, span, hashes, done = _mixed(ids.astype(np.uint64)), 1, np.zeros(size, np.uint64), 0
    while True:
        if length & span:
            hashes = _mixed(hashes * _FACTOR + doubled[done : done + size])
            done += span
        if done == length:
            return hashes
        doubled = _mixed(doubled[:-span] * _FACTOR + doubled[span:])
        span *= 2


_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_UNITS: dict[Metric, tuple[int, float]] = {
    "nats_per_token": (1, 1.0),
    "bits_per_character": (2, math.log(2.0)),
    "bits_per_byte": (3, math.log(2.0)),
}


def _ends(sizes: Sizes) -> Iterator[tuple[int, Ints]]:
    """Yield the place in bytes after every token, block by block, with the first token of each."""
    done = 0
    for first in range(0, len(sizes), _TOKENS_AT_ONCE):
        ends = done + np.cumsum(sizes[first : first + _TOKENS_AT_ONCE], dtype=np.int64)
        yield first, ends
        done = int(ends[-1])


def _common_edges(ours: ScoredText, theirs: ScoredText) -> Ints:
    """Return where pieces of both texts end, in bytes, whose tokens are not the same."""
    common = np.intersect1d(ours.ends, theirs.ends)
    wanted = np.arange(PIECE_BYTES, common[-1], PIECE_BYTES)
    return np.unique(common[np.searchsorted(common, wanted)])


def _spread(sums: Floats, metric: Metric, seed: int) -> Interval:
    """Return the cost of a text with its interval from its pieces (P, 1, 4), or of two, (P, 2, 4), the difference."""
    place, unit = _UNITS[metric]
    blocks = Blocks.of(np.arange(len(sums)), np.zeros(len(sums)), 1)
    cells = np.add.reduceat(sums[blocks.order], blocks.starts, axis=0)
    with np.errstate(invalid="ignore"):
        value = _cost(sums.sum(axis=0), place, unit)
    if not np.isfinite(value):  # a token had no chance
        return Interval(float(value), -math.inf, math.inf)
    scores = _cost(blocks.resampled(cells, seed=seed), place, unit)
    found = Spread.of(value, scores, blocks).one()
    return Interval(float(value), -math.inf, math.inf) if found is None else found


def _not_negative(cost: Interval) -> Interval:
    """Return the interval of a cost, which is zero at least; one that is not known stays so."""
    return replace(cost, low=max(0.0, cost.low)) if math.isfinite(cost.low) else cost


def _cost(sums: Floats, place: int, unit: float) -> Floats:
    """Map sums (…, M, 4) to costs (…); of two models, those of the second are taken from those of the first."""
    costs = sums[..., 0] / (unit * np.maximum(sums[..., place], 1.0))
    cost: Floats = costs[..., 0] if costs.shape[-1] == 1 else costs[..., 0] - costs[..., 1]
    return np.asarray(cost)


def _exp(nats: float) -> float:
    return math.exp(nats) if nats < _LARGEST else math.inf


_LARGEST = 700.0


def _found(
    written: npt.NDArray[np.integer], training: npt.NDArray[np.integer], length: int
) -> npt.NDArray[np.bool_]:
    """Say of every run of `length` tokens of `written` whether it stands in `training`."""
    wanted, inverse = np.unique(run_hashes(written, length), return_inverse=True)
    found = np.zeros(len(wanted), np.bool_)
    if not len(wanted):
        return found
    for first in range(0, len(training) - length + 1, _TOKENS_AT_ONCE):
        hashes = run_hashes(np.asarray(training[first : first + _TOKENS_AT_ONCE + length - 1]), length)
        places = np.minimum(np.searchsorted(wanted, hashes), len(wanted) - 1)
        found[places[wanted[places] == hashes]] = True
    return found[inverse]


def _mixed(bits: Hashes) -> Hashes:
    """Scatter 64 bits (Steele et al. 2014; Stafford's mix 13)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
