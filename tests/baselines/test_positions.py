"""Tags by their places."""

import pytest

from yeoul.baselines.positions import PositionTags

ROWS = [["topic", "why", "why", "end"], ["topic", "why", "end"], ["why", "topic", "other", "end"]]


def test_every_place_has_its_usual_tag():
    model = PositionTags.fit(ROWS)
    said = model.answers([["a"] * 4, ["a"] * 30, ["a"], []])
    assert said[0] == [
        "topic",
        "why",
        "other",
        "end",
    ]  # why and other stand third once each: the first by letters
    assert said[1] == ["topic", "why", "other", *["why"] * 26, "end"]  # why is the most frequent of all
    assert said[2:] == [["topic"], []]
    with pytest.raises(ValueError, match="no tags"):
        PositionTags.fit([[]])
