"""What may be wrong in the cells of a table: each kind counted, with the first rows where it is."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.composition import composed
from yeoul.data.mapped import by_block
from yeoul.data.numbers import numbers_of
from yeoul.data.profiles import Profile
from yeoul.data.tables import Table

OddityKind = Literal[
    "empty text",
    "empty label",
    "duplicate",
    "conflicting",
    "overlap",
    "near overlap",
    "same owner",
    "shared steps",
    "unreadable series",
    "label in text",
    "too good",
    "broken list",
    "rare label",
    "label variants",
    "imbalance",
    "label like an identifier",
    "identifier",
    "gives the target away",
    "sentinel",
    "placeholder",
    "control character",
    "not composed",
    "replacement character",
    "mojibake",
    "html",
]
PLACES = 3
PLACEHOLDERS = (
    *(
        "null",
        "none",
        "n/a",
        "na",
        "nan",
        "nil",
        "-",
        "--",
        "?",
        ".",
        "unknown",
        "undefined",
        "#n/a",
        "#value!",
    ),
    *("없음", "해당없음", "해당 없음", "모름", "미상", "결측", "결측치", "무응답"),
)
SENTINELS = (-9999.0, -999.0, -99.0, 999.0, 9999.0, 99999.0, 999999.0, -99999.0, 1e20, -1e20)
_CONTROL = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{200b}\x{200e}\x{200f}"
    r"\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]"
)
_HTML = (
    r"(?i)</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|script|span|strong|style|table|td|tr|u|ul)"
    r"(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-f]{2,4});"
)
_SUSPICIOUS = r"[ÃÂ][\x{80}-\x{bf}]|[âìíëê][\x{80}-\x{bf}€-™]|[\x{a1}-\x{fe}]{4}|占쏙옙|[一-龥]"
_RUN = re.compile(r"[^\x00-\x7f]+(?: [^\x00-\x7f]+)*")
_HANGUL = re.compile(r"[가-힣 ]+")
_OUTLYING = 3.0  # times the spread of the other values, between a sentinel and the nearest of them
_PURE, _UNEVEN = 0.99, 0.9


@dataclass(frozen=True)
class Oddity:
    """One kind of oddity: in which column, in how many rows, and where first; `values` tells more."""

    kind: OddityKind
    count: int
    column: str = ""
    places: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)


def where_true(table: Table, truths: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Return the places of the first few rows that are true."""
    return tuple(place_of(table, int(row)) for row in np.flatnonzero(truths)[:PLACES])


def place_of(table: Table, row: int) -> str:
    """Name the place of a row: its file, and its number there unless the file is one text."""
    if table.kind != "folder":
        return f"{table.name}:{table.numbers[row]}"
    file = str(table.columns["file"][row].as_py())
    return file if "/" in file else f"{file}:{table.numbers[row]}"


def scan_texts(table: Table, columns: tuple[str, ...]) -> Iterator[Oddity]:
    """Look at the characters of the cells of some columns."""
    for name in columns:
        cells = table.columns[name]
        tests: tuple[tuple[OddityKind, Callable[[pa.Array], pa.Array]], ...] = (
            ("control character", lambda block: pc.match_substring_regex(block, _CONTROL)),
            ("not composed", lambda block: pc.not_equal(block, composed(block))),
            ("replacement character", lambda block: pc.match_substring(block, "\ufffd")),
            ("mojibake", _garbled_cells),
            ("html", lambda block: pc.match_substring_regex(block, _HTML)),
        )
        for kind, test in tests:
            truths = by_block(cells, test).astype(bool)
            if truths.any():
                yield Oddity(kind, int(truths.sum()), name, where_true(table, truths))


def is_garbled(text: str) -> bool:
    """Tell whether a text was read in another encoding than it was written in, and can be read back.

    >>> is_garbled("ì•ˆë…•í•˜ì„¸ìš”".replace("\\x81", "")), is_garbled("cafÃ©"), is_garbled("café")
    (True, True, False)
    >>> is_garbled("안녕하세요".encode("cp949").decode("latin-1"))
    True
    """
    if "占쏙옙" in text:
        return True
    for run in _RUN.findall(text):
        western = _western_bytes(run)
        meant = _decoded(western, "utf-8")
        if meant and not meant.isascii():
            return True
        korean = (_decoded(western, "cp949"), _decoded(_encoded(run, "cp949"), "utf-8"))
        if any(len(back) >= 2 and _HANGUL.fullmatch(back) for back in korean):
            return True
    return False


def _western_bytes(text: str) -> bytes:
    """Return the bytes that read as this text in Windows-1252, or in latin-1 where that knows none."""
    parts = [_encoded(letter, "cp1252") or _encoded(letter, "latin-1") for letter in text]
    return b"".join(parts) if all(parts) else b""


def _encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeError:
        return b""


def _decoded(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeError:
        return ""


def _garbled_cells(block: pa.Array) -> pa.Array:
    suspicious = pc.match_substring_regex(block, _SUSPICIOUS).to_numpy(zero_copy_only=False).astype(bool)
    for row in np.flatnonzero(suspicious):
        suspicious[row] = is_garbled(block[int(row)].as_py())
    return pa.array(suspicious)


def _is_placeholder(block: pa.Array) -> pa.Array:
    return pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(block)), pa.array(PLACEHOLDERS))


def scan_values(table: Table, profiles: Mapping[str, Profile]) -> Iterator[Oddity]:
    """Look for numbers and words that stand for a missing value."""
    for name, profile in profiles.items():
        if profile.kind in ("integer", "number"):
            yield from _sentinels(table, name)
        else:
            truths = by_block(table.columns[name], _is_placeholder).astype(bool)
            if truths.any():
                words = sorted(table.columns[name].filter(pa.array(truths)).unique().to_pylist())
                values = {"words": ", ".join(words[:5])}
                yield Oddity("placeholder", int(truths.sum()), name, where_true(table, truths), values)


def _sentinels(table: Table, name: str) -> Iterator[Oddity]:
    numbers = numbers_of(table.columns[name].combine_chunks())
    for sentinel in SENTINELS:
        truths = numbers == sentinel
        others = numbers[~truths & np.isfinite(numbers)]
        if not truths.any() or len(others) < 2:
            continue
        low, high = np.quantile(others, [0.01, 0.99])
        beyond = low - sentinel if sentinel < low else sentinel - high
        if beyond > _OUTLYING * max(high - low, 1.0):
            values = {"number": f"{sentinel:g}"}
            yield Oddity("sentinel", int(truths.sum()), name, where_true(table, truths), values)


def scan_columns(
    table: Table, profiles: Mapping[str, Profile], inputs: tuple[str, ...], target: str
) -> Iterator[Oddity]:
    """Look for running numbers and for columns that give the target away."""
    for name, profile in profiles.items():
        if name in (*inputs, target) or (table.kind == "folder" and name == "file"):
            continue
        if profile.is_identifier:
            yield Oddity("identifier", table.rows, name)
        elif target and 1 < profile.distinct <= max(2, table.rows // 5):
            purity, majority = _purity(table.columns[name], table.columns[target])
            if purity >= _PURE and majority <= _UNEVEN:
                values = {"share": f"{100 * purity:.1f}", "target": target}
                yield Oddity("gives the target away", table.rows, name, (), values)


def _purity(column: pa.ChunkedArray, target: pa.ChunkedArray) -> tuple[float, float]:
    """Return the share of rows whose target is the most frequent one of their value, and of all rows."""
    values = _codes(column)
    labels = _codes(target)
    width = int(labels.max()) + 1
    pairs, counts = np.unique(values * width + labels, return_counts=True)
    best = np.zeros(int(values.max()) + 1, np.int64)
    np.maximum.at(best, pairs // width, counts)
    return float(best.sum() / len(values)), float(np.bincount(labels).max() / len(labels))


def _codes(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    codes = column.combine_chunks().dictionary_encode().indices
    numbered: npt.NDArray[np.int64] = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbered
