"""Hangul on machines without a Korean font: NanumGothic for charts, and cut down to a page's characters.

The font files (SIL Open Font License) come with the package koreanize-matplotlib. It is found, not imported:
importing it would change matplotlib for the whole program.
"""

import base64
import io
import unicodedata
from collections.abc import Set
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import matplotlib
from fontTools import subset
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from yeoul.errors import YeoulError

Weight = Literal["normal", "bold"]
FAMILY = "Yeoul Hangul"
CHART_FAMILIES = ("NanumGothic", "DejaVu Sans")
MISSING = "□"
# NanumGothic, as Korean fonts do, draws a backslash as a won sign; this one is drawn by DejaVu Sans.
_BACKSLASH = "\N{SET MINUS}"
_FILES: dict[Weight, str] = {"normal": "NanumGothic.ttf", "bold": "NanumGothicBold.ttf"}
_PACKAGE = "koreanize_matplotlib"
# Hangul, Han, kana and their punctuation: everything else is left to the reader's own fonts.
_RANGES = (
    (0x1100, 0x11FF),
    (0x3000, 0x30FF),
    (0x3130, 0x318F),
    (0x3200, 0x33FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA960, 0xA97F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),
)
# Tables that no browser reads; the first six are leavings of the design tool.
_DROPPED = (
    "TSI0",
    "TSI1",
    "TSI2",
    "TSI3",
    "TSI5",
    "TSIV",
    "DSIG",
    "VDMX",
    "hdmx",
    "LTSH",
    "GSUB",
    "GPOS",
    "GDEF",
)
_COPYRIGHT, _LICENSE, _LICENSE_URL = 0, 13, 14


@cache
def font_file(weight: Weight) -> Path:
    """Return the path of NanumGothic; raise `YeoulError` if the package that brings it is not installed."""
    spec = find_spec(_PACKAGE)
    for folder in spec.submodule_search_locations or [] if spec else []:
        path = Path(folder, "fonts", _FILES[weight])
        if path.is_file():
            return path
    raise YeoulError(
        "the font {name} is missing",
        "install it with `pip install koreanize-matplotlib`",
        values={"name": _FILES[weight]},
    )


@cache
def register() -> None:
    """Make NanumGothic known to matplotlib, without making it the default of anybody else's figures."""
    font_manager.fontManager.addfont(str(font_file("normal")))


@cache
def drawable() -> Set[str]:
    """Return every character that a chart can draw."""
    dejavu = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    codes = {code for path in (font_file("normal"), dejavu) for code in FT2Font(str(path)).get_charmap()}
    return frozenset(chr(code) for code in codes)


def chart_text(text: str, characters: int) -> str:
    """Return `text` as a chart can draw it: composed, on one line, shortened, unknown characters as "□"."""
    line = " ".join(unicodedata.normalize("NFC", text).split())
    line = line.replace("\\", _BACKSLASH)
    if len(line) > characters:
        line = line[: characters - 1].rstrip() + "…"
    known = drawable()
    return "".join(
        letter if letter in known and unicodedata.category(letter)[0] not in "CM" else MISSING
        for letter in line
    )


def font_faces(text: str, max_bytes: int) -> str:
    """Return the CSS that embeds NanumGothic, cut down to the characters of `text`.

    What would bring the CSS above `max_bytes` is left out: first the bold weight (browsers embolden), then
    all but Hangul.
    """
    needed = {ord(letter) for letter in text + unicodedata.normalize("NFC", text)}
    codes = sorted(code for code in needed if any(first <= code <= last for first, last in _RANGES))
    if not codes:
        return ""
    hangul = [code for code in codes if unicodedata.name(chr(code), "").startswith("HANGUL")]
    choices = (_face("normal", chosen) for chosen in (codes, hangul))
    normal = next((face for face in choices if len(face) <= max_bytes), "")
    bold = _face("bold", codes)
    return normal + (bold if len(normal) + len(bold) <= max_bytes else "")


def _face(weight: Weight, codes: list[int]) -> str:
    ranges = ",".join(f"U+{first:X}-{last:X}" for first, last in _RANGES)
    data = base64.b64encode(_woff(weight, codes)).decode("ascii")
    return (
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};unicode-range:{ranges};'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}\n'
    )


def _woff(weight: Weight, codes: list[int]) -> bytes:
    options = subset.Options()
    options.flavor = "woff"
    options.hinting = False
    options.layout_features = []
    options.drop_tables += list(_DROPPED)
    options.name_IDs = [_COPYRIGHT, _LICENSE, _LICENSE_URL]
    options.notdef_outline = True
    options.recalc_timestamp = False
    buffer = io.BytesIO()
    with subset.load_font(str(font_file(weight)), options) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=codes)
        cutter.subset(font)
        subset.save_font(font, buffer, options)
    return buffer.getvalue()
