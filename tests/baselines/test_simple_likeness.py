"""Likeness without learning: warping against its definition, tf-idf and plain distance against their laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.baselines.likeness import SeriesDistance, TfidfCosine, stretched
from yeoul.baselines.warping import warped
from yeoul.errors import ModelFileError

TEXTS = ["오늘 날씨가 어때요", "오늘 날씨 어떤가요", "노트북이 더 싼가요", "", "what is the weather"]


def by_definition(first, second, band):
    """Fill the whole table of costs, cell by cell."""
    steps = len(first)
    costs = np.full((steps + 1, steps + 1), np.inf)
    costs[0, 0] = 0.0
    for i in range(steps):
        for j in range(max(0, i - band), min(steps, i + band + 1)):
            best = min(costs[i, j], costs[i, j + 1], costs[i + 1, j])
            costs[i + 1, j + 1] = np.square(first[i] - second[j]).sum() + best
    return np.sqrt(costs[steps, steps] / steps)


@given(st.integers(1, 12), st.integers(0, 12), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_warping_is_the_best_path(steps, band, channels, seed):
    first, second = np.random.default_rng(seed).normal(size=(2, 4, steps, channels))
    expected = [by_definition(*pair, band) for pair in zip(first, second, strict=True)]
    np.testing.assert_allclose(warped(first, second, band=band), expected)
    np.testing.assert_allclose(warped(second, first, band=band), expected)


def test_warping_in_a_band_of_nothing_is_the_plain_distance():
    first, second = np.random.default_rng(0).normal(size=(2, 5, 9, 1))
    plain = -SeriesDistance("euclid", standardize=False).pairs(first, second)
    np.testing.assert_allclose(warped(first, second, band=0), plain)
    assert (warped(first, second, band=3) <= plain + 1e-12).all()
    with pytest.raises(ValueError, match="shape"):
        warped(first, second[:, :4], band=1)


@pytest.mark.parametrize("unit", ["character", "word"])
def test_the_cosine_of_texts(unit):
    model = TfidfCosine.fit(unit, TEXTS)
    matrix = model.matrix(TEXTS, TEXTS)
    np.testing.assert_allclose(np.diag(matrix), [1, 1, 1, 0, 1], atol=1e-6)  # nothing is like an empty text
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-6)
    np.testing.assert_allclose(model.pairs(TEXTS, TEXTS[::-1]), np.diag(matrix[:, ::-1]), atol=1e-6)
    assert matrix[0, 1] > matrix[0, 2]
    again = TfidfCosine.from_arrays(unit, model.to_arrays(), "here")
    np.testing.assert_array_equal(again.matrix(TEXTS, TEXTS), matrix)
    with pytest.raises(ModelFileError):
        TfidfCosine.from_arrays(unit, {"weights": np.zeros(3, np.float32)}, "here")


def test_distances_are_zero_from_a_series_to_its_scaled_self():
    series = np.random.default_rng(1).normal(size=(3, 20, 1))
    for kind in ("dtw", "euclid"):
        model = SeriesDistance(kind)
        np.testing.assert_allclose(model.pairs(series, 3 * series + 5), 0, atol=1e-9)
        matrix = model.matrix(series, series)
        np.testing.assert_allclose(np.diag(matrix), 0, atol=1e-9)
        assert (matrix <= 1e-9).all()
        assert model.matrix(series[:0], series).shape == (0, 3)


def test_stretching_keeps_ends_and_straight_lines():
    values = np.array([[0], [2], [4], [7], [1]], np.float32)
    found = stretched(values, np.array([3, 0, 1, 1]), 5)
    assert found[:, :, 0].tolist() == [[0, 1, 2, 3, 4], [0] * 5, [7] * 5, [1] * 5]
