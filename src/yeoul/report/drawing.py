"""Turn matplotlib figures into PNG files and into clean inline SVG that follows the page's colors.

matplotlib's SVG is parsed and written again: identifiers get a prefix (several drawings share one page), style
attributes become presentation attributes (the page's security policy forbids styles), the colors of the theme
become CSS variables, and comments, metadata and namespaces go.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from yeoul.language import Language
from yeoul.report import fonts
from yeoul.report.words import Phrase

INK = "#1f2a37"
MUTED = "#5b6776"
GRID = "#d8dee6"
FIRST = "#2b6cb0"
SECOND = "#c2571a"
THIRD = "#4b8b6f"
_THEME = {INK: "ink", MUTED: "muted", GRID: "grid", FIRST: "first", SECOND: "second", THIRD: "third"}
_DPI = 150
_LANGUAGES: tuple[Language, ...] = ("en", "ko")
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_STYLE: Mapping[str, object] = {
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
    """One chart: a PNG for the plots folder and an SVG for each language of the page."""

    name: str
    png: bytes
    svg: Markup


def draw(name: str, label: Phrase, language: Language, paint: Callable[[Language], Figure]) -> Chart:
    """Draw a chart in both languages; `language` is that of the PNG, `label` describes it to those who cannot see."""
    with _style():
        drawn = {each: paint(each) for each in _LANGUAGES}
        png = io.BytesIO()
        drawn[language].savefig(png, format="png", dpi=_DPI, metadata={"Software": None})
        parts = [
            f'<div class="w" lang="{each}">{_inline(drawn[each], f"{name}-{each}", label.said(each))}</div>'
            for each in _LANGUAGES
        ]
    return Chart(name, png.getvalue(), Markup("".join(parts)))  # noqa: S704 - written by `_inline`, which escapes


def figure(width: float, height: float, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure of that size in inches with its axes, one below the other."""
    drawing = Figure(figsize=(width, height), layout="constrained")
    axes = drawing.subplots(rows, 1, squeeze=False, sharex=rows > 1)[:, 0]
    return drawing, list(axes)


@contextmanager
def _style() -> Iterator[None]:
    fonts.register()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def _inline(drawing: Figure, prefix: str, label: str) -> str:
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    drawing.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    root = ElementTree.fromstring(buffer.getvalue())
    box = root.get("viewBox", "0 0 1 1")
    inner = "".join(_written(child, prefix) for child in root)
    width = float(box.split()[2])
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="{escape(box)}" width="{width:.0f}">{inner}</svg>'
    )


def _written(element: ElementTree.Element, prefix: str) -> str:
    """Write one element of matplotlib's SVG and what it holds, without its texts: all are drawn as paths."""
    tag = element.tag.removeprefix(_SVG)
    if tag in ("metadata", "style"):
        return ""
    inner = "".join(_written(child, prefix) for child in element)
    if tag in ("g", "defs") and not inner:
        return ""
    attributes = "".join(f' {key}="{escape(value)}"' for key, value in _attributes(element, prefix))
    return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"


def _attributes(element: ElementTree.Element, prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        if key == "id" and element.tag == f"{_SVG}g":
            continue
        if key == "style":
            for rule in filter(None, (part.strip() for part in value.split(";"))):
                name, _, setting = rule.partition(":")
                yield name.strip(), _themed(_prefixed(setting.strip(), prefix))
        elif key == "id":
            yield "id", f"{prefix}-{value}"
        elif key == _LINK:
            yield "href", f"#{prefix}-{value[1:]}" if value.startswith("#") else value
        else:
            yield key, _themed(_prefixed(value, prefix))


def _prefixed(value: str, prefix: str) -> str:
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", value)


def _themed(value: str) -> str:
    return f"var(--{_THEME[value]})" if value in _THEME else value
