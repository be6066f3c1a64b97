"""Choose which column of a table of measurements plays which part, by name or by what it holds."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import expanded_names, named_column
from yeoul.data.measured.sentinels import NumberColumn, number_column
from yeoul.data.measured.times import looks_like_times, time_form
from yeoul.data.numbers import not_a_number
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import ForecastRecipe

TIME_NAMES = (
    *(
        "time",
        "datetime",
        "date_time",
        "date time",
        "timestamp",
        "date",
        "ds",
        "day",
        "month",
        "quarter",
        "year",
    ),
    *(
        "일시",
        "측정일시",
        "관측일시",
        "날짜",
        "시각",
        "시간",
        "일자",
        "측정일",
        "기준일",
        "연월",
        "년월",
        "연도",
        "년도",
    ),
)
"""Usual names of columns of times, the likeliest first."""
_COUNTERS = ("id", "no", "index", "unnamed: 0", "번호", "순번", "일련번호")
_SHOWN = 12
_LEAST_ROWS = 4


@dataclass(frozen=True)
class Roles:
    """Columns by the part they play; no column plays two."""

    time: str
    """"" where no column tells the times."""
    series: str
    targets: tuple[str, ...]
    inputs: tuple[str, ...]
    """Known up to the newest row only."""
    known: tuple[str, ...]
    static: tuple[str, ...]
    guessed_time: bool
    guessed_targets: bool


@dataclass(frozen=True, eq=False)
class Chosen:
    """The parts, the numbers of all columns that have one, and the columns that have none."""

    roles: Roles
    numbers: Mapping[str, NumberColumn]
    text: tuple[str, ...]
    empty: tuple[str, ...]
    constant: tuple[str, ...]
    counters: tuple[str, ...]


def choose_roles(table: Table, forecast: ForecastRecipe, inputs: Sequence[str]) -> Chosen:
    """Check the columns that are named, and guess those that are not.

    The time is guessed by its usual name, else it is the first column that looks like times, unless the recipe says
    `start`. The target is guessed where one column of numbers is left. All other columns of numbers are inputs, unless
    `inputs` names some (a target among them counts as none); left out are those with one value only, running
    numbers and texts.

    Raises `DataError` for an unknown name, for a named column that holds text, and where the target is not plain.
    """
    if forecast.start and forecast.time:
        raise RecipeError(
            "the times come from the column {time} or begin at {start}, not both",
            "leave one of them out",
            where="forecast.start",
            values={"time": forecast.time, "start": forecast.start},
        )
    named = {
        "forecast.time": _named(table, (forecast.time,) if forecast.time else ()),
        "forecast.series": _named(table, (forecast.series,) if forecast.series else ()),
        "forecast.targets": _named(table, expanded_names(forecast.targets)),
        "forecast.known": _named(table, expanded_names(forecast.known)),
        "forecast.static": _named(table, expanded_names(forecast.static)),
    }
    _refuse_two_parts(named, table.name)
    wanted = tuple(name for name in _named(table, expanded_names(inputs)) if not _is_taken(name, named))
    taken = {name for names in named.values() for name in names}
    time = named["forecast.time"][0] if forecast.time else ""
    if not time and not forecast.start:
        time = _guess_time(table, [name for name in table.columns if name not in taken])
    free = [name for name in table.columns if name not in taken and name != time]
    given = (*named["forecast.targets"], *named["forecast.known"], *named["forecast.static"], *wanted)
    numbers = {name: _numbers(table, name) for name in given}
    unnamed = {name: number_column(table.columns[name]) for name in free if name not in wanted}
    left_out = _left_out(unnamed, table)
    numeric = [name for name in unnamed if not any(name in names for names in left_out.values())]
    targets = named["forecast.targets"]
    if not targets:
        targets = (_guess_target(table, [*numeric, *wanted], free),)
    past = wanted if inputs else tuple(numeric)
    past = tuple(name for name in past if name not in targets)
    for name in (*targets, *past):
        if name not in numbers:
            numbers[name] = _numbers(table, name)
    roles = Roles(
        time,
        named["forecast.series"][0] if forecast.series else "",
        targets,
        past,
        named["forecast.known"],
        named["forecast.static"],
        bool(time) and not forecast.time,
        not forecast.targets,
    )
    return Chosen(roles, numbers, **left_out)


def measured_columns(table: Table) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the column that looks like times ("" if none does), those of numbers that change, and those of text."""
    time = _guess_time(table, list(table.columns))
    numbers = {name: number_column(column) for name, column in table.columns.items() if name != time}
    left_out = _left_out(numbers, table)
    numeric = tuple(name for name in numbers if not any(name in names for names in left_out.values()))
    return time, numeric, left_out["text"]


def likely_series(table: Table, time: str) -> str:
    """Return the column that tells series one below another apart, "" where each time comes once or none does.

    Each of its values has any time once at most, and the values are few.
    """
    moments = table.columns[time]
    if pc.count_distinct(moments).as_py() == table.rows:
        return ""
    for name, column in table.columns.items():
        if name == time or pc.count_distinct(column).as_py() * _LEAST_ROWS > table.rows:
            continue
        pairs = pa.table({"series": column, "time": moments}).group_by(["series", "time"]).aggregate([])
        if len(pairs) == table.rows:
            return name
    return ""


def _named(table: Table, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(named_column(table, name) for name in names))


def _is_taken(name: str, named: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether an input has another part anyhow: the past of a target and of a known column is read too."""
    return any(name in names for names in named.values())


def _refuse_two_parts(named: Mapping[str, tuple[str, ...]], where: str) -> None:
    parts: dict[str, str] = {}
    for part, names in named.items():
        for name in names:
            if name in parts:
                raise DataError(
                    "the column {column} is named in {first} and in {second}",
                    "let it play one part",
                    where=where,
                    values={"column": name, "first": parts[name], "second": part},
                )
            parts[name] = part


def _guess_time(table: Table, free: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in reversed(free)}
    usual = [by_lower[name] for name in TIME_NAMES if name in by_lower]
    named = next((name for name in usual if time_form(table.columns[name])), "")
    return named or next((name for name in free if looks_like_times(table.columns[name])), "")


def _numbers(table: Table, name: str) -> NumberColumn:
    """Return the numbers of a column; raise `DataError` at the first cell that holds something else."""
    column = number_column(table.columns[name])
    if len(column.unreadable):
        row = int(column.unreadable[0])
        where = f"{table.name}:{table.numbers[row]}"
        raise not_a_number(table.columns[name][row].as_py(), where, name)
    return column


def _left_out(unnamed: Mapping[str, NumberColumn], table: Table) -> dict[str, tuple[str, ...]]:
    """Return the columns that nobody named and that say nothing, by the reason."""
    found: dict[str, list[str]] = {"text": [], "empty": [], "constant": [], "counters": []}
    for name, column in unnamed.items():
        if column.absent == len(column.numbers):
            found["empty"].append(name)
        elif column.is_text:
            _refuse_decimal_comma(table, name, int(column.unreadable[0]))
            found["text"].append(name)
        elif np.nanmin(column.numbers) == np.nanmax(column.numbers) and len(column.numbers) > 1:
            found["constant"].append(name)
        elif _is_counter(name, column, list(table.columns)):
            found["counters"].append(name)
    return {reason: tuple(names) for reason, names in found.items()}


def _refuse_decimal_comma(table: Table, name: str, row: int) -> None:
    cell = table.columns[name][row].as_py().strip()
    if re.fullmatch(r"[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+", cell):
        raise not_a_number(cell, f"{table.name}:{table.numbers[row]}", name)


def _is_counter(name: str, column: NumberColumn, columns: Sequence[str]) -> bool:
    unnamed = name == f"column {columns.index(name) + 1}"  # as a header without a name is read
    counts = bool((np.diff(column.numbers) == 1).all())
    return counts and (unnamed or name.lower() in _COUNTERS)


def _guess_target(table: Table, numeric: Sequence[str], free: Sequence[str]) -> str:
    if len(numeric) == 1:
        return numeric[0]
    values = {"columns": _listed(numeric or free), "count": len(numeric)}
    if not numeric:
        raise DataError(
            "no column holds numbers that change; the columns are {columns}",
            "name the one to forecast with --target",
            where=table.name,
            values=values,
        )
    raise DataError(
        "{count} columns hold numbers: {columns}",
        "name the one to forecast with --target",
        where=table.name,
        values=values,
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" … (+{more})" if more > 0 else "")
