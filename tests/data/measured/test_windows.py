"""Windows read the past only, every one is in one split at most, and batches are what a plain loop would make."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from test_scaling import drawn, measured

from yeoul.data.batches import Batch
from yeoul.data.measured.calendar import features
from yeoul.data.measured.measurements import Measurements, keep_series
from yeoul.data.measured.scaling import Scaler
from yeoul.data.measured.seasons import season_of, usual_season
from yeoul.data.measured.times import Every
from yeoul.data.measured.window_rows import ScaledRows, WindowRows, newest_windows
from yeoul.data.measured.windows import (
    Borders,
    WindowPlan,
    all_origins,
    fold_borders,
    long_enough,
    plan_windows,
    split_origins,
    time_borders,
)
from yeoul.errors import DataError, ModelFileError, RecipeError
from yeoul.recipe import ForecastRecipe

LENGTHS = (60, 45)


def series(seed: int = 0, holes: float = 0.2, lengths: tuple[int, ...] = LENGTHS) -> Measurements:
    """Return two targets, an input with holes, and a column known ahead without any."""
    values = drawn(seed, lengths, 4, holes)
    values[:, 3] = np.arange(len(values)) % 5
    return measured(values, lengths, targets=2, known=1, static=1)


def prepared(measurements: Measurements, **forecast: Any) -> tuple[WindowPlan, Borders, Scaler]:
    recipe = ForecastRecipe(
        **{"lookback": 7, "step": 2, "horizon": 3, "delay": 2, "calendar": ("hour",)} | forecast
    )
    borders = time_borders(measurements, 0.2, 0.2, 3)
    plan = plan_windows(recipe, measurements, borders)
    return plan, borders, Scaler.fit(measurements, borders.training_rows(measurements))


def windows(measurements: Measurements, origins: np.ndarray, plan: WindowPlan, scaler: Scaler) -> WindowRows:
    return WindowRows(ScaledRows.of(measurements, plan, scaler), origins)


def plain(measurements: Measurements, plan: WindowPlan, scaler: Scaler, origin: int) -> dict[str, list[Any]]:
    """Build one window step by step."""
    number = int(measurements.series_of(np.array([origin]))[0])
    means, deviations = scaler.means[number], scaler.deviations[number]

    def at(row: int, column: int) -> float:
        return (float(measurements.values[row, column]) - means[column]) / deviations[column]

    def ahead(row: int) -> list[float]:
        moment = measurements.times(np.array([row]))
        return [at(row, 3), *features(moment, plan.calendar)[0].tolist()]

    rows = sorted(range(origin - 1, origin - 1 - plan.lookback, -plan.step))
    steps = []
    for row in rows:
        past = []
        for column in range(3):
            newest = next((r for r in range(row, rows[0] - 1, -1) if not math.isnan(at(r, column))), None)
            past.append(0.0 if newest is None else at(newest, column))
        masks = [float(not math.isnan(at(row, measurements.columns.index(name)))) for name in plan.masked]
        steps.append([*past, *ahead(row), *masks])
    future = range(origin + plan.delay, origin + plan.delay + plan.horizon)
    return {
        "series": steps,
        "known": [ahead(row) for row in future],
        "static": [(number - 0.5) / 0.5],
        "targets": [[at(row, column) for column in range(2)] for row in future],
    }


def same(batch: Batch, other: Batch) -> None:
    assert batch.inputs.keys() == other.inputs.keys()
    for name in batch.inputs:
        own, its = batch.inputs[name], other.inputs[name]
        own, its = (each if isinstance(each, torch.Tensor) else each.values for each in (own, its))
        torch.testing.assert_close(own, its, rtol=0, atol=0)
    torch.testing.assert_close(batch.targets, other.targets, rtol=0, atol=0, equal_nan=True)


def some_origins(measurements: Measurements, plan: WindowPlan) -> np.ndarray:
    """Find the windows of drawn measurements, and draw others where holes leave none."""
    try:
        return all_origins(measurements, plan)
    except DataError:
        reject()


@settings(max_examples=40)
@given(
    st.integers(0, 20),
    st.integers(1, 4),
    st.integers(1, 9),
    st.integers(0, 3),
    st.sampled_from([0.0, 0.2, 0.7]),
)
def test_a_batch_is_what_a_plain_loop_makes(
    seed: int, step: int, lookback: int, delay: int, holes: float
) -> None:
    measurements = series(seed, holes)
    plan, _, scaler = prepared(measurements, step=step, lookback=lookback, delay=delay or None)
    origins = some_origins(measurements, plan)
    batch = windows(measurements, origins, plan, scaler).batch(np.arange(len(origins)))
    assert batch.inputs["series"].lengths.tolist() == [plan.steps] * len(origins)
    for place in range(0, len(origins), 5):
        slow = plain(measurements, plan, scaler, int(origins[place]))
        np.testing.assert_allclose(batch.inputs["series"].values[place], slow["series"], atol=1e-5)
        np.testing.assert_allclose(batch.inputs["known"][place], slow["known"], atol=1e-5)
        np.testing.assert_allclose(batch.inputs["static"][place], slow["static"], atol=1e-5)
        np.testing.assert_allclose(batch.targets[place], slow["targets"], atol=1e-5)
    assert len(plan.channels) == batch.inputs["series"].values.shape[2]


@settings(max_examples=40)
@given(st.data())
def test_the_future_changes_no_window(data: st.DataObject) -> None:
    measurements = series(data.draw(st.integers(0, 20)))
    plan, _, scaler = prepared(measurements)
    origins = some_origins(measurements, plan)
    place = data.draw(st.integers(0, len(origins) - 1))
    changed = measurements.values.copy()
    number = data.draw(st.sampled_from([np.nan, 1e6, -3.0]))
    changed[origins[place] :, : data.draw(st.integers(1, 3))] = (
        number  # targets and inputs; known columns are known
    )
    other = replace(measurements, values=changed)
    own = windows(measurements, origins, plan, scaler).batch(np.array([place]))
    its = windows(other, origins, plan, scaler).batch(np.array([place]))
    same(own, replace(its, targets=own.targets))


def test_test_rows_change_neither_scales_nor_training_batches() -> None:
    measurements = series()
    plan, borders, scaler = prepared(measurements)
    changed = measurements.values.copy()
    after = ~borders.training_rows(measurements)
    changed[after, :3] = 99.0
    other = replace(measurements, values=changed)
    its_plan, its_borders, its_scaler = prepared(other)
    assert (its_plan, its_scaler) == (plan, scaler)
    own, its = (
        split_origins(measurements, plan, borders).train,
        split_origins(other, its_plan, its_borders).train,
    )
    np.testing.assert_array_equal(own, its)
    rows = np.arange(len(own))
    same(
        windows(measurements, own, plan, scaler).batch(rows),
        windows(other, its, its_plan, its_scaler).batch(rows),
    )


@settings(max_examples=40)
@given(st.integers(0, 50), st.sampled_from([0.0, 0.4]))
def test_order_and_mates_change_nothing(seed: int, holes: float) -> None:
    measurements = series(1, holes)
    plan, _, scaler = prepared(measurements)
    rows = windows(measurements, all_origins(measurements, plan), plan, scaler)
    chosen = np.random.default_rng(seed).permutation(len(rows))[:9]
    together = rows.batch(chosen)
    for place, row in enumerate(chosen):
        alone = rows.batch(np.array([row]))
        picked = Batch(
            {
                name: value[[place]]
                if isinstance(value, torch.Tensor)
                else replace(value, values=value.values[[place]])
                for name, value in together.inputs.items()
            },
            together.targets[[place]],
            together.index[[place]],
        )
        same(alone, picked)


@settings(max_examples=40)
@given(
    st.integers(10, 90),
    st.integers(10, 90),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([0.1, 0.25, 0.5]),
    st.sampled_from([0.1, 0.2, 0.4]),
)
def test_splits_share_no_target_and_lose_only_what_is_counted(
    first: int, second: int, horizon: int, delay: int, validation: float, test: float
) -> None:
    measurements = measured(drawn(0, (first, second), 1, 0.0), (first, second))
    borders = time_borders(measurements, validation, test, horizon)
    plan = plan_windows(
        ForecastRecipe(lookback=2, horizon=horizon, delay=delay or None), measurements, borders
    )
    try:
        found = split_origins(measurements, plan, borders)
    except DataError:
        return
    answered = [
        {row + plan.delay + step for row in part.tolist() for step in range(horizon)}
        for part in (found.train, found.validation, found.test)
    ]
    assert not answered[0] & answered[1]
    assert not answered[1] & answered[2]
    assert not answered[0] & answered[2]
    moments = [measurements.times(np.array(sorted(rows))) for rows in answered]
    assert all(earlier.max() < later.min() for earlier, later in pairwise(moments))
    every = sum(max(0, length - plan.span - plan.reach + 1) for length in (first, second))
    assert len(found.train) + len(found.validation) + len(found.test) + found.straddling == every
    for number, end in enumerate(borders.ends):  # every test window counts
        tested = found.test[measurements.series_of(found.test) == number] + plan.delay
        earliest = max(int(borders.test[number]), int(measurements.offsets[number]) + plan.span + plan.delay)
        assert tested.tolist() == list(range(earliest, int(end) - horizon + 1))


def test_the_split_of_the_literature() -> None:
    """12, 4 and 4 months of 30 days, hourly: 8640, 2880 and 2880 rows; horizon 96 has 2880 - 96 + 1 test windows."""
    measurements = measured(np.arange(14_400.0)[:, None], (14_400,))
    borders = time_borders(measurements, 0.25, 0.2, 96)
    assert (int(borders.validation[0]), int(borders.test[0])) == (8640, 11_520)
    plan = plan_windows(ForecastRecipe(lookback=336, horizon=96), measurements, borders)
    found = split_origins(measurements, plan, borders)
    assert [len(found.train), len(found.validation), len(found.test)] == [8640 - 336 - 95, 2785, 2785]


def test_windows_without_a_truth_or_a_past_are_left_out_and_counted() -> None:
    values = np.arange(100.0)[:, None] % 7
    values[20:30] = np.nan
    measurements = measured(values, (100,))
    borders = Borders(np.array([60]), np.array([80]), np.array([100]))
    plan = WindowPlan(lookback=4, step=1, horizon=3, targets=("열0",))
    found = split_origins(measurements, plan, borders)
    # without a truth: targets of origins 20 … 27 lie in the hole; without a past: those of 24 … 30 read only the hole
    assert found.unanswered == 8
    assert found.unread == 3
    assert set(range(4, 58)) - set(found.train.tolist()) == set(range(20, 31))


def test_a_window_that_lacks_something_known_ahead_is_left_out() -> None:
    measurements = series(holes=0.0)
    measurements.values[20, 3] = np.nan
    plan, borders, _ = prepared(measurements)
    found = split_origins(measurements, plan, borders)
    assert {16, 17, 18} & set(found.train.tolist()) == set()  # delay 2: the targets of 16 are 18, 19, 20
    assert {15, 19} <= set(found.train.tolist())
    assert found.unread == 3


@given(st.integers(2, 6), st.integers(60, 200), st.integers(1, 5))
def test_folds_follow_one_another(folds: int, rows: int, horizon: int) -> None:
    measurements = measured(drawn(0, (rows,), 1, 0.0), (rows,))
    found = fold_borders(measurements, folds, 0.2, 0.5, horizon)
    assert len(found) == folds
    assert found[-1].ends[0] == rows
    sizes = [int(fold.ends[0] - fold.test[0]) for fold in found]
    assert min(sizes) >= horizon
    assert max(sizes) - min(sizes) <= 1
    for earlier, later in pairwise(found):
        assert earlier.ends[0] == later.test[0]
        assert earlier.validation[0] < later.validation[0]
    assert all(fold.validation[0] < fold.test[0] for fold in found)


def test_what_is_left_open_is_chosen() -> None:
    hourly = measured(drawn(0, (2000,), 1, 0.0), (2000,))
    borders = time_borders(hourly, 0.1, None, 24)
    plan = plan_windows(ForecastRecipe(horizon="1d"), hourly, borders)
    assert (plan.season, plan.lookback, plan.horizon, plan.steps) == (24, 48, 24, 48)
    plan = plan_windows(ForecastRecipe(lookback="10d", step=6, delay="2h", season=7), hourly, borders)
    assert (plan.season, plan.lookback, plan.steps, plan.span, plan.reach) == (7, 240, 40, 235, 3)
    with pytest.raises(RecipeError, match=r"forecast\.lookback: 90min is no whole number of rows of 1h"):
        plan_windows(ForecastRecipe(lookback="90min"), hourly, borders)
    short = measured(drawn(0, (60,), 1, 0.0), (60,))
    assert (
        plan_windows(ForecastRecipe(), short, time_borders(short, 0.1, None)).lookback == 43 // 3
    )  # of 60·0.8·0.9


@pytest.mark.parametrize(
    ("every", "season"), [("10min", 144), ("1h", 24), ("1d", 7), ("1w", 52), ("1mo", 12), ("3mo", 4)]
)
def test_usual_seasons(every: str, season: int) -> None:
    assert usual_season(Every.parse(every)) == season


@given(st.integers(4, 40), st.floats(-2, 2), st.floats(0, 0.3), st.integers(0, 9))
def test_a_season_is_found_in_noise_and_on_a_slope(
    period: int, slope: float, noise: float, seed: int
) -> None:
    rows = np.arange(12 * period)
    wave = np.sin(2 * np.pi * rows / period)
    found = season_of(
        (wave + slope * rows + noise * np.random.default_rng(seed).normal(size=len(rows))).astype("f4")
    )
    assert abs(found - period) <= max(1, period // 10)
    assert season_of((slope * rows).astype("f4")) == 1


def test_a_horizon_longer_than_the_data_is_refused() -> None:
    short = measured(drawn(0, (50,), 1, 0.0), (50,))
    with pytest.raises(DataError, match="a horizon of 60 rows is too long for 50 rows"):
        time_borders(short, 0.1, None, 60)
    borders = time_borders(short, 0.1, None, 5)
    with pytest.raises(
        DataError, match="no window is left for train: a window reads 40 rows and ends 5 rows later"
    ):
        split_origins(short, plan_windows(ForecastRecipe(lookback=40, horizon=5), short, borders), borders)


def test_the_truth_is_in_units_and_answers_return_to_them() -> None:
    measurements = series()
    plan, borders, scaler = prepared(measurements)
    rows = windows(measurements, split_origins(measurements, plan, borders).test, plan, scaler)
    batch = rows.batch(np.arange(len(rows)))
    np.testing.assert_allclose(rows.in_units(batch.targets.numpy()), rows.truth(), rtol=1e-4, atol=1e-5)
    some = np.array([2, 0])
    np.testing.assert_array_equal(rows.truth(some), rows.truth()[some])
    np.testing.assert_array_equal(rows.times(some), rows.times()[some])
    origin = int(rows.origins[2])
    np.testing.assert_array_equal(rows.truth()[2], measurements.values[origin + 2 : origin + 5, :2])
    np.testing.assert_array_equal(rows.times()[2], measurements.times(np.arange(origin + 2, origin + 5)))


def test_the_newest_window_goes_on_where_the_rows_end() -> None:
    """The newest window of the rows before some moment is the window of that moment: cutting off loses nothing."""
    measurements = series(holes=0.1, lengths=(60,))
    plan, _, scaler = prepared(measurements)
    cut = measurements.values.copy()
    cut[50:, :3] = np.nan  # only what is known ahead is left
    newest = newest_windows(replace(measurements, values=cut), plan, scaler)
    own = windows(measurements, np.array([50]), plan, scaler)
    batch = newest.batch(np.array([0]))
    same(own.batch(np.array([0])), replace(batch, targets=own.batch(np.array([0])).targets))
    assert batch.targets.isnan().all()
    np.testing.assert_array_equal(newest.times(), own.times())


def test_what_a_forecast_needs_is_asked_for() -> None:
    measurements = series(holes=0.0, lengths=(60,))
    plan, _, scaler = prepared(measurements)
    with pytest.raises(
        DataError, match=r"2020-03-06 19:00:00: the column 열3 is known ahead, and has no value here"
    ):
        newest_windows(measurements, plan, scaler)  # 60 h after 5:00 is 17:00, two rows of delay later 19:00
    short = replace(measurements, values=measurements.values[:6], offsets=np.array([0, 6]))
    with pytest.raises(DataError, match="there are 6 rows, and a forecast reads 7"):
        newest_windows(short, plan, scaler)
    blind = measurements.values.copy()
    blind[40:50, 1] = blind[50:, :3] = np.nan
    with pytest.raises(DataError, match="all 7 rows that a forecast reads lack a value of 열1"):
        newest_windows(replace(measurements, values=blind), plan, scaler)
    with pytest.raises(DataError, match="no series has the 7 rows"):
        all_origins(short, plan)


def test_series_that_are_too_short_may_be_left_out() -> None:
    measurements = series(holes=0.0, lengths=(60, 5, 45))
    plan, _, scaler = prepared(measurements, calendar=())
    values = measurements.values.copy()
    values[40:60, :3] = values[90:, :3] = np.nan  # both long ones end early, for what is known ahead to go on
    cut = replace(measurements, values=values)
    with pytest.raises(DataError, match="시험 계열1: there are 5 rows, and a forecast reads 7"):
        newest_windows(cut, plan, scaler)
    kept = keep_series(cut, long_enough(cut, plan))
    assert kept.series == ("계열0", "계열2")
    batch = newest_windows(kept, plan, scaler).batch(np.arange(2))
    own = windows(measurements, np.array([40, 90]), plan, scaler).batch(np.arange(2))
    same(own, replace(batch, targets=own.targets))


def test_a_calendar_goes_on_by_itself() -> None:
    measurements = measured(drawn(0, (60, 45), 1, 0.0), (60, 45))
    plan, _, scaler = prepared(measurements)
    newest = newest_windows(measurements, plan, scaler)
    known = newest.batch(np.arange(2)).inputs["known"]
    expected = features(newest.times().reshape(-1), ("hour",)).reshape(2, 3, 2)
    np.testing.assert_array_equal(known, expected)
    assert str(newest.times()[1, 0]) == "2020-03-06T05:00:00"  # 6:00 and 45 h, and two rows of delay


def test_rows_that_are_only_numbered_have_windows() -> None:
    measurements = measured(drawn(0, (60, 45), 1, 0.0), (60, 45), timed=False)
    plan, borders, scaler = prepared(measurements, calendar=())
    rows = windows(measurements, split_origins(measurements, plan, borders).test, plan, scaler)
    assert np.isnat(rows.times()).all()
    assert rows.batch(np.array([0])).inputs.keys() == {"series"}
    with pytest.raises(RecipeError, match=r"forecast\.calendar"):
        windows(measurements, rows.origins, plan.model_copy(update={"calendar": ("hour",)}), scaler)


def test_a_saved_plan_is_the_same(tmp_path: Path) -> None:
    plan, _, _ = prepared(series())
    plan.save(tmp_path)
    assert WindowPlan.load(tmp_path) == plan
    (tmp_path / "windows.json").write_text(plan.model_dump_json().replace('"step":2', '"step":0'), "utf-8")
    with pytest.raises(ModelFileError, match="settings cannot be read"):
        WindowPlan.load(tmp_path)


def test_an_epoch_has_every_window_once() -> None:
    measurements = series()
    plan, borders, scaler = prepared(measurements)
    rows = windows(measurements, split_origins(measurements, plan, borders).train, plan, scaler)
    order = rows.order(4, 1, 0)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(rows)))
    assert [part.tolist() for part in order] == [part.tolist() for part in rows.order(4, 1, 0)]
    assert [part.tolist() for part in order] != [part.tolist() for part in rows.order(4, 1, 1)]
