"""The one door to data: a file, a folder or the standard input becomes a table of strings, whatever its form."""

from pathlib import Path

from yeoul.data.delimited import Form, clean_name, read_delimited
from yeoul.data.encodings import detect, file_changed, read_utf8
from yeoul.data.folders import read_folder
from yeoul.data.formats import HEAD_BYTES, PARQUET, is_json
from yeoul.data.jsonl import read_jsonl
from yeoul.data.opening import GZIP, existing_source, open_bytes, open_raw, shown_name
from yeoul.data.parquet import read_parquet
from yeoul.data.scratch import LARGE_BYTES
from yeoul.data.tablecache import key_of, read_cached, remembered, tables_folder
from yeoul.data.tables import Reading, Table, table_of
from yeoul.errors import DataError

__all__ = ["Table", "read_table"]

_UNPACKED_TIMES = 4  # what is packed may be so many times as large


def read_table(
    path: Path, *, encoding: str = "auto", separator: str = "auto", columns: tuple[str, ...] = ()
) -> Table:
    """Read all rows of a file or folder; every value stays the string it is there.

    What it is, its content tells, and its name only where the content does not: a separated file (CSV, TSV),
    JSONL (an object a line, or a list of objects), both also gzipped, Parquet, a folder with a folder or a
    file for each class, or "-", the standard input.

    `encoding` is what `detect` takes. `separator` is one character, or "auto": a tab for .tsv files, else the
    most frequent of comma, semicolon, tab and bar in the header. `columns` names the columns of a separated
    file without a header; where a file names its columns itself, the names must be among them.

    Quotes enclose values, which may then hold separators and line breaks. In a tab-separated file they are
    taken literally when some value opens a quote without closing it before the next tab or line end, and
    every line has all its columns nevertheless. Numbers, lists and the like in JSONL and Parquet are kept as
    JSON writes them; what is absent there is empty, and counted in `Table.missing`.

    The columns of a large file are kept in the user's cache (see `tablecache`) and mapped from there.

    Raises `DataError` for what cannot be read whole, with file and row, and `UsageError` for an impossible
    encoding or separator.
    """
    path = existing_source(path)
    name = shown_name(path)
    if path.is_dir():
        reading = read_folder(path, encoding)
        return _named(table_of(reading.rows.table(), name, reading.facts), columns)
    before = _state(path)
    if not _is_large(path):
        reading = _read(path, encoding, separator, columns, None)
        table = table_of(reading.rows.table(), name, reading.facts)
    else:
        key = key_of(path, (path.suffixes[-2:], encoding, separator, columns))
        found = read_cached(key, name)
        table = found or remembered(key, name, _read(path, encoding, separator, columns, tables_folder()))
    if _state(path) != before:
        raise file_changed(name)
    return _named(table, columns)


def _read(
    path: Path, encoding: str, separator: str, columns: tuple[str, ...], folder: Path | None
) -> Reading:
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    name = shown_name(path)
    if head.startswith(PARQUET):
        return read_parquet(path, name, folder)
    found = detect(path, encoding)
    content = read_utf8(path, found)
    if is_json(path, bytes(content[:HEAD_BYTES]).decode("utf-8", "ignore")):
        return read_jsonl(content, name, found, folder)
    return read_delimited(content, path, Form(name, found, separator, columns, folder))


def _named(table: Table, columns: tuple[str, ...]) -> Table:
    """Return the table when it has the columns that are named; a separated file has got their names."""
    absent = [name for name in columns if clean_name(name) not in table.columns]
    if absent:
        raise DataError(
            "the file names its columns itself, and {column} is not among them: {columns}",
            "leave out data.columns, or name these",
            where=table.name,
            values={"column": absent[0], "columns": ", ".join(list(table.columns)[:12])},
        )
    return table


def _is_large(path: Path) -> bool:
    with open_raw(path) as file:
        packed = file.read(len(PARQUET)).startswith((PARQUET, GZIP))
    return path.stat().st_size * (_UNPACKED_TIMES if packed else 1) > LARGE_BYTES


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
