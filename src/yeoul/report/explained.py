"""Write an explanation of one answer as an offline page in two languages."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yeoul.files import write_text
from yeoul.language import Language
from yeoul.report.rendering import render
from yeoul.report.words import Phrase, name, say

Told = Mapping[str, Any]

METHODS: Mapping[str, Phrase] = {
    method: name("method", method)
    for method in ("occlusion", "gradient", "integrated", "attention", "weights")
}
"""The names of the methods for people."""
LEVELS = 4
_FAINT = 0.08
_WIDTH, _HEIGHT, _MARGIN = 240, 110, 6
_LINE_WIDTH, _LINE_HEIGHT = 900, 140


@dataclass(frozen=True)
class Mark:
    """A stretch of text; `tone` is "for1" … "for4", "against1" … "against4" or nothing."""

    text: str
    tone: str
    score: str


@dataclass(frozen=True)
class Band:
    """Some steps of a series."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Panel:
    """One method."""

    name: Phrase
    tone: str
    verdict: Phrase
    best: bool
    curve_label: Phrase
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    values: str
    """Points of the method's curve in the plot."""
    random: str


def write_explanation(told: Told, path: Path, language: Language = "en") -> Path:
    """Write the page of an explanation, as `Explanation.to_json` tells it, and return its path."""
    write_text(path, render("explained.html", _values(told), (), language))
    return path


def tones(scores: Sequence[float]) -> list[str]:
    """Say how strongly each part speaks for the answer or against it, in four levels; faint ones say nothing.

    >>> tones([2.0, -1.0, 0.01])
    ['for4', 'against2', '']
    """
    most = max((abs(score) for score in scores if math.isfinite(score)), default=0.0)
    return [_tone(score / most) if most > 0 and math.isfinite(score) else "" for score in scores]


def marks(text: str, tokens: Sequence[Told], scores: Sequence[float]) -> Iterator[Mark]:
    """Yield a text in stretches, those between the parts without a tone."""
    place = 0
    for token, score, tone in zip(tokens, scores, tones(scores), strict=True):
        if token["start"] > place:
            yield Mark(text[place : token["start"]], "", "")
        yield Mark(text[token["start"] : token["end"]], tone, f"{score:+.3g}")
        place = token["end"]
    if place < len(text):
        yield Mark(text[place:], "", "")


def _tone(share: float) -> str:
    if abs(share) < _FAINT:
        return ""
    level = min(LEVELS, math.ceil(abs(share) * LEVELS))
    return f"{'for' if share > 0 else 'against'}{level}"


def _values(told: Told) -> Mapping[str, object]:
    steps = told["unit"] == "step"
    number = f"{told['value']:.4g}"
    target = say("explain.target", {"target": told["target"], "value": f"{100 * told['value']:.1f} %"})
    examples = told["examples"]
    kinds = ("similar", "supporting", "opposing")
    return {
        "answer": say("explain.answer", {"answer": told["shown"]}),
        "target": target if told["target"] else say("explain.number", {"value": number}),
        "panels": [_panel(told, one, steps) for one in told["methods"]],
        "series": _series(told["text"], told["tokens"]) if steps else "",
        "series_size": (_LINE_WIDTH, _LINE_HEIGHT),
        "curve_size": (_WIDTH, _HEIGHT),
        "examples": [(say(f"explain.{kind}"), examples[kind]) for kind in kinds if examples[kind]]
        if examples
        else [],
        "rows_seen": f"{examples['rows_seen']:,}" if examples else "",
    }


def _panel(told: Told, one: Told, steps: bool) -> Panel:
    curve = one["deletion"]
    numbers = {
        "area": f"{curve['area']:.3g}",
        "random": f"{curve['random_area']:.3g}",
        "low": f"{curve['low']:.3g}",
        "high": f"{curve['high']:.3g}",
    }
    both = [*curve["values"], *curve["random"]]
    low, high = min([0.0, *both]), max([*both, 1e-9])
    if told["target"]:
        low, high = 0.0, 1.0
    shown = METHODS[one["method"]]
    return Panel(
        shown,
        one["trust"],
        say(f"explain.{one['trust']}", numbers),
        one["method"] == told["best"],
        say("explain.curve", {"method": shown}),
        () if steps else tuple(marks(told["text"], told["tokens"], one["scores"])),
        tuple(_bands(told["tokens"], one["scores"])) if steps else (),
        _points(curve["shares"], curve["values"], low, high),
        _points(curve["shares"], curve["random"], low, high),
    )


def _points(shares: Sequence[float], values: Sequence[float], low: float, high: float) -> str:
    """Return the points of a curve, in the coordinates of its plot."""
    across, up = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    span = high - low or 1.0
    return " ".join(
        f"{_MARGIN + share * across:.1f},{_HEIGHT - _MARGIN - (value - low) / span * up:.1f}"
        for share, value in zip(shares, values, strict=True)
    )


def _bands(tokens: Sequence[Told], scores: Sequence[float]) -> Iterator[Band]:
    steps = max((token["end"] for token in tokens), default=1)
    for token, tone in zip(tokens, tones(scores), strict=True):
        if tone:
            width = (token["end"] - token["start"]) / steps * _LINE_WIDTH
            yield Band(f"{token['start'] / steps * _LINE_WIDTH:.1f}", f"{width:.1f}", tone)


def _series(text: str, tokens: Sequence[Told]) -> str:
    """Return the points of the first channel of a series, whose numbers stand step by step in `text`."""
    numbers = [float(word) for word in text.split()]
    steps = max((token["end"] for token in tokens), default=1)
    first = numbers[:: max(1, len(numbers) // steps)][:steps]
    low, high = min(first, default=0.0), max(first, default=1.0)
    span = high - low or 1.0
    return " ".join(
        f"{(step + 0.5) / steps * _LINE_WIDTH:.1f},"
        f"{_LINE_HEIGHT - _MARGIN - (value - low) / span * (_LINE_HEIGHT - 2 * _MARGIN):.1f}"
        for step, value in enumerate(first)
    )
