"""Read CSV and TSV files as columns of strings, row for row as a spreadsheet shows them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from yeoul.data.encodings import Encoding
from yeoul.data.mapped import Gathered
from yeoul.data.quotes import Quoting, scan_quotes
from yeoul.data.tables import Facts, Reading, row_batch, row_schema
from yeoul.errors import DataError, UsageError

Content = bytes | memoryview
_SEPARATORS = ",;\t|"
_SEPARATOR_WORDS = {"tab": "\t", "\\t": "\t"}
_NO_SEPARATOR = "\x1f"
_LITERAL_QUOTES = ("\t", _NO_SEPARATOR)
"""Separators in whose files a quote may be a character like others."""
_BLOCK_BYTES = 1 << 23
_LARGEST_BLOCK_BYTES = (1 << 31) - 1
_HEADER_BYTES = 1 << 20
_GLANCED_LINES = 50


@dataclass(frozen=True)
class Form:
    """How a separated file is to be read, and where its rows go."""

    name: str
    """File name as shown to people."""
    encoding: Encoding
    separator: str
    """One character, "tab" or "auto"."""
    columns: tuple[str, ...]
    """Names of the columns of a file without a header; none: the first row is the header."""
    folder: Path | None
    """Where a large file's columns are put; none: where they go with the process."""


@dataclass(frozen=True)
class _Ragged:
    row: int
    came: int
    expected: int


@dataclass(frozen=True)
class _Layout:
    """How the content is cut: at which character, into how many columns, from which row on."""

    separator: str
    width: int
    first: int
    headed: bool


@dataclass(frozen=True)
class _Parsed:
    rows: Gathered
    header: list[str]
    blank: int


def read_delimited(content: Content, path: Path, form: Form) -> Reading:
    """Read the rows of a separated file whose `content` is UTF-8.

    Raises `DataError` for a file that cannot be read whole, with the row, and `UsageError` for an impossible
    separator.
    """
    start = re.match(rb"[\r\n]*", content)
    blank = 0 if start is None else start.end()
    if not re.search(rb"[^ \t\r\n\v\f]", content):
        raise DataError("the file is empty", "save the table again", where=form.name)
    first = 1 + _line_count(bytes(content[:blank]))
    content = content[blank:]
    head = _without_quoted(content, _SEPARATORS.encode())
    separator = _separator(form, path, head)
    width = _without_quoted(content, separator.encode())[0].count(separator) + 1
    if form.columns:
        width = _named_width(content, separator, width, first, form)
    headed = not form.columns or _first_row_names(content, separator, form.columns)
    layout = _Layout(separator, width, first, headed)
    parsed = _parse(content, layout, form)
    names = header_names(parsed.header if headed else form.columns, form.name)
    shown = "" if separator == _NO_SEPARATOR else separator
    return Reading(Facts(names, form.encoding, shown, "csv", parsed.blank), parsed.rows)


def _separator(form: Form, path: Path, head: list[str]) -> str:
    wanted = _SEPARATOR_WORDS.get(form.separator, form.separator)
    if wanted == "auto":
        if form.columns:
            return _fitting(head, len(form.columns))
        if path.name.lower().removesuffix(".gz").endswith(".tsv"):
            return "\t"
        counts = {mark: head[0].count(mark) for mark in _SEPARATORS}
        return max(counts, key=lambda mark: counts[mark])
    if len(wanted) != 1 or not wanted.isascii() or wanted in '"\r\n\0':
        raise UsageError(
            "the separator {wanted!r} is not one plain character",
            "try auto, a comma, a semicolon, a bar or tab",
            where="data.separator",
            values={"wanted": wanted},
        )
    return wanted


def _fitting(head: list[str], width: int) -> str:
    """Return the separator that cuts the lines without a header into `width` columns."""
    if width == 1:
        return _NO_SEPARATOR
    lines = [line for line in head if line.strip()]
    marks = sorted(_SEPARATORS, key=lambda mark: -sum(line.count(mark) == width - 1 for line in lines))
    return marks[0]


def _without_quoted(content: Content, separators: bytes) -> list[str]:
    """Return the first lines with their quoted values emptied."""
    quoted = rb'(?<![^%b\r\n])"(?:[^"]+|"")*+"' % re.escape(separators)
    head = re.sub(quoted, b"", bytes(content[:_HEADER_BYTES]))
    lines = re.split(rb"\r\n|[\r\n]", head, maxsplit=_GLANCED_LINES)[:_GLANCED_LINES]
    return [line.decode("utf-8", "ignore") for line in lines]


def _named_width(content: Content, separator: str, width: int, first: int, form: Form) -> int:
    """Check the names against the first row, where `width` columns are seen if its quotes enclose values."""
    expected = len(form.columns)
    literal = len(_first_row(content, separator))
    if expected == width or (separator in _LITERAL_QUOTES and expected == literal):
        return expected
    raise DataError(
        "the first row has {came} columns, and {expected} names are given: {names}",
        "give as many names as there are columns, or the separator with data.separator",
        where=f"{form.name}:{first}",
        values={"came": width, "expected": expected, "names": ", ".join(form.columns)},
    )


def _first_row_names(content: Content, separator: str, names: Sequence[str]) -> bool:
    """Tell whether the first row holds just the names that are given, and so is a header after all."""
    found = [clean_name(cell.strip().strip('"')) for cell in _first_row(content, separator)]
    return found == [clean_name(name) for name in names]


def _first_row(content: Content, separator: str) -> list[str]:
    line = re.split(rb"[\r\n]", bytes(content[:_HEADER_BYTES]), maxsplit=1)[0]
    return line.decode("utf-8", "ignore").split(separator)


def clean_name(name: str) -> str:
    """Return a column's name composed (NFC) and without spaces around it."""
    return unicodedata.normalize("NFC", name.replace("\ufeff", "").strip())


def header_names(values: Sequence[str], name: str) -> tuple[str, ...]:
    """Return clean names, one a column; raise `DataError` when two are alike. `name` is the file's."""
    names = [clean_name(value) or f"column {number}" for number, value in enumerate(values, 1)]
    again = [given for given, count in Counter(names).items() if count > 1]
    if again:
        raise DataError(
            "the header has the column {column} more than once",
            "give each column its own name; without a header, name all of them with data.columns",
            where=name,
            values={"column": again[0]},
        )
    return tuple(names)


def _parse(content: Content, layout: _Layout, form: Form) -> _Parsed:
    """Put all rows aside; a quote that swallows rows, or a row of another width, is an error."""
    quoting = scan_quotes(content, layout.separator.encode())
    if layout.separator in _LITERAL_QUOTES and quoting.doubtful:
        parsed, ragged = _read(content, layout, form, quotes=False)
        if parsed is not None:
            return parsed
        if ragged is not None and not quoting.well_formed:
            raise _ragged_error(ragged, layout, form)
    if quoting.unclosed_at >= 0:
        raise _unclosed_error(content, quoting, layout, form)
    parsed, ragged = _read(content, layout, form, quotes=quoting.used)
    if ragged is not None:
        raise _ragged_error(ragged, layout, form)
    if parsed is None:
        raise DataError(
            "a row is longer than {limit} bytes",
            "split the file",
            where=form.name,
            values={"limit": _LARGEST_BLOCK_BYTES},
        )
    return parsed


def _read(
    content: Content, layout: _Layout, form: Form, *, quotes: bool
) -> tuple[_Parsed | None, _Ragged | None]:
    """Parse with Arrow; nothing comes when a row is ragged or longer than a block may be."""
    block = _BLOCK_BYTES
    while True:
        pass_ = _Pass(layout, form)
        try:
            return pass_.read(content, quotes, block), None
        except pa.ArrowInvalid:
            pass_.rows.drop()
            if pass_.ragged or block > len(content) or block == _LARGEST_BLOCK_BYTES:
                return None, pass_.ragged[0] if pass_.ragged else None
        except BaseException:
            pass_.rows.drop()
            raise
        block = min(block * 8, _LARGEST_BLOCK_BYTES)


class _Pass:
    """One walk through the content."""

    def __init__(self, layout: _Layout, form: Form) -> None:
        self.rows = Gathered(row_schema(layout.width), form.folder)
        self.ragged: list[_Ragged] = []
        self._layout = layout
        self._form = form
        self._spaces: list[int] = []

    def read(self, content: Content, quotes: bool, block: int) -> _Parsed:
        names = [str(index) for index in range(self._layout.width)]
        reader = csv.open_csv(
            pa.BufferReader(content),
            read_options=csv.ReadOptions(use_threads=False, block_size=block, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=self._layout.separator,
                quote_char='"' if quotes else False,
                double_quote=True,
                escape_char=False,
                newlines_in_values=quotes,
                ignore_empty_lines=False,
                invalid_row_handler=self._judge,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
        header: list[str] = []
        next_row, kept, last = self._layout.first, 0, 0
        for batch in reader:
            numbers, next_row = self._numbers(next_row, batch.num_rows)
            if self._layout.headed and not header and batch.num_rows:
                header = [column[0].as_py() for column in batch.columns]
                batch, numbers = batch.slice(1), numbers[1:]
            if self._layout.width > 1 and batch.num_rows:
                full = ~_empty_rows(batch)
                if not full.all():
                    batch, numbers = batch.filter(pa.array(full)), numbers[full]
            if len(numbers):
                kept, last = kept + len(numbers), int(numbers[-1])
                self.rows.add(row_batch(numbers, batch.columns))
        if not kept:
            self._refuse_no_rows()
        before = self._layout.first - (0 if self._layout.headed else 1)
        return _Parsed(self.rows, header, last - before - kept)

    def _judge(self, row: Any) -> str:
        number = row.number + self._layout.first - 1
        if row.actual_columns == 1 and not row.text.strip():
            self._spaces.append(number)
            return "skip"
        self.ragged.append(_Ragged(number, row.actual_columns, row.expected_columns))
        return "error"

    def _numbers(self, first: int, rows: int) -> tuple[npt.NDArray[np.int64], int]:
        """Return the numbers of the next rows (rows,), those of the lines of mere spaces left out, and the one after.

        Arrow may be one block ahead, so that lines of spaces of the next block are already known.
        """
        spaces = np.array(self._spaces, np.int64)
        end = first + rows
        while True:
            skipped = int(((spaces >= first) & (spaces < end)).sum())
            if end == first + rows + skipped:
                break
            end = first + rows + skipped
        self._spaces = spaces[spaces >= end].tolist()
        numbers = np.arange(first, end, dtype=np.int64)
        return numbers[~np.isin(numbers, spaces)], end

    def _refuse_no_rows(self) -> None:
        raise DataError(
            "the file has a header but no rows", "add rows below the header", where=self._form.name
        )


def _empty_rows(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    empty = np.ones(batch.num_rows, np.bool_)
    for column in batch.columns:
        empty &= pc.equal(column, "").to_numpy(zero_copy_only=False)
        if not empty.any():
            break
    return empty


def _line_count(content: bytes) -> int:
    return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")


def _ragged_error(ragged: _Ragged, layout: _Layout, form: Form) -> DataError:
    if layout.separator == "\t" or layout.separator == _NO_SEPARATOR:
        shown = "TAB" if layout.separator == "\t" else "U+001F"
    else:
        shown = layout.separator
    values = {"came": ragged.came, "expected": ragged.expected, "separator": shown}
    where = f"{form.name}:{ragged.row}"
    if layout.headed:
        return DataError(
            "the row has {came} columns, the header {expected}",
            "put quotes around values that hold the separator {separator}",
            where=where,
            values=values,
        )
    return DataError(
        "the row has {came} columns, the first row {expected}",
        "put quotes around values that hold the separator {separator}",
        where=where,
        values=values,
    )


def _unclosed_error(content: Content, quoting: Quoting, layout: _Layout, form: Form) -> DataError:
    row = layout.first + _line_count(bytes(content[: quoting.unclosed_at])) - quoting.lines_inside
    return DataError(
        "a value opens a quote that is not closed before the next column",
        "close it, or write a quote inside a value twice",
        where=f"{form.name}:{row}",
    )
