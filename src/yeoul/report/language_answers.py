"""What a run's language model said of its test text, line by line, and a paired test of two that read the same.

A `lines.csv` holds what each line cost in bits, and its size. Two models may cut a text into other tokens; what they
pay for the same bytes compares all the same. Neighboring lines hang together, so blocks of them are resampled.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow
from pyarrow import csv

from yeoul.errors import RunError
from yeoul.metrics.intervals import Verdict
from yeoul.metrics.language import ScoredText, compare_texts

_SEED = 42
_COLUMNS = ("characters", "bytes", "bits")
_REMEDY = "restore the file from a copy, or run the command again that wrote it"


@dataclass(frozen=True, eq=False)
class LineAnswers:
    """What N lines hold and cost, those without a byte left out."""

    characters: npt.NDArray[np.int64]
    bytes: npt.NDArray[np.int64]
    bits: npt.NDArray[np.float64]

    @property
    def rows(self) -> int:
        return len(self.bits)

    def has_rows_of(self, other: object) -> bool:
        """Say whether both read lines of the same sizes; whether of the same text, the data's fingerprint says."""
        return isinstance(other, LineAnswers) and np.array_equal(self.bytes, other.bytes)

    def tested(self, other: object, against: str) -> tuple[Verdict, None]:
        """Compare the bits a byte of both; raise `TypeError` for answers to another question."""
        if not isinstance(other, LineAnswers):
            raise TypeError("answers to another question")
        return compare_texts(self._scored(), other._scored(), against=against, seed=_SEED), None

    def _scored(self) -> ScoredText:
        return ScoredText(-self.bits * math.log(2.0), self.characters, self.bytes)


def read_line_answers(path: Path) -> LineAnswers:
    """Read a `lines.csv`; raise `RunError` where it is damaged."""
    try:
        options = csv.ConvertOptions(
            column_types={"characters": pyarrow.int64(), "bytes": pyarrow.int64(), "bits": pyarrow.float64()},
            include_columns=list(_COLUMNS),
        )
        table = csv.read_csv(path, csv.ReadOptions(use_threads=False), convert_options=options)
    except pyarrow.ArrowException as error:
        raise RunError("the file is damaged", _REMEDY, where=str(path)) from error
    characters, sizes, bits = (table[name].to_numpy() for name in _COLUMNS)
    told = sizes > 0
    if not told.any() or not np.isfinite(bits[told]).all():
        raise RunError("the file is damaged", _REMEDY, where=str(path))
    return LineAnswers(characters[told], sizes[told], bits[told])
