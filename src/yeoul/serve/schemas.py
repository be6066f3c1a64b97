"""What requests hold: the JSON of each, strict about keys, types and sizes."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from yeoul.serve.limits import Limits

_MOST = Limits()
_ROWS = 100_000
_COLUMNS = 10_000
_WORDS = 64
_SEEDS = 2**32

Text = Annotated[str, Field(max_length=_MOST.characters)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=200)]
Cell = Annotated[str, Field(max_length=200)] | Number | None
Column = Annotated[list[Cell], Field(min_length=1, max_length=_ROWS)]
Encoded = Annotated[str, Field(min_length=1, max_length=_MOST.body_bytes)]
Short = Annotated[str, Field(min_length=1, max_length=100)]


def _settings(example: object) -> ConfigDict:
    return ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        json_schema_extra={"examples": [example]},  # type: ignore[list-item]
    )


class Predict(BaseModel):
    """What to label: one text, several, or series of numbers; pairs to compare; or pictures to describe."""

    model_config = _settings({"texts": ["정말 재미있어요", "a waste of time"]})

    text: Text | None = None
    texts: Annotated[list[Text], Field(min_length=1, max_length=_MOST.inputs)] | None = None
    series: (
        Annotated[
            list[Annotated[list[Number | list[Number]], Field(min_length=1)]],
            Field(min_length=1, max_length=_MOST.inputs),
        ]
        | None
    ) = None
    """Of each series its steps; a step is a number, or a list with one for each channel."""
    pairs: (
        Annotated[
            list[Annotated[list[Text], Field(min_length=2, max_length=2)]],
            Field(min_length=1, max_length=_MOST.inputs),
        ]
        | None
    ) = None
    """Two texts each; or two lists of numbers, written with spaces between."""
    pictures: Annotated[list[Encoded], Field(min_length=1, max_length=_MOST.inputs)] | None = None
    """The bytes of picture files, in base64."""
    attention: bool = False
    """Of a model that answers with texts, tell also where it looked, a row a token."""

    @model_validator(mode="after")
    def _one_of_five(self) -> "Predict":
        given = (self.text, self.texts, self.series, self.pairs, self.pictures)
        if sum(one is not None for one in given) != 1:
            raise ValueError("one of text, texts, series, pairs and pictures is given")
        return self


class History(BaseModel):
    """Measurements up to now: a column of cells for every column of the training table."""

    model_config = _settings(
        {"columns": {"time": ["2024-01-01T00:00", "2024-01-01T01:00"], "heat": [21.5, None]}, "horizon": 24}
    )

    columns: Annotated[dict[Name, Column], Field(min_length=1, max_length=_COLUMNS)]
    start: Annotated[str, Field(max_length=40)] = ""
    """Time of the first row, where no column tells it."""
    horizon: Annotated[int, Field(ge=1)] | None = None
    """How many rows to forecast: all that the model can unless said."""


class Feed(BaseModel):
    """What a session is fed: the next row of its measurements, or more of its text."""

    model_config = _settings({"row": {"heat": 21.5}})

    row: Annotated[dict[Name, Number | None], Field(min_length=1, max_length=_COLUMNS)] | None = None
    horizon: Annotated[int, Field(ge=1)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=_MOST.characters)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "Feed":
        if (self.row is None) == (self.text is None) or (self.horizon is not None and self.row is None):
            raise ValueError("one of row and text is given, a horizon with a row only")
        return self


class Write(BaseModel):
    """How a text is to go on; what is not said is as the run's own recipe says."""

    model_config = _settings({"tokens": 200, "temperature": 0.8, "seed": 7, "stream": True})

    tokens: Annotated[int, Field(ge=1, le=_MOST.tokens)] | None = None
    temperature: Annotated[float, Field(ge=0.0, le=100.0)] | None = None
    top_k: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    typical: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    min_p: Annotated[float, Field(ge=0.0, lt=1.0)] | None = None
    seed: Annotated[int, Field(ge=0, lt=_SEEDS)] | None = None
    forbid: Annotated[list[Short], Field(max_length=_WORDS)] = []
    skip_unknown: bool = True
    stop: Annotated[list[Short], Field(max_length=_WORDS)] = []
    lines: Annotated[int, Field(ge=1, le=_MOST.tokens)] | None = None
    starts: Annotated[list[Short], Field(max_length=_WORDS)] = []
    """What each line begins with."""
    no_repeat: Annotated[int, Field(ge=1, le=_MOST.tokens)] | None = None
    no_repeat_lines: bool = False
    no_repeat_words: bool = False
    stream: bool = False
    """Answer with events as the tokens come, instead of at the end."""

    @model_validator(mode="after")
    def _lines_or_starts(self) -> "Write":
        if self.starts and self.lines is not None:
            raise ValueError("lines are counted by their beginnings")
        return self


class WriteOn(Write):
    """The same, with the text that goes on."""

    model_config = _settings({"prompt": "나비야 ", "tokens": 200, "temperature": 0.8, "stream": True})

    prompt: Text = ""


class RowsSoFar(BaseModel):
    """A session of measurements, to begin another from."""

    model_config = _settings({"kind": "forecast", "columns": {"heat": [21.5, 21.0]}, "start": ""})

    kind: Literal["forecast"] = "forecast"
    columns: Annotated[dict[Name, Column], Field(min_length=1, max_length=_COLUMNS)]
    start: Annotated[str, Field(max_length=40)] = ""


class TextSoFar(BaseModel):
    """A session of writing, to begin another from: its text, and the tokens that it was read as."""

    model_config = _settings({"kind": "generate", "text": "나비야 ", "ids": [3, 5, 8]})

    kind: Literal["generate"] = "generate"
    text: Annotated[str, Field(max_length=_MOST.session_tokens)] = ""
    ids: Annotated[list[Annotated[int, Field(ge=0)]], Field(max_length=_MOST.session_tokens)] | None = None


SoFar = Annotated[RowsSoFar | TextSoFar, Field(discriminator="kind")]
