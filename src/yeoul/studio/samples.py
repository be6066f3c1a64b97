"""The first rows of a file, without reading all of a large one."""

import tempfile
from pathlib import Path
from typing import Any

from yeoul.data.corpora.checkup import looks_like_prose
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


def first_rows(source: str, count: int, encoding: str, separator: str) -> dict[str, Any]:
    """Return the columns and the first rows of a file, or the beginning of a text.

    Raises `DataError` for what is neither.
    """
    path = existing_file(Path(source))
    if path.suffix.lower() == ".txt" and looks_like_prose(DataRecipe(source=source, encoding=encoding)):
        found = detect(path, encoding)
        with open_bytes(path) as file:
            text = file.read(4 * _CHARACTERS).decode(found.name, "replace")
        return {"columns": [], "rows": [], "text": text[:_CHARACTERS]}
    table = _head(path, encoding, separator)
    columns = list(table.columns)
    cells = [table.columns[name].slice(0, count).to_pylist() for name in columns]
    rows = [[str(cell or "")[:_CELL] for cell in row] for row in zip(*cells, strict=True)]
    return {"columns": columns, "rows": rows, "text": None}


def _head(path: Path, encoding: str, separator: str) -> Table:
    if path.stat().st_size <= _SMALL_BYTES or path.suffix.lower() in _BINARY:
        return read_table(path, encoding=encoding, separator=separator)
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    with tempfile.TemporaryDirectory(prefix="yeoul-head-") as folder:
        part = Path(folder) / path.name
        part.write_bytes(head[: head.rfind(b"\n") + 1])
        try:
            return read_table(part, encoding=encoding, separator=separator)
        except DataError:  # the cut went through a quoted line break
            return read_table(path, encoding=encoding, separator=separator)
