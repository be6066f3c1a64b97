"""Draw charts with matplotlib: as PNG files, and as inline SVG for both languages of the page."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yeoul.language import Language
from yeoul.report import fonts
from yeoul.report.svg import inline
from yeoul.report.words import Phrase

INK = "#1f2a37"
MUTED = "#5b6776"
GRID = "#d8dee6"
FIRST = "#2b6cb0"
SECOND = "#c2571a"
THIRD = "#4b8b6f"
FOURTH = "#7a4fa3"
FIFTH = "#9c7a00"
SIXTH = "#b03a6f"
PALETTE = (FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH)
_THEME = {INK: "ink", MUTED: "muted", GRID: "grid"} | dict(
    zip(PALETTE, ("first", "second", "third", "fourth", "fifth", "sixth"), strict=True)
)
_DPI = 150
_LANGUAGES: tuple[Language, ...] = ("en", "ko")
_STYLE: Mapping[Any, Any] = {
    "font.family": list(fonts.CHART_FAMILIES),
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": False,
    "axes.formatter.useoffset": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "svg.fonttype": "path",
    "svg.hashsalt": "yeoul",
    "figure.facecolor": "white",
    "axes.facecolor": "none",
}


@dataclass(frozen=True)
class Chart:
    """One chart: a PNG for the plots folder, an SVG for each language, and the outlines of their letters."""

    name: str
    png: bytes
    svg: Markup
    glyphs: Mapping[str, Markup]


@dataclass(frozen=True)
class Plan:
    """A chart that a page asks for; `label` says it in words."""

    name: str
    label: Phrase
    paint: Callable[[Language], Figure]


def draw(name: str, label: Phrase, language: Language, paint: Callable[[Language], Figure]) -> Chart:
    """Draw a chart for both languages of the page, and as PNG in `language`; `label` says it in words."""
    with _style():
        drawn = {each: paint(each) for each in _LANGUAGES}
        png = _png(drawn[language])
        inlined = {
            each: inline(_svg(drawing), f"{name}-{each}", label.said(each), _THEME)
            for each, drawing in drawn.items()
        }
    parts = [f'<div class="w" lang="{each}">{one.svg}</div>' for each, one in inlined.items()]
    glyphs = {key: glyph for one in inlined.values() for key, glyph in one.glyphs.items()}
    return Chart(name, png, Markup("".join(parts)), glyphs)


def picture(paint: Callable[[], Figure]) -> bytes:
    """Return one chart as PNG, for a file of its own."""
    with _style():
        return _png(paint())


def figure(width: float, height: float, rows: int = 1, shared: bool = True) -> tuple[Figure, list[Axes]]:
    """Return a figure of that size in inches with its axes, one below the other, on one `shared` x axis."""
    drawing = Figure(figsize=(width, height), layout="constrained")
    axes = drawing.subplots(rows, 1, squeeze=False, sharex=shared and rows > 1)[:, 0]
    return drawing, list(axes)


@contextmanager
def _style() -> Iterator[None]:
    fonts.register()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def _png(drawing: Figure) -> bytes:
    buffer = io.BytesIO()
    drawing.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return buffer.getvalue()


def _svg(drawing: Figure) -> bytes:
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    drawing.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    return buffer.getvalue()
