"""From a search recipe and what a person asks of an answer to hypotheses, for every model that writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from yeoul.data.pairs.rows import Marks
from yeoul.decoding import (
    Beams,
    Found,
    Limits,
    MustAppear,
    NoRepeatNgrams,
    Prefixes,
    Step,
    beam_search,
    drawing,
    opened,
    sample,
)
from yeoul.models.protocols import Carried, Decoder, Memory
from yeoul.recipe import SearchRecipe

Ids = tuple[int, ...]


@final
@dataclass(frozen=True)
class Wishes:
    """What is asked of the answers to some sources, besides being good; tokens stand for texts."""

    best: int = 1
    """How many answers to each."""
    begin: Ids = ()
    """What each begins with."""
    words: tuple[Ids, ...] = ()
    """What each says somewhere."""
    keep_tree: bool = False

    def beam(self, search: SearchRecipe) -> SearchRecipe:
        """Return a search wide enough: for so many answers, and for each part of the words that may be said so far."""
        return search.widened(max(self.best, search.beam + sum(map(len, self.words))))


@final
@dataclass(frozen=True)
class Asking:
    """How answers are looked for."""

    search: SearchRecipe
    wishes: Wishes
    marks: Marks
    max_tokens: int

    def steps(self, rows: int) -> list[Step]:
        """Return what holds for each of so many sources."""
        steps: list[Step] = []
        if self.wishes.begin:
            steps.append(Prefixes([self.wishes.begin] * rows))
        if self.wishes.words:
            steps.append(MustAppear(self.wishes.words, self.marks.end, self.max_tokens))
        if self.search.no_repeat is not None:
            steps.append(NoRepeatNgrams(self.search.no_repeat))
        return steps

    def found(
        self,
        decoder: Decoder[Memory, Carried],
        memory: Memory,
        lengths: Tensor,
        device: torch.device,
        first: Sequence[Step] = (),
    ) -> list[Found]:
        """Return what is found for each of M sources, whose lengths are given, under these steps before all others."""
        search, limits = self.search, Limits(self.max_tokens, self.marks.end)
        opening = opened(decoder, memory, len(lengths), self.marks.start, device)
        steps = [*first, *self.steps(len(lengths))]
        if search.temperature is None:
            beams = Beams(
                size=search.beam,
                best=min(self.wishes.best, search.beam),
                length_penalty=search.length_penalty,
                coverage_penalty=search.coverage_penalty,
                groups=search.groups,
                diversity=search.diversity,
                keep_tree=self.wishes.keep_tree,
            )
            return beam_search(decoder, memory, opening, limits, beams, steps, lengths)
        shares = drawing(search.temperature, search.top_k, search.top_p)
        seeds = range(search.seed, search.seed + self.wishes.best)
        drawn = sample(decoder, memory, opening, limits, [*steps, *shares], seeds)
        cut = zip(drawn, lengths.tolist(), strict=True)
        return [Found(tuple(one.over(length) for one in each), None) for each, length in cut]
