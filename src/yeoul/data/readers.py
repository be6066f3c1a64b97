"""Read CSV and TSV files as columns of strings, row for row as a spreadsheet shows them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.opening import existing_file, shown_name
from yeoul.data.quotes import Quoting, scan_quotes
from yeoul.errors import DataError, UsageError

_SEPARATORS = ",;\t|"
_SEPARATOR_WORDS = {"tab": "\t", "\\t": "\t"}
_BLOCK_BYTES = 1 << 23
_LARGEST_BLOCK_BYTES = (1 << 31) - 1
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of one file.

    A row that is wholly empty (a blank line, or nothing between its separators) is no record: it is counted
    in `blank` and left out, except in files of one column, where it is an empty value.
    """

    name: str
    """File name as shown to people."""
    columns: Mapping[str, pa.ChunkedArray]
    """All of string type and without nulls."""
    encoding: Encoding
    separator: str
    rows: int
    numbers: npt.NDArray[np.int64]
    """(rows,) row numbers as a spreadsheet shows them: the header is row 1."""
    blank: int = 0


@dataclass(frozen=True)
class _Ragged:
    row: int
    came: int
    expected: int


def read_table(path: Path, *, encoding: str = "auto", separator: str = "auto") -> Table:
    """Read a table with a header; every value stays the string it is in the file.

    `encoding` is what `detect` takes; `separator` is one character, or "auto": a tab for .tsv files, else the
    most frequent of comma, semicolon, tab and bar in the header. Quotes enclose values, which may then hold
    separators and line breaks. In a tab-separated file they are taken literally when some value opens a quote
    without closing it before the next tab or line end, and every line has all its columns nevertheless.

    Raises `DataError` for a file that cannot be read whole, with the row, and `UsageError` for an impossible
    encoding or separator.
    """
    path = existing_file(path)
    name = shown_name(path)
    found = detect(path, encoding)
    content = read_utf8(path, found)
    blank = content[: len(content) - len(content.lstrip(b"\r\n"))]
    content = content[len(blank) :]
    if not content.strip():
        raise DataError("the file is empty", "save the table again", where=name)
    first = 1 + _line_count(blank)
    separator = _separator(separator, path, content)
    width = _header_line(content, separator.encode()).count(separator.encode()) + 1
    table, skipped = _parse(content, separator, width, name, first)
    header = _header([column[0].as_py() for column in table.columns], name)
    numbers = np.setdiff1d(np.arange(table.num_rows + len(skipped), dtype=np.int64) + first, skipped)[1:]
    table = table.slice(1)
    if width > 1:
        kept = ~_empty_rows(table)
        if not kept.all():
            table, numbers = table.filter(pa.array(kept)), numbers[kept]
    if table.num_rows == 0:
        raise DataError("the file has a header but no rows", "add rows below the header", where=name)
    blank_rows = int(numbers[-1]) - first - table.num_rows
    return Table(
        name, dict(zip(header, table.columns)), found, separator, table.num_rows, numbers, max(0, blank_rows)
    )


def _separator(wanted: str, path: Path, content: bytes) -> str:
    if wanted == "auto":
        if path.name.lower().removesuffix(".gz").endswith(".tsv"):
            return "\t"
        header = _header_line(content, _SEPARATORS.encode())
        counts = {mark: header.count(mark.encode()) for mark in _SEPARATORS}
        return max(counts, key=lambda mark: counts[mark])
    wanted = _SEPARATOR_WORDS.get(wanted, wanted)
    if len(wanted) != 1 or not wanted.isascii() or wanted in '"\r\n\0':
        raise UsageError(
            "the separator {wanted!r} is not one plain character",
            "try auto, a comma, a semicolon, a bar or tab",
            where="data.separator",
            values={"wanted": wanted},
        )
    return wanted


def _header_line(content: bytes, separators: bytes) -> bytes:
    """Return the header record with its quoted values emptied."""
    quoted = rb'(?<![^%b])"(?:[^"]+|"")*+"' % re.escape(separators)
    head = re.sub(quoted, b"", content[:_HEADER_BYTES])
    return re.split(rb"[\r\n]", head, maxsplit=1)[0]


def _header(values: list[str], name: str) -> list[str]:
    names = [unicodedata.normalize("NFC", value.replace("\ufeff", "").strip()) for value in values]
    names = [given or f"column {number}" for number, given in enumerate(names, 1)]
    again = [given for given, count in Counter(names).items() if count > 1]
    if again:
        raise DataError(
            "the header has the column {column} more than once",
            "give each column its own name",
            where=name,
            values={"column": again[0]},
        )
    return names


def _parse(
    content: bytes, separator: str, width: int, name: str, first: int
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Return all records, the header too, and the numbers of the lines of mere spaces that were left out."""
    quoting = scan_quotes(content, separator.encode())
    if separator == "\t" and quoting.doubtful:
        table, skipped, ragged = _read(content, separator, width, first, quotes=False)
        if table is not None:
            return table, skipped
        if ragged is not None and not quoting.well_formed:
            raise _ragged_error(ragged, separator, name)
    if quoting.unclosed_at >= 0:
        raise _unclosed_error(content, quoting, name, first)
    table, skipped, ragged = _read(content, separator, width, first, quotes=quoting.used)
    if ragged is not None:
        raise _ragged_error(ragged, separator, name)
    if table is None:
        raise DataError(
            "a row is longer than {limit} bytes",
            "split the file",
            where=name,
            values={"limit": _LARGEST_BLOCK_BYTES},
        )
    return table, skipped


def _read(
    content: bytes, separator: str, width: int, first: int, *, quotes: bool
) -> tuple[pa.Table | None, npt.NDArray[np.int64], _Ragged | None]:
    """Parse with Arrow; no table comes when a row is ragged or longer than a block may be."""
    ragged: list[_Ragged] = []
    spaces: list[int] = []

    def judge(row: Any) -> str:
        number = row.number + first - 1
        if row.actual_columns == 1 and not row.text.strip():
            spaces.append(number)
            return "skip"
        ragged.append(_Ragged(number, row.actual_columns, row.expected_columns))
        return "error"

    names = [str(index) for index in range(width)]
    for block in (_BLOCK_BYTES, min(len(content) + 1, _LARGEST_BLOCK_BYTES)):
        spaces.clear()
        try:
            table = csv.read_csv(
                pa.BufferReader(content),
                read_options=csv.ReadOptions(use_threads=False, block_size=block, column_names=names),
                parse_options=csv.ParseOptions(
                    delimiter=separator,
                    quote_char='"' if quotes else False,
                    double_quote=True,
                    escape_char=False,
                    newlines_in_values=quotes,
                    ignore_empty_lines=False,
                    invalid_row_handler=judge,
                ),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
                ),
            )
        except pa.ArrowInvalid:
            if ragged:
                break
            continue
        return table, np.array(spaces, np.int64), None
    return None, np.array(spaces, np.int64), ragged[0] if ragged else None


def _empty_rows(table: pa.Table) -> npt.NDArray[np.bool_]:
    empty = np.ones(table.num_rows, np.bool_)
    for column in table.columns:
        empty &= pc.equal(column, "").to_numpy()
        if not empty.any():
            break
    return empty


def _line_count(content: bytes) -> int:
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")


def _ragged_error(ragged: _Ragged, separator: str, name: str) -> DataError:
    return DataError(
        "the row has {came} columns, the header {expected}",
        "put quotes around values that hold the separator {separator}",
        where=f"{name}:{ragged.row}",
        values={
            "came": ragged.came,
            "expected": ragged.expected,
            "separator": "TAB" if separator == "\t" else separator,
        },
    )


def _unclosed_error(content: bytes, quoting: Quoting, name: str, first: int) -> DataError:
    row = first + _line_count(content[: quoting.unclosed_at]) - quoting.lines_inside
    return DataError(
        "a value opens a quote that is not closed before the next column",
        "close it, or write a quote inside a value twice",
        where=f"{name}:{row}",
    )
