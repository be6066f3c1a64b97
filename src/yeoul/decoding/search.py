"""Beam search over any decoder: the best ways to go on for many sources at once.

Of each hypothesis Y of source X, ranked by (Wu et al. 2016)

    log P(Y | X) / lp(Y) + cp(X; Y),  lp = ((5 + |Y|) / 6)^α,  cp = β Σ_s log min(Σ_t attention[t, s], 1)

the `size` best that have not ended go on; an end counts where it is among the `size` best of its step. A source is
done when nothing that goes on can come before the worst that is kept. Groups of a diverse beam choose one after
another, each token being `diversity` worse for every time that the groups before have chosen it at this step
(Vijayakumar et al. 2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from yeoul.decoding.beamtree import BeamTree, Twig
from yeoul.decoding.history import Path
from yeoul.decoding.hypotheses import Found, Hypothesis, Opening
from yeoul.decoding.sampling import not_a_number
from yeoul.decoding.steps import NEVER, Step, shaped
from yeoul.decoding.stopping import Limits, Outcome
from yeoul.models.protocols import Carried, Decoder, Memory
from yeoul.tree import select

_SMALLEST_COVERAGE = 1e-30
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
    """α: above 0 for longer, below 0 for shorter ones."""
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


def beam_search(
    decoder: Decoder[Memory, Carried],
    memory: Memory,
    opening: Opening[Carried],
    limits: Limits,
    beams: Beams,
    steps: Sequence[Step] = (),
    source_lengths: Tensor | None = None,
) -> list[Found]:
    """Return the best hypotheses of each of M sources.

    The steps see log-probabilities and must not raise one above zero; what they leave is not normalized anew. The
    lengths (M,) of the sources cut the attention; a coverage penalty needs them. Raises `ValueError` where it has
    none or no attention, `DivergedError` for a model that answers with NaN.
    """
    if beams.coverage_penalty and source_lengths is None:
        raise ValueError("a coverage penalty needs the lengths of the sources")
    with torch.inference_mode():
        search = _Search(len(opening.previous), limits, beams, steps, source_lengths)
        return search.run(decoder, memory, opening)


def greedy_search(
    decoder: Decoder[Memory, Carried],
    memory: Memory,
    opening: Opening[Carried],
    limits: Limits,
    steps: Sequence[Step] = (),
) -> list[Hypothesis]:
    """Return for each of M sources the hypothesis that takes the likeliest token at each step: a beam of one."""
    found = beam_search(decoder, memory, opening, limits, Beams(size=1), steps)
    return [each.hypotheses[0] for each in found]


@dataclass(frozen=True)
class _Level:
    """What one step led to: of each row that goes on, the token and the row it came from."""

    tokens: list[int]
    parents: list[int]
    log_probs: list[float]
    attention: Tensor | None  # of the rows before the step


@dataclass(frozen=True)
class _Whole:
    """A hypothesis that goes no further: the last thing it read, and where it stood before."""

    score: float
    outcome: Outcome
    depth: int
    row: int
    token: int | None  # None: nothing could be read
    log_prob: float

    @property
    def rank(self) -> tuple[int, float]:
        return _ORDER.index(self.outcome), -self.score


@dataclass(frozen=True)
class _Choice:
    """The candidates of each pool at one step, (A, G, C), the best first."""

    scores: list[list[list[float]]]
    rows: list[list[list[int]]]
    tokens: list[list[list[int]]]
    log_probs: list[list[list[float]]]


@final
class _Search:
    """One search. A sources are still under way, each with G pools (groups) of W rows; rows are A·G·W."""

    def __init__(
        self,
        sources: int,
        limits: Limits,
        beams: Beams,
        steps: Sequence[Step],
        source_lengths: Tensor | None,
    ) -> None:
        self.limits = limits
        self.beams = beams
        self.steps = steps
        self.source_lengths = None if source_lengths is None else source_lengths.tolist()
        self.width = beams.size // beams.groups
        self.kept_by_pool = -(-beams.best // beams.groups)
        self.with_paths = bool(steps or limits.stops)
        self.levels: list[_Level] = []
        self.pools: list[list[list[_Whole]]] = [[[] for _ in range(beams.groups)] for _ in range(sources)]
        self.trees: list[list[list[Twig]]] = [[] for _ in range(sources)]

    def run(
        self, decoder: Decoder[Memory, Carried], memory: Memory, opening: Opening[Carried]
    ) -> list[Found]:
        groups = self.beams.groups
        device = opening.previous.device
        active = list(range(len(opening.previous)))
        places = torch.arange(len(active), device=device).repeat_interleave(groups)
        previous, state = opening.previous[places], select(opening.state, places)
        paths = [Path(source) for source in active for _ in range(groups)] if self.with_paths else []
        scores = torch.zeros(len(active), groups, 1, dtype=torch.float64, device=device)
        coverage: Tensor | None = None
        for depth in range(self.limits.max_tokens):
            if not active:
                break
            decoded, state = decoder.step(previous, state, memory)
            if self.beams.coverage_penalty:
                if decoded.attention is None:
                    raise ValueError("a coverage penalty needs a decoder that tells its attention")
                coverage = decoded.attention if coverage is None else coverage + decoded.attention
            choice = self._choose(decoded.logits, scores, paths)
            ...
        return []
