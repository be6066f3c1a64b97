"""Read a Parquet file as columns of strings, as a CSV file would show them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yeoul.data.delimited import header_names
from yeoul.data.encodings import Encoding
from yeoul.data.mapped import Gathered
from yeoul.data.tables import Facts, Reading, row_batch, row_schema
from yeoul.errors import DataError

_BLOCK_ROWS = 1 << 13


def read_parquet(path: Path, name: str, folder: Path | None) -> Reading:
    """Read all columns; `folder` is where large ones go.

    Numbers, dates and truth values are written as Arrow writes them (1.0 as "1"), lists and structures as
    JSON. What is null or not a number is empty and counted. Raises `DataError` for a damaged file, and for a
    column that is no text.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            return _read(file, name, folder)
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # a name that is no UTF-8 is a ValueError
        raise DataError(
            "the Parquet file is damaged or not whole", "copy or write it again", where=name
        ) from error


def _read(file: pq.ParquetFile, name: str, folder: Path | None) -> Reading:
    names = header_names(file.schema_arrow.names, name)
    if not file.metadata.num_rows or not names:
        raise DataError("the file has columns but no rows", "write it again with its rows", where=name)
    rows, done = Gathered(row_schema(len(names)), folder), 0
    missing: Counter[str] = Counter()
    try:
        for batch in file.iter_batches(_BLOCK_ROWS, use_threads=False):
            columns = []
            for column, given in zip(batch.columns, names):
                strings = _strings(column, f"{name}:{done + 1}", given)
                missing[given] += strings.null_count
                columns.append(strings.fill_null(""))
            numbers = np.arange(done + 1, done + batch.num_rows + 1, dtype=np.int64)
            rows.add(row_batch(numbers, columns))
            done += batch.num_rows
    except BaseException:
        rows.drop()
        raise
    absent = {given: count for given, count in missing.items() if count}
    return Reading(Facts(names, Encoding("utf-8", detected=False), "", "parquet", 0, absent), rows)


def _strings(column: pa.Array, where: str, name: str) -> pa.Array:
    """Return the cells as strings, what is missing as null; `where` is the first of them."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    try:
        if pa.types.is_nested(column.type):
            strings = pa.array([_json(cell) for cell in column.to_pylist()], pa.string())
        else:
            strings = column.cast(pa.string())
        strings.validate(full=True)
        nul = pc.any(pc.match_substring(strings, "\0")).as_py()
    except (pa.ArrowException, TypeError, ValueError):
        nul = True
    if nul:
        raise DataError(
            "the column {column} holds values that are no text",
            "write the file again without this column",
            where=where,
            values={"column": name},
        )
    return strings


def _json(cell: Any) -> str | None:
    """Write a list or structure as JSON, and dates and the like inside it as strings."""
    return None if cell is None else json.dumps(cell, ensure_ascii=False, allow_nan=False, default=_shown)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        raise TypeError("bytes are no text")
    return str(value)
