"""Make matplotlib's SVG fit for a page: small, without styles, in the page's own colors.

It is parsed and written again. Identifiers get a prefix, because several drawings share one page. Style
attributes become presentation attributes, because the page's security policy forbids styles. Colors of the
theme become CSS variables. Outlines of letters are handed over apart, so that a page holds each of them once.
Comments, metadata and namespaces go.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup, escape

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_NUMBER = re.compile(r"-?\d+\.\d+")
_STEP = re.compile(r"([MLQCz])([^MLQCz]*)")
_GLYPH = re.compile(r"[A-Za-z]+-[0-9a-f]+")
_SCALE = 1.25


@dataclass(frozen=True)
class Drawing:
    """An inline SVG, and the outlines that it uses by their identifier."""

    svg: Markup
    glyphs: Mapping[str, Markup]


def inline(source: bytes, prefix: str, label: str, theme: Mapping[str, str]) -> Drawing:
    """Rewrite an SVG of matplotlib; `theme` names the CSS variable of a color, `label` says it in words."""
    root = ElementTree.fromstring(source)
    writer = _Writer(prefix, theme)
    box = root.get("viewBox", "0 0 1 1")
    width = _SCALE * float(box.split()[2])
    inner = "".join(writer.written(child) for child in root)
    described = f'role="img" aria-label="{escape(label)}"'
    svg = f'<svg {described} viewBox="{escape(box)}" width="{width:.0f}">{inner}</svg>'
    return Drawing(Markup(svg), writer.glyphs)


class _Writer:
    def __init__(self, prefix: str, theme: Mapping[str, str]) -> None:
        self.glyphs: dict[str, Markup] = {}
        self._prefix = prefix
        self._theme = theme

    def written(self, element: ElementTree.Element) -> str:
        """Write an element and what it holds, without texts: all letters are outlines."""
        tag = element.tag.removeprefix(_SVG)
        if tag in ("metadata", "style"):
            return ""
        inner = "".join(self.written(child) for child in element)
        if tag in ("g", "defs") and not inner:
            return ""
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in self._attributes(element))
        written = f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"
        if tag == "g" and not attributes:
            return inner
        name = element.get("id", "")
        if tag == "path" and _GLYPH.fullmatch(name):
            self.glyphs[name] = Markup(written)
            return ""
        return written

    def _attributes(self, element: ElementTree.Element) -> Iterator[tuple[str, str]]:
        for key, value in element.attrib.items():
            if key == "style":
                for rule in filter(None, (part.strip() for part in value.split(";"))):
                    name, _, setting = rule.partition(":")
                    yield name.strip(), self._themed(setting.strip())
            elif key == "d":
                yield key, _relative(value) if _GLYPH.fullmatch(element.get("id", "")) else _rounded(value)
            elif key == "id":
                if element.tag != f"{_SVG}g":
                    yield "id", self._name(value)
            elif key == _LINK:
                yield "href", f"#{self._name(value[1:])}" if value.startswith("#") else value
            else:
                yield key, self._themed(_rounded(value) if key in ("x", "y") else value)

    def _name(self, identifier: str) -> str:
        return f"{'glyph' if _GLYPH.fullmatch(identifier) else self._prefix}-{identifier}"

    def _themed(self, value: str) -> str:
        if value in self._theme:
            return f"var(--{self._theme[value]})"
        return re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{self._name(found[1])})", value)


def _rounded(numbers: str) -> str:
    """Keep two decimals, a fiftieth of a pixel, and no more space than needed."""
    return " ".join(
        _NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), numbers).split()
    )


def _relative(path: str) -> str:
    """Write an outline of whole numbers with relative steps, in about half the length.

    >>> _relative("M 2522 3283 Q 2522 4192 1869 4192 L 1869 4000 z")
    'M2522 3283q0 909-653 909l0-192z'
    """
    parts = []
    x, y = 0, 0
    for command, text in _STEP.findall(path):
        numbers = [round(float(number)) for number in text.split()]
        if command == "M":
            parts.append("M" + _packed(numbers))
        else:
            moved = [number - (y if place % 2 else x) for place, number in enumerate(numbers)]
            parts.append(command.lower() + _packed(moved))
        x, y = numbers[-2:] if numbers else (x, y)
    return "".join(parts)


def _packed(numbers: list[int]) -> str:
    return " ".join(map(str, numbers)).replace(" -", "-")
