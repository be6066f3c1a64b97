"""Bring the rows of a table to regular times: sorted, one row a time, gaps as rows without values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.data.measured.times import Every, find_every
from yeoul.errors import DataError

Times = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
Where = Callable[[int], str]
_MOST_REPEATED = 1 / 3  # more rows than these at a time of another are not slips but several series
_MOST_ROWS = 1_000_000
_MOST_TIMES = 50  # regular rows a row of the table, beyond that many


@dataclass(frozen=True)
class Gaps:
    """Times without a row."""

    count: int = 0
    rows: int = 0
    """That were put in, without values."""
    largest: int = 0
    """Rows of the largest."""
    first: str = ""
    """Row of the table after the first gap."""


@dataclass(frozen=True)
class Slips:
    """What was put right on the way to regular times."""

    unsorted: int = 0
    """Rows with a time before that of the row above, of the same series."""
    repeated: int = 0
    """Rows left out because a later row has the same time."""
    first_repeated: str = ""
    beside: int = 0
    """Rows a little off a regular time, which were moved to it."""
    gaps: Gaps = Gaps()
    agreeing: float = 1.0
    """Share of rows that follow the one above by just one step."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the rows of a table lie among regular times, series by series end to end."""

    rows: Ints  # (N',) rows of the table
    places: Ints  # (N',) where they go
    offsets: Ints  # (S + 1,)
    starts: Times  # (S,) datetime64[s]; NaT where no times are known
    every: Every | None
    slips: Slips


def numbered(ids: Ints, start: Times, every: Every | None) -> Grid:
    """Lay rows one after another in their order in the table, each series from `start` (1,) on; NaT: unknown."""
    order = np.argsort(ids, kind="stable")
    counts = np.bincount(ids)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return Grid(order, np.arange(len(ids)), offsets, np.repeat(start, len(counts)), every, Slips())


def regular(times: Times, ids: Ints, every: Every | None, where: Where) -> Grid:
    """Lay the rows of each series at regular times.

    Takes the times (N,) and the series (N,), numbered from 0, of the rows of a table. Of rows with equal times in a
    series the last counts. A row goes to the nearest regular time when that is no more than a tenth of a step away.
    Times without a row are gaps.

    Raises `DataError` with the row, as `where` names it, for a time that fits no step, a gap as no instrument makes
    it, and where so many times are repeated that the rows are of several series.
    """
    kept, slips = _in_order(times, ids, where)
    own, series = times[kept], ids[kept]
    offsets = np.searchsorted(series, np.arange(series[-1] + 2)).astype(np.int64)

    def where_kept(row: int) -> str:
        return where(int(kept[row]))

    found, agreeing = find_every(own, offsets, where_kept) if every is None else (every, 1.0)
    starts, steps, beside = _stepped(own, offsets, found, where_kept)
    last = np.append(steps[1:] != steps[:-1], True) | np.append(series[1:] != series[:-1], True)
    repeated = int(len(last) - last.sum())
    lengths = steps[offsets[1:] - 1] + 1
    gaps = _gaps(steps[last], series[last], kept[last], where)
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    return Grid(
        kept[last],
        bounds[series[last]] + steps[last],
        bounds,
        starts,
        found,
        Slips(
            slips.unsorted,
            slips.repeated + repeated,
            slips.first_repeated or (where_kept(int(np.flatnonzero(~last)[0])) if repeated else ""),
            int((beside > 0).sum()),
            gaps,
            agreeing,
        ),
    )


def _in_order(times: Times, ids: Ints, where: Where) -> tuple[Ints, Slips]:
    """Return the rows to keep by series and time, and what was wrong with the others."""
    by_series = np.argsort(ids, kind="stable")
    earlier = (times[by_series][1:] < times[by_series][:-1]) & (ids[by_series][1:] == ids[by_series][:-1])
    order = np.lexsort((times, ids))  # stable: equal times stay in the order of the table
    again = (times[order][1:] == times[order][:-1]) & (ids[order][1:] == ids[order][:-1])
    repeated = int(again.sum())
    if repeated >= _MOST_REPEATED * len(times) and repeated > 1:
        first = np.flatnonzero(again)[0]
        raise DataError(
            "{repeated} of {rows} rows have the time of another row, such as {time}",
            "name the column that tells the series apart with forecast.series, or finer times with forecast.time",
            where=where(int(order[first + 1])),
            values={"repeated": repeated, "rows": len(times), "time": times[order[first]]},
        )
    kept = order[np.append(~again, True)]
    first_repeated = where(int(order[np.flatnonzero(again)[0]])) if repeated else ""
    return kept, Slips(int(earlier.sum()), repeated, first_repeated)


def _stepped(times: Times, offsets: Ints, every: Every, where: Where) -> tuple[Times, Ints, Ints]:
    """Return the start of each series (S,), the step of each row in it (N,) and its seconds beside that step (N,)."""
    lengths = np.diff(offsets)
    starts = times[offsets[:-1]]
    steps, beside = every.between(np.repeat(starts, lengths), times)
    for one in np.unique(np.repeat(np.arange(len(lengths)), lengths)[beside > 0]) if every.seconds else ():
        rows = slice(offsets[one], offsets[one + 1])
        starts[one] = _on_phase(times[rows], every)
        steps[rows], beside[rows] = every.between(starts[one], times[rows])
    far = beside > every.tolerance()
    if far.any():
        row = int(np.flatnonzero(far)[0])
        raise DataError(
            "the time {time} lies beside the regular ones, one every {every}",
            "correct it, remove the row, or say another forecast.every",
            where=where(row),
            values={"time": times[row], "every": every},
        )
    return starts, steps, beside


def _on_phase(times: Times, every: Every) -> np.datetime64:
    """Return the regular time nearest to the first one, where most of the times are regular."""
    seconds = times.astype(np.int64)
    phases, counts = np.unique(seconds % every.seconds, return_counts=True)
    phase = int(phases[counts.argmax()])
    steps = (int(seconds[0]) - phase + every.seconds // 2) // every.seconds
    return np.datetime64(steps * every.seconds + phase, "s")


def _gaps(steps: Ints, series: Ints, rows: Ints, where: Where) -> Gaps:
    missed = np.where(series[1:] == series[:-1], np.diff(steps) - 1, 0)
    total = int(missed.sum())
    if not total:
        return Gaps()
    if total > max(_MOST_ROWS, _MOST_TIMES * len(rows)):
        largest = int(missed.argmax())
        raise DataError(
            "{rows} rows are missing before this one, far more than there are",
            "correct its time, or say a larger forecast.every",
            where=where(int(rows[largest + 1])),
            values={"rows": int(missed[largest])},
        )
    holes = np.flatnonzero(missed)
    first = int(rows[holes[np.argmin(rows[holes + 1])] + 1])
    return Gaps(len(holes), total, int(missed.max()), where(first))
