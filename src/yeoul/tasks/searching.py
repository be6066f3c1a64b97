"""From a search recipe and what a person asks of an answer to hypotheses, for every model that writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from torch import Tensor

from yeoul.data.pairs.rows import Marks
from yeoul.decoding import (
    Apart,
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


@final
@dataclass(frozen=True)
class Phrase:
    """Tokens that are asked for together."""

    tokens: tuple[int, ...]
    joining: tuple[int, ...] = ()
    """Tokens that would go on with the last word of the phrase, or change it: none of them comes right after it."""


@final
@dataclass(frozen=True)
class Wishes:
    """What is asked of the answers to some sources, besides being good; tokens stand for texts."""

    best: int = 1
    """How many answers to each."""
    begin: Phrase | None = None
    """What each begins with."""
    words: tuple[Phrase, ...] = ()
    """What each says somewhere."""
    keep_tree: bool = False

    def beam(self, search: SearchRecipe) -> SearchRecipe:
        """Return a search wide enough: for so many answers, and for each part of the words that may be said so far."""
        more = search.groups * sum(len(word.tokens) for word in self.words)
        return search.widened(max(self.best, search.beam + more))

    @property
    def tokens(self) -> int:
        """How many tokens are asked for."""
        return sum(len(each.tokens) for each in (*self.words, *filter(None, [self.begin])))


@final
@dataclass(frozen=True, eq=False)
class Sources:
    """What is answered together."""

    lengths: Tensor
    """(M,)"""
    keys: Sequence[int]
    """A number for each that follows from it alone: equal sources draw equal answers, in any company."""


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
        begin, words = self.wishes.begin, self.wishes.words
        if begin is not None:
            steps += [Prefixes([begin.tokens] * rows), Apart(begin.tokens, begin.joining, at_start=True)]
        if words:
            steps.append(MustAppear([word.tokens for word in words], self.marks.end, self.max_tokens))
            steps += [Apart(word.tokens, word.joining) for word in words if word.joining]
        if self.search.no_repeat is not None:
            steps.append(NoRepeatNgrams(self.search.no_repeat))
        return steps

    def found(
        self,
        decoder: Decoder[Memory, Carried],
        memory: Memory,
        sources: Sources,
        first: Sequence[Step] = (),
    ) -> list[Found]:
        """Return what is found for each source, under these steps before all others."""
        search, limits, rows = self.search, Limits(self.max_tokens, self.marks.end), len(sources.keys)
        opening = opened(decoder, memory, rows, self.marks.start, sources.lengths.device)
        steps = [*first, *self.steps(rows)]
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
            return beam_search(decoder, memory, opening, limits, beams, steps, sources.lengths)
        shares = drawing(search.temperature, search.top_k, search.top_p)
        numbers = range(search.seed, search.seed + self.wishes.best)
        seeds = [[_mixed(number, key) for number in numbers] for key in sources.keys]
        drawn = sample(decoder, memory, opening, limits, [*steps, *shares], seeds=seeds)
        cut = zip(drawn, sources.lengths.tolist(), strict=True)
        return [Found(tuple(one.over(length) for one in each), None) for each, length in cut]


def _mixed(number: int, key: int) -> int:
    """Return a seed for a number and a source, unlike those of its neighbors."""
    return int(np.random.SeedSequence([number, key]).generate_state(1, np.uint64)[0] >> 1)
