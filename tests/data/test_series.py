"""The laws of series: scaled row by row or by the training rows, cut at a length, saved and read back."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yeoul.data.series import SeriesVectorizer
from yeoul.errors import DataError, ModelFileError
from yeoul.recipe import SeriesRecipe

NUMBERS = st.floats(-1e6, 1e6, width=32)
HOW = ("series", "training", "none")


@st.composite
def series(draw, channels=2):
    lengths = np.array(draw(st.lists(st.integers(0, 7), min_size=1, max_size=6)), np.int64)
    return draw(arrays(np.float32, (int(lengths.sum()), channels), elements=NUMBERS)), lengths


def cut(values, lengths):
    return np.split(values, np.cumsum(lengths)[:-1])


@given(series())
def test_each_series_is_scaled_by_itself(given_series):
    values, lengths = given_series
    rows = SeriesVectorizer.fit(SeriesRecipe(), values, lengths)(values, lengths)
    for before, after in zip(cut(values, lengths), cut(rows.values, lengths), strict=True):
        for channel in range(2):
            came, told = before[:, channel], after[:, channel]
            if len(np.unique(came)) < 2:
                assert not told.any()
            else:
                exact = came.astype(np.float64)
                np.testing.assert_allclose(told, (exact - exact.mean()) / exact.std(), rtol=1e-5, atol=1e-5)


def test_constant_series_become_zeros_whatever_their_value():
    values = np.full((1001, 1), 0.1, np.float32)
    vectorizer = SeriesVectorizer.fit(SeriesRecipe(), values, np.array([1001]))
    assert not vectorizer(values, np.array([1001])).values.any()
    trained = SeriesVectorizer.fit(SeriesRecipe(standardize="training"), values, np.array([1001]))
    assert trained.settings.deviations == (1.0,)


@given(series())
def test_training_rows_set_the_scale_of_all(given_series):
    values, lengths = given_series
    vectorizer = SeriesVectorizer.fit(SeriesRecipe(standardize="training"), values, lengths)
    rows = vectorizer(values, lengths)
    if len(values):
        np.testing.assert_allclose(rows.values.mean(axis=0, dtype=np.float64), 0.0, atol=1e-4)
    others = np.full((3, 2), 5.0, np.float32)
    alone = vectorizer(others, np.array([3])).values
    settings = vectorizer.settings
    np.testing.assert_allclose(
        alone[0], (5.0 - np.array(settings.means)) / np.array(settings.deviations), rtol=1e-5
    )


@given(series(), st.sampled_from(HOW), st.integers(1, 9))
def test_rows_do_not_depend_on_their_company(given_series, how, steps):
    values, lengths = given_series
    vectorizer = SeriesVectorizer.fit(SeriesRecipe(standardize=how, steps=steps), values, lengths)
    together = vectorizer(values, lengths)
    assert together.lengths.tolist() == np.minimum(lengths, steps).tolist()
    assert together.lost.tolist() == np.maximum(lengths - steps, 0).tolist()
    assert len(together) == len(lengths)
    for row, one in enumerate(cut(values, lengths)):
        alone = vectorizer(one, lengths[row : row + 1])
        gathered, length = together.gather(np.array([row]))
        assert length.tolist() == [min(len(one), steps)]
        np.testing.assert_array_equal(alone.values, gathered)
        if how == "none":
            np.testing.assert_array_equal(gathered, one[:steps])
    order = np.random.default_rng(0).permutation(len(lengths))
    flat, sizes = together.gather(order)
    parts = [together.gather(np.array([row]))[0] for row in order]
    np.testing.assert_array_equal(flat, np.concatenate(parts))
    assert sizes.tolist() == together.lengths[order].tolist()


@given(series(), st.sampled_from(HOW))
def test_saved_is_loaded(tmp_path_factory, given_series, how):
    values, lengths = given_series
    vectorizer = SeriesVectorizer.fit(SeriesRecipe(standardize=how, steps=5), values, lengths)
    folder = tmp_path_factory.mktemp("model")
    vectorizer.save(folder)
    assert SeriesVectorizer.load(folder) == vectorizer


GOOD = {
    "schema_version": 1,
    "channels": 2,
    "steps": 9,
    "standardize": "training",
    "means": [0.0, 1.0],
    "deviations": [1.0, 2.0],
}


@pytest.mark.parametrize(
    "changes",
    [
        {"schema_version": 2},
        {"channels": 3},
        {"channels": 0},
        {"steps": 0},
        {"standardize": "other"},
        {"standardize": "none"},
        {"deviations": [1.0, 0.0]},
        {"deviations": [1.0]},
        {"means": [0.0, float("nan")]},
        {"means": "ab"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_forged_file_is_refused(tmp_path, changes):
    path = tmp_path / "series.json"
    path.write_text(json.dumps(GOOD))
    assert SeriesVectorizer.load(tmp_path).channels == 2
    path.write_text(json.dumps(GOOD | changes))
    with pytest.raises(ModelFileError):
        SeriesVectorizer.load(tmp_path)


def test_a_missing_or_torn_file_is_refused(tmp_path):
    with pytest.raises(ModelFileError):
        SeriesVectorizer.load(tmp_path)
    (tmp_path / "series.json").write_bytes(b'{"channels": \xff')
    with pytest.raises(ModelFileError):
        SeriesVectorizer.load(tmp_path)


@pytest.mark.parametrize("how", HOW)
def test_what_cannot_be_read_is_refused(how):
    values = np.array([[1.0], [2.0], [4.0]], np.float32)
    vectorizer = SeriesVectorizer.fit(SeriesRecipe(standardize=how), values, np.array([2, 1]))
    with pytest.raises(DataError, match="channels"):
        vectorizer(np.ones((3, 2), np.float32), np.array([3]))
    for bad in (np.nan, np.inf):
        with pytest.raises(DataError, match="not finite"):
            vectorizer(np.array([[1.0], [bad]], np.float32), np.array([2]))
