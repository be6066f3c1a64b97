"""Scores of forecasts are those of a plain loop, their intervals hold the truth, offsets cover what they promise."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.metrics.blocks import Blocks
from yeoul.metrics.conformal import conformal, widen
from yeoul.metrics.forecast_slices import slice_times, worst_windows
from yeoul.metrics.forecasts import (
    LEVELS,
    Truth,
    compare_forecasts,
    point_scores,
    score_forecasts,
    seasonal_errors,
    window_errors,
)


def drawn(seed, windows=40, horizon=4, width=2, series=1, missing=0.1):
    """Truth of random numbers with holes, and quantile answers near it."""
    generator = np.random.default_rng(seed)
    values = generator.normal(5, 3, (windows, horizon, width)).astype(np.float32)
    answers = np.sort(
        values[..., None] + generator.normal(size=(*values.shape, 7)).astype(np.float32), axis=-1
    )
    values[generator.random(values.shape) < missing] = np.nan
    truth = Truth(
        values,
        np.arange(windows),
        generator.integers(0, series, windows),
        generator.uniform(0.5, 2, (series, width)),
        generator.uniform(0.5, 2, width),
        horizon,
        tuple("abcdef"[:width]),
    )
    return answers.astype(np.float32), truth


@given(seed=st.integers(0, 10_000), series=st.sampled_from((1, 3, 25)), width=st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_scores_are_those_of_a_plain_loop_over_the_present_targets(seed, series, width):
    answers, truth = drawn(seed, width=width, series=series)
    gathered = {}
    for n, h, d in zip(*np.nonzero(~np.isnan(truth.values)), strict=True):
        came, said = float(truth.values[n, h, d]), answers[n, h, d].astype(float)
        error = abs(said[3] - came)
        for place in ("whole", f"column {d}", f"step {h}"):
            kept = gathered.setdefault(place, {})
            kept.setdefault("mae", []).append(error)
            kept.setdefault("rmse", []).append(error**2)
            kept.setdefault("smape", []).append(200 * error / (abs(said[3]) + abs(came)))
            kept.setdefault("mase", []).append(error / truth.seasonal[truth.series[n], d])
            kept.setdefault("mse_scaled", []).append((error / truth.deviations[d]) ** 2)
            kept.setdefault("coverage_80", []).append(said[1] <= came <= said[5])
            kept.setdefault("width_90", []).append(said[6] - said[0])
            losses = [
                max(q * (came - one), (q - 1) * (came - one)) for q, one in zip(LEVELS, said, strict=True)
            ]
            kept.setdefault("pinball", []).append(np.mean(losses))
    scores = score_forecasts(answers, truth, seed=0)
    assert scores.present == len(gathered["whole"]["mae"])
    for name, parts in gathered["whole"].items():
        expected = np.mean(parts) ** (0.5 if name == "rmse" else 1)
        assert scores.scores[name].value == pytest.approx(expected, rel=1e-5)
        for d, column in enumerate(truth.columns):
            expected = np.mean(gathered[f"column {d}"][name]) ** (0.5 if name == "rmse" else 1)
            assert scores.columns[column][name].value == pytest.approx(expected, rel=1e-5)
        for h in range(4):
            expected = np.mean(gathered[f"step {h}"][name]) ** (0.5 if name == "rmse" else 1)
            assert scores.steps[name].value[h] == pytest.approx(expected, rel=1e-5)
    for name, value in point_scores(answers, truth).items():
        assert value == pytest.approx(scores.scores[name].value)
    assert scores.grids["mae"].shape == (4, width)


def test_answers_to_missing_targets_count_for_nothing():
    answers, truth = drawn(3, missing=0.3)
    before = score_forecasts(answers, truth, 0).to_json()
    answers[np.isnan(truth.values)] = 1e6
    assert score_forecasts(answers, truth, 0).to_json() == before


def test_neither_order_nor_cutting_of_windows_changes_a_score():
    answers, truth = drawn(4, windows=300)
    order = np.random.default_rng(0).permutation(300)
    first, second = (
        score_forecasts(answers, truth, 0),
        score_forecasts(answers[order], truth.chosen(order), 0),
    )
    for name, one in first.scores.items():
        assert (one.low, one.high) == pytest.approx((second.scores[name].low, second.scores[name].high))
    parts = [
        point_scores(answers[some], truth.chosen(some))["mae"] for some in (np.arange(90), np.arange(90, 300))
    ]
    counts = [np.count_nonzero(~np.isnan(truth.values[some])) for some in (slice(90), slice(90, 300))]
    assert np.average(parts, weights=counts) == pytest.approx(first.scores["mae"].value)


def test_zero_for_zero_is_no_relative_error_and_the_largest_is_two_hundred_percent():
    truth = drawn(0, windows=2, horizon=1, width=1)[1]
    truth = replace(truth, values=np.zeros_like(truth.values))
    assert score_forecasts(np.zeros((2, 1, 1)), truth, 0).scores["smape"].value == 0
    assert score_forecasts(np.full((2, 1, 1), 9.0), truth, 0).scores["smape"].value == 200


@pytest.mark.parametrize("season", [1, 7])
def test_the_seasonal_naive_forecast_has_a_mase_of_one_on_the_training_rows(season):
    rows = np.random.default_rng(1).normal(size=(60, 2)).cumsum(axis=0)
    offsets, training = np.array([0, 40, 60]), np.ones(60, bool)
    errors = seasonal_errors(rows, offsets, training, season)
    origins = np.concatenate([np.arange(season, 40), np.arange(40 + season, 60)])
    series = (origins >= 40).astype(np.int64)
    truth = Truth(rows[origins][:, None], origins, series, errors, np.ones(2), 1, ("a", "b"))
    scores = score_forecasts(rows[origins - season][:, None], truth, 0)
    assert scores.scores["mase"].value == pytest.approx(1.0)
    for column in "ab":
        assert scores.columns[column]["mase"].value == pytest.approx(1.0)


def test_the_seasonal_error_reads_training_rows_only_and_never_across_series():
    rows = np.arange(20.0)[:, None] ** 2
    training = np.arange(20) < 15
    changed = rows.copy()
    changed[15:] = 1e9
    before = seasonal_errors(rows, [0, 10, 20], training, 3)
    np.testing.assert_array_equal(seasonal_errors(changed, [0, 10, 20], training, 3), before)
    assert before[0, 0] == np.mean([(t + 3) ** 2 - t**2 for t in range(7)])
    assert np.isnan(seasonal_errors(rows, [0, 10, 20], training, 5)[1, 0])


def test_scores_without_a_divisor_are_none_and_written_as_such():
    answers, truth = drawn(5)
    truth = replace(truth, seasonal=np.array([[0.0, np.nan]]))
    scores = score_forecasts(answers, truth, 0)
    assert scores.scores["mase"] is None
    assert truth.deciding() == "mae"
    written = json.loads(json.dumps(scores.to_json(), allow_nan=False))
    assert written["scores"]["mase"] == {"value": None}
    assert written["scores"]["mae"]["low"] < written["scores"]["mae"]["value"]
    assert len(written["steps"]["coverage_90"]["low"]) == 4


def overlapping(generator, windows, horizon, persistence):
    """Errors (N, H, 1) of windows that share their targets, as those of real forecasts do."""
    from scipy.signal import lfilter

    shocks = generator.standard_normal(windows + horizon + 300)
    errors = lfilter([1], [1, -persistence], shocks)[300:] * math.sqrt(1 - persistence**2)
    return np.lib.stride_tricks.sliding_window_view(errors, horizon)[:windows, :, None]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("windows", "horizon", "persistence"), [(30, 1, 0.0), (200, 24, 0.0), (1000, 24, 0.9)]
)
def test_intervals_hold_the_truth_and_equal_models_seldom_get_a_verdict(windows, horizon, persistence):
    generator = np.random.default_rng(windows)
    held, decided = 0, 0
    for seed in range(100):
        ours, theirs = (overlapping(generator, windows, horizon, persistence) for _ in range(2))
        truth = Truth(
            np.zeros(ours.shape, np.float32), np.arange(windows), np.zeros(windows, np.int64),
            np.ones((1, 1)), np.ones(1), horizon, ("a",),
        )  # fmt: skip
        mae = score_forecasts(ours, truth, seed).scores["mae"]
        held += mae.low <= math.sqrt(2 / math.pi) <= mae.high  # the errors are normal with deviation 1
        verdict = compare_forecasts(ours, theirs, truth, against="x", seed=seed).verdict
        decided += verdict.outcome != "cannot tell"
    assert held / 100 >= 0.86
    assert decided / 100 <= 0.14


def test_the_width_is_the_quantile_of_the_law_that_the_module_states():
    generator = np.random.default_rng(0)
    for number in (3, 5, 10, 40):
        waves = np.arange(1, 8 * number)
        weights = number * np.sin(np.pi * waves / number) ** 2 / (np.pi * waves) ** 2
        spread = np.zeros(100_000)
        for weight in weights[weights > 1e-9]:
            spread += weight * 2 * generator.standard_exponential(len(spread))
        spread += (1 - 1 / number) - 2 * weights.sum()  # the mean of all faster waves
        law = np.quantile(np.abs(generator.standard_normal(len(spread))) / np.sqrt(spread), 0.95)
        blocks = replace(Blocks.of(np.arange(4000), np.zeros(4000), 1), number=number, overlap=0.0)
        assert blocks.width() == pytest.approx(law, rel=0.02)


@given(
    windows=st.integers(3, 300),
    reach=st.integers(1, 40),
    stride=st.integers(1, 5),
    series=st.sampled_from((1, 2, 30)),
)
@settings(max_examples=40, deadline=None)
def test_blocks_are_long_enough_and_weigh_all_windows_alike(windows, reach, stride, series):
    origins = stride * np.arange(windows)
    blocks = Blocks.of(origins, np.arange(windows) % series, reach)
    assert sorted(blocks.order) == list(range(windows))
    if blocks.number and len(np.unique(np.arange(windows) % series)) < 20:
        assert blocks.size * stride >= reach
        assert blocks.number * blocks.size <= windows
    if blocks.number:
        totals = blocks.resampled(np.ones((len(blocks.starts), 1)), seed=0)
        assert (totals == blocks.number * blocks.size).all()
        counts = blocks.resampled(np.eye(len(blocks.starts)), seed=0).mean(axis=0)
        assert counts == pytest.approx(np.full(len(counts), counts.mean()), rel=0.5)


def test_many_windows_are_drawn_in_coarse_cells_that_hold_them_all():
    blocks = Blocks.of(np.arange(50_000), np.zeros(50_000), 96)
    assert len(blocks.starts) < 9000
    cell = 50_000 // len(blocks.starts)
    assert blocks.size * cell >= 96
    assert np.diff(blocks.starts, append=50_000).sum() == 50_000


def test_too_few_windows_say_nothing():
    answers, truth = drawn(1, windows=11, horizon=4)
    scores = score_forecasts(answers, truth, 0)
    assert scores.blocks == 0
    assert set(scores.to_json()["scores"]["mae"]) == {"value"}
    verdict = compare_forecasts(answers, answers + 100, truth, against="x", seed=0)
    assert verdict.verdict.outcome == "cannot tell"
    assert set(json.loads(json.dumps(verdict.to_json(), allow_nan=False))["difference"]) == {"value"}


def test_the_lead_is_positive_when_the_error_is_smaller():
    answers, truth = drawn(2, windows=400, width=1)
    worse = answers + 2
    verdict = compare_forecasts(answers, worse, truth, against="season", seed=0)
    assert (verdict.verdict.outcome, verdict.verdict.metric, verdict.verdict.against) == (
        "beats",
        "mae",
        "season",
    )
    ours, theirs = (point_scores(one, truth)["mae"] for one in (answers, worse))
    assert verdict.verdict.difference.value == pytest.approx(theirs - ours)
    assert verdict.gain.value == pytest.approx(100 * (1 - ours / theirs))
    assert verdict.gain.low < verdict.gain.value < verdict.gain.high
    assert compare_forecasts(worse, answers, truth, against="x", seed=0).verdict.outcome == "does not beat"
    same = compare_forecasts(answers, answers[..., 3], truth, against="x", seed=0)
    assert (same.verdict.outcome, same.verdict.difference.value) == ("cannot tell", 0.0)


def test_columns_of_several_units_are_decided_by_mase():
    answers, truth = drawn(2, windows=400)
    unit = np.array([1.0, 1000.0], np.float32)
    scaled = replace(
        truth, values=truth.values * unit, seasonal=truth.seasonal * unit, deviations=truth.deviations * unit
    )
    one = compare_forecasts(answers, answers + 1, truth, against="x", seed=0)
    other = compare_forecasts(
        answers * unit[:, None], (answers + 1) * unit[:, None], scaled, against="x", seed=0
    )
    assert one.verdict.metric == "mase"
    assert other.verdict.difference.value == pytest.approx(one.verdict.difference.value, rel=1e-4)


@pytest.mark.parametrize("quantiles", [False, True])
def test_offsets_cover_what_they_promise_on_exchangeable_windows(quantiles):
    generator = np.random.default_rng(7)
    inside = np.zeros(2)
    for _ in range(200):
        size = 60
        values = generator.gamma(2.0, 2.0, (size + 200, 3, 1))
        answers = np.full(values.shape, 3.0)
        if quantiles:  # far too narrow
            answers = answers[..., None] + np.linspace(-0.3, 0.3, 7)
        offsets = conformal(answers[:size], values[:size])
        moved = widen(answers[size:], offsets)
        assert (np.diff(moved, axis=-1) >= 0).all()
        np.testing.assert_array_equal(moved[..., 3], np.float32(3.0))
        for place, (low, high) in enumerate(((1, 5), (0, 6))):
            held = (moved[..., low] <= values[size:]) & (values[size:] <= moved[..., high])
            inside[place] += held.mean() / 200
    # each tail is covered with a chance from (n+1)τ/(n+1) to (⌈(n+1)τ⌉)/(n+1): n = 60 gives 55/61 and 58/61
    assert inside == pytest.approx((1 - 2 * 6 / 61, 1 - 2 * 3 / 61), abs=0.01)


def test_offsets_leave_missing_targets_out_and_few_errors_take_the_largest():
    values = np.full((12, 2, 1), np.nan)
    values[:10, 0] = np.arange(10.0)[:, None]
    offsets = conformal(np.zeros((12, 2, 1)), values)
    # ten errors 0 … 9: level .9 asks for the ⌈9.9⌉ = 10th, .95 for the 11th and takes the 10th; .75 the ⌈8.25⌉ = 9th
    assert offsets[0, 0].tolist() == [0.0, 0.0, 1.0, 0.0, 8.0, 9.0, 9.0]
    assert (offsets[1] == 0).all()


def test_hours_that_are_hard_are_found_and_those_that_are_not_are_left_alone():
    generator = np.random.default_rng(0)
    times = np.datetime64("2021-03-01T00", "s") + np.arange(2400 + 2) * np.timedelta64(3600, "s")
    view = np.lib.stride_tricks.sliding_window_view(times, 3)
    hour = (view - view.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    errors = generator.normal(size=(2400, 3, 1)) * np.where(hour == 15, 4.0, 1.0)[..., None]
    truth = Truth(
        np.zeros(errors.shape, np.float32), np.arange(2400), np.zeros(2400, np.int64),
        np.ones((1, 1)), np.ones(1), 3, ("a",),
    )  # fmt: skip
    report = slice_times(errors, truth, view, seed=0)
    assert [(one.by, one.value) for one in report.slices if one.weak] == [("hour", "15")]
    one = next(part for part in report.slices if (part.by, part.value) == ("hour", "15"))
    assert one.score.value == pytest.approx(np.abs(errors[hour == 15]).mean())
    assert one.targets == (hour == 15).sum()
    monday = next(part for part in report.slices if (part.by, part.value) == ("weekday", "1"))
    assert monday.targets == sum(time.astype(object).isoweekday() == 1 for time in view.reshape(-1))
    assert {one.value for one in report.slices if one.by == "season"} == {"3-5", "6-8"}
    daily = slice_times(errors, truth, np.broadcast_to(view[:1, :1], (2400, 3)), seed=0)
    assert set(daily.left_out) == {"hour", "weekday", "month", "season"}
    json.dumps(report.to_json(), allow_nan=False)


def test_the_worst_windows_do_not_overlap():
    answers, truth = drawn(6, windows=100, horizon=5, series=2)
    chosen = worst_windows(answers, truth, most=8)
    errors = window_errors(answers, truth)
    assert chosen[0] == np.nanargmax(errors)
    assert (np.diff(errors[chosen]) <= 0).all()
    for place in range(2):
        rows = np.sort(truth.origins[chosen[truth.series[chosen] == place]])
        assert (np.diff(rows) >= 5).all()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda answers, truth: (answers[:, :3], truth), "shape"),
        (lambda answers, truth: (answers[..., :4], truth), "shape"),
        (lambda answers, truth: (answers * np.nan, truth), "finite"),
        (lambda answers, truth: (answers, replace(truth, values=truth.values * np.nan)), "present"),
        (lambda answers, truth: (answers[:0], truth.chosen(np.arange(0))), "at least one"),
        (lambda answers, truth: (answers, replace(truth, deviations=np.zeros(2))), "deviations"),
    ],
)
def test_nonsense_is_refused(change, complaint):
    answers, truth = change(*drawn(0))
    for refused in (
        lambda: score_forecasts(answers, truth, 0),
        lambda: point_scores(answers, truth),
        lambda: compare_forecasts(answers, answers, truth, against="x", seed=0),
    ):
        with pytest.raises(ValueError, match=complaint):
            refused()
