"""The page of captions: veils are right, odd texts stay texts, damaged files are named, too many pictures left out."""

import base64
import io
import json

import numpy as np
import pytest
from matplotlib.image import imread

from yeoul.errors import RunError
from yeoul.report.caption_contents import CaptionContents
from yeoul.report.caption_page import seen, variety
from yeoul.report.caption_records import CaptionScores, Look, Looks, Variety
from yeoul.report.caption_veils import veil, veil_png
from yeoul.report.contents import read_piece

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 30).decode()


def test_a_veil_is_clear_where_the_weight_is_largest():
    """Half of the largest weight is half as dark: 215 · (1 - 0.2 / 0.4) = 107.5, an even number when rounded."""
    assert veil([[0.4, 0.2], [0.0, 0.4]]) == [[0, 108], [215, 0]]
    assert veil([[0.0, 0.0]]) == [[215, 215]]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 8)])
def test_a_veil_is_a_png_that_others_read(shape):
    grid = np.random.default_rng(0).random(shape).tolist()
    image = imread(io.BytesIO(base64.b64decode(veil_png(grid))))
    assert image.shape[:2] == shape
    np.testing.assert_allclose(image[..., -1] * 255, veil(grid), atol=0.01)
    assert not image[..., 0].any()


def look(**others):
    grid = ((0.5, 0.5), (0.0, 0.0))
    return Look(picture=PNG, predicted="개 한 마리", tokens=("개", " 한"), attention=(grid,) * 3, **others)


def test_every_word_has_its_veil_and_the_end_too():
    (shown,) = seen((look(),))
    assert [word.text for word in shown.words] == ["개", "한", "⏎"]
    assert seen((Look(picture=PNG, predicted="a dog"),))[0].words == ()
    assert seen((Look(predicted="a dog"),)) == []


def test_pictures_that_are_too_many_are_left_out():
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 300_000).decode()
    assert len(seen(tuple(Look(picture=large) for _ in range(5)))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"picture": "<script>"},
        {"picture": base64.b64encode(b"GIF89a").decode()},
        {"attention": [[[1.0, 0.0]], [[1.0]]]},
        {"attention": [[[]]]},
    ],
)
def test_damaged_looks_are_named(tmp_path, wrong):
    path = tmp_path / "looks.json"
    path.write_text(json.dumps({"rows": [wrong]}), "utf-8")
    with pytest.raises(RunError, match="not as expected"):
        read_piece(Looks, path)


def test_variety_is_told_of_the_model_and_of_people():
    told = CaptionScores(
        variety={
            "model": Variety(captions=1000, distinct=300, words=200, length=9.5),
            "people": Variety(captions=1000, distinct=998, words=2000, length=11.2),
        },
        outcomes={"ended": 990, "length": 10},
    )
    sentences = variety(CaptionContents(None, told, (), Looks()))
    assert [sentence.en.split()[1] for sentence in sentences] == ["1,000", "as", "that"]
    assert "998" in sentences[1].ko
