"""What runs answered to their test rows, and paired tests of two runs that were asked the same."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow import csv

from yeoul.errors import RunError
from yeoul.metrics.intervals import Verdict, judge
from yeoul.metrics.labels import compare_labels
from yeoul.metrics.paired import mcnemar
from yeoul.metrics.values import compare_values
from yeoul.report.caption_answers import read_caption_answers
from yeoul.report.forecast_answers import read_forecast_answers
from yeoul.report.language_answers import read_line_answers
from yeoul.report.records import AnswerKind
from yeoul.runs.folder import RunFolder

_SEED = 42
_COLUMNS = ("where", "target", "predicted")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"

Strings = npt.NDArray[np.str_]


class Answered(Protocol):
    """The answers of one run."""

    @property
    def rows(self) -> int:
        """How many answers were scored."""
        ...

    def has_rows_of(self, other: object) -> bool:
        """Say whether the other run was asked the same."""
        ...

    def tested(self, other: object, against: str) -> tuple[Verdict, float | None]:
        """Test these answers against those of the run `against`, and return McNemar's exact p where there is one."""
        ...


@dataclass(frozen=True, eq=False)
class RowAnswers:
    """The rows of a predictions.csv, sorted by place: (N,) each. Two runs share rows of the same places and targets."""

    kind: AnswerKind
    where: Strings
    target: Strings
    predicted: Strings

    @property
    def rows(self) -> int:
        return len(self.where)

    def has_rows_of(self, other: object) -> bool:
        return (
            isinstance(other, RowAnswers)
            and np.array_equal(self.where, other.where)
            and np.array_equal(self.target, other.target)
        )

    def tested(self, other: object, against: str) -> tuple[Verdict, float | None]:
        if not isinstance(other, RowAnswers):
            raise TypeError("answers to another question")
        if self.kind == "number":
            numbers = [_numbers(one) for one in (self.predicted, other.predicted, self.target)]
            return compare_values(*numbers, against=against, seed=_SEED), None
        right = [(one.predicted == one.target) for one in (self, other)]
        ones = np.ones(len(right[0]), np.int64)
        verdict = compare_labels(
            right[0].astype(np.int64), right[1].astype(np.int64), ones, against=against, seed=_SEED
        )
        metric = "accuracy" if self.kind == "class" else "exact_match"
        return judge(verdict.difference, metric=metric, against=against), mcnemar(*right)


def read_answers(folder: RunFolder, kind: AnswerKind) -> Answered | None:
    """Read what a run answered to its test rows; None before it did. Raises `RunError` for a damaged file."""
    if kind == "text":
        lines = folder.evaluation("test") / "lines.csv"
        return read_line_answers(lines) if lines.is_file() else None
    path = folder.evaluation("test") / "predictions.csv"
    if not path.is_file():
        return None
    if kind == "forecast":
        return read_forecast_answers(path)
    if kind == "captions":
        return read_caption_answers(path)
    try:
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(use_threads=False, block_size=max(path.stat().st_size, 1)),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(_COLUMNS, pyarrow.string()), include_columns=list(_COLUMNS)
            ),
        )
    except pyarrow.ArrowException as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error
    columns = {name: np.array(table[name].to_pylist(), dtype=str) for name in _COLUMNS}
    order = np.argsort(columns["where"], kind="stable")
    return RowAnswers(kind, *(columns[name][order] for name in _COLUMNS))


def _numbers(cells: Strings) -> npt.NDArray[np.float64]:
    """Read numbers, an apostrophe before them or not (a spreadsheet may have needed one)."""
    return np.char.lstrip(cells, "'").astype(np.float64)
