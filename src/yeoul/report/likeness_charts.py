"""The charts of a page of comparisons: how the scores of both kinds of pairs are spread, or said against true."""

from matplotlib.figure import Figure

from yeoul.language import Language
from yeoul.report.drawing import FIRST, INK, SECOND, figure
from yeoul.report.likeness_records import Distribution
from yeoul.report.words import say


def spread(distribution: Distribution, threshold: float | None, language: Language) -> Figure:
    """Draw how many pairs have which score, those that belong together and the others, and where the border is."""
    drawing, (axes,) = figure(6.4, 3.2)
    edges = list(distribution.edges)
    kinds = (
        (distribution.other, SECOND, "likeness.other"),
        (distribution.matching, FIRST, "likeness.matching"),
    )
    for counts, color, key in kinds:
        if any(counts):
            axes.stairs(
                counts,
                edges,
                color=color,
                fill=True,
                alpha=0.45,
                label=say(key).said(language),
                linewidth=1.2,
            )
    if threshold is not None and edges and edges[0] <= threshold <= edges[-1]:
        label = say("likeness.threshold").said(language)
        axes.axvline(threshold, color=INK, linewidth=1, linestyle="--", label=label)
    axes.set_xlabel(say("likeness.score").said(language))
    axes.set_ylabel(say("likeness.rows").said(language))
    axes.legend(frameon=False, fontsize=9)
    return drawing


def points(pairs: tuple[tuple[float, float], ...], language: Language) -> Figure:
    """Draw what is said against what is true."""
    drawing, (axes,) = figure(4.6, 4.0)
    axes.scatter([true for true, _ in pairs], [said for _, said in pairs], s=9, color=FIRST, alpha=0.5)
    low, high = min(true for true, _ in pairs), max(true for true, _ in pairs)
    axes.plot([low, high], [low, high], color=INK, linewidth=0.8, linestyle="--")
    axes.set_xlabel(say("likeness.true").said(language))
    axes.set_ylabel(say("likeness.said").said(language))
    return drawing
