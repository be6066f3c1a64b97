"""Read JSONL (one object a line) and lists of objects as columns of strings."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from yeoul.data.delimited import header_names
from yeoul.data.encodings import Encoding, file_changed
from yeoul.data.mapped import Gathered
from yeoul.data.tables import Facts, Reading, row_batch, row_schema
from yeoul.errors import DataError

Content = bytes | memoryview
MOST_COLUMNS = 10_000
_BLOCK_CHARACTERS = 1 << 22
_WINDOW_BYTES = 1 << 20
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_BOOLEANS = {True: "true", False: "false"}
_SPACE = re.compile(r"[ \t\r\n]*")
_CUT_SHORT = 16  # so near to the end of what is read, an error may come from what is not read yet


class _NotJsonError(ValueError):
    """A constant such as NaN."""


def _refuse_constant(word: str) -> NoReturn:
    raise _NotJsonError(word)


_decoder = json.JSONDecoder(
    object_pairs_hook=list, parse_int=str, parse_float=str, parse_constant=_refuse_constant
)
"""Gives an object as pairs, and a number as it is written."""


@dataclass(frozen=True)
class _Object:
    line: int
    members: list[tuple[str, object]]
    text: str


def read_jsonl(content: Content, name: str, encoding: Encoding, folder: Path | None) -> Reading:
    """Read the objects of a file whose `content` is UTF-8; `folder` is where large columns go.

    A key that an object lacks, and null, are an empty value and counted. Raises `DataError` with the line of
    what is no object.
    """
    keys: dict[str, None] = {}
    reading = _collected(content, name, encoding, folder, keys)
    if reading is None:  # a key came late: now all are known
        reading = _collected(content, name, encoding, folder, keys)
    if reading is None:
        raise file_changed(name)
    return reading


def _collected(
    content: Content, name: str, encoding: Encoding, folder: Path | None, keys: dict[str, None]
) -> Reading | None:
    """Put the rows aside and add to `keys`; None when one is new after the first block was put aside."""
    block, rows, late = _Block(name), None, False
    first = last = count = 0
    missing: Counter[str] = Counter()
    for found in _listed(content, name) if _is_list(content) else _lined(content, name):
        row = _row(found, name)
        if not row.keys() <= keys.keys():
            keys.update(dict.fromkeys(row))
            _refuse_too_many(keys, found.line, name)
            late = late or rows is not None
        first, last, count = first or found.line, found.line, count + 1
        if late:
            continue
        block.add(found, row)
        if block.is_full:
            rows = Gathered(row_schema(len(keys)), folder) if rows is None else rows
            rows.add(block.batch(keys, missing))
            block = _Block(name)
    if late:
        if rows is not None:
            rows.drop()
        return None
    if not count:
        raise DataError("the file holds no objects", "write one JSON object a line", where=name)
    rows = Gathered(row_schema(len(keys)), folder) if rows is None else rows
    rows.add(block.batch(keys, missing))
    blank = 0 if _is_list(content) else last - first + 1 - count
    names = header_names(list(keys), name)
    absent = {clean: missing[key] for key, clean in zip(keys, names) if missing[key]}
    return Reading(Facts(names, encoding, "", "jsonl", blank, absent), rows)


class _Block:
    """Some objects, row by row, that become columns together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lines: list[int] = []
        self._rows: list[dict[str, str | None]] = []
        self._characters = 0

    @property
    def is_full(self) -> bool:
        return self._characters > _BLOCK_CHARACTERS

    def add(self, found: _Object, row: dict[str, str | None]) -> None:
        self._lines.append(found.line)
        self._rows.append(row)
        self._characters += len(found.text)

    def batch(self, keys: Iterable[str], missing: Counter[str]) -> pa.RecordBatch:
        """Return the rows; count the cells that are not there in `missing`."""
        columns = []
        for key in keys:
            cells = [row.get(key) for row in self._rows]
            missing[key] += cells.count(None)
            columns.append(self._column([cell or "" for cell in cells]))
        return row_batch(self._lines, columns)

    def _column(self, cells: list[str]) -> pa.Array:
        try:
            column = pa.array(cells, pa.string())
        except UnicodeEncodeError:
            raise DataError(
                "a value holds half of a character (a lone surrogate), which no text has",
                "write the whole character",
                where=f"{self._name}:{self._lines[next(filter(None, map(_half_at, enumerate(cells)))) - 1]}",
            ) from None
        if any("\0" in cell for cell in cells):
            place = next(index for index, cell in enumerate(cells) if "\0" in cell)
            raise DataError(
                "a value holds a NUL character, which no text has",
                "remove it",
                where=f"{self._name}:{self._lines[place]}",
            )
        return column


def _half_at(numbered: tuple[int, str]) -> int:
    """Return the number from 1 of a cell with a lone surrogate, else 0."""
    number, cell = numbered
    return number + 1 if any("\ud800" <= letter <= "\udfff" for letter in cell) else 0


def _is_list(content: Content) -> bool:
    return re.match(rb"\s*\[", content) is not None


def _lined(content: Content, name: str) -> Iterator[_Object]:
    """Yield the object of every line that is not blank."""
    for line, match in enumerate(_LINE.finditer(content), 1):
        text = match[0].strip().decode("utf-8")
        if not text:
            continue
        if not text.startswith("{"):
            raise _no_object(name, line)
        try:
            yield _Object(line, _decoder.decode(text), text)
        except ValueError as error:
            raise _bad_json(error, name, line) from None
        except RecursionError:
            raise _too_deep(name, line) from None


def _listed(content: Content, name: str) -> Iterator[_Object]:
    """Yield the objects of a list, reading on as they are needed."""
    window = _Window(content)
    window.skip(1)
    if window.next() == "]":
        return
    while True:
        if window.next() != "{":
            raise _no_object(name, window.line)
        yield window.object(name)
        mark = window.next()
        if mark not in (",", "]"):
            raise _bad_json(ValueError(), name, window.line)
        window.skip(1)
        if mark == "]":
            break
    if window.next():
        raise _bad_json(ValueError(), name, window.line)


class _Window:
    """A stretch of the text, from a place on."""

    def __init__(self, content: Content) -> None:
        self.line = 1
        self._content = content
        self._done = 0
        self._text = ""
        self._place = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.next()

    def next(self) -> str:
        """Go to the next character that is no space and return it; "" at the end."""
        while True:
            end = _match_end(_SPACE, self._text, self._place)
            self._go(end)
            if end < len(self._text) or not self._more():
                return self._text[end : end + 1] if end < len(self._text) else ""

    def skip(self, characters: int) -> None:
        self._go(self._place + characters)

    def object(self, name: str) -> _Object:
        """Return the object that begins here and go to its end."""
        while True:
            try:
                members, end = _decoder.raw_decode(self._text, self._place)
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self._text) - _CUT_SHORT or error.msg.startswith("Unterminated")
                if cut and self._more():
                    continue
                inside = self._text.count("\n", self._place, error.pos)
                raise _bad_json(error, name, self.line + inside) from None
            except ValueError as error:
                raise _bad_json(error, name, self.line) from None
            except RecursionError:
                raise _too_deep(name, self.line) from None
            found = _Object(self.line, members, self._text[self._place : end])
            self._go(end)
            return found

    def _go(self, place: int) -> None:
        self.line += self._text.count("\n", self._place, place)
        self._place = place

    def _more(self) -> bool:
        """Read on, as much again as is held; False at the end."""
        if self._done >= len(self._content):
            return False
        end = self._done + max(_WINDOW_BYTES, len(self._text) - self._place)
        block = bytes(self._content[self._done : end])
        self._done = end
        self._text = self._text[self._place :] + self._decoder.decode(block)
        self._place = 0
        return True


def _match_end(pattern: re.Pattern[str], text: str, place: int) -> int:
    match = pattern.match(text, place)
    return place if match is None else match.end()


def _row(found: _Object, name: str) -> dict[str, str | None]:
    """Return the values as strings, those that are null as None."""
    row = dict(found.members)
    if len(row) != len(found.members):
        again = next(key for key, count in Counter(key for key, _ in found.members).items() if count > 1)
        raise DataError(
            "the object has the key {key} more than once",
            "give each value its own key",
            where=f"{name}:{found.line}",
            values={"key": again},
        )
    spelled = dict(_spelled(found.text)) if any(type(value) is list for value in row.values()) else {}
    return {key: _cell(value, spelled.get(key)) for key, value in row.items()}


def _cell(value: object, spelled: str | None) -> str | None:
    """Return a value as a string; `spelled` is how the object writes it, where that was looked up."""
    if value is None or isinstance(value, str):
        return value
    return _BOOLEANS[value] if isinstance(value, bool) else spelled


def _spelled(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of an object and their values as they are written; the text is known to be right."""
    place = _match_end(_SPACE, text, text.index("{") + 1)
    while text[place] != "}":
        key, place = _decoder.raw_decode(text, place)
        place = _match_end(_SPACE, text, _match_end(_SPACE, text, place) + 1)
        _, end = _decoder.raw_decode(text, place)
        yield key, text[place:end]
        place = _match_end(_SPACE, text, end)
        if text[place] == ",":
            place = _match_end(_SPACE, text, place + 1)


def _refuse_too_many(keys: dict[str, None], line: int, name: str) -> None:
    if len(keys) > MOST_COLUMNS:
        raise DataError(
            "the objects have more than {limit} different keys",
            "give all of them the same few keys",
            where=f"{name}:{line}",
            values={"limit": f"{MOST_COLUMNS:,}"},
        )


def _no_object(name: str, line: int) -> DataError:
    return DataError(
        "this is no JSON object",
        'write one object a line, as in {{"text": "good", "label": "1"}}',
        where=f"{name}:{line}",
    )


def _bad_json(error: ValueError, name: str, line: int) -> DataError:
    where = f"{name}:{line}"
    if isinstance(error, _NotJsonError):
        return DataError(
            "{word} is no JSON value",
            "write null, or leave the key out",
            where=where,
            values={"word": str(error)},
        )
    if isinstance(error, json.JSONDecodeError):
        return DataError(
            "this is no whole JSON object: something is wrong at character {place}",
            'write one object a line, as in {{"text": "good", "label": "1"}}',
            where=where,
            values={"place": error.colno},
        )
    return DataError(
        "the list of objects is not well formed here",
        "part the objects by commas, and close the list with ]",
        where=where,
    )


def _too_deep(name: str, line: int) -> DataError:
    return DataError("the object is nested too deeply", "write it flatter", where=f"{name}:{line}")
