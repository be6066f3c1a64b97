"""A picture of word vectors in two dimensions: a PNG, and an offline page to move about and search in.

The plane is that of the two directions in which the vectors differ most (PCA), or one in which neighbors stay
neighbors (t-SNE, van der Maaten & Hinton 2008). Words in the same color are near one another in the table itself, by
k-means over vectors of length one.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from yeoul.files import write_bytes, write_text
from yeoul.language import Language
from yeoul.report import fonts
from yeoul.report.drawing import PALETTE, figure, picture
from yeoul.text.vectortables import VectorTable

Method = Literal["pca", "tsne"]
_MARGIN = 30
_WORD_WIDTH = 90
_SIDE = 1000
_MAX_PAGE_BYTES = 2_000_000
_WORDS = {
    "title": {"en": "Word vectors in two dimensions", "ko": "단어 벡터의 2차원 그림"},
    "pca": {
        "en": "{count} words; the plane shows {share} of how they differ (PCA).",
        "ko": "단어 {count}개. 이 평면은 차이의 {share}를 보여 줍니다(PCA).",
    },
    "tsne": {
        "en": "{count} words; near ones are near, far ones tell nothing (t-SNE).",
        "ko": "단어 {count}개. 가까운 것은 가깝지만 먼 거리는 뜻이 없습니다(t-SNE).",
    },
    "find": {"en": "Find", "ko": "찾기"},
    "whole": {"en": "Show all", "ko": "전체 보기"},
}


@dataclass(frozen=True, eq=False)
class VectorMap:
    """N words on a plane."""

    words: tuple[str, ...]
    places: npt.NDArray[np.float64]  # (N, 2)
    groups: npt.NDArray[np.int64]  # (N,) from 0
    method: Method
    share: float | None
    """Of the variance, for PCA."""


def project(table: VectorTable, words: Sequence[str], method: Method = "pca", *, seed: int = 0) -> VectorMap:
    """Put words on a plane; those without a vector are left out.

    Raises `ValueError` for another method and for fewer than three words.
    """
    from sklearn.cluster import KMeans  # slow to import
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    held = tuple(dict.fromkeys(word for word in words if table.covers(word)))
    if len(held) < 3:
        raise ValueError(f"{len(held)} of the words have a vector, expected three or more")
    values = np.stack([table.vector(word) for word in held]).astype(np.float64)
    values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), np.finfo(np.float64).tiny)
    kinds = min(len(PALETTE), max(1, len(np.unique(values, axis=0)) // 3))
    groups = KMeans(kinds, random_state=seed, n_init=4).fit_predict(values).astype(np.int64)
    match method:
        case "pca":
            plane = PCA(2, svd_solver="full").fit(values)
            share = float(np.nan_to_num(plane.explained_variance_ratio_).sum())
            return VectorMap(held, plane.transform(values), groups, method, share)
        case "tsne":
            near = min(30.0, (len(held) - 1) / 3)
            places = TSNE(perplexity=near, init="pca", random_state=seed).fit_transform(values)
            return VectorMap(held, places.astype(np.float64), groups, method, None)
    raise ValueError(f"method is {method!r}, expected 'pca' or 'tsne'")


def write_map(drawn: VectorMap, path: Path, language: Language = "en") -> tuple[Path, Path]:
    """Write the picture beside `path` as .png and .html, and return both paths."""
    png, page = path.with_suffix(".png"), path.with_suffix(".html")
    write_bytes(png, picture(lambda: _painted(drawn)))
    write_text(page, _page(drawn, language))
    return png, page


def _painted(drawn: VectorMap) -> Figure:
    drawing, (axes,) = figure(8, 8)
    colors = [PALETTE[group] for group in drawn.groups]
    axes.scatter(drawn.places[:, 0], drawn.places[:, 1], s=8, c=colors)
    for word, (x, y) in zip(drawn.words, drawn.places, strict=True):
        axes.annotate(word, (x, y), xytext=(3, 2), textcoords="offset points", fontsize=8)
    axes.set_xticks([])
    axes.set_yticks([])
    return drawing


def _page(drawn: VectorMap, language: Language) -> str:
    low, high = drawn.places.min(axis=0), drawn.places.max(axis=0)
    scaled = (drawn.places - low) / np.where(high > low, high - low, 1)
    places = _MARGIN + scaled * (_SIDE - 2 * _MARGIN - np.array([_WORD_WIDTH, 0]))
    places[:, 1] = _SIDE - places[:, 1]  # upwards, as in the picture
    points = [
        (word, f"{x:.1f}", f"{y:.1f}", int(group))
        for word, (x, y), group in zip(drawn.words, places, drawn.groups, strict=True)
    ]
    share = "" if drawn.share is None else f"{100 * drawn.share:.0f} %"
    told = _WORDS[drawn.method][language].format(count=len(drawn.words), share=share)
    said = {key: _WORDS[key][language] for key in ("title", "find", "whole")}
    script, base = _source("vectors.js"), _source("vectors.css")
    given = {
        **said,
        "language": language,
        "told": told,
        "points": points,
        "script": Markup(script),
        "script_hash": _hash(script),
    }
    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(
        _source("vectors.html")
    )
    draft = template.render({**given, "style": Markup(base), "style_hash": ""})
    style = fonts.font_faces(draft, _MAX_PAGE_BYTES - len(draft.encode("utf-8"))) + base
    return template.render({**given, "style": Markup(style), "style_hash": _hash(style)})


def _source(file: str) -> str:
    return resources.files("yeoul.report").joinpath(file).read_text("utf-8").strip()


def _hash(text: str) -> str:
    """Return the hash by which the page's security policy allows its script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
