"""Read numbers as tables write them, and say of other cells what is wrong with them."""

import math
import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.errors import DataError

MISSING = frozenset(
    ("", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "?", "-", "--", "#value!", "#div/0!")
)
"""Cells, in small letters, that stand for no number."""
_NUMBER = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_INFINITE = frozenset(("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"))


def read_number(cell: str) -> float | None:
    """Return the number that a cell holds, or none.

    The point is the decimal mark. A comma parts thousands only: before exactly three digits, behind one to
    three that do not begin with a zero.

    >>> read_number("1,234.5"), read_number("-3e2"), read_number("1,5"), read_number("0,125")
    (1234.5, -300.0, None, None)
    """
    cell = cell.strip()
    if not _is_spelled(cell):
        return None
    number = float(cell.replace(",", ""))
    return number if math.isfinite(number) else None


def not_a_number(cell: str, where: str, column: str) -> DataError:
    """Say what is wrong with a cell that should hold a number."""
    shown = " ".join(cell.split())
    values = {"cell": shown if len(shown) <= 40 else shown[:39] + "…", "column": column}
    if shown.lower() in MISSING:
        return DataError(
            "the number in the column {column} is missing",
            "fill it in, or remove the row",
            where=where,
            values=values,
        )
    if shown.lower() in _INFINITE or _is_spelled(shown):
        return DataError(
            "{cell} in the column {column} is not a finite number",
            "correct it, or remove the row",
            where=where,
            values=values,
        )
    with_point = shown.replace(".", "").replace(",", ".")
    if shown.count(",") == 1 and shown[-1].isdigit() and read_number(with_point) is not None:
        return DataError(
            "{cell} in the column {column} has a decimal comma",
            "write numbers with a decimal point: {fixed}",
            where=where,
            values={**values, "fixed": with_point},
        )
    return DataError(
        "{cell} in the column {column} is not a number",
        "correct it, or remove the row",
        where=where,
        values=values,
    )


def _is_spelled(cell: str) -> bool:
    mantissa = cell.lower().partition("e")[0]
    return _NUMBER.fullmatch(cell) is not None and any(letter.isdigit() for letter in mantissa)


def numbers_of(cells: pa.Array) -> npt.NDArray[np.float64]:
    """Return the numbers of a column of strings (N,), NaN where a cell holds none."""
    trimmed = pc.utf8_trim_whitespace(cells)
    plain = pc.match_substring_regex(trimmed, r"^-?\d+(\.\d+)?([eE][+-]?\d+)?$")
    fast = pc.cast(pc.if_else(plain, trimmed, pa.scalar("nan", trimmed.type)), pa.float64())
    numbers: npt.NDArray[np.float64] = np.array(fast.to_numpy(zero_copy_only=False), np.float64)
    for place in np.flatnonzero(~np.isfinite(numbers)):
        number = read_number(trimmed[int(place)].as_py())
        numbers[place] = math.nan if number is None else number
    return numbers
