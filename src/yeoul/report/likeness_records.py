"""The records of comparisons, as a screen or a report reads them from a run folder."""

from pydantic import Field

from yeoul.report.records import (
    CalibrationBin,
    DataFile,
    Encoding,
    Guessed,
    Lengths,
    NearRows,
    Piece,
    Score,
    Truncated,
)


class LikenessSplit(Piece):
    """How pairs were divided."""

    official_test: bool = False
    test: float | None = None
    validation: float = 0.1
    keep_together: str = "matching"
    seed: int = 0


class LikenessSample(Piece):
    where: str = ""
    left: str = ""
    right: str = ""
    truth: float = 0.0


class LikenessCard(Piece):
    """`data.json` of a run of the task compare."""

    source: str | None = None
    title: str | None = None
    licence: str | None = None
    files: tuple[DataFile, ...] = ()
    inputs: tuple[str, ...] = ()
    target: str | None = None
    guessed: Guessed = Guessed()
    truth: str = "match"
    encoding: Encoding | None = None
    rows: int = 0
    one_sided: int = 0
    astride: int = 0
    sizes: dict[str, int] = Field(default_factory=dict)
    matching: dict[str, int] = Field(default_factory=dict)
    degrees: dict[str, Lengths] = Field(default_factory=dict)
    texts: int = 0
    groups: int = 0
    duplicates: int = 0
    same: int = 0
    overlap: int = 0
    near: NearRows | None = None
    series: bool = False
    lengths: dict[str, Lengths] = Field(default_factory=dict)
    non_nfc: int = 0
    split: LikenessSplit = LikenessSplit()
    samples: tuple[LikenessSample, ...] = ()
    truncated: Truncated | None = None
    fingerprint: str | None = None


class Distribution(Piece):
    """How many matching and other rows have scores between neighbouring edges."""

    edges: tuple[float, ...] = ()
    matching: tuple[int, ...] = ()
    other: tuple[int, ...] = ()


class Retrieval(Piece):
    """How much was looked for in how large a pool."""

    queries: int = 0
    pool: int = 0
    median_rank: float = 1.0


class LikenessScores(Piece):
    """What `evaluation/<split>/metrics.json` tells of comparisons beyond the scores."""

    truth: str = "match"
    matching: int = 0
    groups: int = 0
    threshold: float | None = None
    calibration_error: Score = Score()
    calibration: tuple[CalibrationBin, ...] = ()
    distribution: Distribution = Distribution()
    points: tuple[tuple[float, float], ...] = ()
    retrieval: Retrieval | None = None


class WorstComparison(Piece):
    """One row of `worst.csv`."""

    where: str
    left: str
    right: str
    target: str
    predicted: str = ""
    score: float | None = None


class FoundText(Piece):
    text: str
    score: float
    right: bool = False


class Query(Piece):
    """What was found for a query, the closest first; the first right one of the pool stands at `rank`."""

    where: str = ""
    text: str
    rank: float
    found: tuple[FoundText, ...] = ()


class Queries(Piece):
    """`evaluation/<split>/retrieval.json`."""

    queries: tuple[Query, ...] = ()
