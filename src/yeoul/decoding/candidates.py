"""The candidates of a beam at one step, chosen for all sources at once.

A sources are under way, each with G pools (the groups of a diverse beam) of W hypotheses; rows are A·G·W.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, final

import torch
from torch import Tensor

from yeoul.decoding.banks import shared_out, with_wanted
from yeoul.decoding.constraints import MustAppear
from yeoul.decoding.history import Path
from yeoul.decoding.sampling import not_a_number
from yeoul.decoding.steps import NEVER, Step, log_probabilities, shaped


class Candidate(NamedTuple):
    """One way for a pool to go on."""

    score: float
    """The sum of log-probabilities; at minus infinity there is no way."""
    row: int
    """Which row it goes on from."""
    token: int
    log_prob: float
    """The model's own log-probability of the token."""


@final
@dataclass(frozen=True)
class Candidates:
    """What the pools may go on with."""

    parts: tuple[
        list[list[list[float]]], list[list[list[int]]], list[list[list[int]]], list[list[list[float]]]
    ]
    """Scores, rows, tokens and log-probabilities, each (A, G, C), the best first."""
    stuck: list[int]
    """Rows that nothing may follow."""

    def of(self, source: int, group: int) -> Iterator[Candidate]:
        """Return those of one pool."""
        scores, rows, tokens, log_probs = (part[source][group] for part in self.parts)
        return map(Candidate, scores, rows, tokens, log_probs)  # type: ignore[arg-type]


@final
@dataclass(frozen=True, eq=False)
class Chooser:
    """Ranks what may come next by the sum of log-probabilities, of each pool twice as many as may go on.

    As many as may go on are then left even if every row has its end among them.
    """

    width: int
    end_id: int | None
    diversity: float
    steps: Sequence[Step]

    def __call__(self, logits: Tensor, scores: Tensor, paths: Sequence[Path]) -> Candidates:
        """Choose from logits (A·G·W, V) after the scores (A, G, W), minus infinity where a row is no more."""
        sources, groups, wide = scores.shape
        size = logits.shape[1]
        log_probs = log_probabilities(logits)
        ranked = shaped(log_probs, paths, self.steps)
        counts = logits.new_zeros(sources, size)
        pools = []
        for group in range(groups):
            rows = torch.arange(sources, device=logits.device)[:, None] * groups + group
            rows = rows * wide + torch.arange(wide, device=logits.device)  # (A, W)
            here = ranked.view(sources, groups, wide, size)[:, group]
            if group and self.diversity:
                here = here - self.diversity * counts[:, None]
            best, tokens = here.topk(min(2 * self.width, size), dim=2)  # (A, W, C')
            highest = best[:, :, 0]
            if self.wanted is None:
                totals = (scores[:, group, :, None] + best).flatten(1)
                places = totals.topk(min(2 * self.width, totals.shape[1]), dim=1).indices  # (A, C)
            else:
                best, tokens = with_wanted(here, tokens, self.wanted)
                before = [paths[row] for row in rows.flatten().tolist()]
                places = shared_out(scores[:, group, :, None] + best, tokens, before, self.wanted)
                places = places[:, : 2 * self.width]
            rows = rows.gather(1, places // best.shape[2])
            tokens = tokens.flatten(1).gather(1, places)
            totals = scores.flatten()[rows] + ranked[rows, tokens]
            if groups > 1:
                counts = counts.scatter_add(1, tokens, self._taken(tokens, totals).to(counts.dtype))
            pools.append((totals, rows, tokens, log_probs[rows, tokens], highest))
        totals, rows, tokens, own, highest = (torch.stack(parts, dim=1) for parts in zip(*pools, strict=True))
        if bool(totals.isnan().any()):
            raise not_a_number()
        stuck = ((highest == NEVER) & (scores != NEVER)).flatten()
        parts = totals.tolist(), rows.tolist(), tokens.tolist(), own.tolist()
        return Candidates(parts, stuck.nonzero()[:, 0].tolist())

    @cached_property
    def wanted(self) -> MustAppear | None:
        """What must appear, if anything."""
        return next((step for step in self.steps if isinstance(step, MustAppear)), None)

    def _taken(self, tokens: Tensor, totals: Tensor) -> Tensor:
        """Say which candidates (A, C) the pool goes on with or ends by."""
        there = totals != NEVER
        ends = torch.zeros_like(there) if self.end_id is None else tokens == self.end_id
        rank = torch.arange(tokens.shape[1], device=tokens.device)
        return there & torch.where(ends, rank, (~ends).cumsum(1) - 1).lt(self.width)
