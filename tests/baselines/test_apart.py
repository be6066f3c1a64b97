"""A fit apart equals a fit on the spot, and a failing one is one clear error."""

import numpy as np
import pytest

from yeoul.baselines import apart
from yeoul.baselines.apart import LinearWork, fit_apart
from yeoul.errors import RunError
from yeoul.recipe import LinearRecipe

TEXTS = ["좋은 영화", "나쁜 영화", "good film", "bad film"] * 5
WORK = LinearWork(
    LinearRecipe(),
    TEXTS,
    np.array([1, 0, 1, 0] * 5),
    "class",
    2,
    {"validation": ["좋은", ""], "test": ["bad\n영화"]},
)


def test_apart_equals_on_the_spot_to_the_last_bit(monkeypatch):
    here = fit_apart(WORK)
    monkeypatch.setattr(apart, "_SMALL_ROWS", 0)
    there = fit_apart(WORK)
    assert here.settings == there.settings
    for mine, theirs in ((here.arrays, there.arrays), (here.answers, there.answers)):
        assert mine.keys() == theirs.keys()
        for name, values in mine.items():
            np.testing.assert_array_equal(values, theirs[name])
    assert there.peak_mb > 10


def test_a_process_that_fails_is_one_clear_error(monkeypatch):
    monkeypatch.setattr(apart, "_SMALL_ROWS", 0)
    hopeless = LinearWork(LinearRecipe(min_count=100), TEXTS, WORK.targets, "class", 2, {})
    with pytest.raises(RunError, match=r"could not be fitted: .*100 or more of the 20 training texts"):
        fit_apart(hopeless)
