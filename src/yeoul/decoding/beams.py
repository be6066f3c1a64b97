"""How a beam ranks hypotheses, and what it has kept of them: whole ones, and all that led there."""

from dataclasses import dataclass, replace
from typing import final

import torch
from torch import Tensor

from yeoul.decoding.beamtree import BeamTree, Twig
from yeoul.decoding.hypotheses import Hypothesis
from yeoul.decoding.steps import NEVER
from yeoul.decoding.stopping import Limits, Outcome

_ORDER: tuple[Outcome, ...] = ("ended", "length", "stuck")


@final
@dataclass(frozen=True)
class Beams:
    """How wide to search and what to rank by."""

    size: int = 5
    """How many hypotheses of a source go on at each step, over all groups."""
    best: int = 1
    """How many are kept in the end."""
    length_penalty: float = 0.0
    """α: above 0 for longer hypotheses, below 0 for shorter ones."""
    coverage_penalty: float = 0.0
    """β: above 0 to leave no step of the source out; needs a decoder that tells its attention."""
    groups: int = 1
    diversity: float = 0.0
    keep_tree: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.best <= self.size:
            raise ValueError(f"best is {self.best}, expected 1 to size, {self.size}")
        if self.groups < 1 or self.size % self.groups:
            raise ValueError(f"size is {self.size}, expected a multiple of groups, {self.groups}")
        if self.diversity and self.groups == 1:
            raise ValueError("diversity is between groups, expected at least 2 of them")
        if self.coverage_penalty < 0.0:
            raise ValueError(f"coverage_penalty is {self.coverage_penalty}, expected at least 0")

    @property
    def width(self) -> int:
        """How many hypotheses of a group go on at each step."""
        return self.size // self.groups

    def score(self, log_prob: float, length: int, covered: float = 0.0) -> float:
        """Rank a hypothesis by its log-probability, its length with the end token, and Σ_s log min(…, 1)."""
        longer: float = ((5 + length) / 6) ** self.length_penalty
        return log_prob / longer + self.coverage_penalty * covered


@final
@dataclass(frozen=True)
class Level:
    """What one step led to, for each row that goes on; at minus infinity a row only fills its place."""

    sources: list[int]
    rows: list[int]
    """The rows before the step that they go on from."""
    tokens: list[int]
    scores: list[float]
    log_probs: list[float]
    attention: Tensor | None
    """(rows before the step, S)"""


@final
@dataclass(frozen=True)
class Whole:
    """A hypothesis that goes no further: the step, the row before it, and what was said last."""

    score: float
    outcome: Outcome
    depth: int
    row: int
    token: int | None
    """None where nothing could be said."""
    log_prob: float

    @property
    def rank(self) -> tuple[int, float]:
        return _ORDER.index(self.outcome), -self.score


@final
class Kept:
    """What a search over M sources has kept so far."""

    def __init__(self, sources: int, beams: Beams, limits: Limits) -> None:
        self._beams = beams
        self._limits = limits
        self._by_pool = -(-beams.best // beams.groups)
        self._pools: list[list[list[Whole]]] = [[[] for _ in range(beams.groups)] for _ in range(sources)]
        self._all: list[list[Whole]] = [[] for _ in range(sources)]
        self.levels: list[Level] = []

    def keep(self, source: int, group: int, whole: Whole) -> None:
        """Keep a hypothesis while it is among the best of its group."""
        pool = self._pools[source][group]
        pool.append(whole)
        pool.sort(key=lambda each: each.rank)
        del pool[self._by_pool :]
        if self._beams.keep_tree:
            self._all[source].append(whole)

    def settled(self, source: int, group: int, best: float) -> bool:
        """Tell whether nothing that goes on, at best with this log-probability, can come before what is kept.

        A log-probability only falls with more tokens, and its score lies between those of the least and the
        greatest length.
        """
        pool = self._pools[source][group]
        if len(pool) < self._by_pool or pool[-1].outcome != "ended":
            return False
        soonest = len(self.levels) + 2
        reachable = max(self._beams.score(best, length) for length in (soonest, self._limits.max_tokens))
        return reachable <= pool[-1].score

    def hypotheses(self, source: int, source_length: int | None) -> tuple[Hypothesis, ...]:
        """Return the best of a source, the attention cut at its length."""
        kept = sorted((whole for pool in self._pools[source] for whole in pool), key=lambda whole: whole.rank)
        return tuple(self._traced(whole, source_length) for whole in kept[: self._beams.best])

    def tree(self, source: int) -> BeamTree:
        """Return all that was kept of a source, with what ended after what went on."""
        grown: list[list[Twig]] = []
        places: dict[int, int] = {}
        wholes = self._all[source]
        for depth in range(max((whole.depth + (whole.token is not None) for whole in wholes), default=0)):
            level = self.levels[depth]
            twigs: list[Twig] = []
            following: dict[int, int] = {}
            for row, owner in enumerate(level.sources):
                if owner == source and level.scores[row] != NEVER:
                    following[row] = len(twigs)
                    parent = places.get(level.rows[row], 0)
                    twigs.append(Twig(parent, level.tokens[row], level.scores[row], None))
            for whole in wholes:
                if whole.depth == depth and whole.token is not None:
                    twigs.append(Twig(places.get(whole.row, 0), whole.token, whole.score, whole.outcome))
                elif whole.depth == depth + 1 and whole.token is None:
                    place = following[whole.row]
                    twigs[place] = replace(twigs[place], score=whole.score, outcome="stuck")
            grown.append(twigs)
            places = following
        return BeamTree(tuple(tuple(twigs) for twigs in grown))

    def _traced(self, whole: Whole, source_length: int | None) -> Hypothesis:
        """Go back from the last token to the first."""
        tokens, log_probs, attention = [], [], []
        row = whole.row
        if whole.token is not None:
            if whole.token != self._limits.end_id:
                tokens.append(whole.token)
            log_probs.append(whole.log_prob)
            attention.append(self._attention(whole.depth, row))
        for depth in reversed(range(whole.depth)):
            level = self.levels[depth]
            tokens.append(level.tokens[row])
            log_probs.append(level.log_probs[row])
            row = level.rows[row]
            attention.append(self._attention(depth, row))
        told = [each[:source_length] for each in reversed(attention) if each is not None]
        return Hypothesis(
            tuple(reversed(tokens)),
            whole.score,
            tuple(reversed(log_probs)),
            torch.stack(told) if told else None,
            whole.outcome,
        )

    def _attention(self, depth: int, row: int) -> Tensor | None:
        attention = self.levels[depth].attention
        return None if attention is None else attention[row]
