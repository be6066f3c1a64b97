"""Look at the quotes of a separated file before it is parsed, so that no row is swallowed by an open one."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Quoting:
    """What the quotes at the beginnings of values do."""

    used: bool = False
    """Some value begins with a quote."""
    well_formed: bool = True
    """Each opened quote is closed, and a separator or the end of the line follows."""
    encloses: bool = False
    """Some quoted value holds a separator or a line break."""
    unclosed_at: int = -1
    """Offset of the first quote that swallows lines up to a quote of another value, or to the end."""
    lines_inside: int = 0
    """Line breaks inside quoted values before `unclosed_at`."""

    @property
    def doubtful(self) -> bool:
        """Whether the quotes may be literal characters."""
        return not self.well_formed or self.encloses


def scan_quotes(content: bytes | memoryview, separator: bytes) -> Quoting:
    """Walk through the quoted values of `content` (UTF-8) in order.

    A quote counts only at the beginning of a value; inside a quoted value two quotes stand for one. A quote
    that closes in the middle of a value on its own line is harmless, as in `"good" film`.
    """
    mark = re.escape(separator)
    field = re.compile(rb'"(?:(?<=[%b\r\n]")|(?<=\A"))((?:[^"]+|"")*+)("?)([^%b\r\n]?)' % (mark, mark))
    used, well_formed, encloses, inside = False, True, False, 0
    for match in field.finditer(content):
        used = True
        value = match[1]
        lines = value.count(b"\n") + value.count(b"\r") - value.count(b"\r\n")
        closed = bool(match[2]) and not match[3]
        well_formed = well_formed and closed
        if not match[2] or (lines and not closed):
            return Quoting(used, False, True, match.start(), inside)
        encloses = encloses or lines > 0 or separator in value
        inside += lines
    return Quoting(used, well_formed, encloses)
