"""Dates as people write them in English and Korean, by the Unicode CLDR, and as ISO 8601 writes them."""

from datetime import date, timedelta

import babel
import numpy as np
from babel import Locale
from babel.dates import parse_pattern

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

DATES = "dates"
DATES_TITLE = f"dates as written in English and Korean, and in ISO 8601 (made up, Babel {babel.__version__})"
LICENCE = "Unicode-3.0"
_ROWS = 50_000
_FIRST = date(1970, 1, 1)  # two digits name one year from 1970 to 2069
_LAST = date(2069, 12, 31)
_FORMATS = ("full", "long", "medium", "short")
_PATTERNS = {
    "en": ("MMMM d, y", "d MMM y", "d MMMM y", "EEE, MMM d, y", "M/d/y", "MMMM d y"),
    "ko": ("y년 M월 d일", "y.M.d", "y. M. d", "y년 MM월 dd일 EEEE", "yy년 M월 d일", "y/MM/dd"),
}


def dates() -> Table:
    """Return the columns `written`, `iso` and `language`, no writing twice; half of the English is in small letters."""
    random = np.random.default_rng(32)
    days = (_LAST - _FIRST).days + 1
    patterns = [(language, pattern) for language in _PATTERNS for pattern in _patterns(language)]
    rows: dict[str, tuple[str, str]] = {}
    while len(rows) < _ROWS:
        drawn = zip(
            random.integers(days, size=_ROWS).tolist(),
            random.integers(len(patterns), size=_ROWS).tolist(),
            random.integers(2, size=_ROWS).tolist(),
        )
        for day, place, small in drawn:
            when, (language, pattern) = _FIRST + timedelta(days=day), patterns[place]
            written = pattern.apply(when, language)
            rows.setdefault(written.lower() if small else written, (when.isoformat(), language))
    kept = list(rows.items())[:_ROWS]
    return made_table(
        DATES,
        {
            "written": [written for written, _ in kept],
            "iso": [iso for _, (iso, _) in kept],
            "language": [language for _, (_, language) in kept],
        },
    )


def _patterns(language: str) -> "list[babel.dates.DateTimePattern]":
    usual = [Locale.parse(language).date_formats[name] for name in _FORMATS]
    return [*usual, *(parse_pattern(pattern) for pattern in _PATTERNS[language])]
