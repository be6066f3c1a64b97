"""The chart of a page of pairs: where the model looked while it wrote."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from yeoul.language import Language
from yeoul.report.drawing import FIRST, INK, figure
from yeoul.report.fonts import chart_text
from yeoul.report.pair_records import Drawn
from yeoul.report.words import say

_LONGEST = 12
_SHORT = 2
_INCH = 0.3
_LEAST = 0.01
_END = "⏎"


def attention(drawn: Drawn, language: Language) -> Figure:
    """Draw the weights of each step as squares, the fuller the heavier: written from top to bottom, read across."""
    written = [*drawn.tokens, _END][: len(drawn.attention)]
    columns, rows = len(drawn.source_tokens), len(written)
    drawing, (axes,) = figure(1.6 + _INCH * columns, 1.2 + _INCH * rows)
    places = [
        (column, row, weight)
        for row, weights in enumerate(drawn.attention)
        for column, weight in enumerate(weights)
        if weight >= _LEAST
    ]
    for column, row, weight in places:
        side = 0.92 * weight**0.5
        axes.add_patch(_square(column, row, side))
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_aspect("equal")
    read = [_shown(token) for token in drawn.source_tokens]
    upright = max(map(len, read), default=0) <= _SHORT
    axes.set_xticks(range(columns), read, rotation=0 if upright else 90)
    axes.set_yticks(range(rows), [_shown(token) for token in written])
    axes.tick_params(length=0, labelsize=9)
    axes.xaxis.tick_top()
    axes.set_xlabel(say("attention.read").said(language))
    axes.set_ylabel(say("attention.written").said(language))
    axes.xaxis.set_label_position("top")
    for spine in axes.spines.values():
        spine.set(visible=True, color=INK, linewidth=0.5)
    return drawing


def _square(column: int, row: int, side: float) -> Rectangle:
    return Rectangle((column - side / 2, row - side / 2), side, side, color=FIRST, linewidth=0)


def _shown(token: str) -> str:
    return chart_text(token.replace(" ", "␣").replace("\n", "⏎"), _LONGEST)
