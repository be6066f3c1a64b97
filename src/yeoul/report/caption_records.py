"""The records of a run of captions, as a screen or a report reads them from a run folder."""

import base64
import binascii

from pydantic import Field, field_validator, model_validator

from yeoul.report.records import DataFile, Encoding, Guessed, Lengths, Piece, Sample, Truncated

_PNG = b"\x89PNG\r\n\x1a\n"


class CaptionSplit(Piece):
    """How pictures were divided."""

    official_test: bool = False
    official_validation: bool = False
    test: float | None = None
    validation: float = 0.1
    seed: int = 0


class CaptionsCard(Piece):
    """`data.json` of a run of the task caption."""

    source: str | None = None
    title: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    inputs: tuple[str, ...] = ()
    target: str | None = None
    guessed: Guessed = Guessed()
    encoding: Encoding | None = None
    rows: int = 0
    """Pictures that are used."""
    sizes: dict[str, int] = Field(default_factory=dict)
    captions: dict[str, int] = Field(default_factory=dict)
    blank_rows: int = 0
    unlisted: int = 0
    unusable: dict[str, int] = Field(default_factory=dict)
    """Pictures that were left out, by reason."""
    unusable_names: tuple[str, ...] = ()
    sides: dict[str, Lengths] = Field(default_factory=dict)
    """Of "width" and "height" in pixels, as the files have them."""
    captions_each: Lengths | None = None
    characters: Lengths | None = None
    words: Lengths | None = None
    repeated: int = 0
    duplicates: int = 0
    leaks: dict[str, dict[str, int]] = Field(default_factory=dict)
    non_nfc: int = 0
    split: CaptionSplit = CaptionSplit()
    samples: tuple[Sample, ...] = ()
    target_tokens: Lengths | None = None
    target_truncated: Truncated | None = None
    vocabulary: dict[str, int] = Field(default_factory=dict)
    words_looked_for: int = 0
    fingerprint: str | None = None


class Variety(Piece):
    """How varied captions are."""

    captions: int = 0
    distinct: int = 0
    words: int = 0
    length: float = 0.0


class CaptionScores(Piece):
    """What `evaluation/<split>/metrics.json` tells of captions beyond the scores."""

    signature: dict[str, str] = Field(default_factory=dict)
    variety: dict[str, Variety] = Field(default_factory=dict)
    outcomes: dict[str, int] = Field(default_factory=dict)


class WorstCaption(Piece):
    """One row of `worst.csv`."""

    where: str
    target: str
    predicted: str
    confidence: float | None = None
    score: float | None = None


class Chance(Piece):
    """A word that was looked for, with the chance that it is there."""

    word: str
    chance: float


class Look(Piece):
    """A picture, what was said of it, and for each token, the end included, how much each place of it weighed."""

    where: str = ""
    picture: str | None = None
    """A PNG file in base64."""
    targets: tuple[str, ...] = ()
    predicted: str = ""
    tokens: tuple[str, ...] = ()
    attention: tuple[tuple[tuple[float, ...], ...], ...] | None = None
    words: tuple[Chance, ...] = ()

    @field_validator("picture")
    @classmethod
    def _a_png(cls, picture: str | None) -> str | None:
        try:
            if picture is not None and not base64.b64decode(picture, validate=True).startswith(_PNG):
                raise ValueError("the picture is no PNG file")
        except binascii.Error as error:
            raise ValueError("the picture is not in base64") from error
        return picture

    @model_validator(mode="after")
    def _a_grid_for_each_token(self) -> "Look":
        grids = self.attention or ()
        columns = {len(row) for grid in grids for row in grid}
        if len({len(grid) for grid in grids}) > 1 or len(columns) > 1 or columns == {0}:
            raise ValueError("the grids of the attention are of several sizes")
        return self


class Looks(Piece):
    """`evaluation/<split>/looks.json`."""

    rows: tuple[Look, ...] = ()
