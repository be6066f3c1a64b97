"""Spans of time in words: how far rows reach, and in which unit an axis counts them."""

import re
from collections.abc import Sequence

from yeoul.report.forecast_charts import Reach
from yeoul.report.formats import count
from yeoul.report.words import Phrase, say

_SPAN = re.compile(r"(\d+)(s|min|h|d|w|mo|y)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_MOST_TICKS = 240
_LEAST_DAYS = 3


def span(every: str | None, rows: int) -> Phrase | None:
    """Say how long so many rows last; None where that is not known.

    >>> span("10min", 144).en, span("1d", 7).ko, span("1mo", 1).en, span(None, 3)
    ('24 hours', '7일', '1 month', None)
    """
    step = _step(every)
    if step is None:
        return None
    months, seconds = (part * rows for part in step)
    if months:
        return _counted("year", months // 12) if months % 12 == 0 else _counted("month", months)
    for unit, size in _UNITS:
        if seconds % size == 0 and (unit != "day" or seconds >= _LEAST_DAYS * size or rows == 1):
            return _counted(unit, seconds // size)
    return None


def reach(every: str | None, delay: int, horizon: int) -> Reach:
    """Return where the steps of a horizon stand on an axis: in a unit of time, else in rows."""
    rows = [delay + step + 1 for step in range(horizon)]
    step = _step(every)
    if step is None:
        return _placed(rows, 1, "rows")
    months, seconds = step
    if months:
        return _placed(rows, months, "months")
    place = next(place for place, (_, size) in enumerate(_UNITS) if seconds % size == 0)
    while place and rows[-1] * seconds / _UNITS[place][1] > _MOST_TICKS:
        place -= 1
    unit, size = _UNITS[place]
    return _placed(rows, seconds / size, f"{unit}s")


def _placed(rows: Sequence[int], size: float, unit: str) -> Reach:
    return Reach(tuple(row * size for row in rows), say(f"reach.{unit}"))


def _step(every: str | None) -> tuple[int, int] | None:
    """Return the months and the seconds from one row to the next."""
    match = _SPAN.fullmatch((every or "").replace(" ", ""))
    if match is None:
        return None
    number, unit = int(match[1]), match[2]
    if unit in _SECONDS:
        return 0, number * _SECONDS[unit]
    return number * (12 if unit == "y" else 1), 0


def _counted(unit: str, number: int) -> Phrase:
    return say(f"span.{unit}" if number == 1 else f"span.{unit}s", {"count": count(number)})
