"""Smoothing follows its equations, finds parameters as good as a solver's, and never sees what is to come."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from yeoul.baselines.forecasts import Origins, last, season
from yeoul.baselines.smoothing import Smoothing
from yeoul.errors import ModelFileError

NONE, ADDED, MULTIPLIED = range(3)


def made(seed, rows, period, form, missing=0.0):
    """A positive series with a rise, a season and noise (T, 1)."""
    generator = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * np.arange(rows) / period)
    level = 50 + 0.5 * np.arange(rows) + generator.normal(size=rows).cumsum() * 0.3
    values = level * (1 + 0.3 * wave) if form == MULTIPLIED else level + (10 * wave if form else 0.0)
    values = (values + 0.5 * generator.normal(size=rows)).astype(np.float32)
    values[generator.random(rows) < missing] = np.nan
    return values[:, None]


def fixed(parameters, form, period):
    return Smoothing(period, np.array([[parameters]], np.float64), np.array([[form]]))


def plain(values, parameters, form, period, ahead):
    """Forecast from the end of `values` (T,) as the equations say, one row after the other; and the squared errors."""
    alpha, beta, gamma, phi = parameters
    warm = 2 * period if period > 1 else 10
    half = warm // 2
    early, late = np.nanmean(values[:half]), np.nanmean(values[half:warm])
    slope = (late - early) / half
    level, trend = (early - slope * (half + 1) / 2, slope) if phi > 0 else (early, 0.0)
    seasons = [1.0 if form == MULTIPLIED else 0.0] * period
    for phase in range(period):
        if form != NONE:
            parts = []
            for middle, row in ((early, phase), (late, period + phase)):
                line = middle + slope * (phase - (period - 1) / 2)
                parts.append(values[row] / line if form == MULTIPLIED else values[row] - line)
            if not np.isnan(parts).all():
                seasons[phase] = float(np.nanmean(parts))
    squares = 0.0
    for row, value in enumerate(values):
        base, phase = level + phi * trend, seasons[row % period]
        said = base * phase if form == MULTIPLIED else base + phase
        error = 0.0 if np.isnan(value) else value - said
        squares += error**2 if row >= warm else 0.0
        moved = error / phase if form == MULTIPLIED else error
        level, trend = base + alpha * moved, phi * trend + beta * moved
        seasons[row % period] = phase + gamma * (error / base if form == MULTIPLIED else error)
    answers = []
    for step in range(ahead):
        rise = sum(phi**power for power in range(1, step + 2)) * trend
        phase = seasons[(len(values) + step) % period]
        answers.append((level + rise) * phase if form == MULTIPLIED else level + rise + phase)
    return np.array(answers), squares


@pytest.mark.parametrize("form", [NONE, ADDED, MULTIPLIED])
@given(
    seed=st.integers(0, 1000),
    phi=st.sampled_from((0.0, 0.9, 1.0)),
    missing=st.sampled_from((0.0, 0.2)),
    delay=st.integers(0, 9),
)
@settings(max_examples=6, deadline=None)
def test_answers_follow_the_equations_from_every_origin(form, seed, phi, missing, delay):
    values = made(seed, 60, 6, form, missing)
    parameters = (0.3, 0.05 if phi else 0.0, 0.2 if form else 0.0, phi)
    period = 6 if form else 1
    origins = Origins(values, np.array([0, 60]), (0,), np.arange(12, 61), delay, 8)
    answers = fixed(parameters, form, period).answers(origins, [0])
    for place, row in enumerate(origins.rows):
        expected, _ = plain(values[:row, 0].astype(float), parameters, form, period, delay + 8)
        np.testing.assert_allclose(answers[place, :, 0], expected[delay:], rtol=1e-4)


@pytest.mark.parametrize("form", [NONE, ADDED, MULTIPLIED])
def test_the_search_finds_parameters_as_good_as_a_solver_does(form):
    values = made(form, 90, 6, form)
    period = 6 if form else 1
    model = Smoothing.fit(values, [0, 90], np.ones(90, bool), period)
    assert model.forms[0, 0] == form
    found = model.parameters[0, 0]
    free = [place for place in range(4) if found[place] > 0 and (place < 3 or found[3] < 1)]

    def squares(chosen):
        parameters = found.copy()
        parameters[free] = chosen
        inside = (parameters >= 0).all() and (parameters <= 1).all() and parameters[0] + parameters[2] <= 1
        return plain(values[:, 0].astype(float), parameters, form, period, 1)[1] if inside else 1e12

    solved = minimize(squares, found[free], method="Nelder-Mead", options={"maxiter": 150}).fun
    assert squares(found[free]) <= 1.02 * solved


def test_noise_around_a_level_has_neither_trend_nor_season():
    generator = np.random.default_rng(0)
    values = (100 + generator.normal(size=(400, 1))).astype(np.float32)
    model = Smoothing.fit(values, [0, 400], np.ones(400, bool), 12)
    assert model.forms[0, 0] == NONE
    assert model.parameters[0, 0, 0] < 0.2
    assert model.parameters[0, 0, 1] == 0


def test_what_is_not_in_training_changes_no_parameter_and_the_future_no_answer():
    values = made(3, 100, 6, ADDED)
    training = np.arange(100) < 70
    model = Smoothing.fit(values, [0, 100], training, 6)
    changed = values.copy()
    changed[70:] = 1e6
    again = Smoothing.fit(changed, [0, 100], training, 6)
    np.testing.assert_array_equal(again.parameters, model.parameters)
    origins = np.arange(1, 101)
    before = model.answers(Origins(values, np.array([0, 100]), (0,), origins, 0, 5), [0])
    for row in (5, 12, 40, 70):
        after = values.copy()
        after[row:] = -1e6
        answers = model.answers(Origins(after, np.array([0, 100]), (0,), np.array([row]), 0, 5), [0])
        np.testing.assert_array_equal(answers[0], before[row - 1])


def test_series_and_columns_have_nothing_to_do_with_one_another():
    long, short = made(1, 90, 6, ADDED), made(2, 50, 6, MULTIPLIED)
    both = np.concatenate(
        [np.concatenate([long, 2 * long], axis=1), np.concatenate([short, 3 * short], axis=1)]
    )
    model = Smoothing.fit(both, [0, 90, 140], np.ones(140, bool), 6)
    alone = Smoothing.fit(short, [0, 50], np.ones(50, bool), 6)
    np.testing.assert_allclose(model.parameters[1, 0], alone.parameters[0, 0])
    np.testing.assert_allclose(model.parameters[1, 1], alone.parameters[0, 0])
    origins = Origins(both, np.array([0, 90, 140]), (1, 0), np.array([80, 90, 120, 140]), 1, 4)
    turned = Smoothing(6, model.parameters[:, ::-1], model.forms[:, ::-1])
    answers = turned.answers(origins, [0, 1])
    expected = alone.answers(Origins(short, np.array([0, 50]), (0,), np.array([30, 50]), 1, 4), [0])
    np.testing.assert_allclose(answers[2:, :, 1], expected[..., 0], rtol=1e-5)
    np.testing.assert_allclose(answers[2:, :, 0], 3 * expected[..., 0], rtol=1e-5)
    swapped = Origins(
        np.concatenate([both[90:], both[:90]]), np.array([0, 50, 140]), (1, 0), np.array([30, 130]), 1, 4
    )
    np.testing.assert_allclose(turned.answers(swapped, [1, 0])[0], answers[2], rtol=1e-5)


def test_origins_within_the_rows_that_set_the_state_get_the_last_value():
    values = made(5, 60, 6, ADDED)
    model = Smoothing.fit(values, [0, 60], np.ones(60, bool), 6)
    origins = Origins(values, np.array([0, 60]), (0,), np.arange(1, 12), 0, 3)
    np.testing.assert_array_equal(model.answers(origins, [0]), last(origins))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(40), np.full(40, -3.0), np.full(40, np.nan), np.arange(40.0), np.tile([0.0, 1e-9], 20),
        np.where(np.arange(40) < 25, np.nan, 1.0), np.array([5.0]), np.array([1.0, -1.0] * 3),
        1e12 * np.random.default_rng(0).random(40),
    ],
)  # fmt: skip
@pytest.mark.parametrize("period", [1, 4, 30])
def test_odd_series_get_an_answer_wherever_there_is_a_value(values, period):
    rows = len(values)
    table = values.astype(np.float32)[:, None]
    model = Smoothing.fit(table, [0, rows], np.arange(rows) < 35, period)
    assert model.season == (1 if rows < 3 * period or period == 30 else period)
    origins = Origins(table, np.array([0, rows]), (0,), np.arange(1, rows + 1), 2, 50)
    answers = model.answers(origins, [0])
    np.testing.assert_array_equal(np.isnan(answers), np.isnan(last(origins)))
    assert np.nanmax(np.abs(answers), initial=0.0) <= 20 * np.nanmax(np.abs(table), initial=1.0)


def test_it_is_saved_whole_and_refuses_what_it_did_not_write():
    values = made(1, 60, 6, ADDED)
    model = Smoothing.fit(values, [0, 60], np.ones(60, bool), 6)
    arrays = model.to_arrays()
    origins = Origins(values, np.array([0, 60]), (0,), np.array([60]), 0, 6)
    again = Smoothing.from_arrays(arrays)
    np.testing.assert_array_equal(again.answers(origins, [0]), model.answers(origins, [0]))
    for name, part in arrays.items():
        bad = part * np.nan if part.dtype == np.float64 else part - 9
        for forged in (
            {**arrays, name: bad},
            {**arrays, name: part[None]},
            {**arrays, name: part.astype(np.float32)},
        ):
            with pytest.raises(ModelFileError):
                Smoothing.from_arrays(forged, where="smoothing")
        with pytest.raises(ModelFileError):
            Smoothing.from_arrays({key: value for key, value in arrays.items() if key != name})


@pytest.mark.data
def test_airline_passengers_are_forecast_two_years_ahead():
    folder = os.environ.get("YEOUL_DATA")
    if not folder:
        pytest.skip("YEOUL_DATA is not set")
    with (Path(folder) / "series" / "airline-passengers.csv").open(encoding="utf-8") as file:
        values = np.array([[float(row[1])] for row in list(csv.reader(file))[1:]], np.float32)
    model = Smoothing.fit(values, [0, 144], np.arange(144) < 120, 12)
    assert model.forms[0, 0] == MULTIPLIED
    origins = Origins(values, np.array([0, 144]), (0,), np.array([120]), 0, 24)
    errors = {
        name: float(100 * np.mean(np.abs(answers[0] - values[120:]) / values[120:]))
        for name, answers in (("smoothing", model.answers(origins, [0])), ("season", season(origins, 12)))
    }
    assert 3 < errors["smoothing"] < 10 < errors["season"]
