"""The charts of a report on forecasts: errors and coverage by step of the horizon, and errors by the clock."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from yeoul.language import Language
from yeoul.report.charts import score_axis
from yeoul.report.drawing import FIRST, INK, MUTED, PALETTE, SECOND, figure
from yeoul.report.fonts import chart_text
from yeoul.report.forecast_records import Numbers, Steps
from yeoul.report.formats import amount
from yeoul.report.records import Score, SliceScore
from yeoul.report.words import Phrase, name, say

PROMISES = ((90, FIRST), (80, SECOND))
_DASHES = ("--", (0, (1, 1)), "-.", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 2)))
_FEW_STEPS = 24


@dataclass(frozen=True)
class Reach:
    """Where the steps of a horizon stand on an axis, and in which unit."""

    places: tuple[float, ...]
    label: Phrase


@dataclass(frozen=True)
class Rival:
    """A baseline's error at each step, and at all of them."""

    name: Phrase
    steps: Steps
    score: Score


def error_by_step(
    metric: str, ours: Steps, rivals: Sequence[Rival], reach: Reach, language: Language
) -> Figure:
    """Draw the model's error at each step, with its interval, beside that of each baseline."""
    drawing, (axes,) = figure(6.2, 4.2)
    _band(axes, ours, reach, FIRST)
    marker = _marker(reach)
    for rival, color, dashes in zip(rivals, (*PALETTE[1:], MUTED), _DASHES, strict=False):
        label = chart_text(rival.name.said(language), 40)
        values = _floats(rival.steps.value)
        axes.plot(reach.places, values, color=color, linestyle=dashes, linewidth=1.3, label=label)
    label = say("scores.model").said(language)
    axes.plot(reach.places, _floats(ours.value), color=FIRST, marker=marker, markersize=3.5, label=label)
    axes.set_ylabel(name("metric", metric).said(language))
    axes.yaxis.set_major_formatter(score_axis(metric))
    _horizon_axis(drawing, axes, reach, language)
    return drawing


def error_at_once(metric: str, ours: Score, rivals: Sequence[Rival], language: Language) -> Figure:
    """Draw the errors of model and baselines at the only step as bars with intervals."""
    drawing, (axes,) = figure(6.2, 1.0 + 0.36 * (1 + len(rivals)))
    entries = [(say("scores.model"), ours, FIRST), *((rival.name, rival.score, MUTED) for rival in rivals)]
    for place, (_, score, color) in enumerate(entries):
        axes.barh(place, score.value or 0.0, height=0.6, color=color)
        if score.low is not None and score.high is not None:
            axes.plot((score.low, score.high), (place, place), color=INK, linewidth=1.4)
    axes.set_yticks(range(len(entries)), [chart_text(label.said(language), 34) for label, _, _ in entries])
    axes.set_ylim(len(entries) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(name("metric", metric).said(language))
    axes.xaxis.set_major_formatter(score_axis(metric))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.grid(axis="x")
    return drawing


def coverage(kept: Sequence[tuple[int, Steps]], reach: Reach, language: Language) -> Figure:
    """Draw the share of true values inside each interval at each step, beside what it promises."""
    drawing, (axes,) = figure(6.2, 4.2)
    colors = dict(PROMISES)
    for promised, steps in kept:
        color = colors[promised]
        axes.axhline(promised / 100, color=color, linewidth=1.2, linestyle=(0, (1, 1.5)))
        _band(axes, steps, reach, color)
        label = say(f"fans.{promised}").said(language)
        values = _floats(steps.value)
        axes.plot(reach.places, values, color=color, marker=_marker(reach), markersize=3.5, label=label)
    axes.set_ylim(_lowest(kept), 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_ylabel(say("horizon.kept").said(language))
    _horizon_axis(drawing, axes, reach, language)
    return drawing


def coverage_at_once(kept: Sequence[tuple[int, Steps]], language: Language) -> Figure:
    """Draw the share of true values inside each interval at the only step, beside what it promises."""
    drawing, (axes,) = figure(6.2, 1.0 + 0.5 * len(kept))
    colors = dict(PROMISES)
    for place, (promised, steps) in enumerate(kept):
        color, promise = colors[promised], promised / 100
        axes.plot(
            (promise, promise),
            (place - 0.4, place + 0.4),
            color=color,
            linewidth=1.2,
            linestyle=(0, (1, 1.5)),
        )
        axes.plot(_floats((steps.low[0], steps.high[0])), (place, place), color=color, linewidth=2)
        axes.plot(_floats(steps.value[:1]), [place], "o", color=color, markersize=6)
    axes.set_yticks(range(len(kept)), [say(f"fans.{promised}").said(language) for promised, _ in kept])
    axes.set_ylim(len(kept) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(_lowest(kept), 1.02)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(say("horizon.kept").said(language))
    axes.grid(axis="x")
    return drawing


def _lowest(kept: Sequence[tuple[int, Steps]]) -> float:
    """Return where an axis of shares begins: below all of them, and never so high that a gap looks large."""
    shares = [share for _, steps in kept for share in (*steps.low, *steps.value) if share is not None]
    return max(0.0, min(0.7, *shares) - 0.05) if shares else 0.0


def clocks(
    metric: str,
    overall: float,
    parts: Sequence[tuple[Phrase, Sequence[tuple[Phrase, SliceScore]]]],
    language: Language,
) -> Figure:
    """Draw the error at each hour, weekday, month and season with its interval, weak ones in another color."""
    across = 2 if len(parts) > 1 else 1
    down = math.ceil(len(parts) / across)
    drawing = Figure(figsize=(4.6 * across, 2.5 * down), layout="constrained")
    grid = drawing.subplots(down, across, squeeze=False, sharey=True).reshape(-1)
    for axes, (title, slices) in zip(grid, parts, strict=False):
        axes.axhline(overall, color=MUTED, linewidth=1.2, linestyle=(0, (1, 1.5)))
        for place, (_, one) in enumerate(slices):
            color = SECOND if one.weak else FIRST
            if one.score.low is not None and one.score.high is not None:
                axes.plot((place, place), (one.score.low, one.score.high), color=color, linewidth=1.6)
            axes.plot(
                [place], _floats((one.score.value,)), "D" if one.weak else "o", color=color, markersize=4.5
            )
        step = math.ceil(len(slices) / 12)
        axes.set_xticks(
            range(0, len(slices), step), [label.said(language) for label, _ in slices[::step]], fontsize=8
        )
        axes.margins(x=0.08)
        axes.set_title(title.said(language), fontsize=10, loc="left")
        axes.yaxis.set_major_formatter(score_axis(metric))
        axes.grid(axis="y")
    for axes in grid[len(parts) :]:
        axes.set_visible(False)
    drawing.supylabel(name("metric", metric).said(language), fontsize=10)
    return drawing


def _horizon_axis(drawing: Figure, axes: Axes, reach: Reach, language: Language) -> None:
    axes.set_xlabel(reach.label.said(language))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: amount(value)))
    if len(reach.places) <= 10:
        axes.set_xticks(reach.places)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8))
    axes.grid(axis="y")
    drawing.legend(loc="outside upper left", ncols=2, columnspacing=1.2)


def _band(axes: Axes, steps: Steps, reach: Reach, color: str) -> None:
    axes.fill_between(
        reach.places, _floats(steps.low), _floats(steps.high), color=color, alpha=0.16, linewidth=0
    )


def _marker(reach: Reach) -> str:
    return "o" if len(reach.places) <= _FEW_STEPS else ""


def _floats(values: Numbers) -> list[float]:
    return [math.nan if value is None else value for value in values]
