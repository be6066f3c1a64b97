"""What a page of a language model says in words and tables: verdict, scoreboard, texts it wrote, what surprised it."""

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from yeoul.report import views
from yeoul.report.contents import Contents
from yeoul.report.facts import Fact, code, fact, flagged, told
from yeoul.report.formats import LOWER_FIGURE, NOTHING, amount, count, gain, percent, score
from yeoul.report.language_charts import Bar
from yeoul.report.language_contents import LanguageContents
from yeoul.report.language_records import Passage, Sample, Told
from yeoul.report.records import Evaluation
from yeoul.report.text_records import Part, TextCard
from yeoul.report.words import Phrase, joined, name, say

METRICS = ("perplexity", "bits_per_byte", "bits_per_character", "nats_per_token")
DIGITS = 4
_WRITTEN_CHARACTERS = 3000
_STEPS = (1.0, 2.0, 3.5, 5.5)
"""From how many times the usual surprise on a token is marked, the stronger the more."""
_SOUND = range(0x2800, 0x2900)
"""Signs that stand for samples of a sound."""


@dataclass(frozen=True)
class SampleView:
    """A text that the model wrote, with what is told of it."""

    title: Phrase
    notes: Phrase
    text: str
    cut: bool


@dataclass(frozen=True)
class Mark:
    """A piece of a passage; the level is 0 for what did not surprise, up to 4."""

    text: str
    level: int
    nats: str


@dataclass(frozen=True)
class PassageView:
    """A passage with its mean surprise."""

    title: Phrase
    marks: tuple[Mark, ...]


def verdict(contents: Contents, own: LanguageContents) -> views.VerdictView:
    """Say first whether the model tells the text better than the number to beat, or why that is not known."""
    plain, found = views.verdict(contents), contents.evaluation
    about = own.told.get(found.split) if found else None
    if found is None or about is None:
        return plain
    judged = found.verdict
    metric = judged.metric if judged else found.metric
    baseline = found.baseline(judged.against) if judged else None
    title = name("metric", metric)
    values = {
        "metric": Phrase(title.en[:1].upper() + title.en[1:], title.ko),
        "model": score(metric, found.scores.get(metric), DIGITS),
        "baseline": score(metric, baseline.scores.get(metric) if baseline else None, DIGITS),
        "tokens": count(about.tokens),
        "characters": count(about.characters),
        "split": name("split", found.split),
    }
    numbers = say("verdict.text" if judged else "verdict.text_alone", values)
    sentences = (numbers, *plain.sentences[1:])
    if judged is None or judged.gain is None or judged.gain.value is None:
        return replace(plain, sentences=sentences)
    return replace(
        plain,
        difference=gain(judged.gain, LOWER_FIGURE),
        meaning=say("verdict.surprise" if judged.gain.low is not None else "verdict.surprise_alone"),
        sentences=sentences,
    )


def scoreboard(found: Evaluation, about: Told | None) -> views.Scoreboard:
    """Lay out the scores of the model, of the model with help, and of the baselines."""
    alike = about is not None and about.characters == about.bytes  # so are bits per character and per byte
    others = [metric for metric in METRICS if not alike or metric != "bits_per_character"]
    known = (found.metric, *(metric for metric in others if metric != found.metric))
    board = views.scoreboard(found, known, digits=DIGITS)
    if about is None:
        return board
    shown = [metric for metric in known if metric in found.scores]
    nothing = Phrase("", "")
    helped = [
        views.ScoreRow(
            say(f"helped.{key}"),
            None,
            tuple(score(metric, one.scores.get(metric), DIGITS) for metric in shown),
            nothing,
            nothing,
            "",
        )
        for key, one in about.helps.items()
    ]
    values = {"split": name("split", found.split), "tokens": count(about.tokens)}
    caption = say("scores.tokens", {**values, "characters": count(about.characters)})
    return replace(board, caption=caption, rows=(board.rows[0], *helped, *board.rows[1:]))


def bars(found: Evaluation, about: Told) -> list[Bar]:
    """Return the scores that decide, the model's first."""
    metric = found.metric
    drawn = [Bar(say("scores.model"), found.scores[metric], "model")] if metric in found.scores else []
    drawn += [
        Bar(say(f"helped.{key}"), one.scores[metric], "help")
        for key, one in about.helps.items()
        if metric in one.scores
    ]
    rivals = [one for one in found.baselines if metric in one.scores]
    return drawn + [Bar(name("baseline", one.name), one.scores[metric], "rival") for one in reversed(rivals)]


def text_facts(card: TextCard) -> list[Fact]:
    """List what a reader must know about the text before believing a score."""
    encoding = card.encoding
    return told(
        fact("data.source", card.title or card.source),
        fact("data.licence", card.licence),
        fact("data.unit", name("unit", card.unit) if card.unit else ""),
        fact("data.vocabulary", count(card.vocabulary)),
        fact("data.split", _division(card)),
        *(
            Fact(_title(split), _part(part))
            for split in ("train", "validation", "test")
            if (part := card.parts.get(split)) is not None
        ),
        fact("data.unknown", _unknown(card)),
        fact("data.known_lines", _known_lines(card)),
        fact("data.line_ends", say("data.closed" if card.lines else "data.open")),
        fact("data.state", say("data.carried" if card.stream else "data.anew")),
        fact("data.encoding", flagged("data.detected", encoding.name, encoding.detected) if encoding else ""),
        code("data.fingerprint", card.fingerprint),
    )


def samples(about: Told) -> list[SampleView]:
    """Return the texts that the model wrote, the boldest last."""
    return [_sample(one) for one in about.samples]


def passages(some: Sequence[Passage], unit: str | None, usual: float) -> list[PassageView]:
    """Return passages with their tokens marked, by how many times the `usual` nats each cost."""
    return [
        PassageView(
            say("surprises.mean", {"bits": amount(one.nats / math.log(2.0))}),
            tuple(_mark(text, costs, usual) for text, costs in _whole(one.tokens, unit)),
        )
        for one in some
    ]


def usual_nats(found: Evaluation | None) -> float:
    """Return what a token costs in the mean."""
    known = found.scores.get("nats_per_token") if found else None
    return known.value if known is not None and known.value else 1.0


def _sample(one: Sample) -> SampleView:
    temperature = 0.0 if one.temperature is None else one.temperature
    title = (
        say("written.likeliest")
        if not temperature
        else say("written.at", {"temperature": f"{temperature:g}"})
    )
    notes = []
    if one.copied is not None:
        key = "written.copied" if one.copied_run else "written.copied_lines"
        notes.append(say(key, {"share": percent(one.copied), "run": one.copied_run}))
    if one.repetition is not None:
        notes.append(say("written.repetition", {"share": percent(one.repetition)}))
    if one.text and all(ord(letter) in _SOUND for letter in one.text):
        return SampleView(
            title, joined([say("written.sound", {"count": count(len(one.text))}), *notes]), "", False
        )
    return SampleView(
        title, joined(notes), one.text[:_WRITTEN_CHARACTERS], len(one.text) > _WRITTEN_CHARACTERS
    )


def _mark(text: str, costs: Sequence[float], usual: float) -> Mark:
    """Mark a character by the mean of its tokens; what is told of it is what they cost together."""
    level = sum(sum(costs) >= step * usual * len(costs) for step in _STEPS)
    return Mark(text.replace("\n", "↵\n"), level, amount(sum(costs) / math.log(2.0)))


def _whole(tokens: Sequence[tuple[str, float]], unit: str | None) -> Iterator[tuple[str, list[float]]]:
    """Yield what the tokens spell, those that make one character together, with what each of them cost."""
    begun, costs = "", list[float]()
    for text, nats in tokens:
        if begun and not _joins(text, unit):
            yield _spelled(begun, unit), costs
            begun, costs = "", []
        begun, costs = begun + text, [*costs, nats]
    if begun:
        yield _spelled(begun, unit), costs


def _joins(text: str, unit: str | None) -> bool:
    """Tell whether a token belongs to the character before it."""
    if unit == "byte":
        return "\x80" <= text[:1] <= "\xbf"
    first = text[:1]
    return "\u1160" <= first <= "\u11ff" or (first != "" and unicodedata.combining(first) > 0)


def _spelled(text: str, unit: str | None) -> str:
    if unit == "byte":
        return text.encode("latin-1", "replace").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", text)


def _division(card: TextCard) -> Phrase | str:
    split = card.split
    how = name("data.how", split.how) if split.how else Phrase("", "")
    if split.how == "official":
        return how
    parts = [say("data.official_test")] if split.official_test else []
    if split.test is not None:
        parts.append(say("data.test_share", {"share": percent(split.test)}))
    if split.validation is not None:
        parts.append(say("data.validation_share", {"share": percent(split.validation)}))
    return joined([*parts, *([how] if how.en else [])])


def _part(part: Part) -> Phrase:
    values = {"characters": count(part.characters), "lines": count(part.lines), "tokens": count(part.tokens)}
    return say("data.text_part" if part.tokens is None else "data.token_part", values)


def _unknown(card: TextCard) -> Phrase:
    known: Mapping[str, str] = {
        split: percent(part.unknown_share)
        for split, part in card.parts.items()
        if part.unknown_share is not None
    }
    return joined(
        [
            Phrase(f"{name('split', split).en} {share}", f"{name('split', split).ko} {share}")
            for split, share in known.items()
            if share != NOTHING
        ]
    )


def _known_lines(card: TextCard) -> Phrase:
    told = [
        say("data.known_part", {"split": name("split", split), "lines": count(part.known_lines)})
        for split, part in card.parts.items()
        if part.known_lines
    ]
    return joined(told)


def _title(split: str) -> Phrase:
    return name("split", split)
