"""Batches of windows, gathered from one scaled array that the windows of all splits share."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import Batch, bucketed_order
from yeoul.data.measured.calendar import features
from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.scaling import Scaler
from yeoul.data.measured.windows import WindowPlan, long_enough, next_present
from yeoul.errors import DataError
from yeoul.padded import Padded

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class ScaledRows:
    """The rows of measurements as a network reads them: scaled, holes filled with the value before them.

    Shapes: R rows, C channels of the look-back, D targets, K columns known ahead, M channels with holes.
    """

    measurements: Measurements
    plan: WindowPlan
    scaler: Scaler
    channels: Floats  # (R, C)
    truths: Floats  # (R, D) NaN where missing
    ahead: Floats  # (R, K)
    statics: Floats  # (S, …)
    holed: Ints  # (M,) channels
    filled: npt.NDArray[np.int32]  # (R, M) nearest row from each on that holds a value
    places: Ints  # (S,) of the series among those that the scaler knows

    @classmethod
    def of(cls, measurements: Measurements, plan: WindowPlan, scaler: Scaler) -> "ScaledRows":
        """Scale the rows and make the channels that `plan` names.

        Raises `DataError` for columns or series that the scaler does not know, and for another step or time zone.
        """
        _refuse_other_clock(measurements, plan)
        scaled = scaler.apply(measurements)
        present = ~np.isnan(scaled)
        holed = np.flatnonzero(~present.all(axis=0))
        rows = np.arange(measurements.rows)
        calendar = features(measurements.times(rows), plan.calendar)
        masks = present[:, [plan_column(plan, name) for name in plan.masked]].astype(np.float32)
        truths = scaled[:, : len(plan.targets)].copy()
        for column in holed:
            newest = np.maximum.accumulate(np.where(present[:, column], rows, -1))
            scaled[:, column] = np.where(newest < 0, 0.0, scaled[np.maximum(newest, 0), column])
        first = len(plan.targets) + len(plan.inputs)
        return cls(
            measurements,
            plan,
            scaler,
            np.concatenate([scaled, calendar, masks], axis=1),
            truths,
            np.concatenate([scaled[:, first:], calendar], axis=1),
            scaler.apply_static(measurements),
            holed,
            next_present(present[:, holed]),
            scaler.places(measurements.series),
        )


@dataclass(frozen=True, eq=False)
class WindowRows:
    """N windows of one split by their origins (N,): the row after the newest that each reads."""

    source: ScaledRows
    origins: Ints

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def plan(self) -> WindowPlan:
        return self.source.plan

    @cached_property
    def lengths(self) -> Ints:
        """(N,) steps that each window reads, all alike."""
        return np.full(len(self.origins), self.plan.steps, np.int64)

    @cached_property
    def series(self) -> Ints:
        """(N,) the series of each window."""
        return self.source.measurements.series_of(self.origins)

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Ints]:
        """Return the windows of each batch of an epoch, every window once, in an order of their own."""
        return bucketed_order(self.lengths, batch_size, seed, epoch)

    def batch(self, rows: Ints) -> Batch:
        """Assemble the given windows, in the given order, scaled.

        `inputs["series"]` is (B, L, C), newest step last; `inputs["known"]` (B, H, K) and `inputs["static"]` (B, S) are
        there where the plan has such columns; the targets are (B, H, D), NaN where missing.
        """
        source, plan = self.source, self.plan
        origins = self.origins[rows]
        first, ahead = origins - plan.span, origins + plan.delay
        values = _gathered(source.channels, first, plan.steps, plan.step)
        self._empty_unfilled(values, first)
        inputs: dict[str, Padded | Tensor] = {
            "series": Padded(torch.from_numpy(values), torch.full((len(rows),), plan.steps))
        }
        if plan.ahead:
            inputs["known"] = torch.from_numpy(_gathered(source.ahead, ahead, plan.horizon))
        if plan.static:
            inputs["static"] = torch.from_numpy(source.statics[self.series[rows]])
        targets = torch.from_numpy(_gathered(source.truths, ahead, plan.horizon))
        return Batch(inputs, targets, torch.from_numpy(rows))

    def truth(self, rows: Ints | None = None) -> Floats:
        """Return the targets of the given windows, or of all, in their own units (N, H, D), NaN where missing."""
        origins = self.origins if rows is None else self.origins[rows]
        targets = self.source.measurements.values[:, : len(self.plan.targets)]
        return _gathered(targets, origins + self.plan.delay, self.plan.horizon)

    def times(self, rows: Ints | None = None) -> Times:
        """Return the times that the given windows, or all, forecast (N, H); NaT where times are not known."""
        origins = self.origins if rows is None else self.origins[rows]
        measurements = self.source.measurements
        series = measurements.series_of(origins)
        steps = origins - measurements.offsets[series] + self.plan.delay
        each = (steps[:, None] + np.arange(self.plan.horizon)).reshape(-1)
        times = measurements.times_in(np.repeat(series, self.plan.horizon), each)
        return times.reshape(len(origins), self.plan.horizon)

    def in_units(self, answers: Floats, rows: Ints | None = None) -> Floats:
        """Return scaled answers (N, H, D) or (N, H, D, Q) for the given windows, or all, in the targets' units."""
        series = self.series if rows is None else self.series[rows]
        return self.source.scaler.undo(answers, self.source.places[series])

    def _empty_unfilled(self, values: Floats, first: Ints) -> None:
        """Put 0 where the value before a hole lies before the window's first row."""
        source = self.source
        if not len(source.holed):
            return
        filled = source.filled[first]  # (B, M)
        steps = np.arange(self.plan.steps) * self.plan.step
        for window, hole in np.argwhere(filled > first[:, None]):
            values[window, first[window] + steps < filled[window, hole], source.holed[hole]] = 0.0


def newest_windows(measurements: Measurements, plan: WindowPlan, scaler: Scaler) -> WindowRows:
    """Return the window of each series that ends with its newest row, its targets still to come.

    Features of the calendar go on by themselves; what else is known ahead must stand in rows after the newest one.
    Raises `DataError` for a series with fewer rows than a forecast reads or without any value of a target there, and
    for values known ahead that end before the horizon does. `keep_series` leaves out series that are not `long_enough`.
    """
    origins = measurements.ends
    begins = origins - plan.span
    short = np.flatnonzero(~long_enough(measurements, plan))
    if len(short):
        series = int(short[0])
        raise DataError(
            "there are {rows} rows, and a forecast reads {lookback}",
            "give more rows",
            where=" ".join(part for part in (measurements.name, measurements.series[series]) if part),
            values={"rows": int(origins[series] - measurements.offsets[series]), "lookback": plan.span},
        )
    size = plan.span + plan.reach
    rows = begins[:, None] + np.arange(size)  # (S, span + reach)
    there = rows < measurements.offsets[1:, None]
    values = measurements.values[np.where(there, rows, 0)]
    values[~there] = np.nan
    past = len(plan.targets) + len(plan.inputs)
    values[:, plan.span :, :past] = np.nan
    steps = begins - measurements.offsets[:-1]
    tail = replace(
        measurements,
        values=values.reshape(-1, values.shape[2]),
        offsets=np.arange(len(origins) + 1) * size,
        starts=measurements.times_in(np.arange(len(origins)), steps),
    )
    windows = WindowRows(ScaledRows.of(tail, plan, scaler), tail.offsets[:-1] + plan.span)
    _refuse_unread(windows, values)
    return windows


def plan_column(plan: WindowPlan, name: str) -> int:
    """Return the place of a column among those of the measurements."""
    return (*plan.targets, *plan.inputs, *plan.known).index(name)


def _refuse_other_clock(measurements: Measurements, plan: WindowPlan) -> None:
    """Raise `DataError` for rows that lie farther apart, or closer, than the training rows, or in another zone."""
    every = "" if measurements.every is None else str(measurements.every)
    if every != plan.every:
        raise DataError(
            "the rows are {came} apart, the model knows rows {expected} apart",
            "bring them to the same step, or train again",
            where=measurements.name,
            values={"came": every or "–", "expected": plan.every or "–"},
        )
    if measurements.zone != plan.zone:
        raise DataError(
            "the times are in the zone {came}, the model knows {expected}",
            "convert them, or train again",
            where=measurements.name,
            values={"came": measurements.zone or "–", "expected": plan.zone or "–"},
        )


def _refuse_unread(windows: WindowRows, values: Floats) -> None:
    """Raise `DataError` when the newest windows lack what a forecast cannot do without."""
    plan, measurements = windows.plan, windows.source.measurements
    blind = np.argwhere(np.isnan(values[:, : plan.span, : len(plan.targets)]).all(axis=1))
    if len(blind):
        series, target = blind[0].tolist()
        raise DataError(
            "all {lookback} rows that a forecast reads lack a value of {column}",
            "give rows with values",
            where=measurements.where(int(measurements.offsets[series])),
            values={"lookback": plan.span, "column": plan.targets[target]},
        )
    first = len(plan.targets) + len(plan.inputs)
    absent = np.argwhere(np.isnan(values[:, plan.span + plan.delay :, first:]))
    if len(absent):
        series, step, column = absent[0].tolist()
        row = int(measurements.offsets[series]) + plan.span + plan.delay + step
        raise DataError(
            "the column {column} is known ahead, and has no value here",
            "add rows up to {end} with its values",
            where=measurements.where(row),
            values={
                "column": plan.known[column],
                "end": measurements.where(int(measurements.offsets[series + 1]) - 1),
            },
        )


def _gathered(values: Floats, first: Ints, steps: int, step: int = 1) -> Floats:
    """Return the rows first, first + step, … of each window (B, steps, C)."""
    rows, width = values.shape
    span = (steps - 1) * step + 1
    down, across = values.strides
    views = np.lib.stride_tricks.as_strided(
        values,
        (max(0, rows - span + 1), steps, width),
        (down, step * down, across),
        writeable=False,
    )
    gathered: Floats = views[first]
    return gathered
