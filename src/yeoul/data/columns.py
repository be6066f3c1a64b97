"""Choose the text and the label among the columns of a table, by name or by what they hold."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.tables import Table
from yeoul.errors import DataError, nearest

TARGET_NAMES = (
    *(
        "label",
        "labels",
        "target",
        "class",
        "category",
        "sentiment",
        "language",
        "topic",
        "intent",
        "tag",
        "tags",
    ),
    *("rating", "score", "stars", "y"),
    *(
        "라벨",
        "레이블",
        "정답",
        "분류",
        "유형",
        "카테고리",
        "감정",
        "감성",
        "긍부정",
        "언어",
        "평점",
        "별점",
        "점수",
        "태그",
    ),
)
"""Usual names of label columns, the likeliest first."""
INPUT_NAMES = (
    *("text", "document", "review", "comment", "sentence", "content", "body", "message", "question", "title"),
    *("텍스트", "리뷰", "후기", "내용", "문장", "댓글", "본문", "문서", "질문", "제목"),
)
"""Usual names of text columns, the likeliest first."""

_LABELS = (2, 100)  # distinct values that a guessed label column may have
_ROWS_PER_LABEL = 5
_EMPTY_SHARE = 0.1
_DISTINCT_SHARE = 0.5
_NUMBERS = r"^[\s\d.,:;/+\-%eE()]*$"
_CODES = r"^[^\s]*\d[^\s]*$"  # one word with a digit in it, as identifiers and dates are
_NUMBER_LISTS = r"^\s*(\[[-\d\s.,eE+]+\]|[-+]?[\d.]+([\s,][-+]?[\d.eE+-]+)*)\s*$"
_COUNTERS = ("id", "no", "number", "index", "번호", "순번", "일련번호", "아이디")
_RANGE = re.compile(r"(?P<stem>.*?)(?P<first>\d+)\.\.(?P=stem)(?P<last>\d+)")
_MOST_COLUMNS = 100_000
_COLUMNS_SHOWN = 12
Reads = Literal["text", "series"]


@dataclass(frozen=True)
class Columns:
    """The columns that are read, and which of them nobody named."""

    inputs: tuple[str, ...]
    target: str
    guessed_inputs: bool
    guessed_target: bool


def expanded_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of columns with ranges written out; other names stay as they are.

    >>> expanded_names(("label", "t1..t3"))
    ('label', 't1', 't2', 't3')
    """
    written: list[str] = []
    for name in names:
        match = _RANGE.fullmatch(name)
        if match is None or int(match["last"]) - int(match["first"]) >= _MOST_COLUMNS:
            written.append(name)
            continue
        numbers = range(int(match["first"]), int(match["last"]) + 1)
        written += [f"{match['stem']}{number}" for number in numbers]
    return tuple(written)


def choose_columns(
    table: Table,
    inputs: tuple[str, ...],
    target: str,
    reads: Reads = "text",
) -> Columns:
    """Check the columns that are named, and guess those that are not.

    A label column is guessed by its usual name, else it is the one with the fewest distinct values (2 to 100,
    each on at least five rows on average). A text column is guessed by its usual name, else it is the one
    with the longest values, mostly distinct, that are neither numbers nor identifiers. A series is guessed to
    be all the other columns that hold numbers, or lists of numbers, and are not a running number.

    Raises `DataError` when a name is unknown or nothing plausible is there.
    """
    named = tuple(named_column(table, name) for name in expanded_names(inputs))
    label = named_column(table, target) if target else _guess_target(table, named)
    if label in named:
        raise DataError(
            "the column {column} is both input and target",
            "name two different columns",
            where=table.name,
            values={"column": label},
        )
    guess = _guess_series if reads == "series" else _guess_input
    return Columns(named or guess(table, label), label, not named, not target)


def likely_columns(table: Table, inputs: tuple[str, ...], target: str, reads: Reads = "text") -> Columns:
    """Choose as `choose_columns` does, and leave empty what is not named and cannot be guessed."""
    named = tuple(named_column(table, name) for name in expanded_names(inputs))
    label = named_column(table, target) if target else ""
    if not label:
        try:
            label = _guess_target(table, named)
        except DataError:
            label = ""
    guess = _guess_series if reads == "series" else _guess_input
    found = named
    if not found:
        try:
            found = guess(table, label)
        except DataError:
            found = ()
    return Columns(found, label, not named, not target)


def named_column(table: Table, name: str) -> str:
    """Return the column of that name, NFC and spaces aside; raise `DataError` with the near one otherwise."""
    name = unicodedata.normalize("NFC", name).strip()
    if name in table.columns:
        return name
    near = nearest(name, table.columns)
    values = {"column": name, "near": near, "columns": _listed(table)}
    if near:
        raise DataError(
            "there is no column {column}; the columns are {columns}",
            "did you mean {near}?",
            where=table.name,
            values=values,
        )
    raise DataError(
        "there is no column {column}; the columns are {columns}",
        "name one of them",
        where=table.name,
        values=values,
    )


def _guess_target(table: Table, inputs: tuple[str, ...]) -> str:
    free = [name for name in table.columns if name not in inputs]
    usual = _usual(free, TARGET_NAMES)
    if usual:
        return usual
    counts = {name: int(pc.count_distinct(table.columns[name]).as_py()) for name in free}
    least, most = _LABELS
    plausible = [
        name
        for name, count in counts.items()
        if least <= count <= most
        and count * _ROWS_PER_LABEL <= table.rows
        and _share(pc.equal(table.columns[name], "")) <= _EMPTY_SHARE
    ]
    if not plausible:
        raise DataError(
            "no column looks like labels; the columns are {columns}",
            "name the column of the labels with --target",
            where=table.name,
            values={"columns": _listed(table)},
        )
    return min(plausible, key=lambda name: counts[name])


def _guess_series(table: Table, target: str) -> tuple[str, ...]:
    free = [name for name in table.columns if name != target and name.lower() not in _COUNTERS]
    numeric = [
        name for name in free if _share(pc.match_substring_regex(table.columns[name], _NUMBER_LISTS)) > 0.5
    ]
    if not numeric:
        raise DataError(
            "no column beside {target} holds numbers; the columns are {columns}",
            "name the columns of the series with --input",
            where=table.name,
            values={"target": target, "columns": _listed(table)},
        )
    return tuple(numeric)


def _guess_input(table: Table, target: str) -> tuple[str, ...]:
    free = [name for name in table.columns if name != target]
    usual = _usual(free, INPUT_NAMES)
    if usual:
        return (usual,)
    plausible = {name: _mean_length(table.columns[name]) for name in free if _is_text(table.columns[name])}
    if not plausible:
        raise DataError(
            "no column beside {target} looks like text; the columns are {columns}",
            "name the column of the texts with --input",
            where=table.name,
            values={"target": target, "columns": _listed(table)},
        )
    return (max(plausible, key=lambda name: plausible[name]),)


def _usual(names: Iterable[str], known: tuple[str, ...]) -> str:
    by_lower = {name.lower(): name for name in reversed(list(names))}
    return next((by_lower[name] for name in known if name in by_lower), "")


def _is_text(column: pa.ChunkedArray) -> bool:
    if _share(pc.match_substring_regex(column, _NUMBERS)) > 0.5:  # the empty value counts as a number
        return False
    if _share(pc.match_substring_regex(column, _CODES)) > 0.5:
        return False
    return int(pc.count_distinct(column).as_py()) >= _DISTINCT_SHARE * len(column)


def _mean_length(column: pa.ChunkedArray) -> float:
    return float(pc.mean(pc.utf8_length(column)).as_py())


def _share(truths: pa.ChunkedArray) -> float:
    return float(pc.mean(truths.cast(pa.int8())).as_py())


def _listed(table: Table) -> str:
    names = list(table.columns)
    more = len(names) - _COLUMNS_SHOWN
    return ", ".join(names[:_COLUMNS_SHOWN]) + (f" … (+{more})" if more > 0 else "")
