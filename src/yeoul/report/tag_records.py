"""The data card of tagged sentences and the scores of tags, as a screen or a report reads them from a run folder."""

from pydantic import Field

from yeoul.report.records import DataFile, Encoding, Guessed, Lengths, Piece, Sample, Truncated, Vectors


class TagSplit(Piece):
    """How sentences were divided."""

    official_test: bool = False
    official_validation: bool = False
    test: float | None = None
    validation: float = 0.1
    seed: int = 0


class TagsCard(Piece):
    """`data.json` of a run of the task tag."""

    source: str | None = None
    title: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    form: str = ""
    encoding: Encoding | None = None
    target: str = ""
    guessed: Guessed = Guessed()
    layers: tuple[str, ...] = ()
    rows: int = 0
    words: int = 0
    untagged: int = 0
    sizes: dict[str, int] = Field(default_factory=dict)
    word_sizes: dict[str, int] = Field(default_factory=dict)
    tags: dict[str, dict[str, int]] = Field(default_factory=dict)
    num_tags: int = 0
    unseen_tags: int = 0
    lengths: Lengths | None = None
    letters: Lengths | None = None
    duplicates: int = 0
    overlap: int = 0
    unseen_words: dict[str, float] = Field(default_factory=dict)
    ambiguous: float | None = None
    split: TagSplit = TagSplit()
    samples: tuple[Sample, ...] = ()
    truncated: Truncated | None = None
    vectors: Vectors | None = None
    fingerprint: str | None = None


class TagScore(Piece):
    """A row of the table by tag, or by kind of span."""

    label: str
    count: int
    precision: float
    recall: float
    f1: float


class SpanScores(Piece):
    """Spans: by kind, what was wrong with them, and tags that broke the rules of B, I and O."""

    repaired: int = 0
    per_kind: tuple[TagScore, ...] = ()
    errors: dict[str, int] = Field(default_factory=dict)


class ConfusedWord(Piece):
    """A word whose tag was mistaken."""

    word: str = ""
    where: str = ""
    confidence: float | None = None


class ConfusedTags(Piece):
    """A tag that was taken for another, with the words where the model was surest of it."""

    target: str
    predicted: str
    words: int
    examples: tuple[ConfusedWord, ...] = ()


class TagScores(Piece):
    """What `evaluation/<split>/metrics.json` tells of tags beyond the scores."""

    words: int = 0
    unseen_words: int = 0
    roc_area: float | None = None
    per_tag: tuple[TagScore, ...] = ()
    spans: SpanScores | None = None
    confused: tuple[ConfusedTags, ...] = ()


class WorstSentence(Piece):
    """One row of `worst.csv`."""

    where: str
    text: str
    wrong: str
    words: int | None = None
    errors: int | None = None
    confidence: float | None = None
