"""The first rows of a file, without reading all of a large one."""

import tempfile
from pathlib import Path
from typing import Any

from yeoul.data.catalog import CATALOG, Found, find
from yeoul.data.corpora.checkup import looks_like_prose
from yeoul.data.embedded import EMBEDDED
from yeoul.data.encodings import detect
from yeoul.data.opening import existing_file, open_bytes
from yeoul.data.readers import read_table
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

_SMALL_BYTES = 4 << 20
_HEAD_BYTES = 1 << 20
_CHARACTERS = 4000
_CELL = 2000
_BINARY = (".parquet", ".gz")
_FIRST_SPLITS = ("train", "all")


def first_rows(source: str, count: int, encoding: str, separator: str) -> dict[str, Any]:
    """Return the columns and the first rows of a file or a public set, or the beginning of a text.

    Raises `DataError` for what is neither.
    """
    if source in EMBEDDED:
        return _shown(EMBEDDED[source].table(), count)
    if source in CATALOG:
        return _of_set(find(CATALOG[source]), count)
    path = existing_file(Path(source))
    if _is_prose(path, encoding):
        return _beginning(path, encoding)
    return _shown(_head(path, encoding, separator, ()), count)


def _of_set(found: Found, count: int) -> dict[str, Any]:
    """Return the first rows of a set's training file; of one that is no table its beginning."""
    form, paths = found.form, found.paths
    path = next((paths[split] for split in _FIRST_SPLITS if split in paths), next(iter(paths.values())))
    if not path.is_file():
        raise DataError("this public set is a folder of files", "its card tells what it holds")
    try:
        table = _head(path, form.encoding, form.separator, form.columns)
    except DataError:
        return _beginning(path, form.encoding)
    return _shown(table, count) if len(table.columns) > 1 else _beginning(path, form.encoding)


def _is_prose(path: Path, encoding: str) -> bool:
    return path.suffix.lower() == ".txt" and looks_like_prose(DataRecipe(source=str(path), encoding=encoding))


def _beginning(path: Path, encoding: str) -> dict[str, Any]:
    found = detect(path, encoding)
    with open_bytes(path) as file:
        text = file.read(4 * _CHARACTERS).decode(found.name, "replace")
    return {"columns": [], "rows": [], "text": text[:_CHARACTERS]}


def _shown(table: Table, count: int) -> dict[str, Any]:
    columns = list(table.columns)
    cells = [table.columns[name].slice(0, count).to_pylist() for name in columns]
    rows = [[str(cell or "")[:_CELL] for cell in row] for row in zip(*cells, strict=True)]
    return {"columns": columns, "rows": rows, "text": None}


def _head(path: Path, encoding: str, separator: str, columns: tuple[str, ...]) -> Table:
    if path.stat().st_size <= _SMALL_BYTES or path.suffix.lower() in _BINARY:
        return read_table(path, encoding=encoding, separator=separator, columns=columns)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    with tempfile.TemporaryDirectory(prefix="yeoul-head-") as folder:
        part = Path(folder) / path.name
        part.write_bytes(head[: head.rfind(b"\n") + 1])
        try:
            return read_table(part, encoding=encoding, separator=separator, columns=columns)
        except DataError:  # the cut went through a quoted line break
            return read_table(path, encoding=encoding, separator=separator, columns=columns)
