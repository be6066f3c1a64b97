"""`[sampling]` and `[search]`: how a decoder's answers become a text."""

from typing import Annotated

from pydantic import Field

from yeoul.recipe.nodes import Node, Share, Size

Portion = Annotated[float, Field(gt=0.0, le=1.0)]


class SamplingRecipe(Node):
    """How the next token is drawn, in the samples of the report and unless `yeoul generate` is told otherwise."""

    temperature: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
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

    beam: Annotated[int, Field(ge=1, le=256)] = 5
    """Hypotheses kept at every step; 1 takes the likeliest token."""
    length_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """α in ((5 + length) / 6)^α, by which the log-probability is divided (Wu et al. 2016)."""
    coverage_penalty: Annotated[float, Field(ge=0.0, le=5.0)] = 0.0
    """β of what attention left out of the source; needs a decoder with attention."""
    no_repeat: Size | None = None
    """Never say so many tokens in a row twice."""
    max_tokens: Size | None = None
    """The most tokens of an answer; twice the longest of the training rows unless said."""
