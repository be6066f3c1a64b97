"""Make one offline page of a template: fonts cut to its letters, scripts and styles allowed by their hashes."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from yeoul.language import Language
from yeoul.report import fonts, formats
from yeoul.report.drawing import Chart
from yeoul.report.words import name, say

MAX_PAGE_BYTES = 2_000_000
_SPARE_BYTES = 10_000
# What no HTML document may hold: controls but tab and line feed, halves of surrogate pairs, non-characters.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def render(template: str, values: Mapping[str, object], drawn: Sequence[Chart], language: Language) -> str:
    """Return the page that a template file makes of `values` and charts; it opens in `language`."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_source),
    )
    environment.globals.update({"say": say, "name": name, "formats": formats})
    environment.filters["label"] = lambda text: formats.cut(text, formats.LABEL_CHARACTERS)
    environment.filters["text"] = lambda text: formats.cut(text, formats.TEXT_CHARACTERS)
    source = environment.get_template(template)
    script, base = _source("page.js"), _source("page.css")
    given = dict(values) | {
        "language": language,
        "svg": {chart.name: chart.svg for chart in drawn},
        "glyphs": {key: glyph for chart in drawn for key, glyph in chart.glyphs.items()},
        "script": Markup(script),
        "script_hash": _hash(script),
    }
    draft = source.render({**given, "style": Markup(base), "style_hash": ""})
    room = MAX_PAGE_BYTES - len(draft.encode("utf-8", "replace")) - _SPARE_BYTES
    style = fonts.font_faces(draft, room) + base
    page = source.render({**given, "style": Markup(style), "style_hash": _hash(style)})
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", page)


def _source(file: str) -> str:
    return resources.files("yeoul.report").joinpath(file).read_text("utf-8").strip()


def _hash(text: str) -> str:
    """Return the hash by which the page's security policy allows one inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
