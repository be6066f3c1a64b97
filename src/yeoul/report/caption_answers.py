"""What a run said of its test pictures, and a paired test of two runs that were shown the same."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow
from pyarrow import csv

from yeoul.errors import RunError
from yeoul.metrics.captions import CaptionParts, Metric, compare_captions
from yeoul.metrics.intervals import Verdict
from yeoul.report.contents import read_piece
from yeoul.report.records import Piece

_SEED = 42
_COLUMNS = ("where", "target", "predicted")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"
BETWEEN = " | "
"""Stands between the captions of a picture in a predictions.csv."""


class _Decided(Piece):
    """The score that decides, of `metrics.json`."""

    metric: Literal["cider", "bleu", "chrf", "rouge_l", "exact_match"] = "cider"


@dataclass(frozen=True, eq=False)
class CaptionAnswers:
    """The rows of a predictions.csv of captions, sorted by place."""

    metric: Metric
    where: tuple[str, ...]
    targets: tuple[str, ...]
    predicted: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.where)

    def has_rows_of(self, other: object) -> bool:
        return isinstance(other, CaptionAnswers) and (self.where, self.targets, self.metric) == (
            other.where,
            other.targets,
            other.metric,
        )

    def tested(self, other: object, against: str) -> tuple[Verdict, float | None]:
        if not isinstance(other, CaptionAnswers):
            raise TypeError("answers to another question")
        references = [target.split(BETWEEN) for target in self.targets]
        ours, theirs = (CaptionParts.of(one.predicted, references) for one in (self, other))
        return compare_captions(ours, theirs, metric=self.metric, against=against, seed=_SEED), None


def read_caption_answers(path: Path) -> CaptionAnswers:
    """Read a predictions.csv and the score that decides; raise `RunError` for a damaged file."""
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
    decided = read_piece(_Decided, path.with_name("metrics.json")) or _Decided()
    rows = sorted(zip(*(table[name].to_pylist() for name in _COLUMNS), strict=True))
    columns = tuple(zip(*rows, strict=True)) if rows else ((), (), ())
    return CaptionAnswers(decided.metric, *columns)
