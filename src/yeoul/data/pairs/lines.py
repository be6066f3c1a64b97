"""Pairs in files of other forms than tables: two files line by line, stories with questions, fixed width."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.opening import open_bytes, shown_name
from yeoul.data.readers import read_table
from yeoul.data.tables import Table
from yeoul.errors import DataError

MARK = "_"
"""Between question and answer of a table of fixed width, as in `57+5 _62  `."""
STORY = ("story", "question", "answer")
"""Columns of a file of stories."""
_HEAD_BYTES = 1 << 14
_HEAD_LINES = 50
_QUESTION = re.compile(r"^(\d+) ([^\t\n]*)\t([^\t\n]*)(?:\t[\d ]*)?$")
_SENTENCE = re.compile(r"^(\d+) (.*)$")


def read_pair_table(
    path: Path, *, encoding: str = "auto", separator: str = "auto", columns: tuple[str, ...] = ()
) -> Table:
    """Read the rows of a file, whatever its form.

    Beside what `read_table` reads, these are stories with questions in the form of bAbI (Weston et al. 2015), whose
    columns are those of `STORY`, and tables of fixed width with an underscore between question and answer. Raises
    `DataError` for what cannot be read whole.
    """
    if path.is_dir() or columns:
        return read_table(path, encoding=encoding, separator=separator, columns=columns)
    with open_bytes(path) as file:
        head = file.read(_HEAD_BYTES).decode("utf-8-sig", "replace").splitlines()[:-1]
    if _are_stories(head):
        return _stories(path, encoding)
    if _mark_place(head[:_HEAD_LINES]):
        return _fixed_width(path, encoding)
    return read_table(path, encoding=encoding, separator=separator)


def is_listing(path: Path, column: str, encoding: str = "auto") -> bool:
    """Tell whether a text file is of no known form and has no column of this name, so that its lines are texts."""
    head = read_lines(path, encoding)[0][:_HEAD_LINES]
    cells = [cell.strip(' "\ufeff') for cell in re.split(r"[,;\t|]", head[0] if head else "")]
    return column not in cells and not _are_stories(head) and not _mark_place(head)


def read_lines(path: Path, encoding: str = "auto") -> tuple[list[str], Encoding]:
    """Return the lines of a text file; only line feeds part them, with or without carriage returns."""
    found = detect(path, encoding)
    lines = bytes(read_utf8(path, found)).decode("utf-8").split("\n")
    if not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines], found


def parallel_table(files: Mapping[str, Path], encoding: str = "auto") -> Table:
    """Put files side by side, line by line, as columns of the given names.

    Raises `DataError` where one has more lines than the first.
    """
    read = {name: read_lines(path, encoding) for name, path in files.items()}
    (first, (lines, found)), *others = read.items()
    for name, (own, _) in others:
        if len(own) != len(lines):
            raise DataError(
                "the file has {count} lines, and {other} has {expected}",
                "give files whose lines belong together one by one",
                where=shown_name(files[name]),
                values={
                    "count": f"{len(own):,}",
                    "other": shown_name(files[first]),
                    "expected": f"{len(lines):,}",
                },
            )
    name = shown_name(files[first])
    return _table(name, {each: own for each, (own, _) in read.items()}, found, np.arange(1, len(lines) + 1))


def _are_stories(head: list[str]) -> bool:
    """Tell whether numbered lines begin with 1, and questions with their answers stand among them."""
    numbered = [_SENTENCE.match(line) for line in head if line.strip()]
    if len(numbered) < 2 or any(match is None for match in numbered):
        return False
    return head[0].startswith("1 ") and any(_QUESTION.match(line) for line in head)


def _stories(path: Path, encoding: str) -> Table:
    """Return a row for each question, with all that its story has told before it."""
    lines, found = read_lines(path, encoding)
    name = shown_name(path)
    told: list[str] = []
    rows: list[tuple[str, str, str]] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = _SENTENCE.match(line)
        if match is None:
            raise DataError(
                "a line of a story begins with its number",
                "number the lines, each story from 1",
                where=f"{name}:{number}",
            )
        if match[1] == "1":
            told = []
        asked = _QUESTION.match(line)
        if asked is None:
            told.append(match[2].strip())
        else:
            rows.append((" ".join(told), asked[2].strip(), asked[3].strip()))
            numbers.append(number)
    columns = {column: [row[place] for row in rows] for place, column in enumerate(STORY)}
    return _table(name, columns, found, np.array(numbers, np.int64))


def _mark_place(lines: list[str]) -> int:
    """Return where the mark stands in lines of one width, each of which has it once at the same place; else 0."""
    if len(lines) < 2 or not lines[0]:
        return 0
    place = lines[0].find(MARK)
    same = all(len(line) == len(lines[0]) and line.count(MARK) == 1 for line in lines)
    return place if same and place > 0 and all(line[place] == MARK for line in lines) else 0


def _fixed_width(path: Path, encoding: str) -> Table:
    lines, found = read_lines(path, encoding)
    name, place = shown_name(path), _mark_place(lines[:_HEAD_LINES])
    for number, line in enumerate(lines, 1):
        if line[place : place + 1] != MARK:
            raise DataError(
                "column {column} holds no underscore, as in the lines before",
                "write question and answer at fixed width with an underscore between them",
                where=f"{name}:{number}",
                values={"column": place + 1},
            )
    columns = {
        "question": [line[:place].strip() for line in lines],
        "answer": [line[place + 1 :].strip() for line in lines],
    }
    return _table(name, columns, found, np.arange(1, len(lines) + 1))


def _table(
    name: str, columns: Mapping[str, list[str]], encoding: Encoding, numbers: "np.typing.NDArray[np.int64]"
) -> Table:
    arrays = {column: pa.chunked_array([cells], pa.string()) for column, cells in columns.items()}
    return Table(name, arrays, encoding, "", len(numbers), numbers)
