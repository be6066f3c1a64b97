"""The records that a run folder holds, piece by piece; every entry that a run may lack has a default."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

TargetKind = Literal["class", "labels", "number"]
AnswerKind = TargetKind | Literal["forecast", "text", "likeness", "captions"]


class Piece(BaseModel):
    """A part of a record: unknown keys are for other readers."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Model(Piece):
    description: str | None = None
    parameters: int | None = None
    bytes: int | None = None


class Source(Piece):
    source: str | None = None
    fingerprint: str | None = None


class Cost(Piece):
    train_seconds: float | None = None
    baseline_seconds: float | None = None
    peak_memory_mb: float | None = None
    tokens_per_second: float | None = None


class Record(Piece):
    """`run.json`."""

    id: str = ""
    status: str = ""
    recipe: str | None = None
    task: str | None = None
    command: str | None = None
    created: str | None = None
    finished: str | None = None
    seed: int | None = None
    device: str | None = None
    threads: int | None = None
    versions: dict[str, str | None] = {}
    model: Model = Model()
    data: Source = Source()
    cost: Cost | None = None


class DataFile(Piece):
    name: str
    sha256: str | None = None
    bytes: int | None = None


class Encoding(Piece):
    name: str
    detected: bool = False


class Guessed(Piece):
    inputs: bool = False
    target: bool = False


class Lengths(Piece):
    """Quantiles: of text lengths in characters, of series' steps, of targets that are numbers."""

    min: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    max: float


class SomeLengths(Piece):
    """Some quantiles of text lengths in tokens."""

    min: float | None = None
    p5: float | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    p95: float | None = None
    max: float | None = None


class Truncated(Piece):
    rows: int
    token_share: float


class Vectors(Piece):
    """How many of the tokens start from vectors of a file, and which share of the training texts these are."""

    source: str
    tokens: int
    covered: int
    share: float
    missing: tuple[str, ...] = ()


class Sample(Piece):
    where: str = ""
    text: str = ""
    target: str = ""


class Split(Piece):
    """How the rows were divided: by the set's own test file, or by a share of all rows."""

    official_test: bool
    test: float | None
    validation: float
    seed: int


class NearRows(Piece):
    """Validation and test rows that nearly repeat a training row, by split; nothing where there are too many rows."""

    rows: dict[str, int] | None = None
    places: tuple[str, ...] = ()


class DataCard(Piece):
    """`data.json`."""

    source: str | None = None
    files: tuple[DataFile, ...] = ()
    rows: int | None = None
    encoding: Encoding | None = None
    separator: str | None = None
    inputs: tuple[str, ...] = ()
    target: str | None = None
    guessed: Guessed = Guessed()
    target_kind: TargetKind = "class"
    sizes: dict[str, int] = {}
    classes: dict[str, dict[str, int]] = {}
    unlabelled: dict[str, int] = {}
    target_quantiles: dict[str, Lengths] = {}
    empty_texts: dict[str, int] = {}
    duplicates: int | None = None
    overlap: int | None = None
    near: NearRows | None = None
    conflicting: int | None = None
    characters: Lengths | None = None
    channels: int | None = None
    steps: Lengths | None = None
    non_nfc: int | None = None
    split: Split | None = None
    samples: tuple[Sample, ...] = ()
    licence: str | None = None
    fingerprint: str | None = None
    truncated: Truncated | None = None
    unknown_token_share: dict[str, float] = {}
    tokens: SomeLengths | None = None
    vectors: Vectors | None = None


class Epoch(Piece):
    """One line of `metrics.jsonl` whose event is "epoch"."""

    epoch: int
    loss: float | None = None
    validation: dict[str, float | None] = {}
    rate: float | None = None
    elapsed_seconds: float | None = None
    best: bool = False


class Score(Piece):
    value: float | None = None
    low: float | None = None
    high: float | None = None


class ClassScore(Piece):
    label: str
    rows: int
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None
    threshold: float | None = None
    average_precision: float | None = None


class Curve(Piece):
    """Precision against recall for one label."""

    label: str
    average_precision: float
    recall: tuple[float, ...]
    precision: tuple[float, ...]


class CalibrationBin(Piece):
    confidence: float
    accuracy: float
    rows: int


class Judgment(Piece):
    """A verdict on the model and one baseline."""

    outcome: Literal["beats", "does not beat", "cannot tell"]
    metric: str
    against: str
    difference: Score = Score()
    gain: Score | None = None
    """Of forecasts: by how many percent the model's error is smaller."""


class Baseline(Piece):
    name: str
    scores: dict[str, Score] = {}
    verdict: Judgment | None = None


class Evaluation(Piece):
    """`evaluation/<split>/metrics.json`."""

    split: str = ""
    target_kind: AnswerKind = "class"
    metric: str = "accuracy"
    labels: tuple[str, ...] = ()
    rows: int | None = None
    scores: dict[str, Score] = {}
    per_class: tuple[ClassScore, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    precision_recall: tuple[Curve, ...] = ()
    residuals: dict[str, float] = {}
    target: dict[str, float] = {}
    points: tuple[tuple[float, float], ...] = ()
    baselines: tuple[Baseline, ...] = ()
    verdict: Judgment | None = None

    def baseline(self, name: str) -> Baseline | None:
        """Return the baseline of that name."""
        return next((one for one in self.baselines if one.name == name), None)


class Mistake(Piece):
    """One row of `worst.csv`: a class has a confidence, labels a number of wrong ones, a number an error."""

    where: str
    text: str
    target: str
    predicted: str
    confidence: float | None = None
    wrong_labels: int | None = None
    error: float | None = None


class ConfusedRow(Piece):
    where: str = ""
    text: str = ""
    confidence: float | None = None


class Confused(Piece):
    """A class taken for another, with rows."""

    target: str
    predicted: str
    rows: int
    share: float
    examples: tuple[ConfusedRow, ...] = ()


class ConfusedPairs(Piece):
    """`evaluation/<split>/confused.json`."""

    pairs: tuple[Confused, ...] = ()


class SliceScore(Piece):
    """Rows with a `value`, or with a number from `low` to `high`."""

    by: str
    value: str | None = None
    low: float | None = None
    high: float | None = None
    rows: int
    score: Score
    difference: Score = Score()
    weak: bool = False


class WeakRow(Piece):
    """A row that went wrong: of sentences with tags the wrong words, else what is true and what was said."""

    where: str
    text: str
    target: str = ""
    predicted: str = ""
    wrong: str = ""


class WeakSpot(Piece):
    """A part of the rows with its score: what its rows have in common is told as `yeoul.metrics.parts` does."""

    kind: str
    by: str = ""
    value: str | None = None
    low: float | None = None
    high: float | None = None
    rows: int
    all_rows: int
    score: Score
    rest: float
    difference: Score
    examples: tuple[WeakRow, ...] = ()


class WeakSpots(Piece):
    """What a search for weak spots has found."""

    metric: str
    judged: Literal["wrong", "worst"]
    rows: int
    parts: int
    tested: int
    spots: tuple[WeakSpot, ...] = ()


class Slices(Piece):
    """`evaluation/<split>/slices.json`."""

    metric: str
    overall: float
    slices: tuple[SliceScore, ...] = ()
    left_out: tuple[str, ...] = ()
    weak_spots: WeakSpots | None = None


class Member(Piece):
    """One model of a mixture; its scores by metric."""

    name: str
    description: str = ""
    kind: str = ""
    weight: float | None = None
    validation: dict[str, Score] = {}
    test: dict[str, Score] = {}
    seconds: float | None = None
    parameters: int | None = None

    @field_validator("validation", "test", mode="before")
    @classmethod
    def _plain_numbers_too(cls, scores: object) -> object:
        if isinstance(scores, dict):
            return {
                metric: {"value": score} if isinstance(score, int | float) else score
                for metric, score in scores.items()
            }
        return scores


class Members(Piece):
    """`members.json`."""

    members: tuple[Member, ...] = ()
    best_network: str | None = None
