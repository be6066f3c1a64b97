"""What a run folder holds for the report, read and checked once; every piece may still be missing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow
from pyarrow import csv
from pydantic import ValidationError

from yeoul.errors import RunError
from yeoul.report.records import (
    ConfusedPairs,
    DataCard,
    Epoch,
    Evaluation,
    Members,
    Mistake,
    Piece,
    Record,
    Slices,
)
from yeoul.runs.folder import RunFolder
from yeoul.spreadsheets import plain

SPLITS = ("test", "validation")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"


@dataclass(frozen=True)
class Contents:
    """Everything that the report tells of any run; what the run does not have yet is None or empty."""

    run: Record
    data: DataCard | None
    epochs: tuple[Epoch, ...]
    evaluations: dict[str, Evaluation]
    mistakes: dict[str, tuple[Mistake, ...]]
    confused: dict[str, ConfusedPairs]
    slices: dict[str, Slices]
    members: Members | None
    resolved: str
    recipe: str

    @property
    def evaluation(self) -> Evaluation | None:
        """The evaluation that decides: of the test rows, else of the validation rows."""
        return next((self.evaluations[split] for split in SPLITS if split in self.evaluations), None)


def read_contents(folder: Path) -> Contents:
    """Read a run folder; raise `RunError` where a file is damaged, not where one is missing still."""
    run = RunFolder(folder)
    record = _checked(Record, _with_status(run), folder / "run.json")
    lines = enumerate(run.metrics_lines(), 1)
    epochs = [
        _checked(Epoch, line, folder / "metrics.jsonl", f":{number}")
        for number, line in lines
        if line.get("event") == "epoch"
    ]
    found = {
        split: read_piece(Evaluation, folder / "evaluation" / split / "metrics.json") for split in SPLITS
    }
    evaluations = {split: one for split, one in found.items() if one is not None}
    rows = record.task in (None, "classify")  # the cards of other tasks are read by modules of their own
    kind = {"target_kind": "text"} if record.task == "generate" else {}
    for split, one in evaluations.items():
        _check_shape(one, folder / "evaluation" / split / "metrics.json")
    return Contents(
        run=record,
        data=read_piece(DataCard, folder / "data.json") if rows else None,
        epochs=tuple({one.epoch: one for one in epochs}.values()),
        evaluations={
            split: one.model_copy(update={"split": split, **kind}) for split, one in evaluations.items()
        },
        mistakes={
            split: read_rows(Mistake, folder / "evaluation" / split / "worst.csv")
            for split in evaluations
            if rows
        },
        confused=_each(ConfusedPairs, folder, evaluations, "confused.json"),
        slices=_each(Slices, folder, evaluations, "slices.json"),
        members=read_piece(Members, folder / "members.json"),
        resolved=_text(folder / "resolved.toml"),
        recipe=_text(folder / "recipe.toml"),
    )


PieceT = TypeVar("PieceT", bound=Piece)


def _with_status(run: RunFolder) -> dict[str, Any]:
    record = run.record()
    return {"id": run.id, **record, **({"status": run.status()} if "process" in record else {})}


def read_piece(kind: type[PieceT], path: Path) -> PieceT | None:
    """Read a JSON file of the run; None where there is none, `RunError` where it is damaged."""
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_bytes())
    except ValueError as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error
    return _checked(kind, value, path)


def _each(kind: type[PieceT], folder: Path, splits: Iterable[str], file: str) -> dict[str, PieceT]:
    found = {split: read_piece(kind, folder / "evaluation" / split / file) for split in splits}
    return {split: piece for split, piece in found.items() if piece is not None}


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
    """Hold that the confusion matrix is square with a row for every label, and that curves have both their sides."""
    size = len(evaluation.labels)
    square = [len(row) for row in evaluation.confusion] == [size] * size
    paired = all(len(curve.recall) == len(curve.precision) > 0 for curve in evaluation.precision_recall)
    if (evaluation.confusion and not square) or not paired:
        key = "precision_recall" if not paired else "confusion"
        raise RunError("the entry {key} is not as expected", _REMEDY, where=str(path), values={"key": key})


def read_rows(kind: type[PieceT], path: Path) -> tuple[PieceT, ...]:
    """Read a CSV file of the run, a piece of each row; nothing where there is none, `RunError` where it is damaged."""
    if not path.is_file():
        return ()
    columns = [str(field.validation_alias or name) for name, field in kind.model_fields.items()]
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False, block_size=max(path.stat().st_size, 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={column: pyarrow.string() for column in columns}, strings_can_be_null=False
            ),
        )
        known = table.select([name for name in table.column_names if name in columns])
        rows = ({name: plain(cell) for name, cell in row.items()} for row in known.to_pylist())
        return tuple(kind.model_validate(row) for row in rows)
    except (pyarrow.ArrowException, ValueError) as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""
