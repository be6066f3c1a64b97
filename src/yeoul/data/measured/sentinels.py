"""Read columns of numbers with holes in them, and find the numbers that stand for a missing value, such as -9999."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.numbers import MISSING, numbers_of

Doubles = npt.NDArray[np.float64]
_ABSENT = pa.array(sorted({*MISSING, ".", "missing", "nat", "결측", "결측값", "결측치", "없음"}), pa.string())
_NINES = re.compile(r"-?(?:9{3,}\.?9*|99\.99*)")
"""-999, 9999, -99.9: nothing that is measured is read off like this again and again."""
_ALONE = 5  # a single one lies so many times the others' whole range away from them


@dataclass(frozen=True)
class Sentinel:
    """A number that stands for a missing value, and in how many cells of a column."""

    column: str
    value: float
    count: int
    named: bool
    """The recipe names it."""


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """The numbers of a column (N,), NaN where a cell is empty or holds none."""

    numbers: Doubles
    unreadable: npt.NDArray[np.int64]
    """Rows whose cell holds something else than a number."""
    absent: int
    """Empty cells, and those with a word for nothing."""

    @property
    def is_text(self) -> bool:
        """Whether most cells that hold something hold no number."""
        return 2 * len(self.unreadable) > len(self.numbers) - self.absent


def number_column(cells: pa.ChunkedArray) -> NumberColumn:
    """Read a column of numbers."""
    absent = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), _ABSENT).to_numpy()
    if not absent.any():
        numbers = numbers_of(cells)
    else:
        numbers = np.full(len(cells), np.nan)
        numbers[~absent] = numbers_of(cells.filter(pa.array(~absent)))
    return NumberColumn(numbers, np.flatnonzero(np.isnan(numbers) & ~absent), int(absent.sum()))


def without_sentinels(
    columns: Mapping[str, Doubles], named: Sequence[float]
) -> tuple[dict[str, Doubles], tuple[Sentinel, ...]]:
    """Return the columns (N,) with NaN for the numbers that stand for a missing value, and these numbers.

    Such a number is one that is `named`, or the least or largest of a column that is written with nines only
    (-999, 9999, -99.9), lies farther from all others than these from each other, and comes more than once, or in
    another column too, or five times as far away.
    """
    found: list[Sentinel] = []
    cleared = {}
    for name, numbers in columns.items():
        own, numbers = _named(name, numbers, named)
        found += own
        cleared[name] = numbers
    while True:
        elsewhere = {sentinel.value for sentinel in found}
        new = [sentinel for name in columns for sentinel in _at_the_ends(name, cleared[name], elsewhere)]
        if not new:
            return cleared, tuple(found)
        found += new
        for sentinel in new:
            numbers = cleared[sentinel.column]
            cleared[sentinel.column] = np.where(numbers == sentinel.value, np.nan, numbers)


def _named(name: str, numbers: Doubles, named: Sequence[float]) -> tuple[list[Sentinel], Doubles]:
    found = []
    for value in named:
        same = numbers == value
        if same.any():
            found.append(Sentinel(name, value, int(same.sum()), named=True))
            numbers = np.where(same, np.nan, numbers)
    return found, numbers


def _at_the_ends(name: str, numbers: Doubles, elsewhere: set[float]) -> list[Sentinel]:
    if not np.isfinite(numbers).any():
        return []
    found = []
    for end in (float(np.nanmin(numbers)), float(np.nanmax(numbers))):
        if _NINES.fullmatch(f"{end:g}" if abs(end) < 1e6 else f"{end:.0f}") is None:
            continue
        count = int((numbers == end).sum())
        rest = numbers[(numbers != end) & ~np.isnan(numbers)]
        if not len(rest):
            continue
        distance = float(np.abs(rest - end).min())
        spread = float(rest.max() - rest.min())
        repeated = count > 1 or end in elsewhere
        if distance > spread * (1 if repeated else _ALONE) and (spread > 0 or repeated):
            found.append(Sentinel(name, end, count, named=False))
    return found
