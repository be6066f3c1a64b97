"""Real data that a dependency ships: in which language is this name written?

The Unicode Consortium's CLDR, as packaged by Babel, names countries, languages, scripts, currencies, months,
weekdays, cities and time zones in each language. The languages here share the Latin script, and several are
near relatives, so that the letters alone do not give the answer.
"""

import unicodedata
from collections.abc import Iterator

import babel
import numpy as np
import pyarrow as pa
from babel import Locale

from yeoul.data.encodings import Encoding
from yeoul.data.readers import Table

CLDR_LANGUAGES = "cldr-languages"
TITLE = "names of places, languages, currencies and times in 13 languages (Unicode CLDR)"
LICENCE = "Unicode-3.0"

_CODES = ("cs", "da", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt", "sv")
_LEAST_LETTERS = 3


def language_names() -> Table:
    """Return the columns `text` and `language`, sorted by text.

    A name that two of the languages spell alike, in capitals or not, has no single answer and is left out;
    so is, with it, what a language has not translated.
    """
    spellings: dict[str, dict[str, str]] = {}
    for code in _CODES:
        locale = Locale.parse(code)
        language = str(Locale.parse(code).english_name)
        for name in sorted(unicodedata.normalize("NFC", each).strip() for each in _names(locale)):
            if sum(letter.isalpha() for letter in name) >= _LEAST_LETTERS:
                spellings.setdefault(name.lower(), {}).setdefault(language, name)
    single = sorted(
        (name, language)
        for by_language in spellings.values()
        if len(by_language) == 1
        for language, name in by_language.items()
    )
    columns = {
        "text": pa.chunked_array([[name for name, _ in single]], pa.string()),
        "language": pa.chunked_array([[language for _, language in single]], pa.string()),
    }
    numbers = np.arange(2, len(single) + 2, dtype=np.int64)
    return Table(CLDR_LANGUAGES, columns, Encoding("utf-8", detected=False), ",", len(single), numbers)


def version() -> str:
    """Return which package the names come from."""
    return f"Babel {babel.__version__}"


def _names(locale: Locale) -> Iterator[str]:
    for names in (locale.territories, locale.languages, locale.scripts, locale.variants, locale.currencies):
        yield from names.values()
    for forms in (locale.months, locale.days):
        for widths in forms.values():
            yield from widths.get("wide", {}).values()
    yield from (zone["city"] for zone in locale.time_zones.values() if "city" in zone)
    for zone in locale.meta_zones.values():
        yield from zone.get("long", {}).values()
