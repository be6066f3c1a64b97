"""The sets that come with Yeoul: no file, nothing to fetch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from yeoul.data import cldr, generated
from yeoul.data.catalog import SetTask
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
    )
}
