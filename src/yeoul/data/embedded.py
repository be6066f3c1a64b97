"""The sets that come with Yeoul: no file, nothing to fetch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yeoul.data import cldr, generated
from yeoul.data.catalog import SetTask
from yeoul.data.made import (
    dates,
    korean,
    letters,
    melody,
    programs,
    sentences,
    strings,
    sums,
    tables,
    words,
)
from yeoul.data.tables import Table


@dataclass(frozen=True)
class EmbeddedSet:
    """A table that is made on the spot, the same on every machine."""

    name: str
    title: str
    licence: str
    inputs: tuple[str, ...]
    target: str
    table: Callable[[], Table]
    task: SetTask = "classify"


EMBEDDED: Mapping[str, EmbeddedSet] = {
    entry.name: entry
    for entry in (
        EmbeddedSet(
            cldr.CLDR_LANGUAGES,
            f"{cldr.TITLE}, {cldr.version()}",
            cldr.LICENCE,
            ("text",),
            "language",
            cldr.language_names,
        ),
        EmbeddedSet(
            generated.WORD_ORDER,
            generated.WORD_ORDER_TITLE,
            generated.LICENCE,
            ("text",),
            "first",
            generated.word_order,
        ),
        EmbeddedSet(
            generated.WAVES, generated.WAVES_TITLE, generated.LICENCE, ("steps",), "shape", generated.waves
        ),
        EmbeddedSet(
            generated.WAVES_FORECAST,
            generated.WAVES_FORECAST_TITLE,
            generated.LICENCE,
            (),
            "value",
            generated.waves_forecast,
            "forecast",
        ),
        EmbeddedSet(
            generated.HUNDREDTHS,
            generated.HUNDREDTHS_TITLE,
            generated.LICENCE,
            (),
            "value",
            generated.hundredths,
            "forecast",
        ),
        EmbeddedSet(
            sums.ADDITION,
            sums.ADDITION_TITLE,
            tables.LICENCE,
            ("question",),
            "answer",
            sums.addition,
            "transduce",
        ),
        EmbeddedSet(
            dates.DATES, dates.DATES_TITLE, dates.LICENCE, ("written",), "iso", dates.dates, "transduce"
        ),
        EmbeddedSet(
            korean.NUMBERS,
            korean.NUMBERS_TITLE,
            tables.LICENCE,
            ("number",),
            "reading",
            korean.numbers,
            "transduce",
        ),
        EmbeddedSet(
            korean.NAMES,
            korean.NAMES_TITLE,
            korean.NAMES_LICENCE,
            ("name",),
            "hangul",
            korean.hangul_names,
            "transduce",
        ),
        EmbeddedSet(
            words.SIX_WORDS,
            words.SIX_WORDS_TITLE,
            tables.LICENCE,
            ("english",),
            "korean",
            words.six_words,
            "transduce",
        ),
        EmbeddedSet(
            programs.PROGRAMS,
            programs.PROGRAMS_TITLE,
            tables.LICENCE,
            ("program",),
            "output",
            programs.programs,
            "transduce",
        ),
        EmbeddedSet(
            letters.TEN_WORDS,
            letters.TEN_WORDS_TITLE,
            tables.LICENCE,
            ("letters",),
            "last",
            letters.ten_words,
        ),
        EmbeddedSet(
            letters.HIHELLO,
            letters.HIHELLO_TITLE,
            tables.LICENCE,
            ("text",),
            "",
            letters.hihello,
            "generate",
        ),
        EmbeddedSet(
            letters.PROVERB,
            letters.PROVERB_TITLE,
            tables.LICENCE,
            ("text",),
            "",
            letters.proverb,
            "generate",
        ),
        EmbeddedSet(
            melody.NABIYA,
            melody.NABIYA_TITLE,
            tables.LICENCE,
            ("notes",),
            "",
            melody.nabiya,
            "generate",
        ),
        EmbeddedSet(
            sentences.SENTENCES,
            sentences.SENTENCES_TITLE,
            tables.LICENCE,
            ("text",),
            "",
            sentences.sentences,
            "generate",
        ),
        EmbeddedSet(
            strings.STRINGS,
            strings.STRINGS_TITLE,
            tables.LICENCE,
            ("sound",),
            "",
            strings.plucked_strings,
            "generate",
        ),
    )
}
