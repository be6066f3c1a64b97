"""Drawn scenes: each has one right sentence, which can be read off the picture, and the test holds new combinations."""

import re
from collections import Counter

import numpy as np
import pytest

from yeoul.data.made.scenes import (
    _COLORS,
    _KOREAN,
    Figure,
    Scene,
    drawn,
    drawn_scenes,
    is_held_out,
    korean_scenes,
    said,
    said_in_korean,
    scenes,
)

SCENES = drawn_scenes()


def test_the_tables_are_the_same_every_time_and_of_the_same_scenes():
    english, korean = scenes(), korean_scenes()
    splits = english.columns["split"].to_pylist()
    assert Counter(splits) == {"train": 8000, "validation": 600, "test": 1000}
    assert splits == korean.columns["split"].to_pylist()
    drawn_scenes.cache_clear()
    assert drawn_scenes() == SCENES
    assert len(set(SCENES)) == len(SCENES) == english.rows == korean.rows


def test_combinations_of_the_test_are_in_no_other_scene_and_all_their_parts_are():
    learned = {scene.combination for scene in SCENES[:8600]}
    tested = {scene.combination for scene in SCENES[8600:]}
    assert not learned & tested
    assert all(map(is_held_out, tested))
    for part in range(3):
        assert {one[part] for one in tested} == {one[part] for one in learned}
    assert {said(scene) for scene in SCENES[:8600]}.isdisjoint(said(scene) for scene in SCENES[8600:])


def test_both_languages_say_the_same_and_the_sentence_tells_the_scene():
    pairs = {said(scene): said_in_korean(scene) for scene in SCENES}
    assert len(set(pairs.values())) == len(pairs)
    for english, korean in pairs.items():
        for word, other in _KOREAN.items():
            if re.search(rf"\b{word}s?\b", english):
                assert other in korean, (english, korean)
    large, small = Figure("circle", "red", 0.3, 0.5, 0.17), Figure("square", "blue", 0.7, 0.5, 0.09)
    scene = Scene((large, small), "left of", 0.9, 0)
    assert said(scene) == "a large red circle is left of a small blue square"
    assert said_in_korean(scene) == "큰 빨간 원이 작은 파란 네모 왼쪽에 있다"
    scene = Scene((small,) * 3, "three", 0.9, 0)
    assert (said(scene), said_in_korean(scene)) == ("three blue squares", "파란 네모가 세 개 있다")
    scene = Scene((small,), "bottom left", 0.9, 0)
    assert said(scene) == "a small blue square is in the bottom left"
    assert said_in_korean(scene) == "작은 파란 네모가 왼쪽 아래에 있다"


def test_particles_follow_the_sound_before_them():
    for scene in SCENES[:500]:
        word = re.search(r"(원|네모|세모|별|마름모)([이가]) ", said_in_korean(scene))
        assert word[2] == ("이" if word[1] in ("원", "별") else "가")


@pytest.mark.parametrize("size", [32, 48])
def test_the_picture_shows_what_the_sentence_tells(size):
    colors = np.array(list(_COLORS.values())) * 255
    for scene in SCENES[:120]:
        pixels = drawn(scene, size).astype(float)
        assert pixels.shape == (size, size, 3)
        assert (drawn(scene, size) == pixels).all()
        near = np.linalg.norm(pixels[:, :, None] - colors, axis=3)  # (S, S, C)
        own = near.argmin(axis=2)
        shown = near.min(axis=2) < 60
        for figure in scene.figures:
            color = list(_COLORS).index(figure.color)
            middle = pixels[int(figure.y * size), int(figure.x * size)]
            assert np.abs(middle - colors[color]).max() < 40
            assert (own[shown] == color).any()
        for figure in scene.figures:
            assert 0 < figure.x < 1
            assert 0 < figure.y < 1


def test_a_side_is_never_in_doubt():
    for scene in SCENES:
        if len(scene.figures) == 2 and scene.told.split()[0] in ("left", "right", "above", "below"):
            large, small = scene.figures
            across, down = large.x - small.x, large.y - small.y
            sides = {"left of": -across, "right of": across, "above": -down, "below": down}
            assert max(sides, key=sides.get) == scene.told
            assert large.radius > 1.4 * small.radius
            assert np.hypot(across, down) > 1.2 * (large.radius + small.radius)
