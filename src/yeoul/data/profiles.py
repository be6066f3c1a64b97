"""What the columns of a table seem to hold."""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.mapped import by_block
from yeoul.data.tables import Table

ColumnKind = Literal["empty", "constant", "integer", "number", "date", "list", "label", "identifier", "text"]
_INTEGER = r"^\s*[-+]?(\d{1,3}(,\d{3})+|\d+)\s*$"
_NUMBER = r"^\s*[-+]?(\d{1,3}(,\d{3})+|\d*)\.?\d+([eE][-+]?\d+)?\s*$"
_DATE = r"^\s*\d{2,4}\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,4}(일)?\b.*$"
_LIST = r"^\s*\[.*\]\s*$"
_CODE = r"^\S*\d\S*$"
_MOSTLY = 0.95
_FEW_LABELS = 100
_ROWS_PER_LABEL = 5
_LEAST_ROWS = 20  # of which it can be said that all being distinct is no chance


@dataclass(frozen=True)
class Profile:
    """What one column holds, by its filled cells."""

    kind: ColumnKind
    empty: int
    distinct: int
    longest: int
    """Characters of the longest cell."""
    is_identifier: bool
    """All cells differ, and they are whole numbers or words with digits."""


def profile(table: Table, name: str) -> Profile:
    """Guess what a column holds."""
    cells = table.columns[name]
    is_filled = by_block(cells, lambda block: pc.not_equal(pc.utf8_trim_whitespace(block), "")).astype(bool)
    filled = cells if is_filled.all() else cells.filter(pa.array(is_filled))
    rows, distinct = len(filled), int(pc.count_distinct(filled).as_py())
    kind = _kind(filled, rows, distinct)
    distinct_codes = rows == distinct >= _LEAST_ROWS and rows == table.rows
    return Profile(
        kind=kind,
        empty=table.rows - rows,
        distinct=distinct,
        longest=int(pc.max(pc.utf8_length(cells)).as_py() or 0),
        is_identifier=distinct_codes and kind in ("integer", "identifier"),
    )


def _kind(filled: pa.ChunkedArray, rows: int, distinct: int) -> ColumnKind:
    if rows == 0:
        return "empty"
    if distinct == 1 and rows > 1:
        return "constant"
    kinds: tuple[tuple[ColumnKind, str], ...] = (
        ("integer", _INTEGER),
        ("number", _NUMBER),
        ("date", _DATE),
        ("list", _LIST),
    )
    for kind, pattern in kinds:
        if _share(filled, pattern) >= _MOSTLY:
            return kind
    if distinct <= _FEW_LABELS and distinct * _ROWS_PER_LABEL <= rows:
        return "label"
    return "identifier" if _share(filled, _CODE) >= _MOSTLY else "text"


def _share(cells: pa.ChunkedArray, pattern: str) -> float:
    return float(pc.mean(pc.match_substring_regex(cells, pattern).cast(pa.int8())).as_py())
