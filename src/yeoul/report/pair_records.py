"""The data card of pairs, as a screen or a report reads it from a run folder."""

from pydantic import Field, model_validator

from yeoul.report.records import DataFile, Encoding, Guessed, Lengths, NearRows, Piece, Sample, Truncated


class PairSplit(Piece):
    """How pairs were divided."""

    official_test: bool = False
    official_validation: bool = False
    test: float | None = None
    validation: float = 0.1
    keep_together: str = "source"
    seed: int = 0


class PairsCard(Piece):
    """`data.json` of a run of the task transduce."""

    source: str | None = None
    title: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    inputs: tuple[str, ...] = ()
    target: str | None = None
    guessed: Guessed = Guessed()
    encoding: Encoding | None = None
    rows: int = 0
    one_sided: int = 0
    sizes: dict[str, int] = Field(default_factory=dict)
    repeated: dict[str, int] = Field(default_factory=dict)
    conflicting: int = 0
    """Rows whose source has several targets."""
    leaks: dict[str, dict[str, int]] = Field(default_factory=dict)
    near: NearRows | None = None
    same: int = 0
    characters: Lengths | None = None
    target_characters: Lengths | None = None
    non_nfc: int = 0
    split: PairSplit = PairSplit()
    samples: tuple[Sample, ...] = ()
    truncated: Truncated | None = None
    target_truncated: Truncated | None = None
    vocabulary: dict[str, int] = Field(default_factory=dict)
    fingerprint: str | None = None


class Signature(Piece):
    """With which settings BLEU and chrF++ were measured."""

    bleu: str = ""
    chrf: str = ""


class Unknown(Piece):
    """Rows whose answer was marked unknown, and how many of these, and of the others, are right."""

    rows: int = 0
    share: float = 0.0
    right: float | None = None
    right_otherwise: float | None = None


class PairScores(Piece):
    """What `evaluation/<split>/metrics.json` tells of pairs beyond the scores."""

    signature: Signature = Signature()
    roc_area: float | None = None
    unknown: Unknown = Unknown()
    outcomes: dict[str, int] = Field(default_factory=dict)
    target_tokens: int | None = None


class WorstPair(Piece):
    """One row of `worst.csv`."""

    where: str
    text: str
    target: str
    predicted: str
    confidence: float | None = None
    score: float | None = None


class Drawn(Piece):
    """Where the model looked for one row: a weight for each token written, its end included, and each one read."""

    where: str = ""
    text: str = ""
    target: str = ""
    predicted: str = ""
    source_tokens: tuple[str, ...]
    tokens: tuple[str, ...]
    attention: tuple[tuple[float, ...], ...]
    cut: bool = False
    """Whether only the first tokens are here."""

    @model_validator(mode="after")
    def _a_weight_for_each_pair(self) -> "Drawn":
        if any(len(row) != len(self.source_tokens) for row in self.attention):
            raise ValueError("the attention does not fit the tokens")
        return self


class Attention(Piece):
    """`evaluation/<split>/attention.json`."""

    rows: tuple[Drawn, ...] = ()
