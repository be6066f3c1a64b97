"""Say where a model is weak: each part of the rows in words, with its scores and rows to read."""

from dataclasses import dataclass

from yeoul.report import formats
from yeoul.report.findings import gap, slice_column, slice_part
from yeoul.report.formats import LABEL_CHARACTERS, count, cut
from yeoul.report.records import Slices, WeakRow, WeakSpot, WeakSpots
from yeoul.report.words import Phrase, name, say

_TEXT_CHARACTERS = 160


@dataclass(frozen=True)
class SpotRow:
    """One weak spot."""

    part: Phrase
    rows: str
    score: str
    rest: str
    difference: Phrase
    examples: tuple[tuple[str, str, str], ...]
    """Place, text, and what was said of a row."""


@dataclass(frozen=True)
class Search:
    """What the section of weak spots shows."""

    headline: Phrase
    found: bool
    metric: Phrase
    rows: tuple[SpotRow, ...]
    how: Phrase | None


def search(parts: Slices | None) -> Search | None:
    """Lay out what a search for weak spots has found; None where there was no search."""
    found = None if parts is None else parts.weak_spots
    if found is None:
        return None
    told = {"count": len(found.spots), "rows": count(found.rows), "parts": count(found.parts)}
    if not found.parts:
        headline = say("weak.few", told)
    elif found.spots:
        headline = say("weak.found", told)
    else:
        headline = say("weak.nothing", told)
    rows = tuple(_row(found, one) for one in found.spots)
    return Search(
        headline, bool(found.spots), name("metric", found.metric), rows, _how(found) if found.parts else None
    )


def spot_name(one: WeakSpot) -> Phrase:
    """Say which rows a weak spot holds.

    >>> spot_name(WeakSpot(kind="word", value="환불", rows=9, all_rows=20, score={}, rest=0.9, difference={})).en
    'with the word “환불”'
    """
    if one.kind == "column":
        column, part = slice_column(one.by), slice_part(one)
        return Phrase(f"{column.en}: {part}", f"{column.ko}: {part}")
    value = one.value or ""
    if one.kind in ("writing", "not_writing"):
        return say(f"weak.part.{one.kind}", {"what": name("writing", value)})
    return say(f"weak.part.{one.kind}", {"value": cut(value, LABEL_CHARACTERS)})


def short_line(found: WeakSpots) -> Phrase | None:
    """Say the clearest weak spot in one sentence; None where none was found."""
    if not found.spots:
        return None
    first = found.spots[0]
    told = {
        "part": spot_name(first),
        "metric": name("metric", found.metric),
        "score": formats.level(found.metric, first.score.value),
        "rest": formats.level(found.metric, first.rest),
        "rows": count(first.all_rows),
        "others": len(found.spots) - 1,
    }
    return say("weak.line" if len(found.spots) == 1 else "weak.line_of_several", told)


def _row(found: WeakSpots, one: WeakSpot) -> SpotRow:
    return SpotRow(
        spot_name(one),
        count(one.all_rows),
        formats.score(found.metric, one.score),
        formats.level(found.metric, one.rest),
        gap(found.metric, one.difference),
        tuple((row.where, cut(row.text, _TEXT_CHARACTERS), _said(row)) for row in one.examples),
    )


def _said(row: WeakRow) -> str:
    said = row.wrong or f"{row.target} → {row.predicted}"
    return cut(said, _TEXT_CHARACTERS)


def _how(found: WeakSpots) -> Phrase:
    told = {"rows": count(found.rows), "parts": count(found.parts), "tested": count(found.tested)}
    how = say("weak.how", told)
    if found.judged == "wrong":
        return how
    worst = say("weak.worst_fifth")
    return Phrase(f"{how.en} {worst.en}", f"{how.ko} {worst.ko}")
