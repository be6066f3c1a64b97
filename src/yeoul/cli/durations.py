"""Read a length of time as people write it."""

import re

from yeoul.errors import UsageError

_PARTS = re.compile(r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?")


def parse_duration(text: str, *, where: str) -> float:
    """Return the seconds of "90s", "10m", "1h30m" or "45"; raise `UsageError` for anything else, and for zero.

    >>> parse_duration("1h30m", where="--budget")
    5400.0
    """
    found = _PARTS.fullmatch(text.strip().lower())
    seconds = 0.0
    if found:
        seconds = sum(
            scale * float(found[unit]) for unit, scale in (("h", 3600), ("m", 60), ("s", 1)) if found[unit]
        )
    if not 0 < seconds < 1e7:
        raise UsageError(
            "{came!r} is not a length of time", "write 90s, 10m or 1h30m", where=where, values={"came": text}
        )
    return float(seconds)
