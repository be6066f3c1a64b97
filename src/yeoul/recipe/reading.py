"""`[text]` and `[series]`: how a row becomes a sequence."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from yeoul.recipe.nodes import Node, Size, UnfitError


class TextRecipe(Node):
    """How a text becomes token ids."""

    unit: Literal["byte", "character", "jamo", "syllable", "word", "spaced", "morpheme", "subword"] = (
        "subword"
    )
    """Jamo are the letters of Korean syllables (NFD); "spaced" is what stands between spaces, for texts that are cut
    into words already; morphemes need the extra `ko`."""
    vocabulary_size: Annotated[int, Field(ge=2, le=10_000_000)] = 8000
    """Largest number of tokens, the unknown one included; bytes are always 256."""
    min_count: Size = 2
    """Tokens (for sub-words: pairs) seen less often in the training rows are unknown; bytes never are."""
    lowercase: bool = False
    decompose: bool = False
    """Learn sub-words over the letters of Korean syllables (NFD) instead of over syllables."""
    max_length: Size = 256
    """Tokens kept of each text."""
    keep: Literal["head", "tail", "both"] = "head"
    """Which end of a longer text is kept; "both": half of the tokens from each end, the odd one from the head."""

    @model_validator(mode="after")
    def _only_subwords_decompose(self) -> "TextRecipe":
        if self.decompose and self.unit != "subword":
            raise UnfitError("decompose acts on sub-words only", 'remove it, or use unit = "subword"')
        return self


class SeriesRecipe(Node):
    """How the numbers of a row become a series of steps: a list a column, or one number a column in time order."""

    standardize: Literal["series", "training", "none"] = "series"
    """Scale by each series' own mean and deviation, by those of the training rows, or not at all."""
    steps: Size = 2048
    """Steps kept of each series, from its beginning."""
