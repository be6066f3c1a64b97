"""The sets that come with Yeoul: no file, nothing to fetch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.data import cldr, generated
from yeoul.data.catalog import SetTask
from yeoul.data.made import (
    curves,
    dates,
    documents,
    entities,
    korean,
    letters,
    melody,
    programs,
    scenes,
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
    pictures: Callable[[int], npt.NDArray[np.uint8]] | None = None
    """Draws what the rows tell of: (N, size, size, 3)."""


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
            entities.NAMES_IN_SENTENCES,
            entities.TITLE,
            entities.LICENCE,
            ("words",),
            "tags",
            entities.names_in_sentences,
            "tag",
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
        EmbeddedSet(
            documents.DOCUMENTS_KO,
            documents.DOCUMENTS_KO_TITLE,
            tables.LICENCE,
            ("sentences",),
            "roles",
            documents.korean_documents,
            "tag",
        ),
        EmbeddedSet(
            documents.DOCUMENTS_EN,
            documents.DOCUMENTS_EN_TITLE,
            tables.LICENCE,
            ("sentences",),
            "roles",
            documents.english_documents,
            "tag",
        ),
        EmbeddedSet(
            curves.CURVES,
            curves.CURVES_TITLE,
            tables.LICENCE,
            ("left", "right"),
            "same",
            curves.curves,
            "compare",
        ),
        EmbeddedSet(
            scenes.SCENES,
            scenes.SCENES_TITLE,
            tables.LICENCE,
            ("image",),
            "caption",
            scenes.scenes,
            "caption",
            scenes.scene_pictures,
        ),
        EmbeddedSet(
            scenes.SCENES_KO,
            scenes.SCENES_KO_TITLE,
            tables.LICENCE,
            ("image",),
            "caption",
            scenes.korean_scenes,
            "caption",
            scenes.scene_pictures,
        ),
    )
}
