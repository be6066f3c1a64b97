"""Tell how far apart the rows of a table are, and count in such steps."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.data.measured.timecells import TimeColumn, looks_like_times, parse_times, time_form
from yeoul.errors import DataError, RecipeError

__all__ = ["Every", "TimeColumn", "find_every", "looks_like_times", "parse_times", "span_rows", "time_form"]

Times = npt.NDArray[np.datetime64]
Ints = npt.NDArray[np.int64]
MOST_ROWS = 10_000_000
"""Of a span."""
_SPAN = re.compile(r"([1-9]\d{0,8}) ?(s|min|h|d|w|mo|y)")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3600, "min": 60, "s": 1}
_MONTHS = {"y": 12, "mo": 1}
_DAY = 86_400
_USUAL = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800),
    *(3600, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, _DAY, 7 * _DAY, 14 * _DAY),
)
"""Seconds that instruments are set to."""
_TOLERANCE = 10  # a time may be off by this part of a step
_LEAST_MONTH = 28 * _DAY


@dataclass(frozen=True)
class Every:
    """From one row to the next: so many seconds, or so many months of the calendar."""

    seconds: int = 0
    months: int = 0
    ends: bool = False
    """The times are the last days of their months."""

    @classmethod
    def parse(cls, text: str, where: str = "forecast.every") -> "Every":
        """Read a span such as 10min, 24h, 7d, 1w, 1mo or 1y; raise `RecipeError` for another text.

        >>> Every.parse("90min").seconds, str(Every.parse("7d")), str(Every.parse("12mo"))
        (5400, '1w', '1y')
        """
        match = _SPAN.fullmatch(text.strip())
        if match is None:
            raise RecipeError(
                "{text} is no span of time",
                "write it as in 10min, 24h, 7d, 1mo",
                where=where,
                values={"text": text},
            )
        count, unit = int(match[1]), match[2]
        return cls(months=count * _MONTHS[unit]) if unit in _MONTHS else cls(seconds=count * _SECONDS[unit])

    def __str__(self) -> str:
        units, total = (_MONTHS, self.months) if self.months else (_SECONDS, self.seconds)
        unit = next(unit for unit, size in units.items() if total % size == 0)
        return f"{total // units[unit]}{unit}"

    def after(self, times: Times, steps: Ints) -> Times:
        """Return the times so many steps after `times`; a day that a month does not have becomes its last."""
        result: Times
        if self.seconds:
            result = times + (steps * self.seconds).astype("m8[s]")
            return result
        months = times.astype("M8[M]")
        within = (times - months.astype("M8[s]")).astype(np.int64)
        days, clock = within // _DAY, within % _DAY
        first = months + (steps * self.months).astype("m8[M]")
        last = ((first + 1).astype("M8[D]") - first.astype("M8[D]")).astype(np.int64) - 1
        days = last if self.ends else np.minimum(days, last)
        result = first.astype("M8[s]") + (days * _DAY + clock).astype("m8[s]")
        return result

    def between(self, start: Times, times: Times) -> tuple[Ints, Ints]:
        """Return the whole steps from `start` nearest to `times`, and how many seconds these lie beside them."""
        if self.seconds:
            seconds = (times - start).astype("m8[s]").astype(np.int64)
            steps = (seconds + self.seconds // 2) // self.seconds
            return steps, np.abs(seconds - steps * self.seconds)
        months = (times.astype("M8[M]") - start.astype("M8[M]")).astype(np.int64)
        around = months // self.months + np.arange(-1, 3)[:, None]  # (4, N)
        beside = np.abs((times - self.after(np.broadcast_to(start, times.shape), around)).astype(np.int64))
        nearest = beside.argmin(axis=0)[None]
        return (
            np.take_along_axis(around, nearest, axis=0)[0],
            np.take_along_axis(beside, nearest, axis=0)[0],
        )

    def tolerance(self) -> int:
        """Return by how many seconds a time may be off."""
        return (self.seconds or self.months * 30 * _DAY) // _TOLERANCE

    def rows(self, span: int | str, where: str) -> int:
        """Return how many rows a span is; raise `RecipeError` where it is no whole number of them."""
        if isinstance(span, int):
            return span
        other = Every.parse(span, where)
        counted, each = (
            (other.seconds, self.seconds) if other.seconds and self.seconds else (other.months, self.months)
        )
        if not counted or not each or counted % each:
            raise RecipeError(
                "{span} is no whole number of rows of {every}",
                "say a number of rows, or another span",
                where=where,
                values={"span": span, "every": self},
            )
        if counted // each > MOST_ROWS:
            raise RecipeError(
                "{span} is more than {most} rows of {every}",
                "say a shorter span",
                where=where,
                values={"span": span, "every": self, "most": MOST_ROWS},
            )
        return counted // each


def span_rows(span: int | str, every: Every | None, where: str) -> int:
    """Return how many rows a span is, where rows may have no times; raise `RecipeError` when that is unknown."""
    if isinstance(span, int):
        return span
    if every is None:
        raise RecipeError(
            "{span} is a span of time, and the rows have no times",
            "say a number of rows, or how far apart they are with forecast.every",
            where=where,
            values={"span": span},
        )
    return every.rows(span, where)


def find_every(times: Times, offsets: Ints, where: Callable[[int], str]) -> tuple[Every, float]:
    """Return the most frequent step between neighbors, and the share of steps that agree with it.

    Takes the times of several series end to end, ascending and unique within each; series s is
    `times[offsets[s]:offsets[s + 1]]`. Times of one day of the month are months apart, or years. Where times are a
    little off, a step that instruments are usually set to is preferred. Raises `DataError` where no series has two
    rows, or neighbors lie apart differently most of the time; `where` names a row.
    """
    seconds = np.diff(times).astype("m8[s]").astype(np.int64)
    inside = np.ones(len(seconds), np.bool_)
    inside[offsets[1:-1] - 1] = False
    seconds = seconds[inside]
    if not len(seconds):
        raise DataError(
            "one row does not tell how far apart rows are",
            "add rows, or say it with forecast.every",
            where=where(0),
        )
    monthly = _monthly(times, seconds, inside)
    if monthly is not None:
        return monthly
    found, counts = np.unique(seconds, return_counts=True)
    frequent, share = int(found[counts.argmax()]), float(counts.max() / len(seconds))
    step = _mended(seconds, frequent if share >= 0.5 else int(np.median(seconds)))
    near = _near(seconds, step)
    if near.mean() < 0.5:
        odd = int(np.flatnonzero(inside)[int(np.argmin(near))]) + 1
        raise DataError(
            "the times follow no regular step: the most frequent one, {seconds} s, comes in {share} % only",
            "bring the rows to regular times, or say forecast.every where each row is near one",
            where=where(odd),
            values={"seconds": frequent, "share": round(100 * share)},
        )
    return Every(seconds=step), float(near.mean())


def _mended(seconds: Ints, step: int) -> int:
    """Return the step itself, or a usual one near it that agrees better with the mean: times may be a little off."""
    near = seconds[_near(seconds, step)]
    mean = float(near.mean()) if len(near) else step
    usual = (one for one in _USUAL if abs(one - step) <= step / _TOLERANCE)
    return min((step, *usual), key=lambda one: abs(one - mean))


def _near(seconds: Ints, step: int) -> npt.NDArray[np.bool_]:
    near: npt.NDArray[np.bool_] = np.abs(seconds - step) <= step // _TOLERANCE
    return near


def _monthly(times: Times, seconds: Ints, inside: npt.NDArray[np.bool_]) -> tuple[Every, float] | None:
    """Return the step of times that all lie on one day of the month, or all on the last."""
    if seconds.min() < _LEAST_MONTH:
        return None
    months = times.astype("M8[M]")
    days = (times.astype("M8[D]") - months.astype("M8[D]")).astype(np.int64)
    clocks = (times - times.astype("M8[D]").astype("M8[s]")).astype(np.int64)
    last = ((months + 1).astype("M8[D]") - times.astype("M8[D]")).astype(np.int64) == 1
    same = len(np.unique(days)) == 1
    if len(np.unique(clocks)) > 1 or not (same or last.all()):
        return None
    apart = np.diff(months).astype(np.int64)[inside]
    found, counts = np.unique(apart, return_counts=True)
    step, share = int(found[counts.argmax()]), float(counts.max() / len(apart))
    return Every(months=step, ends=bool(last.all())), share
