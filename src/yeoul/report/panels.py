"""The charts of a report's further panels: precision and recall, predicted numbers, residuals, slices."""

import math
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from yeoul.language import Language
from yeoul.report.charts import score_axis
from yeoul.report.drawing import FIRST, INK, MUTED, PALETTE, SECOND, figure
from yeoul.report.fonts import chart_text
from yeoul.report.formats import amount, percent
from yeoul.report.records import Curve, Slices, SliceScore
from yeoul.report.words import name, say

MAX_CURVES = 6
MAX_SLICES = 30
_DASHES = ("-", "--", (0, (1, 1)), "-.", (0, (5, 1)), (0, (3, 1, 1, 1)))


def precision_recall(curves: Sequence[Curve], language: Language) -> Figure:
    """Draw precision against recall for at most six labels."""
    drawing, (axes,) = figure(5.0, 4.6)
    for curve, color, dashes in zip(curves, PALETTE, _DASHES, strict=False):
        label = f"{chart_text(curve.label, 16) or '–'}  {percent(curve.average_precision)}"
        axes.plot(
            (0.0, *curve.recall),
            (curve.precision[0], *curve.precision),
            color=color,
            linestyle=dashes,
            label=label,
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xlabel(say("table.recall").said(language))
    axes.set_ylabel(say("table.precision").said(language))
    axes.grid()
    axes.legend(loc="best", frameon=False)
    return drawing


def least_precise(curves: Sequence[Curve]) -> list[Curve]:
    """Return the curves to draw: all of a few, else those of the smallest average precision."""
    worst = sorted(curves, key=lambda curve: curve.average_precision)[:MAX_CURVES]
    return [curve for curve in curves if curve in worst][:MAX_CURVES]


def predicted_against_true(points: Sequence[tuple[float, float]], language: Language) -> Figure:
    """Draw predicted against true numbers, with the line on which they are equal."""
    drawing, (axes,) = figure(5.0, 4.6)
    low, high = min(map(min, points)), max(map(max, points))
    margin = 0.04 * (high - low) or 1.0
    ends = (low - margin, high + margin)
    axes.plot(ends, ends, color=MUTED, linewidth=1.2, linestyle=(0, (1, 1.5)))
    axes.plot(
        [true for true, _ in points],
        [predicted for _, predicted in points],
        "o",
        color=FIRST,
        markersize=3,
        markeredgewidth=0,
        alpha=0.6,
    )
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6))
        axis.set_major_formatter(_amounts())
    axes.set_xlabel(say("numbers.true").said(language))
    axes.set_ylabel(say("numbers.predicted").said(language))
    axes.grid()
    return drawing


def residuals(quantiles: Mapping[str, float], language: Language) -> Figure:
    """Draw the quantiles of prediction less truth as one lying box, beside the line of no error."""
    drawing, (axes,) = figure(5.0, 1.7)
    low, lower, middle, upper, high = (quantiles[name] for name in ("p5", "p25", "p50", "p75", "p95"))
    axes.axvline(0, color=MUTED, linewidth=1.2, linestyle=(0, (1, 1.5)))
    axes.plot((low, high), (0, 0), color=FIRST, linewidth=1.6)
    for end in (low, high):
        axes.plot((end, end), (-0.12, 0.12), color=FIRST, linewidth=1.6)
    axes.barh(0, upper - lower, left=lower, height=0.5, color=FIRST)
    axes.plot((middle, middle), (-0.25, 0.25), color="white", linewidth=2)
    axes.set_ylim(-0.5, 0.5)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.xaxis.set_major_formatter(_amounts())
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say("numbers.residual").said(language))
    axes.grid(axis="x")
    return drawing


def slices(found: Slices, labels: Sequence[str], language: Language) -> Figure:
    """Draw the score of each slice with its interval, weak ones in another color, beside that of all rows."""
    shown = found.slices[:MAX_SLICES]
    drawing, (axes,) = figure(6.6, 1.0 + 0.25 * len(shown))
    axes.axvline(found.overall, color=MUTED, linewidth=1.2, linestyle=(0, (1, 1.5)))
    for place, one in enumerate(shown):
        color = SECOND if one.weak else FIRST
        low, value, high = _ends(one)
        axes.plot((low, high), (place, place), color=color, linewidth=1.6)
        axes.plot([value], [place], "D" if one.weak else "o", color=color, markersize=5)
    axes.set_yticks(range(len(shown)), [chart_text(label, 34) for label in labels[: len(shown)]])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(score_axis(found.metric))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.set_xlabel(name("metric", found.metric).said(language))
    axes.grid(axis="x")
    for tick, one in zip(axes.get_yticklabels(), shown, strict=True):
        tick.set_color(SECOND if one.weak else INK)
    return drawing


def _ends(one: SliceScore) -> tuple[float, float, float]:
    value = math.nan if one.score.value is None else one.score.value
    return (
        value if one.score.low is None else one.score.low,
        value,
        value if one.score.high is None else one.score.high,
    )


def _amounts() -> FuncFormatter:
    return FuncFormatter(lambda value, _place: amount(value))
