"""Rows of numbers that were cut from one series, one over another: a split by chance puts the same steps on both sides.

A row is one of these when its first steps, half as many as a row has, stand in another row farther back. Runs of steps
are compared by a polynomial over their bits modulo 2^64 (Karp & Rabin 1987), so each row costs as much as it is long.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.columns import named_column
from yeoul.data.oddities import PLACES, Oddity, place_of
from yeoul.data.series_cells import series_of
from yeoul.data.tables import Table
from yeoul.errors import DataError

_MOST_NUMBERS = 5_000_000
_LEAST_STEPS = 8
_LEAST_SHARE = 0.2
_FACTOR = 0x9E3779B97F4A7C15
_WORD = 1 << 64
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def scan_series(tables: Mapping[str, Table], inputs: tuple[str, ...]) -> Iterator[Oddity]:
    """Look for rows that share steps with others, and for cells that are no numbers."""
    table_of_row = np.repeat(np.arange(len(tables)), [table.rows for table in tables.values()])
    starts = np.cumsum([0, *(table.rows for table in tables.values())])
    each = list(tables.values())

    def where(row: int) -> str:
        table = int(table_of_row[row])
        return place_of(each[table], row - int(starts[table]))

    rows = max(1, _MOST_NUMBERS // max(1, len(inputs)))
    cells = {
        name: pa.chunked_array(
            [chunk for table in each for chunk in table.columns[named_column(table, name)].chunks],
            pa.string(),
        )
        .slice(0, rows)
        .combine_chunks()
        for name in inputs
    }
    try:
        flat, lengths = series_of(cells, where)
    except DataError as error:
        yield Oddity("unreadable series", 1, "", (), {"reason": str(error)})
        return
    found = shared_steps(flat, lengths)
    if len(found) >= _LEAST_SHARE * len(lengths):
        places = tuple(f"{where(row)} ≈ {where(other)}" for row, other in list(found.items())[:PLACES])
        yield Oddity("shared steps", len(found), "", places)


def shared_steps(flat: Floats, lengths: Ints) -> dict[int, int]:
    """Return the rows whose first steps stand in another row, at a later step, with that row.

    `flat` (sum T, D) holds the steps of N rows end to end, `lengths` (N,) how many each has. The steps that are
    compared are half as many as the middle row has, at least eight, and not all alike.
    """
    window = max(_LEAST_STEPS, int(np.median(lengths)) // 2)
    if len(flat) < window:
        return {}
    row_of = np.repeat(np.arange(len(lengths)), lengths)
    firsts = np.cumsum(lengths) - lengths
    whole = np.flatnonzero(row_of[window - 1 :] == row_of[: len(row_of) - window + 1])
    if not len(whole):
        return {}
    hashes = _hashes(flat, window)
    is_first = np.isin(whole, firsts)
    later = whole[~is_first]
    order = np.argsort(hashes[later], kind="stable")
    known, owners = hashes[later][order], row_of[later][order]
    found = {}
    for start in whole[is_first].tolist():
        low, high = np.searchsorted(known, hashes[start]), np.searchsorted(known, hashes[start], side="right")
        row = int(row_of[start])
        others = owners[low:high][owners[low:high] != row]
        if len(others) and len(np.unique(flat[start : start + window], axis=0)) > window // 4:
            found[row] = int(others[0])
    return found


def _hashes(flat: Floats, window: int) -> npt.NDArray[np.uint64]:
    """Return a number for each run of so many steps (sum T - window + 1,), equal for equal runs."""
    odd = np.random.default_rng(0).integers(0, _WORD >> 1, flat.shape[1], np.uint64) * np.uint64(
        2
    ) + np.uint64(1)
    steps = (np.ascontiguousarray(flat, np.float32).view(np.uint32).astype(np.uint64) * odd).sum(axis=1)
    steps ^= steps >> np.uint64(29)
    size = len(steps)
    powers = np.cumprod(np.full(size, _FACTOR, np.uint64), dtype=np.uint64)
    back = np.cumprod(np.full(size, pow(_FACTOR, -1, _WORD), np.uint64), dtype=np.uint64)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(steps * powers, dtype=np.uint64)])
    hashes: npt.NDArray[np.uint64] = (sums[window:] - sums[:-window]) * back[: size - window + 1]
    return hashes
