"""Pictures from elsewhere: whatever they are, the same scene or a reason."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_pictures import BLUE, COLORED, GRAY, JPEG, PNG, RED, UNUSABLE, WEBP

from yeoul.data.pictures.reading import UnusableError, decoded, png, read_picture
from yeoul.errors import DataError


@pytest.mark.parametrize("name", COLORED)
def test_every_kind_of_file_shows_the_same_scene(name):
    square = decoded(COLORED[name], 24)
    pixels = square.pixels.astype(int)
    assert pixels.shape == (24, 24, 3)
    assert (square.width, square.height) == ((2400, 1600) if name == "large.jpg" else (60, 40))
    for place, color in (((5, 5), RED), ((5, 18), RED), ((18, 18), BLUE), ((18, 5), (255, 255, 255))):
        assert np.abs(pixels[place] - color).max() < 30, (name, place)


@pytest.mark.parametrize("name", GRAY)
def test_gray_has_three_equal_colors(name):
    pixels = decoded(GRAY[name], 8).pixels
    assert pixels.shape == (8, 8, 3)
    if name != "one pixel.png":
        assert np.ptp(pixels, axis=2).max() == 0
        assert pixels[6, 1].min() > 200
        assert pixels[1, 1].max() < 120


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_is_no_picture_has_a_reason(name):
    content, reason = UNUSABLE[name]
    with pytest.raises(UnusableError) as caught:
        decoded(content, 8)
    assert caught.value.reason == reason


@given(st.sampled_from([JPEG, PNG, WEBP]), st.data())
def test_bytes_changed_anywhere_never_lead_to_another_error(content, data):
    changed = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        changed[place] = data.draw(st.integers(0, 255))
    kept = changed[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else changed
    with suppress(UnusableError):
        assert decoded(bytes(kept), 8).pixels.shape == (8, 8, 3)


def test_an_error_names_the_file(tmp_path):
    path = tmp_path / "강아지.jpg"
    path.write_bytes(JPEG[:200])
    with pytest.raises(DataError, match=r"강아지\.jpg: the picture is damaged"):
        read_picture(path, 8)
    with pytest.raises(DataError, match="upload: this is no JPEG"):
        read_picture(b"words", 8, "upload")
    with pytest.raises(DataError, match="there is no such file"):
        read_picture(tmp_path / "none.jpg", 8)


def test_a_picture_of_the_right_size_is_left_as_it_is_and_png_keeps_it():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    assert (decoded(png(pixels), 16).pixels == pixels).all()
