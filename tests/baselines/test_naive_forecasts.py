"""Forecasts without training are those of plain loops, and never see a row from their origin on."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.baselines.forecasts import Origins, drift, last, mean, season
from yeoul.metrics.forecasts import Truth, score_forecasts, seasonal_errors

METHODS = {
    "last": last,
    "season": lambda origins: season(origins, 5),
    "drift": drift,
    "mean": lambda origins: mean(origins, 4),
}


def drawn(seed, missing=0.3, delay=2, horizon=7):
    """Three series end to end with holes, every origin of each."""
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(45, 4)).astype(np.float32)
    values[generator.random(values.shape) < missing] = np.nan
    return Origins(values, np.array([0, 20, 23, 45]), (2, 0), np.arange(1, 46), delay, horizon)


def slow(name, origins):
    """One answer after the other, from what each origin may read."""
    answers = np.full((len(origins.rows), origins.horizon, len(origins.columns)), np.nan)
    for n, row in enumerate(origins.rows):
        start = max(offset for offset in origins.offsets if offset < row)
        for d, column in enumerate(origins.columns):
            seen = {place: origins.values[place, column] for place in range(start, row)}
            seen = {place: float(value) for place, value in seen.items() if not np.isnan(value)}
            if not seen:
                continue
            newest, oldest = max(seen), min(seen)
            for h in range(origins.horizon):
                target = row + origins.delay + h
                answer = seen[newest]
                if name == "season":
                    earlier = [place for place in seen if (target - place) % 5 == 0]
                    answer = seen[max(earlier)] if earlier else answer
                if name == "drift" and newest > oldest:
                    answer += (seen[newest] - seen[oldest]) / (newest - oldest) * (target - newest)
                if name == "mean":
                    near = [value for place, value in seen.items() if place >= row - 4]
                    answer = np.mean(near) if near else answer
                answers[n, h, d] = answer
    return answers


@pytest.mark.parametrize("name", METHODS)
@given(seed=st.integers(0, 10_000), missing=st.sampled_from((0.0, 0.3, 0.9)), delay=st.integers(0, 12))
@settings(max_examples=12, deadline=None)
def test_answers_are_those_of_a_plain_loop(name, seed, missing, delay):
    origins = drawn(seed, missing, delay)
    answers = METHODS[name](origins)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers, slow(name, origins), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_the_future_and_other_series_change_nothing(name):
    origins = drawn(1, missing=0.1)
    before = METHODS[name](origins)
    for row in (20, 23, 31):
        changed = origins.values.copy()
        changed[row:] = 1e6
        changed[: max(offset for offset in origins.offsets if offset < row)] = -1e6
        at = np.flatnonzero(origins.rows == row)
        answers = METHODS[name](Origins(changed, origins.offsets, (2, 0), origins.rows, 2, 7))
        np.testing.assert_array_equal(answers[at], before[at])


def test_a_pattern_that_returns_is_forecast_without_error():
    values = np.tile(np.arange(12, dtype=np.float32), 10)[:, None]
    origins = Origins(values, np.array([0, 120]), (0,), np.arange(12, 90), 3, 20)
    targets = np.stack([values[row + 3 : row + 23] for row in origins.rows])
    np.testing.assert_array_equal(season(origins, 12), targets)


def test_a_line_is_continued_by_drift():
    values = np.arange(50, dtype=np.float32)[:, None] * 2
    origins = Origins(values, np.array([0, 50]), (0,), np.array([30]), 0, 10)
    np.testing.assert_allclose(drift(origins)[0, :, 0], np.arange(60, 80, 2))


@pytest.mark.data
def test_the_last_value_has_its_published_error_on_etth1():
    """Zeng et al. (2023), table 2, "Repeat": 96 hours of seven columns, MSE 1.295 and MAE 0.713 on scaled values."""
    folder = os.environ.get("YEOUL_DATA")
    if not folder:
        pytest.skip("YEOUL_DATA is not set")
    with (Path(folder) / "ett" / "ETTh1.csv").open(encoding="utf-8") as file:
        values = np.array([row[1:] for row in list(csv.reader(file))[1:14401]], np.float32)
    training = np.arange(14400) < 8640  # twelve months of thirty days; four more each for validation and test
    origins = Origins(values, np.array([0, 14400]), tuple(range(7)), np.arange(11520, 14400 - 95), 0, 96)
    view = np.lib.stride_tricks.sliding_window_view(values, 96, axis=0).transpose(0, 2, 1)
    truth = Truth(
        view[origins.rows], origins.rows, np.zeros(len(origins.rows), np.int64),
        seasonal_errors(values, origins.offsets, training, 24), values[training].std(axis=0).astype(np.float64), 96,
        tuple("abcdefg"),
    )  # fmt: skip
    scores = score_forecasts(last(origins), truth, seed=0)
    assert scores.scores["mse_scaled"].value == pytest.approx(1.295, abs=0.001)
    assert scores.scores["mae_scaled"].value == pytest.approx(0.713, abs=0.001)
