"""How word vectors are trained: the settings, read as strictly as a recipe's."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from yeoul.errors import RecipeError, nearest
from yeoul.recipe import Node, Size
from yeoul.text.units import OpenUnit

VectorKind = Literal["skipgram", "cbow", "subword"]
RunLength = Annotated[int, Field(ge=1, le=64)]


class VectorSettings(Node):
    """How texts are cut, and vectors trained on them."""

    kind: VectorKind = "subword"
    unit: OpenUnit = "word"
    lowercase: bool = False
    size: Annotated[int, Field(ge=1, le=4096)] = 100
    window: Annotated[int, Field(ge=1, le=1000)] = 5
    """How many words a neighbor may be away."""
    min_count: Size = 5
    """Words seen less often have no vector of their own."""
    negative: Annotated[int, Field(ge=1, le=100)] = 5
    """Wrong words that are drawn for a right one."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 5
    letters: Annotated[tuple[RunLength, RunLength], Field(strict=False)] = (3, 6)
    """Shortest and longest runs of letters of sub-words; three letters are about one Korean syllable."""
    buckets: Annotated[int, Field(ge=1, le=100_000_000)] = 200_000
    """Vectors that all runs of letters share by a hash."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    workers: Annotated[int, Field(ge=1, le=256)] = 1
    """With more than one thread the vectors differ from run to run."""

    @model_validator(mode="after")
    def _runs_have_a_length(self) -> "VectorSettings":
        if self.letters[0] > self.letters[1]:
            raise ValueError("letters are the shortest and the longest run: write them as letters=[3,6]")
        return self


def vector_settings(values: Mapping[str, Any]) -> VectorSettings:
    """Read how vectors are to be trained; raise `RecipeError` with the key for what there is not."""
    try:
        return VectorSettings.model_validate(dict(values))
    except ValidationError as error:
        found = error.errors()[0]
    key, context = str(found["loc"][0]) if found["loc"] else "", found.get("ctx", {})
    known = list(VectorSettings.model_fields)
    came = {"came": repr(found["input"])}
    match found["type"]:
        case "extra_forbidden" if near := nearest(key, known):
            raise RecipeError("unknown key", "did you mean {guess}?", where=key, values={"guess": near})
        case "extra_forbidden":
            raise RecipeError(
                "unknown key", "known keys: {keys}", where=key, values={"keys": ", ".join(known)}
            )
        case "literal_error":
            raise RecipeError(
                "{came} is not possible here", "use {expected}", where=key, values={**came, **context}
            )
        case "value_error":
            raise RecipeError(str(context["error"]), where=key)
        case _:
            raise RecipeError(
                "{came} does not fit: {message}", where=key, values={**came, "message": found["msg"].lower()}
            )
