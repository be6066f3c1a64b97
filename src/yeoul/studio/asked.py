"""What requests to the studio hold: the JSON of each, strict about keys, types and sizes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from yeoul.language import Language
from yeoul.serve.schemas import Column, Name, Text
from yeoul.studio.shelf import MOST_COMPARED

_KEYS = 500
_DOCUMENT = 500_000
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[A-Za-z_][\w.-]*$")]
Plain = str | int | float | bool | None | list[str] | list[int] | list[float] | list[bool]
Document = Annotated[str, Field(max_length=_DOCUMENT)]
Title = Annotated[str, Field(min_length=1, max_length=80)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Nothing(_Asked):
    """Nothing but the wish itself."""


class Compare(_Asked):
    """Runs to set side by side."""

    runs: Annotated[list[Name], Field(min_length=2, max_length=MOST_COMPARED)]


class Rewrite(_Asked):
    """In which language a report is written anew."""

    language: Language = "en"


class Draft(_Asked):
    """What a recipe for a file is to do; what is not said is guessed from the file, or is as usual."""

    task: Name
    inputs: Annotated[list[Name], Field(max_length=1000)] = []
    target: Name = ""
    targets: Annotated[list[Name], Field(max_length=1000)] = []
    time: Name = ""
    horizon: Name = ""
    start: Name = ""
    every: Name = ""
    encoding: Name = "auto"


class Resolve(_Asked):
    """A recipe to be understood: as TOML, or by its name, with values that differ."""

    toml: Document | None = None
    recipe: Name | None = None
    name: Title = "draft"
    values: Annotated[dict[Key, Plain], Field(max_length=_KEYS)] = {}


class Edit(_Asked):
    """Values to set in a recipe's TOML, and keys to take out of it."""

    toml: Document
    set: Annotated[dict[Key, Plain], Field(max_length=_KEYS)] = {}
    unset: Annotated[list[Key], Field(max_length=_KEYS)] = []


class Start(_Asked):
    """A training to begin."""

    model_config = ConfigDict(populate_by_name=True)

    toml: Document
    name: Title = "draft"
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d{1,2})?|mps)$")] = "auto"
    start_from: Annotated[Name | None, Field(alias="from")] = None


class Explain(_Asked):
    """A text or a series to be explained: by default why it has the label that it has."""

    text: Annotated[str, Field(max_length=5000)] | None = None
    series: Annotated[list[float] | list[list[float]] | None, Field(max_length=2000)] = None
    target: Name = ""
    by: Literal["word", "character"] | None = None


class Beams(_Asked):
    """A text whose search is to be shown."""

    text: Text
    beam: Annotated[int, Field(ge=1, le=16)] | None = None


class TwoTexts(_Asked):
    """Two texts to be compared, or two lists of numbers as they stand in a table."""

    first: Text
    second: Text


class LookInside(_Asked):
    """An input whose way through a recurrent layer is to be shown: a text, a series or measurements."""

    text: Text | None = None
    series: Annotated[list[float] | list[list[float]] | None, Field(max_length=2000)] = None
    columns: dict[Name, Column] | None = None
    start: Name = ""
    layer: Annotated[int, Field(ge=0, le=1000)] = 0
    units: Annotated[int, Field(ge=1, le=64)] = 32
