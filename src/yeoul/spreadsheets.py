"""Rows as CSV that a spreadsheet opens as it should, and that Yeoul reads back as they were."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"[+-]\d+(\.\d+)?(e[+-]?\d+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def spreadsheet(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return CSV in UTF-8 with a byte order mark, in which no cell is run as a formula (CWE-1236)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def guarded(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula; a number is none.

    >>> guarded("=1+1"), guarded("-1.5")
    ("'=1+1", '-1.5')
    """
    return "'" + cell if _is_formula(cell.lstrip("'")) else cell


def plain(cell: str) -> str:
    """Undo `guarded`.

    >>> plain("'=1+1"), plain("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _is_formula(cell: str) -> bool:
    return cell.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
