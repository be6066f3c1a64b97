"""Beam search over any decoder: the best ways to go on for many sources at once.

Of each hypothesis Y of source X, ranked by (Wu et al. 2016)

    log P(Y | X) / lp(Y) + cp(X; Y),  lp = ((5 + |Y|) / 6)^α,  cp = β Σ_s log min(Σ_t attention[t, s], 1)

the `size` best that have not ended go on; an end counts where it is among the `size` best of its step. A source is
done, and leaves the batch, when nothing that goes on can come before the worst that is kept. Groups of a diverse
beam choose one after another, a token being `diversity` worse for every time that the groups before chose it at
this step (Vijayakumar et al. 2018). Where words must appear, hypotheses that have said equally much of them compete
among themselves, so that a word is said where it suits best (Post & Vilar 2018).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import final

import torch
from torch import Tensor

from yeoul.decoding.beams import Beams, Kept, Level, Whole
from yeoul.decoding.candidates import Candidate, Candidates, Chooser
from yeoul.decoding.history import Path
from yeoul.decoding.hypotheses import Found, Hypothesis, Opening
from yeoul.decoding.steps import NEVER, Step
from yeoul.decoding.stopping import Limits, Outcome
from yeoul.models.protocols import Carried, Decoder, Memory
from yeoul.tree import select

_LEAST_COVERED = 1e-30
_Pools = list[list[list[Candidate]]]
"""What goes on from each pool, (A, G); nothing where it is done."""


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
    search = _Search(limits, beams, steps, source_lengths)
    lengths = [None] * len(opening.previous) if source_lengths is None else source_lengths.tolist()
    with torch.inference_mode():
        kept = search.run(decoder, memory, opening)
        return [
            Found(kept.hypotheses(source, length), kept.tree(source) if beams.keep_tree else None)
            for source, length in enumerate(lengths)
        ]


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
class _Rows:
    """The sources that are under way and their rows, G pools of W for each."""

    sources: list[int]  # (A)
    previous: Tensor  # (A · G · W)
    scores: (
        Tensor  # (A, G, W) log-probabilities as the steps left them, minus infinity where there is nothing
    )
    paths: list[Path]  # empty where nobody reads them
    covered: Tensor | None  # (A · G · W, S) how much attention each step of the source has had


@final
@dataclass(frozen=True)
class _Search:
    limits: Limits
    beams: Beams
    steps: Sequence[Step]
    source_lengths: Tensor | None

    def run(self, decoder: Decoder[Memory, Carried], memory: Memory, opening: Opening[Carried]) -> Kept:
        """Go on until every source is done."""
        choose = Chooser(self.beams.width, self.limits.end_id, self.beams.diversity, self.steps)
        kept = Kept(len(opening.previous), self.beams, self.limits)
        rows, state = self._begin(opening)
        while rows.sources:
            decoded, state = decoder.step(rows.previous, state, memory)
            covered = self._covered(rows, decoded.attention)
            candidates = choose(decoded.logits, rows.scores, rows.paths)
            self._keep_stuck(kept, candidates.stuck, rows)
            pools = self._sort(kept, candidates, rows, covered)
            staying = [place for place in range(len(rows.sources)) if any(pools[place])]
            following, came_from = self._follow(kept, rows, pools, staying, covered, decoded.attention)
            if len(staying) < len(rows.sources):
                memory = select(memory, torch.tensor(staying, dtype=torch.int64, device=came_from.device))
            if not torch.equal(came_from, torch.arange(rows.scores.numel(), device=came_from.device)):
                state = select(state, came_from)
            rows = following
        return kept

    def _begin(self, opening: Opening[Carried]) -> tuple[_Rows, Carried]:
        """Open one row for each pool."""
        groups, sources = self.beams.groups, len(opening.previous)
        device = opening.previous.device
        pools = torch.arange(sources, device=device).repeat_interleave(groups)
        scores = torch.zeros(sources, groups, 1, dtype=torch.float64, device=device)
        paths = [Path(source) for source in pools.tolist()] if self.steps or self.limits.stops else []
        rows = _Rows(list(range(sources)), opening.previous[pools], scores, paths, None)
        return rows, select(opening.state, pools)

    def _covered(self, rows: _Rows, attention: Tensor | None) -> Tensor | None:
        """Return how much attention each step of the source has had after this step, where a penalty asks."""
        if not self.beams.coverage_penalty:
            return None
        if attention is None:
            raise ValueError("a coverage penalty needs a decoder that tells its attention")
        return attention if rows.covered is None else rows.covered + attention

    def _log_coverage(self, rows: _Rows, covered: Tensor | None) -> list[float]:
        """Return Σ_s log min(…, 1) of each row; zeros where no penalty asks."""
        if covered is None or self.source_lengths is None:
            return [0.0] * rows.scores.numel()
        lengths = self.source_lengths[rows.sources].repeat_interleave(len(covered) // len(rows.sources))
        beyond = torch.arange(covered.shape[1], device=covered.device) >= lengths[:, None].to(covered.device)
        logs = covered.double().clamp(_LEAST_COVERED, 1.0).log().masked_fill(beyond, 0.0).sum(1)
        coverage: list[float] = logs.tolist()
        return coverage

    def _sort(self, kept: Kept, candidates: Candidates, rows: _Rows, covered: Tensor | None) -> _Pools:
        """Keep what is whole and return what goes on."""
        coverage = self._log_coverage(rows, covered)
        return [
            [
                self._sort_pool(kept, (source, group), candidates.of(place, group), rows.paths, coverage)
                for group in range(self.beams.groups)
            ]
            for place, source in enumerate(rows.sources)
        ]

    def _sort_pool(
        self,
        kept: Kept,
        pool: tuple[int, int],
        candidates: Iterable[Candidate],
        paths: Sequence[Path],
        coverage: Sequence[float],
    ) -> list[Candidate]:
        depth = len(kept.levels)
        last = depth + 1 == self.limits.max_tokens
        going: list[Candidate] = []
        for rank, each in enumerate(candidates):
            if each.score == NEVER or len(going) == self.beams.width:
                break
            ends = self._ends(each, paths)
            if not ends:
                going.append(each)
            whole = rank < self.beams.width if ends else last
            if whole:
                score = self.beams.score(each.score, depth + 1, coverage[each.row])
                outcome: Outcome = "ended" if ends else "length"
                kept.keep(*pool, Whole(score, outcome, depth, each.row, each.token, each.log_prob))
        return [] if last or not going or kept.settled(*pool, max(each.score for each in going)) else going

    def _ends(self, candidate: Candidate, paths: Sequence[Path]) -> bool:
        if candidate.token == self.limits.end_id:
            return True
        if not self.limits.stops:
            return False
        path = paths[candidate.row].then(candidate.token)
        return any(stop(path) for stop in self.limits.stops)

    def _keep_stuck(self, kept: Kept, stuck: Sequence[int], rows: _Rows) -> None:
        """Keep what nothing may follow, as it stood before the step."""
        if not stuck:
            return
        _, groups, width = rows.scores.shape
        depth = len(kept.levels)
        coverage = self._log_coverage(rows, rows.covered)
        scores = rows.scores.flatten().tolist()
        for row in stuck:
            source, group = rows.sources[row // (groups * width)], row // width % groups
            score = self.beams.score(scores[row], depth, coverage[row])
            kept.keep(source, group, Whole(score, "stuck", depth, row, None, 0.0))

    def _follow(
        self,
        kept: Kept,
        rows: _Rows,
        pools: _Pools,
        staying: Sequence[int],
        covered: Tensor | None,
        attention: Tensor | None,
    ) -> tuple[_Rows, Tensor]:
        """Note what goes on; return the rows of the next step and those before it that they come from.

        Pools have equally many rows; where there is less to go on with, rows at minus infinity fill their places.
        """
        groups, device = self.beams.groups, rows.scores.device
        width = max((len(pool) for place in staying for pool in pools[place]), default=1)
        going: list[Candidate] = []
        for place in staying:
            idle = Candidate(NEVER, place * rows.scores[0].numel(), 0, 0.0)
            going += chain.from_iterable(pool + [idle] * (width - len(pool)) for pool in pools[place])
        sources = [rows.sources[place] for place in staying]
        level = Level(
            [source for source in sources for _ in range(groups * width)],
            [each.row for each in going],
            [each.token for each in going],
            [each.score for each in going],
            [each.log_prob for each in going],
            attention,
        )
        kept.levels.append(level)
        came_from = torch.tensor(level.rows, dtype=torch.int64, device=device)
        following = _Rows(
            sources,
            torch.tensor(level.tokens, dtype=torch.int64, device=device),
            torch.tensor(level.scores, dtype=torch.float64, device=device).view(len(sources), groups, width),
            [rows.paths[row].then(token) for row, token in zip(level.rows, level.tokens)]
            if rows.paths
            else [],
            None if covered is None else covered[came_from],
        )
        return following, came_from
