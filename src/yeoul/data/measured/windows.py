"""Windows over measurements: what a forecast reads and answers, and which windows train, validate and test."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from yeoul.data.measured.calendar import feature_names
from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.seasons import guess_season
from yeoul.data.measured.times import span_rows
from yeoul.data.settings import load_settings
from yeoul.data.tokens import places
from yeoul.errors import DataError
from yeoul.files import write_text
from yeoul.recipe import CalendarFeature, ForecastRecipe

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
DEFAULT_TEST = 0.2
"""Share of the rows, from the end, where a recipe does not say it."""
_SETTINGS = "windows.json"
_LEAST_LOOKBACK = 24
_Names = Annotated[tuple[str, ...], Field(strict=False)]
_Rows = Annotated[int, Field(ge=1, le=10_000_000)]


class WindowPlan(BaseModel):
    """`windows.json`: what a forecast reads and answers, in rows and columns."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1] = 1
    lookback: _Rows
    step: _Rows
    """Of the look-back, every so many rows is read, counted back from the newest."""
    horizon: _Rows
    delay: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Rows between the newest row read and the first that is forecast."""
    season: _Rows = 1
    """Rows after which a pattern returns; 1: none."""
    targets: _Names
    inputs: _Names = ()
    known: _Names = ()
    static: _Names = ()
    calendar: Annotated[tuple[CalendarFeature, ...], Field(strict=False)] = ()
    masked: _Names = ()
    """Columns that miss values in the training rows; a channel tells of each where it has one."""
    every: str = ""
    zone: str = ""
    """Offset of the times that the training rows name, "" where they name none."""

    @property
    def steps(self) -> int:
        """L: rows of the look-back that are read."""
        return (self.lookback - 1) // self.step + 1

    @property
    def span(self) -> int:
        """Rows from the oldest that is read to the newest."""
        return (self.steps - 1) * self.step + 1

    @property
    def reach(self) -> int:
        """Rows from the origin to the end of the horizon."""
        return self.delay + self.horizon

    @property
    def ahead(self) -> tuple[str, ...]:
        """What is known ahead: K columns and features of the calendar."""
        return (*self.known, *feature_names(self.calendar))

    @property
    def channels(self) -> tuple[str, ...]:
        """The C channels of the look-back."""
        return (*self.targets, *self.inputs, *self.ahead, *(f"{name} is there" for name in self.masked))

    def save(self, folder: Path) -> None:
        """Write `windows.json` into `folder`."""
        write_text(folder / _SETTINGS, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "WindowPlan":
        """Read what `save` wrote; raise `ModelFileError` if it cannot be read."""
        return load_settings(cls, folder / _SETTINGS)


@dataclass(frozen=True, eq=False)
class Borders:
    """Where training ends and validation and test begin, by series; the same moments for all series."""

    validation: Ints  # (S,) first row of validation
    test: Ints  # (S,) first row of test
    ends: Ints  # (S,) row after the last of test

    def training_rows(self, measurements: Measurements) -> Truths:
        """Tell of each row (R,) whether it comes before validation."""
        before = np.repeat(self.validation, measurements.lengths)
        truths: Truths = np.arange(measurements.rows) < before
        return truths


@dataclass(frozen=True, eq=False)
class SplitOrigins:
    """The windows of each split by their origins, ascending, and how many are of none."""

    train: Ints
    validation: Ints
    test: Ints
    straddling: int
    """Their targets reach over a border."""
    unanswered: int
    """None of their targets has a value."""
    unread: int
    """Their look-back holds no value of a target, or something known ahead is missing."""

    def to_json(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "windows": {
                "train": len(self.train),
                "validation": len(self.validation),
                "test": len(self.test),
            },
            "straddling": self.straddling,
            "unanswered": self.unanswered,
            "unread": self.unread,
        }


def time_borders(
    measurements: Measurements, validation: float, test: float | None, least: int = 1
) -> Borders:
    """Divide the rows in the order of time: the last ones are for test, those before them for validation.

    `test` is a share of all rows (none: `DEFAULT_TEST`), `validation` one of those before test; both hold at least
    `least` rows, the horizon. Series that begin or end at other times are divided at the same moments. Raises
    `DataError` where that leaves no row to learn from.
    """
    return _borders(measurements, validation, DEFAULT_TEST if test is None else test, 1, least)[0]


def fold_borders(
    measurements: Measurements, folds: int, validation: float, test: float, least: int = 1
) -> tuple[Borders, ...]:
    """Divide the last rows into equal test blocks, one a fold, each with all rows before it for training.

    `test` is the share of all rows that the blocks hold together; the last part of what comes before a block, the
    share `validation` of it, is for validation. Raises `DataError` where that leaves no row to learn from.
    """
    return _borders(measurements, validation, test, folds, least)


def plan_windows(forecast: ForecastRecipe, measurements: Measurements, borders: Borders) -> WindowPlan:
    """Turn the spans of a recipe into rows, and choose what it leaves open by the training rows.

    The season is what `guess_season` finds. The look-back is two seasons, no less than the horizon or a few rows, no
    more than a third of the training rows. Raises `RecipeError` for a span that is no whole number of rows.
    """
    every = measurements.every
    training = borders.training_rows(measurements)
    missing = np.isnan(measurements.values[training]).sum(axis=0)
    horizon = span_rows(forecast.horizon, every, "forecast.horizon")
    season = (
        guess_season(measurements, training)
        if forecast.season is None
        else span_rows(forecast.season, every, "forecast.season")
    )
    if forecast.lookback is None:
        third = int(np.median(borders.validation - measurements.offsets[:-1])) // 3
        lookback = max(1, min(max(2 * season, horizon, _LEAST_LOOKBACK), third))
    else:
        lookback = span_rows(forecast.lookback, every, "forecast.lookback")
    return WindowPlan(
        lookback=lookback,
        step=forecast.step,
        horizon=horizon,
        delay=0 if forecast.delay is None else span_rows(forecast.delay, every, "forecast.delay"),
        season=season,
        targets=measurements.targets,
        inputs=measurements.inputs,
        known=measurements.known,
        static=measurements.static,
        calendar=forecast.calendar,
        masked=tuple(name for name, count in zip(measurements.columns, missing) if count),
        every="" if every is None else str(every),
        zone=measurements.zone,
    )


def split_origins(measurements: Measurements, plan: WindowPlan, borders: Borders) -> SplitOrigins:
    """Find the windows of each split: all whose targets lie in it; what they read may lie before it.

    Raises `DataError` when a split holds no window.
    """
    first = measurements.offsets[:-1] + plan.span
    origins = places(first, np.maximum(borders.ends - plan.reach - first + 1, 0))
    series = measurements.series_of(origins)
    starts, ends = origins + plan.delay, origins + plan.reach
    inside = {
        "train": ends <= borders.validation[series],
        "validation": (starts >= borders.validation[series]) & (ends <= borders.test[series]),
        "test": starts >= borders.test[series],
    }
    answered = _answered(measurements, plan, origins)
    read = _readable(measurements, plan, origins)
    usable = answered & read
    of_a_split = inside["train"] | inside["validation"] | inside["test"]
    found = {name: origins[truths & usable] for name, truths in inside.items()}
    for name, windows in found.items():
        if not len(windows):
            longest = int((borders.ends - measurements.offsets[:-1]).max())
            raise DataError(
                "no window is left for {split}: a window reads {lookback} rows and ends {reach} rows later, and the"
                " longest series has {rows}",
                "shorten forecast.horizon or forecast.lookback, or add rows",
                where=measurements.name,
                values={"split": name, "lookback": plan.span, "reach": plan.reach, "rows": longest},
            )
    return SplitOrigins(
        found["train"],
        found["validation"],
        found["test"],
        straddling=int((~of_a_split).sum()),
        unanswered=int((of_a_split & ~answered).sum()),
        unread=int((of_a_split & answered & ~read).sum()),
    )


def all_origins(measurements: Measurements, plan: WindowPlan) -> Ints:
    """Find all windows that can be read and scored; raise `DataError` when there is none."""
    first = measurements.offsets[:-1] + plan.span
    origins = places(first, np.maximum(measurements.ends - plan.reach - first + 1, 0))
    usable = _answered(measurements, plan, origins) & _readable(measurements, plan, origins)
    if not usable.any():
        raise DataError(
            "no series has the {lookback} rows that a forecast reads and {reach} to score it",
            "give more rows",
            where=measurements.name,
            values={"lookback": plan.span, "reach": plan.reach},
        )
    return origins[usable]


def long_enough(measurements: Measurements, plan: WindowPlan) -> Truths:
    """Tell of each series (S,) whether it has the rows that a forecast of what follows them reads."""
    truths: Truths = measurements.ends - plan.span >= measurements.offsets[:-1]
    return truths


def next_present(present: Truths) -> npt.NDArray[np.int32]:
    """Return of each row (R, M) the nearest row from it on that holds a value, R where there is none."""
    rows = len(present)
    place = np.where(present, np.arange(rows, dtype=np.int32)[:, None], np.int32(rows))
    found: npt.NDArray[np.int32] = np.minimum.accumulate(place[::-1], axis=0)[::-1]
    return found


def _answered(measurements: Measurements, plan: WindowPlan, origins: Ints) -> Truths:
    """Tell which windows (N,) have a target with a value."""
    targets = measurements.values[:, : len(measurements.targets)]
    counts = _running(np.asarray((~np.isnan(targets)).any(axis=1)))
    truths: Truths = counts[origins + plan.reach] > counts[origins + plan.delay]
    return truths


def _readable(measurements: Measurements, plan: WindowPlan, origins: Ints) -> Truths:
    """Tell which windows (N,) read a value of every target, and know all that is known ahead."""
    count = len(measurements.targets)
    present = next_present(~np.isnan(measurements.values[:, :count]))
    truths: Truths = np.asarray((present[origins - plan.span] < origins[:, None]).all(axis=1))
    if measurements.known:
        known = measurements.values[:, len(measurements.columns) - len(measurements.known) :]
        absent = _running(np.asarray(np.isnan(known).any(axis=1)))
        truths &= absent[origins + plan.reach] == absent[origins + plan.delay]
    return truths


def _running(truths: Truths) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(truths)])


def _borders(
    measurements: Measurements, validation: float, test: float, folds: int, least: int
) -> tuple[Borders, ...]:
    first = first_moments(measurements)
    lengths = measurements.ends - measurements.offsets[:-1]
    moments = int((first + lengths).max())
    changes = np.zeros(moments + 1, np.int64)
    np.add.at(changes, first, 1)
    np.add.at(changes, first + lengths, -1)
    rows = _running(np.cumsum(changes[:-1]))  # rows[m]: before moment m

    def before(share: float, end: int) -> int:
        """Return the moment from which on the last `share` of the rows before `end` lie."""
        kept = int(rows[end]) - round(share * int(rows[end]))
        return max(0, min(int(np.searchsorted(rows, kept)), end - least))

    tested = min(before(test, moments), moments - folds * least)
    if tested <= 0 or before(validation, tested) <= 0:
        raise DataError(
            "a horizon of {horizon} rows is too long for {rows} rows: none is left to learn from",
            "shorten forecast.horizon, or add rows",
            where=measurements.name,
            values={"horizon": least, "rows": moments},
        )
    edges = np.linspace(tested, moments, folds + 1).round().astype(np.int64)
    return tuple(
        Borders(
            *(
                measurements.offsets[:-1] + np.clip(moment - first, 0, lengths)
                for moment in (before(validation, int(start)), int(start), int(end))
            )
        )
        for start, end in pairwise(edges)
    )


def first_moments(measurements: Measurements) -> Ints:
    """Return the place of each series' first row (S,) among the moments of all."""
    if measurements.every is None or np.isnat(measurements.starts).any():
        return np.zeros(len(measurements.series), np.int64)
    return measurements.every.between(measurements.starts.min(), measurements.starts)[0]


def describe_split(measurements: Measurements, borders: Borders) -> dict[str, Any]:
    """Return from when to when each split goes, and its rows, for a screen or a report."""
    edges = (measurements.offsets[:-1], borders.validation, borders.test, borders.ends)
    return {
        name: {
            "rows": int((end - start).sum()),
            **_from_to(measurements, start, end),
        }
        for name, start, end in zip(("train", "validation", "test"), edges[:-1], edges[1:])
    }


def _from_to(measurements: Measurements, starts: Ints, ends: Ints) -> dict[str, str | None]:
    filled = np.flatnonzero(ends > starts)
    first, last = measurements.times(starts[filled]), measurements.times(ends[filled] - 1)
    if not len(filled) or np.isnat(first).any():
        return {"from": None, "to": None}
    return {"from": str(first.min()), "to": str(last.max())}
