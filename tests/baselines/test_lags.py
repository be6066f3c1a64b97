"""Regression on lags is scikit-learn's ridge, whatever the blocks; missing targets teach nothing; it is saved whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from yeoul.baselines.lags import PENALTIES, Lags
from yeoul.errors import DataError, ModelFileError, RecipeError
from yeoul.recipe import LagsRecipe


def drawn(seed, windows=200, steps=5, channels=3, horizon=4, known=2, targets=2):
    """Windows of noise with targets that follow from them, and a little noise."""
    generator = np.random.default_rng(seed)
    series = generator.normal(size=(windows, steps, channels)).astype(np.float32)
    ahead = generator.normal(size=(windows, horizon, known)).astype(np.float32)
    flat = np.concatenate([series.reshape(windows, -1), ahead.reshape(windows, -1)], axis=1)
    maps = np.random.default_rng(0).normal(size=(flat.shape[1], horizon * targets))
    wanted = (
        (flat @ maps).reshape(windows, horizon, targets)
        + 3
        + generator.normal(size=(windows, horizon, targets))
    )
    return series, ahead, wanted.astype(np.float32)


def cut(block, *places):
    return zip(*(np.split(part, places) for part in block), strict=True)


@pytest.mark.parametrize("variables", ["together", "apart"])
@pytest.mark.parametrize("normalize", ["none", "last"])
@given(penalty=st.sampled_from((1e-4, 0.1, 3.0)), seed=st.integers(0, 1000))
@settings(max_examples=4, deadline=None)
def test_it_is_ridge_regression_on_standardized_inputs(variables, normalize, penalty, seed):
    series, known, targets = drawn(seed)
    recipe = LagsRecipe(penalty=penalty, variables=variables, normalize=normalize)
    model = Lags.fit(recipe, cut((series, known, targets), 30, 150), [])
    answers = model.answers(series, known)
    base = series[:, -1:, :2] if normalize == "last" else 0.0
    shifted = series.copy()
    shifted[:, :, :2] -= base
    for group in ([0], [1]) if variables == "apart" else ([0, 1],):
        past = shifted[:, :, group] if variables == "apart" else shifted
        inputs = np.concatenate([past.reshape(200, -1), known.reshape(200, -1)], axis=1).astype(np.float64)
        spread = inputs.std(axis=0)
        inputs = (inputs - inputs.mean(axis=0)) / np.where(spread > 1e-6, spread, 1.0)
        wanted = (targets - base)[:, :, group].reshape(200, -1)
        oracle = Ridge(alpha=200 * penalty).fit(inputs, wanted).predict(inputs).reshape(200, 4, -1)
        expected = oracle + (base[:, :, group] if normalize == "last" else 0.0)
        np.testing.assert_allclose(answers[:, :, group], expected, rtol=1e-3, atol=1e-3)


def test_blocks_and_batch_mates_change_nothing():
    block, held = drawn(1), drawn(2)
    whole = Lags.fit(LagsRecipe(), [block], [held])
    parts = Lags.fit(LagsRecipe(), cut(block, 1, 77), cut(held, 50))
    np.testing.assert_allclose(parts.weights, whole.weights, rtol=1e-6, atol=1e-9)
    assert (parts.penalties == whole.penalties).all()
    answers = whole.answers(*held[:2])
    np.testing.assert_allclose(whole.answers(held[0][7:8], held[1][7:8]), answers[7:8], rtol=1e-5, atol=1e-6)


def test_a_shift_of_the_past_shifts_the_answers():
    series, known, targets = drawn(3)
    model = Lags.fit(LagsRecipe(variables="together"), [(series, known, targets)], [drawn(4)])
    shift = np.array([5.0, -2.0, 0.0], np.float32)
    moved = model.answers(series + shift, known) - model.answers(series, known)
    np.testing.assert_allclose(moved, np.broadcast_to(shift[:2], moved.shape), atol=1e-4)


def test_the_penalty_is_that_of_the_least_error_on_the_validation_windows():
    generator = np.random.default_rng(0)
    noise = (
        generator.normal(size=(60, 20, 1)).astype(np.float32),
        np.zeros((60, 2, 0), np.float32),
        generator.normal(size=(60, 2, 1)).astype(np.float32),
    )
    held = drawn(2)
    assert Lags.fit(LagsRecipe(normalize="none"), [noise], [noise]).penalties == [PENALTIES[0]]
    assert Lags.fit(LagsRecipe(), [drawn(1)], []).penalties.tolist() == [0.01, 0.01]
    model = Lags.fit(LagsRecipe(variables="together"), [drawn(1, 40)], [held])
    errors = [
        np.abs(fixed.answers(*held[:2]) - held[2]).mean()
        for fixed in (
            Lags.fit(LagsRecipe(variables="together", penalty=one), [drawn(1, 40)], []) for one in PENALTIES
        )
    ]
    assert model.penalties.tolist() == [PENALTIES[int(np.argmin(errors))]]


def test_missing_targets_teach_nothing_and_those_present_all():
    series, known, targets = drawn(5, windows=4000)
    holed = targets.copy()
    generator = np.random.default_rng(0)
    holed[generator.random(holed.shape) < 0.2] = np.nan
    holed[:500, :, 0] = np.nan
    recipe = LagsRecipe(variables="together", penalty=1e-6)
    model = Lags.fit(recipe, [(series, known, holed)], [])
    full = Lags.fit(recipe, [(series, known, targets)], [])
    np.testing.assert_allclose(model.weights, full.weights, atol=0.25)
    # windows that lack a target altogether are as if they were not there
    apart = LagsRecipe(penalty=1e-6)
    some = np.concatenate([np.full((500, 4, 2), np.nan, np.float32), targets[500:]])
    without = Lags.fit(apart, [(series[500:], known[500:], targets[500:])], [])
    np.testing.assert_allclose(
        Lags.fit(apart, [(series, known, some)], []).weights, without.weights, atol=1e-9
    )


def test_the_newest_value_is_the_answer_to_a_walk_at_random():
    walk = np.random.default_rng(0).normal(size=5000).cumsum().astype(np.float32)
    view = np.lib.stride_tricks.sliding_window_view(walk, 15)
    series, targets = view[:, :10, None], view[:, 10:, None]
    model = Lags.fit(
        LagsRecipe(penalty=1.0), [(series, np.zeros((len(view), 5, 0), np.float32), targets)], []
    )
    said = model.answers(series, np.zeros((len(view), 5, 0), np.float32))
    assert np.abs(said - series[:, -1:]).mean() < 0.2


def test_it_is_saved_whole_and_refuses_what_it_did_not_write():
    block = drawn(6)
    for variables in ("together", "apart"):
        model = Lags.fit(LagsRecipe(variables=variables), [block], [block])
        arrays = model.to_arrays()
        again = Lags.from_arrays(arrays)
        np.testing.assert_array_equal(again.answers(*block[:2]), model.answers(*block[:2]))
        for name, part in arrays.items():
            bad = part.astype(np.float64) * np.nan if part.dtype == np.float64 else part * 3
            for forged in (
                {**arrays, name: bad},
                {**arrays, name: part[:-1]},
                {**arrays, name: part.astype(np.float32)},
            ):
                with pytest.raises(ModelFileError):
                    Lags.from_arrays(forged, where="lags")
            with pytest.raises(ModelFileError):
                Lags.from_arrays({key: value for key, value in arrays.items() if key != name})


def test_what_cannot_be_fitted_is_told():
    series, known, targets = drawn(0, windows=10)
    with pytest.raises(DataError, match="no window"):
        Lags.fit(LagsRecipe(), [], [])
    with pytest.raises(DataError, match="no window"):
        Lags.fit(LagsRecipe(), [(series, known, targets * np.nan)], [])
    wide = np.zeros((1, 4000, 2), np.float32)
    with pytest.raises(RecipeError, match="8000 inputs"):
        Lags.fit(LagsRecipe(variables="together"), [(wide, np.zeros((1, 4, 0), np.float32), targets[:1])], [])


def test_of_much_that_is_known_ahead_some_steps_are_read():
    generator = np.random.default_rng(0)
    known = generator.normal(size=(50, 1000, 4)).astype(np.float32)
    block = (generator.normal(size=(50, 3, 1)).astype(np.float32), known, np.ones((50, 1000, 1), np.float32))
    model = Lags.fit(LagsRecipe(penalty=0.1, normalize="none"), [block], [])
    assert model.sizes.inputs <= 1503
    np.testing.assert_allclose(model.answers(*block[:2]), 1.0, atol=1e-3)
