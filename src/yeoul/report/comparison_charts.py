"""The charts of a comparison: scores with error bars, and validation over epochs and over seconds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from yeoul.language import Language
from yeoul.report.charts import score_axis
from yeoul.report.compared import ComparedRun, Comparison, Group
from yeoul.report.drawing import FIRST, MUTED, PALETTE, figure
from yeoul.report.fonts import chart_text
from yeoul.report.formats import ERRORS
from yeoul.report.records import Score
from yeoul.report.words import name, say

_DASHES = ("-", "--", ":", "-.")
_POINTS = 200
_BASELINES = ("linear", "lags", "season", "last")


@dataclass(frozen=True)
class Bar:
    """One line of the chart: a recipe's score with its bar, and a dot for every seed."""

    label: str
    value: float
    low: float
    high: float
    dots: tuple[float, ...] = ()
    is_baseline: bool = False


def bars(found: Comparison, metric: str, language: Language) -> list[Bar]:
    """Return a bar for every group of the metric, the best first, and one for the simple models of the same rows."""
    runs = {run.id: run for run in found.runs}
    drawn = [
        _bar(group, [runs[one] for one in group.runs]) for group in found.groups if group.metric == metric
    ]
    known = {one.name: one.scores.get(metric) for run in reversed(found.runs) for one in run.baselines}
    for baseline in _BASELINES if found.same_rows else ():
        score = known.get(baseline)
        if score is not None and score.value is not None:
            drawn.append(_single(name("baseline", baseline).said(language), score, score.value, True))
    return sorted(drawn, key=lambda bar: bar.value if metric in ERRORS else -bar.value)


def scores(drawn: Sequence[Bar], metric: str, language: Language) -> Figure:
    """Draw every bar on a line of its own."""
    drawing, (axes,) = figure(7.6, 0.9 + 0.3 * len(drawn))
    for place, bar in enumerate(drawn):
        color = MUTED if bar.is_baseline else FIRST
        axes.plot((bar.low, bar.high), (place, place), color=color, linewidth=2.2)
        for end in (bar.low, bar.high):
            axes.plot((end, end), (place - 0.16, place + 0.16), color=color, linewidth=1.4)
        if bar.dots:
            axes.plot(bar.dots, [place] * len(bar.dots), "o", color=color, markersize=3.5)
        axes.plot([bar.value], [place], "D", color=color, markersize=6)
    axes.set_yticks(range(len(drawn)), [chart_text(bar.label, 36) for bar in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(score_axis(metric))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7))
    axes.set_xlabel(name("metric", metric).said(language))
    axes.grid(axis="x")
    return drawing


def paths(found: Comparison, metric: str, language: Language) -> Figure:
    """Draw the validation scores over epochs above and over seconds below, a color for each recipe."""
    shown = traced(found, metric)
    rows = math.ceil(len({_group_of(found, run) for run in shown}) / 3)
    drawing, (epochs, seconds) = figure(7.6, 5.4 + 0.22 * rows, rows=2, shared=False)
    styles: dict[str, int] = {}
    for run in shown:
        group = _group_of(found, run)
        label = None if group in styles else chart_text(group, 28)
        style = styles.setdefault(group, len(styles))
        points = run.points[:: math.ceil(len(run.points) / _POINTS)]
        values = [point.value for point in points]
        _trace(epochs, [float(point.epoch) for point in points], values, style, label)
        if all(point.seconds is not None for point in points):
            _trace(seconds, [point.seconds or 0.0 for point in points], values, style, None)
    words = name("metric", metric)
    for axes, key in ((epochs, "curves.epoch"), (seconds, "compare.seconds")):
        axes.set_xlabel(say(key).said(language))
        axes.set_ylabel(say("curves.validation_score", {"metric": words}).said(language))
        axes.yaxis.set_major_formatter(score_axis(metric))
        axes.grid(axis="y")
    epochs.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    drawing.legend(loc="outside lower left", ncols=3, frameon=False)
    return drawing


def traced(found: Comparison, metric: str) -> list[ComparedRun]:
    """Return the runs that have epochs with the metric."""
    return [run for run in found.runs if run.points and run.metric == metric]


def _trace(
    axes: Axes, places: Sequence[float], values: Sequence[float], style: int, label: str | None
) -> None:
    axes.plot(
        places,
        values,
        color=PALETTE[style % len(PALETTE)],
        linestyle=_DASHES[style // len(PALETTE) % len(_DASHES)],
        marker="o" if len(places) <= 40 else "",
        markersize=3.5,
        label=label,
    )


def _group_of(found: Comparison, run: ComparedRun) -> str:
    return next((group.name for group in found.groups if run.id in group.runs), run.id)


def _bar(group: Group, members: Sequence[ComparedRun]) -> Bar:
    score = members[0].score
    if len(members) == 1 and score is not None:
        return _single(group.name, score, group.mean, False)
    dots = tuple(run.score.value for run in members if run.score and run.score.value is not None)
    return Bar(f"{group.name} ×{len(dots)}", group.mean, group.low, group.high, dots)


def _single(label: str, score: Score, value: float, is_baseline: bool) -> Bar:
    low = value if score.low is None else score.low
    high = value if score.high is None else score.high
    return Bar(label, value, low, high, (), is_baseline)
