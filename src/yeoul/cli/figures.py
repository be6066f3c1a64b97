"""Numbers as a terminal shows them."""

import math
from collections.abc import Mapping

NOTHING = "–"


def percent(share: float | None) -> str:
    """Write a share as a percentage with one decimal.

    >>> percent(0.861)
    '86.1 %'
    """
    return NOTHING if share is None or not math.isfinite(share) else f"{100 * share:.1f} %"


def interval(score: Mapping[str, float | None]) -> str:
    """Write a share with the ends of its interval.

    >>> interval({"value": 0.861, "low": 0.858, "high": 0.864})
    '86.1 % (85.8–86.4)'
    """
    value, low, high = (score.get(name) for name in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return percent(value)
    return f"{percent(value)} ({100 * low:.1f}–{100 * high:.1f})"


def points(difference: Mapping[str, float]) -> tuple[str, str]:
    """Write the size of a difference of shares in points, and its interval; two decimals where one shows zero.

    >>> points({"value": -0.019, "low": -0.022, "high": -0.016})
    ('1.9', '1.6–2.2')
    """
    ends = sorted(abs(difference[name]) for name in ("low", "high"))
    numbers = [abs(difference["value"]), *ends]
    digits = 2 if any(0 < number < 0.0005 for number in numbers) else 1
    value, low, high = (f"{100 * number:.{digits}f}" for number in numbers)
    return value, f"{low}–{high}"


def signed_points(difference: Mapping[str, float]) -> str:
    """Write a difference of shares in points with its sign and interval.

    >>> signed_points({"value": 0.002, "low": -0.003, "high": 0.007})
    '+0.2 (-0.3 … +0.7)'
    """
    value, low, high = (f"{100 * difference[name]:+z.1f}" for name in ("value", "low", "high"))
    return f"{value} ({low} … {high})"


def count(number: float) -> str:
    """Write a whole number with thousands separators."""
    return f"{number:,.0f}"


def compact(number: float) -> str:
    """Write a large number in few characters.

    >>> compact(950), compact(181_234), compact(1_310_000)
    ('950', '181k', '1.31 M')
    """
    if number >= 999_500:
        return f"{number / 1e6:.2f} M"
    return f"{number / 1e3:.0f}k" if number >= 10_000 else f"{number:,.0f}"


def clock(seconds: float) -> str:
    """Write a length of time as m:ss, or h:mm:ss from an hour on.

    >>> clock(47.3), clock(3725)
    ('0:47', '1:02:05')
    """
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
