"""Turn times into features of the calendar, each a point on a circle: 23:50 lies beside 00:00."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from yeoul.errors import RecipeError
from yeoul.recipe import CalendarFeature

Times = npt.NDArray[np.datetime64]
_MONDAY = 3  # 1970-01-01 was a Thursday
_DAY = 86_400


def features(times: Times, names: Sequence[CalendarFeature]) -> npt.NDArray[np.float32]:
    """Return the sine and the cosine of each feature at `times` (N,): (N, 2 times the features).

    `hour` goes around in a day, by the second; `weekday` in a week and `monthday` in a month of 31 days, by whole days;
    `month` in a year, by whole months; `yearday` in a year of 366 days. Raises `RecipeError` for times that are not
    known.
    """
    if names and np.isnat(times).any():
        raise RecipeError(
            "features of the calendar need times, and the rows have none",
            "name their column with forecast.time, or say forecast.start and forecast.every",
            where="forecast.calendar",
        )
    turns = np.empty((len(times), len(names)), np.float64)
    for place, name in enumerate(names):
        turns[:, place] = _turn(times, name)
    angles = 2 * np.pi * turns
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(times), -1).astype(np.float32)


def feature_names(names: Sequence[CalendarFeature]) -> tuple[str, ...]:
    """Return the names of the columns of `features`."""
    return tuple(f"{name} {wave}" for name in names for wave in ("sin", "cos"))


def _turn(times: Times, name: CalendarFeature) -> npt.NDArray[np.float64]:
    """Return the part of a turn that has passed (N,)."""
    days, months, years = times.astype("M8[D]"), times.astype("M8[M]"), times.astype("M8[Y]")
    turns: npt.NDArray[np.float64]
    match name:
        case "hour":
            turns = (times - days.astype("M8[s]")).astype(np.int64) / _DAY
        case "weekday":
            turns = (days.astype(np.int64) + _MONDAY) % 7 / 7
        case "monthday":
            turns = (days - months.astype("M8[D]")).astype(np.int64) / 31
        case "month":
            turns = (months - years.astype("M8[M]")).astype(np.int64) / 12
        case "yearday":
            turns = (days - years.astype("M8[D]")).astype(np.int64) / 366
    return turns
