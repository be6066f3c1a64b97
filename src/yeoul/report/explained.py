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
_LINE_WIDTH, _LINE_HEIGHT = 900, 90
_MOST_LINES = 6


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
class Line:
    """A column of a series over the steps, with what its stretches do."""

    name: str
    share: str
    """Its part in all that moved a forecast, where there are several columns."""
    points: str
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Cell:
    """A place of a picture, in hundredths of its sides."""

    x: str
    y: str
    width: str
    height: str
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
    lines: tuple[Line, ...]
    cells: tuple[Cell, ...]
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
        "how": say("explain.how_forecast" if told["task"] == "forecast" else "explain.how"),
        "picture": told["answer"]["picture"] if told["unit"] == "place" else "",
        "series_size": (_LINE_WIDTH, _LINE_HEIGHT),
        "curve_size": (_WIDTH, _HEIGHT),
        "examples": [(say(f"explain.{kind}"), examples[kind]) for kind in kinds if examples[kind]]
        if examples
        else [],
        "rows_seen": f"{examples['rows_seen']:,}" if examples else "",
    }


def _panel(told: Told, one: Told, steps: bool) -> Panel:
    curve, forecast = one["deletion"], told["task"] == "forecast"
    sign = -1.0 if forecast else 1.0  # what a forecast's curve follows lies below zero
    low, high = sorted((sign * curve["low"], sign * curve["high"]))
    numbers = {
        "area": f"{sign * curve['area']:.3g}",
        "random": f"{sign * curve['random_area']:.3g}",
        "range": f"{low:.3g}–{high:.3g}" if low >= 0 else f"{low:.3g} … {high:.3g}",
    }
    both = [*curve["values"], *curve["random"]]
    low, high = min([0.0, *both]), max([*both, 1e-9])
    if told["target"]:
        low, high = 0.0, 1.0
    shown = METHODS[one["method"]]
    return Panel(
        shown,
        one["trust"],
        say(f"explain.{one['trust']}{'_forecast' if forecast else ''}", numbers),
        one["method"] == told["best"],
        say("explain.curve", {"method": shown}),
        () if steps or told["unit"] == "place" else tuple(marks(told["text"], told["tokens"], one["scores"])),
        tuple(_lines(told, one["scores"])) if steps else (),
        tuple(_cells(told["answer"]["grid"], one["scores"])) if told["unit"] == "place" else (),
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


def _lines(told: Told, scores: Sequence[float]) -> Iterator[Line]:
    """Yield the columns of a series, those that did most first; of one whose columns have no names the first."""
    tokens = told["tokens"]
    steps = max((token["end"] for token in tokens), default=1)
    numbers = [float(word) for word in told["text"].split()]
    width = max(1, len(numbers) // steps)
    names = list(dict.fromkeys(token.get("column", "") for token in tokens))
    sums = dict.fromkeys(names, 0.0)
    for token, score in zip(tokens, scores, strict=True):
        sums[token.get("column", "")] += abs(score)
    whole = sum(sums.values()) or 1.0
    shown = tones(scores)
    for column in sorted(names, key=lambda one: -sums[one])[:_MOST_LINES]:
        own = [
            _band(token, tone, steps)
            for token, tone in zip(tokens, shown, strict=True)
            if tone and token.get("column", "") == column
        ]
        share = f"{100 * sums[column] / whole:.1f} %" if len(names) > 1 else ""
        yield Line(column, share, _drawn(numbers[names.index(column) :: width][:steps], steps), tuple(own))


def _cells(grid: Sequence[int], scores: Sequence[float]) -> Iterator[Cell]:
    rows, columns = grid
    for place, tone in enumerate(tones(scores)):
        row, column = divmod(place, columns)
        if tone:
            x, y, width, height = (100 * one for one in (column / columns, row / rows, 1 / columns, 1 / rows))
            yield Cell(f"{x:.2f}", f"{y:.2f}", f"{width:.2f}", f"{height:.2f}", tone)


def _band(token: Told, tone: str, steps: int) -> Band:
    width = (token["end"] - token["start"]) / steps * _LINE_WIDTH
    return Band(f"{token['start'] / steps * _LINE_WIDTH:.1f}", f"{width:.1f}", tone)


def _drawn(numbers: Sequence[float], steps: int) -> str:
    """Return the points of a line; missing numbers are left out."""
    known = [number for number in numbers if math.isfinite(number)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    span = high - low or 1.0
    return " ".join(
        f"{(step + 0.5) / steps * _LINE_WIDTH:.1f},"
        f"{_LINE_HEIGHT - _MARGIN - (value - low) / span * (_LINE_HEIGHT - 2 * _MARGIN):.1f}"
        for step, value in enumerate(numbers)
        if math.isfinite(value)
    )
