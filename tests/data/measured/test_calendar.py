"""Features of the calendar are points on circles, and agree with Python's own calendar."""

import math
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.measured.calendar import feature_names, features
from yeoul.errors import RecipeError

NAMES = ("hour", "weekday", "monthday", "month", "yearday")
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda time: time.replace(microsecond=0)
)


def turns(time: datetime) -> list[float]:
    seconds = time.hour * 3600 + time.minute * 60 + time.second
    day = time.timetuple().tm_yday - 1
    return [seconds / 86_400, time.weekday() / 7, (time.day - 1) / 31, (time.month - 1) / 12, day / 366]


@given(st.lists(MOMENTS, min_size=1, max_size=4))
def test_features_agree_with_pythons_calendar(moments: list[datetime]) -> None:
    found = features(np.array(moments, "M8[s]"), NAMES)
    waves = [
        [wave(2 * math.pi * turn) for turn in turns(moment) for wave in (math.sin, math.cos)]
        for moment in moments
    ]
    np.testing.assert_allclose(found, np.array(waves), atol=1e-6)
    assert found.dtype == np.float32
    assert found.shape == (len(moments), len(feature_names(NAMES)))


def test_midnight_is_near_itself() -> None:
    before, after = features(np.array(["2020-12-31T23:59", "2021-01-01T00:00"], "M8[s]"), ("hour", "yearday"))
    assert np.abs(before - after).max() < 0.02


def test_rows_without_times_have_no_calendar() -> None:
    unknown = np.full(2, np.datetime64("NaT", "s"))
    assert features(unknown, ()).shape == (2, 0)
    with pytest.raises(RecipeError, match=r"forecast\.calendar: .* need times"):
        features(unknown, ("hour",))
