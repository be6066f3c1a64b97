"""The data card of a long text, as a run folder holds it."""

from pydantic import Field

from yeoul.report.records import DataFile, Encoding, Piece, Sample


class Part(Piece):
    """Training, validation or test; what is told in tokens is not known of the test part before the end."""

    documents: int = 0
    lines: int = 0
    characters: int = 0
    bytes: int = 0
    tokens: int | None = None
    unknown_share: float | None = None
    known_lines: int | None = None
    """Lines of a held-out part that stand in training, too, empty ones left out."""


class Division(Piece):
    """How a text was divided: officially, by whole documents, after lines, or drawn by the seed."""

    official_test: bool = False
    test: float | None = None
    validation: float | None = None
    seed: int | None = None
    how: str = ""


class TextCard(Piece):
    """`data.json`."""

    source: str | None = None
    title: str = ""
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    encoding: Encoding | None = None
    fingerprint: str | None = None
    lines: bool = False
    """Whether every line is closed by an end token."""
    stream: bool = True
    """Whether a line has to do with those before it."""
    split: Division = Division()
    blank: int = 0
    parts: dict[str, Part] = Field(default_factory=dict)
    unit: str | None = None
    vocabulary: int | None = None
    samples: tuple[Sample, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether the text stands for the samples of a sound."""
        return self.encoding is not None and self.encoding.name == "wav"
