"""The picture of word vectors: true to the vectors, offline, and safe whatever the words are."""

import numpy as np
import pytest

from yeoul.report.vector_map import project, write_map
from yeoul.text.vectortables import VectorTable

WORDS = ["사과", "배", "망치", "톱", "<script>alert(1)</script>", "a&b"]


def table(size=5):
    draw = np.random.default_rng(0)
    center = np.array([[3.0], [3.0], [-3.0], [-3.0], [3.0], [-3.0]])
    return VectorTable.of(WORDS, (center + draw.normal(size=(6, size))).astype(np.float32))


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_what_is_near_is_near(method):
    drawn = project(table(), [*WORDS, "없는 말", "사과"], method)
    assert drawn.words == tuple(WORDS)
    if method == "pca":
        apart = np.sign(drawn.places[:, 0])
        assert apart.tolist() in ([1, 1, -1, -1, 1, -1], [-1, -1, 1, 1, -1, 1])
        assert 0.5 < drawn.share <= 1.0
    np.testing.assert_array_equal(project(table(), WORDS, method).places, drawn.places)
    assert drawn.groups[0] == drawn.groups[1] != drawn.groups[2]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_offline_and_safe(tmp_path, language):
    png, page = write_map(project(table(), WORDS), tmp_path / "단어", language)
    assert png.read_bytes()[:4] == b"\x89PNG"
    text = page.read_text("utf-8")
    assert "사과</text>" in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")
    assert "Yeoul Hangul" in text


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="1 of the words"):
        project(table(), ["사과", "없다"])
    with pytest.raises(ValueError, match="method is 'umap'"):
        project(table(), WORDS, "umap")
