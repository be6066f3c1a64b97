"""The chart of a language model's page: how little a text surprises the model, its helps and its rivals."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from yeoul.language import Language
from yeoul.report.charts import score_axis
from yeoul.report.drawing import FIRST, INK, MUTED, THIRD, figure
from yeoul.report.fonts import chart_text
from yeoul.report.formats import amount
from yeoul.report.records import Score
from yeoul.report.words import Phrase, name

_COLORS = {"model": FIRST, "help": THIRD, "rival": MUTED}


@dataclass(frozen=True)
class Bar:
    """One score: whose it is, and whether of the model, of the model with help, or of a rival."""

    label: Phrase
    score: Score
    kind: str


def scores(metric: str, bars: Sequence[Bar], language: Language) -> Figure:
    """Draw scores as bars from zero with their intervals; shorter is better."""
    drawing, (axes,) = figure(6.4, 1.0 + 0.36 * len(bars))
    for place, bar in enumerate(bars):
        value = bar.score.value or 0.0
        axes.barh(place, value, height=0.62, color=_COLORS[bar.kind])
        low, high = bar.score.low, bar.score.high
        if low is not None and high is not None:
            axes.plot((low, high), (place, place), color=INK, linewidth=1.4)
        axes.annotate(
            amount(bar.score.value),
            (max(value, high or 0.0), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_yticks(range(len(bars)), [chart_text(bar.label.said(language), 34) for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(name("metric", metric).said(language))
    axes.xaxis.set_major_formatter(score_axis(metric))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.grid(axis="x")
    return drawing
