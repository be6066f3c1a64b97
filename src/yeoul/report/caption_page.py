"""The panels of a page of captions: pictures and where the model looked, how varied it speaks, its worst captions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from yeoul.report import caption_charts, findings, panels, views
from yeoul.report.caption_contents import CaptionContents
from yeoul.report.caption_records import CaptionsCard, Look
from yeoul.report.caption_veils import veil_png
from yeoul.report.contents import Contents
from yeoul.report.drawing import Plan
from yeoul.report.facts import Fact, code, doubtful, fact, told
from yeoul.report.formats import amount, count, cut, percent
from yeoul.report.records import Evaluation, Lengths
from yeoul.report.words import Phrase, joined, name, say

METRICS = (
    *("cider", "bleu", "bleu_1", "bleu_2", "bleu_3", "rouge_l", "chrf", "exact_match"),
    *("length_ratio", "perplexity"),
)
_SECTIONS = ("scores", "data", "curves", "looks", "variety", "worst", "slices", "cost", "reproduce")
_WORST = 50
_SHOWN = 60
_FILES = 3
_BYTES = 900_000
"""Of pictures on the page."""


@dataclass(frozen=True)
class Word:
    """A token, and the veil over the picture while it was said."""

    text: str
    veil: str


@dataclass(frozen=True)
class Seen:
    """A picture with what is said of it, word by word."""

    key: str
    where: str
    picture: str
    targets: tuple[str, ...]
    predicted: str
    words: tuple[Word, ...]
    found: Phrase | None
    """The words that were found in it."""


def plans(contents: Contents, own: CaptionContents) -> Iterator[Plan]:
    """Return the charts that the contents ask for, those of the training apart."""
    found = contents.evaluation
    if found is None:
        return
    shown = [look for look in own.looks.rows if look.picture is not None]
    for place, look in enumerate(shown[:_FILES], 1):
        label = say("looks.label", {"predicted": cut(look.predicted, _SHOWN)})
        yield Plan(f"looks-{place}", label, partial(caption_charts.looks, look))
    parts = contents.slices.get(found.split)
    if parts is not None and parts.slices:
        label = say("slices.label", {"count": len(parts.slices)})
        labels = findings.slice_labels(parts)
        yield Plan(
            "slices",
            label,
            lambda each: panels.slices(parts, [phrase.said(each) for phrase in labels], each),
        )


def values(contents: Contents, own: CaptionContents) -> Mapping[str, object]:
    """Return what the page shows beyond what the pages of all tasks do."""
    found = contents.evaluation
    parts = contents.slices.get(found.split) if found else None
    settings = {name: own.told.signature.get(name, "") for name in ("cider", "bleu", "chrf", "rouge_l")}
    return {
        "verdict": views.verdict(contents),
        "boards": [views.scoreboard(one, _metrics(one)) for one in contents.evaluations.values()],
        "sections": _SECTIONS,
        "card": own.data,
        "files": own.data.files if own.data else (),
        "data_facts": caption_facts(own.data) if own.data else [],
        "samples": (),
        "note": say("scores.caption_note", settings),
        "looks": seen(own.looks.rows),
        "variety": variety(own),
        "worst": own.worst[:_WORST],
        "parts": parts,
        "weak": None,
        "slice_rows": findings.slice_rows(parts) if parts else [],
        "max_slices": panels.MAX_SLICES,
    }


def _metrics(found: Evaluation) -> tuple[str, ...]:
    """Return the scores in the order of the board: that which decides comes first."""
    deciding = found.verdict.metric if found.verdict else METRICS[0]
    return (deciding, *(metric for metric in METRICS if metric != deciding))


def seen(looks: tuple[Look, ...]) -> list[Seen]:
    """Return pictures as the page shows them, as many as fit on it."""
    shown, room = list[Seen](), _BYTES
    for place, look in enumerate(looks, 1):
        if look.picture is None:
            continue
        tokens = [*look.tokens, caption_charts.END]
        words = tuple(
            Word(token.strip() or token, veil_png(grid))
            for token, grid in zip(tokens, look.attention or (), strict=False)
        )
        room -= len(look.picture) + sum(len(word.veil) for word in words)
        if room < 0:
            break
        chances = ", ".join(f"{one.word} {percent(one.chance)}" for one in look.words)
        found = say("looks.found", {"words": chances}) if chances else None
        key = f"picture-{place}"
        shown.append(Seen(key, look.where, look.picture, look.targets, look.predicted, words, found))
    return shown


def variety(own: CaptionContents) -> list[Phrase]:
    """Say how many captions differ, beside those of people, and how many were cut off."""
    sentences = []
    for who, one in own.told.variety.items():
        words = {
            "captions": count(one.captions),
            "distinct": count(one.distinct),
            "words": count(one.words),
            "length": amount(one.length),
        }
        if who in ("model", "people"):
            sentences.append(say(f"variety.{who}", words))
    endless = sum(number for name, number in own.told.outcomes.items() if name != "ended")
    return [*sentences, *([say("sureness.cut", {"count": count(endless)})] if endless else [])]


def caption_facts(card: CaptionsCard) -> list[Fact]:
    """List what a reader must know about the pictures before believing a score."""
    leaks = card.leaks.get("test", {})
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.pictures", count(card.rows)),
        fact("data.captions", count(sum(card.captions.values()))),
        fact("data.split", joined([_part(split, size) for split, size in card.sizes.items()])),
        fact("data.captions_of_a_picture", _lengths(card.captions_each)),
        fact("data.caption_words", _lengths(card.words)),
        doubtful("data.skipped_pictures", sum(card.unusable.values()) or None),
        fact("data.duplicates", count(card.duplicates)),
        doubtful("data.leaked_pictures", leaks.get("equal") or None),
        doubtful("data.alike_pictures", leaks.get("alike") or None),
        fact("data.cut_targets", percent(card.target_truncated.token_share) if card.target_truncated else ""),
        fact("data.words_looked_for", count(card.words_looked_for) if card.words_looked_for else ""),
        code("data.fingerprint", card.fingerprint),
    )


def _part(split: str, size: int) -> Phrase:
    named = name("split", split)
    return Phrase(f"{named.en} {count(size)}", f"{named.ko} {count(size)}")


def _lengths(lengths: Lengths | None) -> Phrase | None:
    if lengths is None:
        return None
    return say("data.tokens_value", {key: count(number) for key, number in lengths.model_dump().items()})
