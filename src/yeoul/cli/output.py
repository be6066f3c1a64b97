"""Print lines, tables and JSON, safe for any terminal and any text."""

import json
import os
import re
import shlex
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

_HARMLESS = "\t"
_GAP = 2


@dataclass(frozen=True)
class Painted:
    """A line in parts, each with one of the colors 1 to 6 of a terminal, or 0 for none."""

    parts: tuple[tuple[str, int], ...]

    def text(self, *, colors: bool) -> str:
        """Return the line; what could steer a terminal is taken out of the parts."""
        written = ((printable(part), color) for part, color in self.parts)
        return "".join(
            f"\x1b[3{color}m{part}\x1b[0m" if colors and color else part for part, color in written
        )


def tell(line: str | Painted = "", *, stream: TextIO | None = None) -> None:
    """Print one line; what could steer a terminal is taken out, and colors are for a person who looks."""
    stream = stream or sys.stdout
    text = line.text(colors=is_terminal(stream)) if isinstance(line, Painted) else printable(line)
    print(text, file=stream, flush=True)


def shifted(line: str | Painted) -> str | Painted:
    """Let a line stand two columns farther in."""
    return Painted((("  ", 0), *line.parts)) if isinstance(line, Painted) else f"  {line}"


def tell_json(value: object, *, indent: int | None = 2) -> None:
    """Print a value as JSON on the standard output."""
    print(_encodable(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)), flush=True)


def complain(line: str) -> None:
    """Print one line on the standard error stream."""
    tell(line, stream=sys.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a person looks at `stream` on a terminal that can move its cursor."""
    plain = os.environ.get("TERM") == "dumb" or any(os.environ.get(name) for name in ("NO_COLOR", "CI"))
    return stream.isatty() and not plain


def printable(text: str) -> str:
    """Take control characters, marks that turn the writing direction and lone surrogates out of a text.

    >>> printable("a\\x1b[2Jb")
    'a[2Jb'
    """
    if text.isprintable():
        return text
    return _encodable("".join(character for character in text if _is_harmless(character)))


def one_line(text: str, columns: int | None = None) -> str:
    """Make one line of a text, at most so many terminal columns wide.

    >>> one_line("one\\n two", 6)
    'one t…'
    """
    line = printable(" ".join(text.split()))
    if columns is None or width(line) <= columns:
        return line
    kept = ""
    for character in line:
        if width(kept + character) > columns - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def shell_word(text: object) -> str:
    """Write a path as a word of a shell command, quoted only where it must be.

    >>> shell_word("runs/리뷰-0001"), shell_word("my runs/a")
    ('runs/리뷰-0001', "'my runs/a'")
    """
    word = str(text)
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else shlex.quote(word)


def width(text: str) -> int:
    """Count the terminal columns of a text: Hangul syllables and Han characters take two.

    >>> width("a리뷰")
    5
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def padded(text: str, columns: int) -> str:
    """Fill a text up with spaces to so many terminal columns."""
    return text + " " * (columns - width(text))


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Align rows of cells, the first of them the header, into lines."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        (" " * _GAP).join(padded(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _is_harmless(character: str) -> bool:
    if character in _HARMLESS:
        return True
    turning = unicodedata.bidirectional(character) in (
        "LRE",
        "RLE",
        "LRO",
        "RLO",
        "PDF",
        "LRI",
        "RLI",
        "FSI",
        "PDI",
    )
    return unicodedata.category(character) not in ("Cc", "Cs") and not turning


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
