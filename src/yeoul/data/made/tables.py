"""Rows of strings as the table of a made-up set."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from yeoul.data.encodings import Encoding
from yeoul.data.tables import Table

LICENCE = "CC0"


def made_table(name: str, columns: Mapping[str, Sequence[str]]) -> Table:
    """Return columns of equal length as a table whose rows are numbered as in a file with a header."""
    arrays = {column: pa.chunked_array([cells], pa.string()) for column, cells in columns.items()}
    rows = len(next(iter(columns.values())))
    numbers = np.arange(2, rows + 2, dtype=np.int64)
    return Table(name, arrays, Encoding("utf-8", detected=False), ",", rows, numbers)
