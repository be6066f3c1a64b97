"""The charts of a classification report: curves, confusion, calibration, class balance and text lengths."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, FuncFormatter, MaxNLocator, PercentFormatter

from yeoul.language import Language
from yeoul.report.drawing import FIRST, GRID, INK, MUTED, SECOND, THIRD, figure
from yeoul.report.fonts import chart_text
from yeoul.report.formats import amount, count, is_share
from yeoul.report.records import CalibrationBin, Epoch, Lengths, SomeLengths
from yeoul.report.words import Phrase, name, say

MAX_POINTS = 400
MAX_BARS = 30
MAX_CLASSES = 100
_NUMBERED_CLASSES = 8
_NAMED_CLASSES = 50
_WIDE_CLASSES = 16
_STRONGEST = 0.6
_SPLIT_COLORS = (("train", FIRST), ("validation", SECOND), ("test", THIRD))


@dataclass(frozen=True)
class Line:
    """The number to beat as a level line: its name and score."""

    label: Phrase
    value: float


def curves(epochs: Sequence[Epoch], metric: str, beat: Line | None, language: Language) -> Figure:
    """Draw the losses above and the validation score below, the best epoch marked."""
    drawing, (losses, scores) = figure(6.2, 5.0, rows=2)
    drawing.set_layout_engine("constrained", rect=(0, 0, 1, 0.95), hspace=0.16)
    some = thinned(epochs, MAX_POINTS)
    shown = [one.epoch for one in some]
    marker = "o" if len(shown) <= 40 else ""
    series = (
        (losses, [one.loss for one in some], "curves.train_loss", FIRST, "-"),
        (losses, [one.validation.get("loss") for one in some], "curves.validation_loss", SECOND, "--"),
        (scores, [one.validation.get(metric) for one in some], "", SECOND, "--"),
    )
    for axes, values, key, color, dashes in series:
        label = say(key).said(language) if axes is losses else None
        axes.plot(shown, _floats(values), dashes, color=color, marker=marker, markersize=3.5, label=label)
    if beat is not None:
        text = chart_text(beat.label.said(language), 60)
        scores.axhline(beat.value, color=MUTED, linewidth=1.4, linestyle=(0, (1, 1.5)), label=text)
    best = best_epoch(epochs)
    if best is not None:
        _mark(losses, best, best.validation.get("loss"), "")
        _mark(scores, best, best.validation.get(metric), say("curves.best").said(language))
    losses.set_ylabel(say("curves.loss").said(language))
    scores.set_ylabel(say("curves.validation_score", {"metric": name("metric", metric)}).said(language))
    scores.yaxis.set_major_formatter(score_axis(metric))
    scores.set_xlabel(say("curves.epoch").said(language))
    scores.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    if len(shown) == 1:
        scores.set_xlim(shown[0] - 1, shown[0] + 1)
    for axes in (losses, scores):
        axes.grid(axis="y")
        _legend(axes)
    return drawing


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], language: Language) -> Figure:
    """Draw true (rows) against predicted classes (columns): the larger the share, the deeper the color.

    With few classes every cell has its numbers, and the color stays pale enough to read them. With many the
    color grows with the square root of the share, so that rare confusions can be seen.
    """
    table = np.array(counts, dtype=np.float64)
    classes = len(labels)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    drawing, (axes,) = figure(7.8, 7.2) if is_wide(labels) else figure(5.0, 4.6)
    numbered = classes <= _NUMBERED_CLASSES
    colors = np.empty((classes, classes, 4))
    colors[..., :3] = to_rgb(FIRST)
    colors[..., 3] = shares * _STRONGEST if numbered else np.sqrt(shares)
    axes.imshow(colors, interpolation="none", aspect="equal")
    if numbered:
        small = 10 - 0.4 * max(classes - 2, 0)
        for (row, column), number in np.ndenumerate(table):
            text = f"{count(float(number))}\n{100 * shares[row, column]:.1f} %"
            axes.text(column, row, text, ha="center", va="center", fontsize=small)
    if classes <= _NAMED_CLASSES:
        names = [chart_text(label, 10 if is_wide(labels) else 14) or "–" for label in labels]
        size = max(5.5, min(10.0, (300 if is_wide(labels) else 150) / max(classes, 1)))
        turned = classes > 6 or max(map(len, names)) * classes > 30
        axes.set_xticks(range(classes), names, rotation=90 if turned else 0, fontsize=size)
        axes.set_yticks(range(classes), names, fontsize=size)
    axes.tick_params(length=0)
    axes.set_xlabel(say("table.predicted.class").said(language))
    axes.set_ylabel(say("table.target.class").said(language))
    axes.spines[["top", "right"]].set_visible(True)
    axes.spines[:].set_color(GRID)
    return drawing


def is_wide(labels: Sequence[str]) -> bool:
    """Say whether a confusion matrix needs the width of the page."""
    return len(labels) > _WIDE_CLASSES


def calibration(bins: Sequence[CalibrationBin], language: Language) -> Figure:
    """Draw the share right against the confidence of each bin, and how many rows each holds."""
    drawing = Figure(figsize=(5.0, 4.6), layout="constrained")
    axes, rows = drawing.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    axes.plot((0, 1), (0, 1), color=MUTED, linewidth=1.2, linestyle=(0, (1, 1.5)))
    axes.annotate(
        say("calibration.perfect").said(language),
        (0.13, 0.1),
        color=MUTED,
        fontsize=9,
        ha="left",
        va="center",
    )
    places = [one.confidence for one in bins]
    axes.plot(places, [one.accuracy for one in bins], color=FIRST, marker="o", markersize=4.5)
    rows.bar(places, [one.rows for one in bins], width=0.03, color=FIRST)
    axes.set_ylabel(say("calibration.right").said(language))
    rows.set_ylabel(say("calibration.rows").said(language))
    rows.set_xlabel(say("calibration.confidence").said(language))
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    for axis in (axes.yaxis, rows.xaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    rows.yaxis.set_major_locator(MaxNLocator(nbins=2, integer=True))
    rows.yaxis.set_major_formatter(_thousands())
    axes.grid()
    rows.grid(axis="y")
    return drawing


def balance(classes: Mapping[str, Mapping[str, int]], language: Language) -> Figure:
    """Draw the rows of each class, the most frequent first, the splits in their colors side by side."""
    largest = sorted(classes.items(), key=lambda item: -sum(item[1].values()))[:MAX_BARS]
    drawing, (axes,) = figure(5.6, max(1.5, 0.9 + 0.26 * len(largest)))
    places = np.arange(len(largest))
    start = np.zeros(len(largest))
    for split, color in _SPLIT_COLORS:
        rows = np.array([sizes.get(split, 0) for _, sizes in largest], dtype=np.float64)
        if rows.any():
            label = name("split", split).said(language)
            axes.barh(places, rows, left=start, color=color, height=0.68, label=label)
        start += rows
    axes.set_yticks(places, [chart_text(label, 18) or "–" for label, _ in largest])
    axes.set_ylim(len(largest) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(_thousands())
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.set_xlabel(say("table.rows").said(language))
    axes.grid(axis="x")
    if start.any():
        drawing.set_layout_engine("constrained", rect=(0, 0, 1, 1 - 0.25 / drawing.get_figheight()))
        _legend(axes)
    return drawing


def lengths(known: Sequence[tuple[Phrase, Lengths | SomeLengths]], language: Language) -> Figure:
    """Draw the quantiles of each kind of length as a lying box, on a logarithmic axis where the tail is long.

    Only quantiles that are known are drawn: tokens may have the median, 95 % and the longest alone.
    """
    drawing, rows = figure(5.6, 0.5 + 1.1 * len(known), rows=len(known), shared=False)
    for axes, (title, length) in zip(rows, known, strict=True):
        _strip(axes, length)
        axes.set_xlabel(title.said(language))
    return drawing


def _strip(axes: Axes, length: Lengths | SomeLengths) -> None:
    body, ends = (length.p25, length.p75), (length.p5, length.p95)
    reach = [end for end in (*ends, length.p50) if end is not None]
    if reach:
        axes.plot((min(reach), max(reach)), (0, 0), color=FIRST, linewidth=1.6)
    for end in ends:
        if end is not None:
            axes.plot((end, end), (-0.12, 0.12), color=FIRST, linewidth=1.6)
    boxed = body[0] is not None and body[1] is not None
    if body[0] is not None and body[1] is not None:
        axes.barh(0, body[1] - body[0], left=body[0], height=0.5, color=FIRST)
    if length.p50 is not None:
        color = "white" if boxed else FIRST
        axes.plot((length.p50, length.p50), (-0.25, 0.25), color=color, linewidth=2 if boxed else 3)
    dots = [end for end in (length.min, length.max) if end is not None]
    axes.plot(dots, [0] * len(dots), "o", color=SECOND, markersize=4)
    if length.max is not None and length.max > 4 * max(length.p95 or 0, 1):
        axes.set_xscale("symlog", linthresh=10, subs=(2, 5))
    else:
        longest = max((*reach, *dots, 1))
        axes.set_xlim(-0.02 * longest, 1.03 * longest)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.xaxis.set_major_formatter(_thousands())
    axes.xaxis.set_minor_formatter(FuncFormatter(lambda _value, _place: ""))
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")


def score_axis(metric: str) -> Formatter:
    """Return how the axis of a score is labeled: shares as percentages, errors in the target's unit."""
    return PercentFormatter(1.0) if is_share(metric) else FuncFormatter(lambda value, _place: amount(value))


def best_epoch(epochs: Sequence[Epoch]) -> Epoch | None:
    """Return the last epoch that was the best so far."""
    return next((one for one in reversed(epochs) if one.best), None)


def thinned(epochs: Sequence[Epoch], most: int) -> list[Epoch]:
    """Return at most so many epochs, evenly spread, with the best and the last among them."""
    if len(epochs) <= most:
        return list(epochs)
    places = {round(place) for place in np.linspace(0, len(epochs) - 1, most - 1)}
    best = best_epoch(epochs)
    return [one for place, one in enumerate(epochs) if place in places or one is best]


def largest_classes(counts: Sequence[Sequence[int]], most: int) -> list[int]:
    """Return the places of the classes with the most rows, in their own order."""
    by_rows = sorted(range(len(counts)), key=lambda place: -sum(counts[place]))
    return sorted(by_rows[:most])


def _mark(axes: Axes, best: Epoch, value: float | None, text: str) -> None:
    axes.axvline(best.epoch, color=MUTED, linewidth=0.9)
    if value is not None and math.isfinite(value):
        axes.plot(
            [best.epoch], [value], "o", markersize=9, markerfacecolor="none", color=INK, label=text or None
        )


def _legend(axes: Axes) -> None:
    """Put the legend above the axes, without letting its width squeeze them."""
    handles, _ = axes.get_legend_handles_labels()
    if handles:
        above = axes.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.1, columnspacing=1.2
        )
        above.set_in_layout(False)


def _floats(values: Sequence[float | None]) -> list[float]:
    return [math.nan if value is None or not math.isfinite(value) else value for value in values]


def _thousands() -> FuncFormatter:
    return FuncFormatter(lambda value, _place: count(value))
