"""Columns of numbers as series of steps: one number a column in time order, or a list of numbers a cell.

A file of the UCR archive, label first and then the steps, without a header, is read by this recipe:

    [data]
    source = "ECG200_TRAIN.tsv"
    columns = ["label", "t1..t96"]
    target = "label"

    [series]
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.numbers import not_a_number, numbers_of
from yeoul.errors import DataError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_SEVERAL = r"^\[|\S\s+\S"
_LIST = r"^\[\s*([^,\s\[\]]+(\s*,\s*[^,\s\[\]]+)*)?\s*\]$"


def series_of(inputs: Mapping[str, pa.Array], where: Callable[[int], str]) -> tuple[Floats, Ints]:
    """Return the steps of N series end to end, (sum T, D), and how many each has, (N,).

    Where every cell of the input columns holds one number, the columns are the steps of one channel, in their
    order. Where a cell holds a JSON list, or numbers with spaces between, each column is a channel, and the
    cells of a row are equally long. `where` names a row, as `Examples.where` does.

    Raises `DataError` with the row of the first cell that is missing, not a finite number, or empty.
    """
    cells = {name: pc.utf8_trim_whitespace(column) for name, column in inputs.items()}
    if any(pc.any(pc.match_substring_regex(column, _SEVERAL)).as_py() for column in cells.values()):
        return _channels(cells, where)
    steps = np.stack([_checked(column, name, where) for name, column in cells.items()], axis=1)
    rows, length = steps.shape  # (N, T)
    return steps.reshape(-1, 1), np.full(rows, length, np.int64)


def _checked(column: pa.Array, name: str, where: Callable[[int], str]) -> Floats:
    """Return one number a cell (N,)."""
    with np.errstate(over="ignore"):  # what is beyond float32 is refused below
        numbers = numbers_of(column).astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if len(bad):
        raise not_a_number(column[int(bad[0])].as_py(), where(int(bad[0])), name)
    return numbers


def _channels(cells: Mapping[str, pa.Array], where: Callable[[int], str]) -> tuple[Floats, Ints]:
    first, lengths = "", np.empty(0, np.int64)
    channels = []
    for name, column in cells.items():
        numbers, counts = _lists(column, name, where)
        if first and (lengths != counts).any():
            row = int(np.flatnonzero(lengths != counts)[0])
            raise DataError(
                "the column {first} has {expected} numbers and the column {name} {came}",
                "make the lists of a row equally long",
                where=where(row),
                values={"first": first, "expected": lengths[row], "name": name, "came": counts[row]},
            )
        first, lengths = first or name, counts
        channels.append(numbers)
    return np.stack(channels, axis=1), lengths


def _lists(column: pa.Array, name: str, where: Callable[[int], str]) -> tuple[Floats, Ints]:
    """Return the numbers of all cells end to end, and how many each cell has (N,)."""
    bracketed = pc.starts_with(column, "[")
    broken = pc.and_(bracketed, pc.invert(pc.match_substring_regex(column, _LIST)))
    inner = pc.utf8_trim_whitespace(pc.replace_substring(pc.utf8_trim(column, "[]"), ",", " "))
    parts = pc.utf8_split_whitespace(pc.if_else(bracketed, inner, column))
    counts: Ints = pc.list_value_length(parts).to_numpy(zero_copy_only=False).astype(np.int64)
    hollow = pc.or_(broken, pc.equal(pc.utf8_length(pc.if_else(bracketed, inner, column)), 0))
    if pc.any(hollow).as_py():
        row = int(pc.index(hollow, pa.scalar(True)).as_py())
        raise DataError(
            "the column {name} holds no list of numbers here",
            "write it as in [1.5, 2, 3] or 1.5 2 3",
            where=where(row),
            values={"name": name},
        )
    owner = np.repeat(np.arange(len(counts)), counts)
    return _checked(pc.list_flatten(parts), name, lambda place: where(int(owner[place]))), counts
