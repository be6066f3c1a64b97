"""Find the parts of the rows where a model does worse than on the rest, among thousands, without crying wolf.

Half of the rows, drawn by the seed, are for looking: the parts where most goes wrong are chosen there, the clearest
first, one of those that hold the same rows (the plainest), and none that is bad only for rows that a chosen one holds
already. The other half is for telling: each of the few that were chosen is tested there by Fisher's exact test (1935),
and those stand that are significant at 5 % after Holm's correction (1979) for all that were tested. The choice has
seen nothing of the second half, so where what goes wrong has nothing to do with the parts, whatever they are and
however many, at most one search in twenty tells of any. Scores are those of the second half. Where rows belong
together, as pairs with a text in common do, they stand in one half: else what is bad of one group would confirm itself.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.metrics.intervals import Interval
from yeoul.metrics.parts import PLAINNESS, Ints, Part, column_parts
from yeoul.metrics.slices import Better, Bools, Slice, holm, measure_slices
from yeoul.metrics.text_parts import LEAST_ROWS, text_parts

Judged = Literal["wrong", "worst"]
"""Which rows went wrong: those that are, or the worst fifth of them."""
Told = Callable[[int], Mapping[str, str]]
"""From the place of a row to what is shown of it."""

_LEVEL = 0.05
_LEAST_HALF = 50
_MOST_ROWS = 50_000
_MOST_TESTED = 12
_BAD = 0.2  # of numbers, the worst fifth of the rows went wrong
_CLEAR = 2.5  # standard errors by which a part must be worse to be chosen
_WORSE = 1.2  # times as much must go wrong there
_SAME = 0.5  # of the rows of two parts that tell the same, by Jaccard
_AS_CLEAR = 1.0
_EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class WeakSpot:
    """A part with its score, that of all other rows, the difference, and the chance of so bad a one by luck alone."""

    part: Part
    """Its rows among all."""
    rows: int
    """Of the second half: the score is theirs."""
    score: Interval
    rest: float
    difference: Interval
    chance: float
    examples: tuple[int, ...]
    """Rows that went wrong."""

    def to_json(self, told: Told) -> dict[str, Any]:
        return {
            **self.part.to_json(),
            "rows": self.rows,
            "all_rows": len(self.part.rows),
            "score": self.score.to_json(),
            "rest": self.rest,
            "difference": self.difference.to_json(),
            "chance": self.chance,
            "examples": [dict(told(row)) for row in self.examples],
        }


@dataclass(frozen=True)
class WeakSpots:
    """What a search has found, the clearest first; `tested` of the `parts` that were looked at were tested."""

    metric: str
    judged: Judged
    rows: int
    parts: int
    tested: int
    spots: tuple[WeakSpot, ...]

    def to_json(self, told: Told) -> dict[str, Any]:
        """Return all as plain values: `weak_spots` in `slices.json`."""
        return {
            "metric": self.metric,
            "judged": self.judged,
            "rows": self.rows,
            "parts": self.parts,
            "tested": self.tested,
            "spots": [one.to_json(told) for one in self.spots],
        }


def weak_spots(
    credit: npt.ArrayLike,
    columns: Mapping[str, npt.ArrayLike],
    texts: pa.Array | pa.ChunkedArray | None,
    *,
    metric: str,
    better: Better,
    seed: int,
    groups: Ints | None = None,
) -> WeakSpots:
    """Search the rows by their texts (N,), where there are texts, and by columns (N,).

    `credit (N,)` says how good each answer is: True or False for right or wrong, else a number of which more or less
    is `better`. Of rows with equal texts only the first is looked at, for they are answered alike; of very many rows
    as many are drawn as are quick to read. Rows of one of the `groups` (N,) stand in one half.
    """
    earned = np.asarray(credit)
    rows = np.arange(len(earned))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MOST_ROWS, replace=False))
    if texts is not None:
        drawn = texts.take(pa.array(rows))
        texts = drawn.combine_chunks() if isinstance(drawn, pa.ChunkedArray) else drawn
        first = _distinct(texts)
        rows, texts = rows[first], texts.take(pa.array(first))
    if len(rows) < 2 * _LEAST_HALF:
        return WeakSpots(metric, _judged(earned), len(rows), 0, 0, ())
    parts = list(column_parts({by: np.asarray(given)[rows] for by, given in columns.items()}, LEAST_ROWS))
    if texts is not None:
        parts += text_parts(texts, seed)
    own = np.arange(len(rows)) if groups is None else groups[rows]
    found = search(earned[rows], parts, better=better, seed=seed, groups=own)
    return replace(found, metric=metric, spots=tuple(_among(one, rows) for one in found.spots))


def search(
    credit: npt.NDArray[Any], parts: Sequence[Part], *, better: Better, seed: int, groups: Ints
) -> WeakSpots:
    """Search parts of the rows whose credit (N,) and group (N,) are given: as `weak_spots` does."""
    bad, badness = _went_wrong(credit, better), _badness(credit, better)
    size = len(bad)
    looking = _half(groups, seed)
    chosen = [one for one in _chosen(bad, looking, parts) if _is_worse(badness, _mask(one, size), looking)]
    chances = holm([_fisher(bad[~looking], _mask(one, size)[~looking]) for one in chosen])
    weak = [
        (one, chance)
        for one, chance in zip(chosen, chances, strict=True)
        if chance < _LEVEL and _is_worse(badness, _mask(one, size), ~looking)
    ]
    telling = np.flatnonzero(~looking)
    slices = [Slice(one.by, _mask(one, size)[telling]) for one, _ in weak]
    measured = measure_slices(credit[telling], slices, seed) if slices else []
    spots = [
        WeakSpot(
            one,
            int(own.members.sum()),
            score,
            float(credit[telling][~own.members].mean()),
            difference,
            chance,
            _examples(one, credit, bad, better),
        )
        for (one, chance), own, (score, difference) in zip(weak, slices, measured, strict=True)
    ]
    return WeakSpots(
        "", _judged(credit), size, len(parts), len(chosen), tuple(sorted(spots, key=lambda one: one.chance))
    )


def _went_wrong(credit: npt.NDArray[Any], better: Better) -> Bools:
    """Return the rows (N,) that went wrong: of numbers the worst fifth, fewer where many are equally good."""
    badness = _badness(credit, better)
    wrong: Bools = ~credit if credit.dtype == bool else badness > np.quantile(badness, 1 - _BAD)
    return wrong


def _badness(credit: npt.NDArray[Any], better: Better) -> npt.NDArray[np.float64]:
    numbers = credit.astype(np.float64)
    return -numbers if better == "more" else numbers


def _half(groups: Ints, seed: int) -> Bools:
    """Draw the rows (N,) that are for looking: about half, and all or none of a group."""
    _, own, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    drawn = np.zeros(len(sizes), bool)
    drawn[order[np.cumsum(sizes[order]) <= len(groups) // 2]] = True
    return drawn[own]


def _is_worse(badness: npt.NDArray[np.float64], inside: Bools, among: Bools) -> bool:
    """Say whether the mean inside is worse than outside: the worst fifth may hold many rows where scores only vary."""
    own, others = badness[inside & among], badness[~inside & among]
    return bool(len(own) and len(others) and own.mean() > others.mean())


def _judged(credit: npt.NDArray[Any]) -> Judged:
    return "wrong" if credit.dtype == bool else "worst"


def _chosen(bad: Bools, looking: Bools, parts: Sequence[Part]) -> list[Part]:
    """Choose the parts to test by the rows that are for looking."""
    if not parts or not bad[looking].any():
        return []
    clear = _clearness(parts, bad, looking)
    left = [one for one, own in zip(parts, clear, strict=True) if own >= _CLEAR]
    lucky = _lucky(parts)
    clear = clear[clear >= _CLEAR] - np.array([lucky[one.kind] for one in left])
    free, chosen = looking.copy(), list[Part]()
    while left and len(chosen) < _MOST_TESTED:
        still = _clearness(left, bad, free)
        clear = np.where(still >= _CLEAR, clear, -np.inf)
        best = int(np.argmax(clear))
        if clear[best] == -np.inf:
            break
        same = _likeness(left, _mask(left[best], len(bad)) & looking, looking) >= _SAME
        rivals = np.flatnonzero(same & (clear >= clear[best] - _AS_CLEAR))
        plainest = min(rivals.tolist(), key=lambda place: (PLAINNESS[left[place].kind], -clear[place]))
        chosen.append(left[plainest])
        free &= ~_mask(left[plainest], len(bad))
        kept = np.flatnonzero(~same & (clear > -np.inf))
        left, clear = [left[place] for place in kept.tolist()], clear[kept]
    return chosen


def _lucky(parts: Sequence[Part]) -> Mapping[str, float]:
    """Return how clear the luckiest of so many equally good parts is, for each kind: √(2 ln n)."""
    counts = Counter(one.kind for one in parts)
    return {kind: float(np.sqrt(2 * np.log(number))) for kind, number in counts.items()}


def _clearness(parts: Sequence[Part], bad: Bools, among: Bools) -> npt.NDArray[np.float64]:
    """Return by how many standard errors more goes wrong in each part (S,) than elsewhere `among` some rows.

    It is 0 where there are too few rows, or most, or where it is little more.
    """
    inside, wrong = _sums(parts, among), _sums(parts, among & bad)
    rows, total = int(among.sum()), int((among & bad).sum())
    outside, elsewhere = rows - inside, total - wrong
    with np.errstate(invalid="ignore", divide="ignore"):
        share, other, mean = wrong / inside, elsewhere / outside, total / rows
        deviation = np.sqrt(mean * (1 - mean) * (1 / inside + 1 / outside))
        clear = (share - other) / deviation
    enough = (inside >= LEAST_ROWS / 2) & (inside <= outside) & (share >= _WORSE * other)
    return np.where(enough & np.isfinite(clear), clear, 0.0)


def _likeness(parts: Sequence[Part], rows: Bools, among: Bools) -> npt.NDArray[np.float64]:
    """Return how much of each part (S,) and of some rows together both hold."""
    both = _sums(parts, rows & among)
    either = _sums(parts, among) + (rows & among).sum() - both
    shared: npt.NDArray[np.float64] = both / np.maximum(either, 1)
    return shared


def _sums(parts: Sequence[Part], rows: Bools) -> Ints:
    """Count the rows of each part (S,) that are among some (N,); no part is empty."""
    starts = np.cumsum([0, *(len(one.rows) for one in parts[:-1])])
    flat = rows[np.concatenate([one.rows for one in parts])]
    return np.add.reduceat(flat, starts, dtype=np.int64)


def _fisher(bad: Bools, inside: Bools) -> float:
    """Return the chance of so many bad rows inside, if as many of all rows were bad by lot (Fisher's exact test)."""
    from scipy.special import gammaln  # slow to import

    rows, total, own, found = len(bad), int(bad.sum()), int(inside.sum()), int((bad & inside).sum())
    counts = np.arange(found, min(own, total) + 1)

    def ways(size: int, taken: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        told: npt.NDArray[np.float64] = (
            gammaln(size + 1) - gammaln(taken + 1) - gammaln(np.maximum(size - taken, 0) + 1)
        )
        return told

    possible = own - counts <= rows - total
    logs = ways(total, counts) + ways(rows - total, own - counts) - ways(rows, np.array(own))
    return min(1.0, float(np.exp(logs[possible]).sum()))


def _mask(part: Part, size: int) -> Bools:
    mask = np.zeros(size, bool)
    mask[part.rows] = True
    return mask


def _examples(part: Part, credit: npt.NDArray[Any], bad: Bools, better: Better) -> tuple[int, ...]:
    """Return some rows of a part that went wrong: the worst ones, or at even distances where all are as wrong."""
    wrong = part.rows[bad[part.rows]]
    if credit.dtype != bool:
        worst = np.argsort(-_badness(credit[wrong], better), kind="stable")[:_EXAMPLES]
        return tuple(np.sort(wrong[worst]).tolist())
    places = np.unique(np.linspace(0, len(wrong) - 1, min(_EXAMPLES, len(wrong))).astype(np.int64))
    return tuple(wrong[places].tolist())


def _distinct(texts: pa.Array) -> Ints:
    """Return the first row of each text, in order."""
    ids = texts.dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return np.sort(np.unique(ids, return_index=True)[1])


def _among(spot: WeakSpot, rows: Ints) -> WeakSpot:
    """Return a spot of some rows as one of all."""
    part = replace(spot.part, rows=rows[spot.part.rows])
    return replace(spot, part=part, examples=tuple(rows[list(spot.examples)].tolist()))
