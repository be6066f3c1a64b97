"""Measurements over time: the columns of a table at regular times, with what was found and put right on the way."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from yeoul.data.measured.provenance import Provenance, open_source, start_of
from yeoul.data.measured.regular import Slips, numbered, regular
from yeoul.data.measured.roles import Chosen, Roles, choose_roles
from yeoul.data.measured.sentinels import Sentinel, without_sentinels
from yeoul.data.measured.times import Every, parse_times
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe, ForecastRecipe

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Times = npt.NDArray[np.datetime64]
Where = Callable[[int], str]
_SERIES_SHOWN = 20


@dataclass(frozen=True)
class Found:
    """What was found in a table of measurements, and what became of it."""

    rows: int
    """Of the table."""
    blank_rows: int
    slips: Slips
    sentinels: tuple[Sentinel, ...]
    missing: Mapping[str, int]
    """Rows of the table without a number, by column; sentinels count."""
    text: tuple[str, ...]
    """Columns left out because they hold no numbers."""
    empty: tuple[str, ...]
    constant: tuple[str, ...]
    """Columns left out because they never change."""
    counters: tuple[str, ...]
    """Columns left out because they count the rows."""


@dataclass(frozen=True, eq=False)
class Measurements:
    """Columns of numbers at regular times: S series of R rows in all, end to end.

    Series s is `values[offsets[s]:offsets[s + 1]]`. Where columns are known ahead its last rows may hold only them.
    """

    provenance: Provenance
    columns: tuple[str, ...]
    """Of `values`: the targets, the other inputs, the known columns."""
    values: Floats  # (R, V) NaN where missing
    offsets: Ints  # (S + 1,)
    series: tuple[str, ...]  # (S,) "" where the table holds one series
    starts: Times  # (S,) datetime64[s]; NaT where times are not known
    every: Every | None
    """Nothing where rows are just numbered."""
    roles: Roles
    statics: Floats  # (S, K) of the static columns
    zone: str
    """Offset of the times, "" where they name none."""
    found: Found

    @property
    def name(self) -> str:
        return self.provenance.name

    @property
    def targets(self) -> tuple[str, ...]:
        return self.roles.targets

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.roles.inputs

    @property
    def known(self) -> tuple[str, ...]:
        return self.roles.known

    @property
    def static(self) -> tuple[str, ...]:
        return self.roles.static

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)

    @cached_property
    def ends(self) -> Ints:
        """(S,) the row after the newest of each series that holds a target or an input."""
        if not self.known:
            return self.offsets[1:]
        past = ~np.isnan(self.values[:, : len(self.targets) + len(self.inputs)]).all(axis=1)
        newest = np.where(past, np.arange(self.rows) + 1, 0)
        return np.maximum(np.maximum.reduceat(newest, self.offsets[:-1]), self.offsets[:-1])

    def series_of(self, rows: Ints) -> Ints:
        """Return the series of each row (n,)."""
        return np.searchsorted(self.offsets, rows, side="right") - 1

    def times(self, rows: Ints) -> Times:
        """Return the time of each row (n,); NaT where times are not known."""
        series = self.series_of(rows)
        return self.times_in(series, rows - self.offsets[series])

    def times_in(self, series: Ints, steps: Ints) -> Times:
        """Return the times so many steps (n,) after the starts of `series` (n,), also beyond their ends."""
        if self.every is None:
            return np.full(len(series), np.datetime64("NaT", "s"))
        return self.every.after(self.starts[series], steps)

    def where(self, row: int) -> str:
        """Name a row: its series, and its time or its number from 1."""
        series = int(self.series_of(np.array([row]))[0])
        time = self.times(np.array([row]))[0]
        step = row - int(self.offsets[series]) + 1
        shown = str(step) if np.isnat(time) else str(time).replace("T", " ")
        return " ".join(part for part in (self.series[series], shown) if part)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, equal for equal values at equal times in equal parts."""
        digest = hashlib.sha256()
        roles = (self.targets, self.inputs, self.known, self.static)
        parts = (self.columns, roles, self.series, str(self.every), self.zone)
        digest.update(repr(parts).encode("utf-8"))
        digest.update(self.offsets.astype("<i8").tobytes())
        digest.update(self.starts.astype("<M8[s]").tobytes())
        digest.update(np.ascontiguousarray(self.values, "<f4").tobytes())
        digest.update(np.ascontiguousarray(self.statics, "<f4").tobytes())
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return what a screen or a report shows, as plain dictionaries, lists, strings and numbers."""
        lengths = self.ends - self.offsets[:-1]
        series = np.arange(len(lengths))
        first, last = self.starts.min(), self.times_in(series, np.maximum(lengths - 1, 0)).max()
        return {
            "source": self.provenance.source,
            "title": self.provenance.title,
            "licence": self.provenance.licence,
            "files": [asdict(file) for file in self.provenance.files],
            "encoding": self.provenance.encoding,
            "separator": self.provenance.separator,
            "rows": int(lengths.sum()),
            "rows_ahead": self.rows - int(lengths.sum()),
            "series": {
                "count": len(self.series),
                "names": list(self.series[:_SERIES_SHOWN]),
                "shortest": int(lengths.min()),
                "longest": int(lengths.max()),
            },
            "roles": asdict(self.roles) | {"columns": list(self.columns)},
            "every": None if self.every is None else str(self.every),
            "from": None if np.isnat(first) else str(first),
            "to": None if np.isnat(last) else str(last),
            "zone": self.zone,
            "found": asdict(self.found),
            "fingerprint": self.fingerprint,
        }


def load_measurements(recipe: DataRecipe, forecast: ForecastRecipe) -> Measurements:
    """Read measurements to learn from, as `read_measurements` does.

    Raises `DataError` also for a target that has no value, or the same one everywhere.
    """
    measurements = read_measurements(recipe, forecast)
    for place, name in enumerate(measurements.targets):
        values = measurements.values[:, place]
        present = values[~np.isnan(values)]
        if not len(present):
            raise DataError(
                "the target {column} has no value",
                "name another with --target",
                where=measurements.name,
                values={"column": name},
            )
        if present.min() == present.max():
            raise DataError(
                "the target {column} is {value} in all rows, so there is nothing to learn",
                "name another with --target",
                where=measurements.name,
                values={"column": name, "value": f"{present[0]:g}"},
            )
    return measurements


def read_measurements(recipe: DataRecipe, forecast: ForecastRecipe) -> Measurements:
    """Read a table of measurements and bring it to regular times.

    The source is a public set, an embedded set or a file. A wide table has a row for each time, a long one the rows
    of several series, told apart by the column `forecast.series`. Where no column holds times, these are counted from
    `forecast.start` on, or rows are just numbered. What is known of a public set (its target, when it begins) goes
    after what `forecast` says.

    Raises `DataError` for data that cannot be used as it is, with row and remedy, and `RecipeError` for a recipe that
    contradicts itself.
    """
    provenance, table, known = open_source(recipe)
    return measurements_of(
        table,
        ForecastRecipe.model_validate({**known, **forecast.model_dump(exclude_defaults=True)}),
        recipe.inputs,
        provenance,
    )


def measurements_of(
    table: Table, forecast: ForecastRecipe, inputs: Sequence[str], provenance: Provenance
) -> Measurements:
    """Bring a table that is read already to regular times, as `read_measurements` does, and raise the same."""
    every = Every.parse(forecast.every) if forecast.every else None
    start = start_of(forecast, every)
    chosen = choose_roles(table, forecast, inputs)

    def where(row: int) -> str:
        return f"{table.name}:{table.numbers[row]}"

    names, ids = _series(table, chosen.roles.series, where)
    zone = ""
    if chosen.roles.time:
        column = parse_times(table.columns[chosen.roles.time], chosen.roles.time, where, forecast.dates)
        grid, zone = regular(column.times, ids, every, where), column.zone
    else:
        grid = numbered(ids, start, every)
    columns = (*chosen.roles.targets, *chosen.roles.inputs, *chosen.roles.known)
    numbers, sentinels = without_sentinels(
        {name: chosen.numbers[name].numbers for name in columns}, forecast.missing
    )
    values = np.full((int(grid.offsets[-1]), len(columns)), np.nan, np.float32)
    for place, name in enumerate(columns):
        values[grid.places, place] = _single(numbers[name], name, where)[grid.rows]
    found = Found(
        rows=table.rows,
        blank_rows=table.blank,
        slips=grid.slips,
        sentinels=sentinels,
        missing={name: int(np.isnan(numbers[name]).sum()) for name in columns},
        text=chosen.text,
        empty=chosen.empty,
        constant=chosen.constant,
        counters=chosen.counters,
    )
    statics = _statics(chosen, ids, len(names), where)
    measurements = Measurements(
        provenance=replace(provenance, encoding=table.encoding.name, separator=table.separator),
        columns=columns,
        values=values,
        offsets=grid.offsets,
        series=names,
        starts=grid.starts,
        every=grid.every,
        roles=chosen.roles,
        statics=statics,
        zone=zone,
        found=found,
    )
    return measurements if forecast.rows is None else first_rows(measurements, forecast.rows)


def keep_series(measurements: Measurements, kept: npt.NDArray[np.bool_]) -> Measurements:
    """Keep the series (S,) that are marked, in their order."""
    lengths = measurements.lengths
    return replace(
        measurements,
        values=measurements.values[np.repeat(kept, lengths)],
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths[kept])]),
        series=tuple(name for name, keep in zip(measurements.series, kept) if keep),
        starts=measurements.starts[kept],
        statics=measurements.statics[kept],
    )


def first_rows(measurements: Measurements, rows: int) -> Measurements:
    """Keep no more than the first so many rows of each series."""
    lengths = np.minimum(measurements.lengths, rows)
    within = np.arange(measurements.rows) - np.repeat(measurements.offsets[:-1], measurements.lengths)
    return replace(
        measurements,
        values=measurements.values[within < rows],
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
    )


def _series(table: Table, column: str, where: Where) -> tuple[tuple[str, ...], Ints]:
    """Return the names of the series in the order of their first rows, and the series of each row (N,)."""
    if not column:
        return ("",), np.zeros(table.rows, np.int64)
    cells = pc.utf8_trim_whitespace(table.columns[column].combine_chunks())
    coded = cells.dictionary_encode()
    names = tuple(coded.dictionary.to_pylist())
    ids: Ints = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if "" in names:
        raise DataError(
            "the row names no series in the column {column}",
            "fill it in, or remove the row",
            where=where(int(np.flatnonzero(ids == names.index(""))[0])),
            values={"column": column},
        )
    return names, ids


def _single(numbers: npt.NDArray[np.float64], name: str, where: Where) -> Floats:
    """Return the numbers in single precision (N,)."""
    with np.errstate(over="ignore"):
        single = numbers.astype(np.float32)
    large = np.isinf(single)
    if large.any():
        row = int(np.flatnonzero(large)[0])
        raise DataError(
            "{cell} in the column {column} is far too large",
            "correct it, or empty the cell",
            where=where(row),
            values={"cell": f"{numbers[row]:g}", "column": name},
        )
    return single


def _statics(chosen: Chosen, ids: Ints, count: int, where: Where) -> Floats:
    """Return the one number that each series has in each static column (S, K)."""
    statics = np.full((count, len(chosen.roles.static)), np.nan, np.float32)
    for place, name in enumerate(chosen.roles.static):
        numbers = chosen.numbers[name].numbers
        rows = np.flatnonzero(~np.isnan(numbers))
        statics[ids[rows], place] = numbers[rows]
        other = rows[statics[ids[rows], place] != numbers[rows].astype(np.float32)]
        if len(other):
            raise DataError(
                "the static column {column} changes within a series",
                "name it with data.inputs or forecast.known instead",
                where=where(int(other[0])),
                values={"column": name},
            )
        absent = np.flatnonzero(np.isnan(statics[:, place]))
        if len(absent):
            row = int(np.flatnonzero(ids == absent[0])[0])
            raise DataError(
                "the static column {column} has no value for this series",
                "fill it in",
                where=where(row),
                values={"column": name},
            )
    return statics
