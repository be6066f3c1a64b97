"""How the data of each task is described while it is trained on: a row of a table for each task."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from yeoul.cli.caption_cards import caption_finding_lines, caption_split_line, captions_line
from yeoul.cli.cards import data_line, near_lines, split_line, vectors_line
from yeoul.cli.likeness_cards import likeness_finding_lines, likeness_line, likeness_split_line
from yeoul.cli.measurement_cards import finding_lines, measurements_line, windows_line
from yeoul.cli.pair_cards import pair_finding_lines, pair_split_line, pairs_line
from yeoul.cli.tag_cards import tag_finding_lines, tag_split_line, tags_line
from yeoul.cli.text_cards import parts_line, text_line
from yeoul.language import say
from yeoul.report.caption_records import CaptionsCard
from yeoul.report.likeness_records import LikenessCard
from yeoul.report.measurement_records import MeasurementsCard
from yeoul.report.pair_records import PairsCard
from yeoul.report.records import DataCard
from yeoul.report.tag_records import TagsCard
from yeoul.report.text_records import TextCard

Named = Iterator[tuple[str, str]]
"""A word for what a line is about, and the line."""


def card_lines(card: Mapping[str, Any]) -> Named:
    """Describe the data card of any task."""
    return _LINES.get(str(card.get("task")), _labelled)(card)


def _labelled(told: Mapping[str, Any]) -> Named:
    card = DataCard.model_validate(told)
    yield say("data"), data_line(card)
    yield say("split"), split_line(card)
    for line in near_lines(card.near, card.rows or 0):
        yield say("found"), line
    if card.vectors is not None:
        yield say("vectors"), vectors_line(card.vectors)


def _measurements(told: Mapping[str, Any]) -> Named:
    card = MeasurementsCard.model_validate(told)
    yield say("data"), measurements_line(card)
    yield say("split"), windows_line(card)
    for line in finding_lines(card):
        yield say("found"), line


def _text(told: Mapping[str, Any]) -> Named:
    card = TextCard.model_validate(told)
    yield say("data"), text_line(card)
    yield say("split"), parts_line(card)


def _pairs(told: Mapping[str, Any]) -> Named:
    card = PairsCard.model_validate(told)
    yield say("data"), pairs_line(card)
    yield say("split"), pair_split_line(card)
    for line in pair_finding_lines(card):
        yield say("found"), line


def _likeness(told: Mapping[str, Any]) -> Named:
    card = LikenessCard.model_validate(told)
    yield say("data"), likeness_line(card)
    yield say("split"), likeness_split_line(card)
    for line in likeness_finding_lines(card):
        yield say("found"), line


def _tags(told: Mapping[str, Any]) -> Named:
    card = TagsCard.model_validate(told)
    yield say("data"), tags_line(card)
    yield say("split"), tag_split_line(card)
    for line in tag_finding_lines(card):
        yield say("found"), line
    if card.vectors is not None:
        yield say("vectors"), vectors_line(card.vectors)


def _captions(told: Mapping[str, Any]) -> Named:
    card = CaptionsCard.model_validate(told)
    yield say("data"), captions_line(card)
    yield say("split"), caption_split_line(card)
    for line in caption_finding_lines(card):
        yield say("found"), line


_LINES: Mapping[str, Callable[[Mapping[str, Any]], Named]] = {
    "caption": _captions,
    "classify": _labelled,
    "compare": _likeness,
    "forecast": _measurements,
    "generate": _text,
    "tag": _tags,
    "transduce": _pairs,
}
