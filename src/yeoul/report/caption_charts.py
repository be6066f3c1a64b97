"""The chart of a page of captions: a picture, and where the model looked for each word."""

import base64
import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread

from yeoul.language import Language
from yeoul.report.caption_records import Look
from yeoul.report.caption_veils import veil
from yeoul.report.fonts import chart_text
from yeoul.report.words import say

_COLUMNS = 6
_MOST = 17
_INCH = 1.35
_LONGEST = 16
END = "⏎"


def looks(look: Look, language: Language) -> Figure:
    """Draw the picture, then for each token the picture behind a veil that is clear where the model looked."""
    tokens = [*look.tokens, END][: len(look.attention or ())][:_MOST]
    rows = -(-(len(tokens) + 1) // _COLUMNS)
    drawing = Figure(figsize=(_COLUMNS * _INCH, rows * (_INCH + 0.28)), layout="constrained")
    panels = drawing.subplots(rows, _COLUMNS, squeeze=False).flatten().tolist()
    picture = None if look.picture is None else imread(io.BytesIO(base64.b64decode(look.picture)))
    for axes in panels:
        axes.set_axis_off()
    _show(panels[0], picture, say("looks.picture").said(language))
    for axes, token, grid in zip(panels[1:], tokens, look.attention or (), strict=False):
        _show(axes, picture, chart_text(token.strip() or token, _LONGEST))
        height, width = (1.0, 1.0) if picture is None else picture.shape[:2]
        shade = np.array(veil(grid), np.float64) / 255.0
        black = np.concatenate([np.zeros((*shade.shape, 3)), shade[:, :, None]], axis=2)
        axes.imshow(black, extent=(0.0, width, height, 0.0), interpolation="bilinear")
    return drawing


def _show(
    axes: Axes, picture: "np.ndarray[tuple[int, ...], np.dtype[np.generic]] | None", title: str
) -> None:
    axes.set_title(title, fontsize=9, pad=3)
    if picture is not None:
        height, width = picture.shape[:2]
        axes.imshow(picture, extent=(0.0, width, height, 0.0))
        axes.set_xlim(0.0, width)
        axes.set_ylim(height, 0.0)
