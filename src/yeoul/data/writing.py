"""Write rows of a table as CSV that reads back as the same cells."""

import csv
from typing import TextIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.tables import Table

_BLOCK_ROWS = 10_000


def write_rows(file: TextIO, table: Table, rows: npt.NDArray[np.int64]) -> None:
    """Write the header and these rows of `table`, in this order, as CSV with a byte order mark.

    Cells stand as they are, so a spreadsheet may take one that begins with "=" for a formula, as it would in the file
    that they come from. `file` must be open without translation of line ends, `newline=""`.
    """
    file.write("\ufeff")
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(table.columns)
    writer = csv.writer(file)
    for start in range(0, len(rows), _BLOCK_ROWS):
        places = pa.array(rows[start : start + _BLOCK_ROWS])
        writer.writerows(zip(*(column.take(places).to_pylist() for column in table.columns.values())))
