"""Numbers and how Korean reads them; names of places and languages in English and in Hangul."""

import re
import unicodedata
from collections.abc import Iterator

import babel
import numpy as np
from babel import Locale

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table
from yeoul.text.numerals import read_number

NUMBERS = "numbers-ko"
NUMBERS_TITLE = "numbers of one to nine digits and how Korean reads them: 1,234 is 천이백삼십사 (made up)"
NAMES = "names-hangul"
NAMES_TITLE = (
    f"names of places and languages in English and in Hangul (Unicode CLDR, Babel {babel.__version__})"
)
NAMES_LICENCE = "Unicode-3.0"
_ROWS = 50_000
_DIGITS = 9
_HANGUL = re.compile(r"[가-힣]+( [가-힣]+)*")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ' .-]+")


def numbers() -> Table:
    """Return the columns `number`, with commas, and `reading`, no number twice.

    The digits of a number are drawn first, then the number among all of so many digits.
    """
    random = np.random.default_rng(33)
    digits = random.integers(1, _DIGITS + 1, 2 * _ROWS)
    lowest = np.where(digits == 1, 0, 10 ** (digits - 1))
    drawn = lowest + (random.random(len(digits)) * (10**digits - lowest)).astype(np.int64)
    _, first = np.unique(drawn, return_index=True)
    chosen = drawn[np.sort(first)[:_ROWS]].tolist()
    return made_table(
        NUMBERS,
        {
            "number": [f"{number:,}" for number in chosen],
            "reading": [read_number(number) for number in chosen],
        },
    )


def hangul_names() -> Table:
    """Return the columns `name`, `hangul` and `kind` (place, city or language), sorted by name.

    Names that are not wholly in their script, as those with brackets, are left out.
    """
    rows: dict[str, tuple[str, str]] = {}
    for name, hangul, kind in _names():
        name, hangul = (unicodedata.normalize("NFC", each).strip() for each in (name, hangul))
        if _LATIN.fullmatch(name) and _HANGUL.fullmatch(hangul):
            rows.setdefault(name, (hangul, kind))
    kept = sorted(rows.items())
    return made_table(
        NAMES,
        {
            "name": [name for name, _ in kept],
            "hangul": [hangul for _, (hangul, _) in kept],
            "kind": [kind for _, (_, kind) in kept],
        },
    )


def _names() -> Iterator[tuple[str, str, str]]:
    english, korean = Locale.parse("en"), Locale.parse("ko")
    for zone, told in korean.time_zones.items():
        if "city" in told:
            own = english.time_zones.get(zone, {}).get("city", zone.rpartition("/")[2].replace("_", " "))
            yield own, told["city"], "city"
    for kind, sides in (
        ("place", (english.territories, korean.territories)),
        ("language", (english.languages, korean.languages)),
    ):
        for code, name in sides[0].items():
            if code in sides[1]:
                yield name, sides[1][code], kind
