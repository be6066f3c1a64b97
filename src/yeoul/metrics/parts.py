"""One part of the rows that may be a weak spot: what its rows have in common, said as plainly as possible."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from yeoul.metrics.slices import slice_by

Ints = npt.NDArray[np.int64]
Kind = Literal["column", "writing", "not_writing", "word", "without", "beginning", "topic"]
PLAINNESS: Mapping[str, int] = {kind: place for place, kind in enumerate(get_args(Kind))}
"""Of two parts with the same rows the one with the smaller number is told."""

_MOST_VALUES = 200


@dataclass(frozen=True, eq=False)
class Part:
    """Rows (n,), in order: those of a column with a `value` or a number from `low` to `high`, or texts with a word."""

    kind: Kind
    rows: Ints
    by: str = ""
    """The column."""
    value: str | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the part is, without its rows."""
        told = {"kind": self.kind, "by": self.by, "value": self.value, "low": self.low, "high": self.high}
        return {name: one for name, one in told.items() if one not in (None, "") or name == "kind"}


def column_parts(columns: Mapping[str, npt.ArrayLike], least: int) -> Iterator[Part]:
    """Cut rows by columns (N,): numbers, also where they are written as texts, into bins, else the frequent values."""
    for by, given in columns.items():
        values = _numbers(np.asarray(given))
        if np.issubdtype(values.dtype, np.number):
            cut = slice_by(by, values)
            parts = [Part("column", np.flatnonzero(one.members), by, None, one.low, one.high) for one in cut]
        else:
            distinct, places, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
            common = np.argsort(-counts, kind="stable")[:_MOST_VALUES]
            parts = [
                Part("column", np.flatnonzero(places == place), by, str(distinct[place]))
                for place in common.tolist()
            ]
        yield from (part for part in parts if least <= len(part.rows) <= len(values) - least)


def _numbers(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return texts as numbers where every one that is not empty is a number."""
    if np.issubdtype(values.dtype, np.number) or not len(values):
        return values
    written = np.char.strip(values.astype(str))
    empty = written == ""
    if empty.all():
        return values
    try:
        numbers = np.where(empty, "nan", written).astype(np.float64)
    except ValueError:
        return values
    return numbers if np.isfinite(numbers[~empty]).all() else values
