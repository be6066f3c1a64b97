"""`[sampling]` and `[search]`: how a decoder's answers become a text."""

from typing import Annotated

from pydantic import Field, model_validator

from yeoul.errors import UsageError
from yeoul.recipe.nodes import Node, Share, Size, UnfitError

Portion = Annotated[float, Field(gt=0.0, le=1.0)]
MOST_HYPOTHESES = 256
Warmth = Annotated[float, Field(ge=0.0, le=100.0)]


class SamplingRecipe(Node):
    """How the next token is drawn, in the samples of the report and unless `yeoul generate` is told otherwise."""

    temperature: Warmth = 1.0
    """0 takes the likeliest token."""
    top_k: Size | None = None
    """Draw from so many of the likeliest tokens."""
    top_p: Portion | None = None
    """Draw from the fewest tokens that hold this share."""
    typical: Portion | None = None
    """Draw from the tokens whose surprise is nearest the expected one and that hold this share."""
    min_p: Share = 0.0
    """Draw from tokens at least this share as likely as the likeliest."""
    max_tokens: Size = 300


class SearchRecipe(Node):
    """How the best answer is looked for."""

    beam: Annotated[int, Field(ge=1, le=MOST_HYPOTHESES)] = 5
    """Hypotheses kept at every step; 1 takes the likeliest token."""
    groups: Annotated[int, Field(ge=1, le=MOST_HYPOTHESES)] = 1
    """The beam is shared out to so many groups, which choose one after another (Vijayakumar et al. 2018)."""
    diversity: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    """What a token loses for every time that a group before chose it at the same step."""
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """α in ((5 + length) / 6)^α, by which the log-probability is divided (Wu et al. 2016)."""
    coverage_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 0.0
    """β of what attention left out of the source; needs a decoder with attention."""
    no_repeat: Size | None = None
    """Never say so many tokens in a row twice."""
    max_tokens: Size | None = None
    """The most tokens of an answer; twice the longest of the training rows unless said."""
    temperature: Warmth | None = None
    """Draw answers at this temperature instead of looking for the best; 0 takes the likeliest token."""
    top_k: Size | None = None
    """Draw from so many of the likeliest tokens."""
    top_p: Portion | None = None
    """Draw from the fewest tokens that hold this share."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Of answers that are drawn: for the first of each source; the next are drawn by the numbers after it."""

    @model_validator(mode="after")
    def _groups_share_evenly(self) -> "SearchRecipe":
        if self.beam % self.groups:
            raise UnfitError("beam must be a multiple of groups")
        if self.diversity and self.groups == 1:
            raise UnfitError("diversity is between groups", "set groups to 2 or more")
        if self.temperature is None and (self.top_k is not None or self.top_p is not None or self.seed):
            raise UnfitError("top_k, top_p and seed belong to answers that are drawn", "set temperature")
        return self

    @property
    def width(self) -> int:
        """How many answers come of a search without asking for more."""
        return self.beam if self.temperature is None else 1

    def widened(self, best: int) -> "SearchRecipe":
        """Return a search that finds so many answers: with a beam as wide at least, unless they are drawn.

        Raises `UsageError` for more than a beam may have.
        """
        if best <= self.beam or self.temperature is not None:
            return self
        beam = -(-best // self.groups) * self.groups
        if beam > MOST_HYPOTHESES:
            raise UsageError(
                "a beam of {came} is asked for, at most {most} is possible",
                "ask for fewer answers, or for fewer words in them",
                values={"came": beam, "most": MOST_HYPOTHESES},
            )
        return self.model_copy(update={"beam": beam})
