"""Write rows as CSV that a spreadsheet opens as it should."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return CSV in UTF-8 with a byte order mark, in which no cell is run as a formula.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front (CWE-1236).
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(["'" + cell if cell.startswith(_FORMULA_STARTS) else cell for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "surrogatepass")
