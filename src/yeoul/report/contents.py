"""What a run folder holds for the report, read and checked once; every piece may still be missing."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow
from pyarrow import csv
from pydantic import BaseModel, ConfigDict, ValidationError

from yeoul.errors import RunError
from yeoul.runs.folder import RunFolder

SPLITS = ("test", "validation")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"


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
    """Quantiles of text lengths in characters."""

    min: float
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    max: float


class Tokens(Piece):
    p50: float | None = None
    p95: float | None = None
    max: float | None = None


class Truncated(Piece):
    rows: int
    token_share: float


class Sample(Piece):
    where: str = ""
    text: str = ""
    target: str = ""


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
    classes: dict[str, dict[str, int]] = {}
    empty_texts: dict[str, int] | None = None
    duplicates: int | None = None
    overlap: int | None = None
    conflicting: int | None = None
    characters: Lengths | None = None
    non_nfc: int | None = None
    split: str | None = None
    samples: tuple[Sample, ...] = ()
    licence: str | None = None
    fingerprint: str | None = None
    truncated: Truncated | None = None
    unknown_token_share: dict[str, float] | None = None
    tokens: Tokens | None = None


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


class CalibrationBin(Piece):
    confidence: float
    accuracy: float
    rows: int


class Judgment(Piece):
    """A verdict: beats, does not beat, cannot tell."""

    outcome: str
    metric: str
    against: str
    difference: Score = Score()


class Baseline(Piece):
    name: str
    scores: dict[str, Score] = {}
    verdict: Judgment | None = None


class Evaluation(Piece):
    """`evaluation/<split>/metrics.json`."""

    split: str = ""
    labels: tuple[str, ...] = ()
    rows: int | None = None
    scores: dict[str, Score] = {}
    per_class: tuple[ClassScore, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    verdict: Judgment | None = None

    def baseline(self, name: str) -> Baseline | None:
        """Return the baseline of that name."""
        return next((one for one in self.baselines if one.name == name), None)


class Mistake(Piece):
    """One row of `worst.csv`."""

    where: str
    text: str
    target: str
    predicted: str
    confidence: float


@dataclass(frozen=True)
class Contents:
    """Everything that the report tells; what the run does not have yet is None or empty."""

    run: Record
    data: DataCard | None
    epochs: tuple[Epoch, ...]
    evaluations: dict[str, Evaluation]
    mistakes: dict[str, tuple[Mistake, ...]]
    resolved: str
    recipe: str

    @property
    def evaluation(self) -> Evaluation | None:
        """The evaluation that decides: of the test rows, else of the validation rows."""
        return next((self.evaluations[split] for split in SPLITS if split in self.evaluations), None)


def read_contents(folder: Path) -> Contents:
    """Read a run folder; raise `RunError` where a file is damaged. Files that are not there yet are no error."""
    run = RunFolder(folder)
    record = _checked(Record, _with_status(run), folder / "run.json")
    lines = enumerate(run.metrics_lines(), 1)
    epochs = [
        _checked(Epoch, line, folder / "metrics.jsonl", f":{number}")
        for number, line in lines
        if line.get("event") == "epoch"
    ]
    found = {split: _json(Evaluation, folder / "evaluation" / split / "metrics.json") for split in SPLITS}
    evaluations = {split: one for split, one in found.items() if one is not None}
    for split, one in evaluations.items():
        _check_shape(one, folder / "evaluation" / split / "metrics.json")
    return Contents(
        run=record,
        data=_json(DataCard, folder / "data.json"),
        epochs=tuple({one.epoch: one for one in epochs}.values()),
        evaluations={split: one.model_copy(update={"split": split}) for split, one in evaluations.items()},
        mistakes={split: _mistakes(folder / "evaluation" / split / "worst.csv") for split in evaluations},
        resolved=_text(folder / "resolved.toml"),
        recipe=_text(folder / "recipe.toml"),
    )


PieceT = TypeVar("PieceT", bound=Piece)


def _with_status(run: RunFolder) -> dict[str, Any]:
    record = run.record()
    return {"id": run.id, **record, **({"status": run.status()} if "process" in record else {})}


def _json(kind: type[PieceT], path: Path) -> PieceT | None:
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error
    return _checked(kind, value, path)


def _checked(kind: type[PieceT], value: object, path: Path, line: str = "") -> PieceT:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise RunError(
            "the entry {key} is not as expected",
            _REMEDY,
            where=f"{path}{line}",
            values={"key": key},
        ) from error


def _check_shape(evaluation: Evaluation, path: Path) -> None:
    """Hold that the confusion matrix is square with a row for every label."""
    size = len(evaluation.labels)
    if evaluation.confusion and [len(row) for row in evaluation.confusion] != [size] * size:
        raise RunError("the entry {key} is not as expected", _REMEDY, where=str(path), values={"key": "confusion"})


def _mistakes(path: Path) -> tuple[Mistake, ...]:
    if not path.is_file():
        return ()
    columns = list(Mistake.model_fields)
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False, block_size=max(path.stat().st_size, 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={column: pyarrow.string() for column in columns}, include_columns=columns
            ),
        )
        return tuple(Mistake.model_validate(row) for row in table.to_pylist())
    except (pyarrow.ArrowException, ValueError) as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""
