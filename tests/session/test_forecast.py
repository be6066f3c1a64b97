"""Forecasts from a file to a run: laws of time, saving, resuming, the numbers to beat, what bad input gets."""

import hashlib
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import yeoul
from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.errors import DataError, RecipeError, UsageError
from yeoul.recipefile import resolve
from yeoul.session import Request
from yeoul.session.backtest import BacktestEnded, backtest
from yeoul.training.events import Finished, Paused, Stepped

RECIPE = """
task = "forecast"
[forecast]
horizon = "6h"
lookback = "2d"
calendar = ["hour"]
[model]
output = "quantiles"
[model.encoder]
kind = "gru"
hidden_size = 8
bidirectional = false
pooling = "last"
[training]
epochs = 2
batch_size = 32
rate = 1e-2
"""
ROWS = 500


def hourly(seed=0, rows=ROWS):
    """A day's rhythm with noise, and a column that runs three hours ahead of it."""
    random = np.random.default_rng(seed)
    hours = np.arange(rows + 3)
    waves = 10 + 5 * np.sin(2 * np.pi * hours / 24) + random.normal(0, 0.5, rows + 3)
    return waves[:rows], waves[3:]


def written(path, heat, ahead, start="2021-03-01T00:00"):
    times = np.datetime64(start, "m") + 60 * np.arange(len(heat))
    lines = [
        f"{str(time).replace('T', ' ')},{one:.4f},{other:.4f}"
        for time, one, other in zip(times, heat, ahead, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["시각,온도,바람", *lines]) + "\n", "utf-8")
    return path


@pytest.fixture
def heat(tmp_path):
    return written(tmp_path / "측정" / "온도.csv", *hourly())


def request(path, out, **overrides):
    given = {"data.source": str(path), "forecast.targets": ["온도"], **overrides}
    return Request(resolve(RECIPE, "heat", given), out)


def finished(events):
    return next(event for event in events if isinstance(event, Finished))


def weights_of(run):
    return hashlib.sha256((run / "model" / "weights.safetensors").read_bytes()).hexdigest()


def test_a_run_forecasts_scores_and_is_found_again(heat, tmp_path):
    done = finished(session.train(request(heat, tmp_path / "runs")))
    names = [one["name"] for one in done.scores["baselines"]]
    assert names[0] == "last"
    assert {"season", "mean", "drift", "lags"} <= set(names)
    assert done.scores["verdict"]["metric"] == "mae"
    assert 0.4 < done.scores["scores"]["mae"]["value"] < 5.0
    run = load(done.path)
    found = run.forecast()
    assert found.answers.shape == (1, 6, 1, 7)
    assert (np.diff(found.answers, axis=-1) >= 0).all()
    assert str(found.times[0, 0]) == str(np.datetime64("2021-03-01T00:00:00") + np.timedelta64(ROWS, "h"))
    shorter = run.forecast(horizon="2h")
    np.testing.assert_array_equal(shorter.answers, found.answers[:, :2])
    with pytest.raises(UsageError, match="forecasts 6 rows"):
        run.forecast(horizon=7)


def test_what_a_run_answers_does_not_depend_on_where_the_rows_stand(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs"))).path)
    newest = [column[-100:] for column in hourly()]
    later = written(tmp_path / "later.csv", *newest, start="2021-03-17T16:00")
    np.testing.assert_allclose(run.forecast(later).answers, run.forecast().answers, rtol=1e-5)


def test_the_test_rows_change_nothing_before_them(heat, tmp_path):
    first = finished(session.train(request(heat, tmp_path / "runs"))).path
    tables = [column.copy() for column in hourly()]
    for column in tables:
        column[int(0.8 * ROWS) :] += 50.0
    altered = written(tmp_path / "altered.csv", *tables)
    second = finished(session.train(request(altered, tmp_path / "runs"))).path
    assert weights_of(first) == weights_of(second)
    for name in ("scaling.json", "windows.json", "spread.safetensors"):
        assert (first / "model" / name).read_bytes() == (second / "model" / name).read_bytes()
    lines = [
        [json.loads(line)["validation"] for line in (run / "metrics.jsonl").read_text("utf-8").splitlines()]
        for run in (first, second)
    ]
    assert lines[0] == lines[1]


def test_a_stopped_run_goes_on_bit_for_bit(heat, tmp_path):
    whole = finished(session.train(request(heat, tmp_path / "whole"))).path
    steps = []

    def after_seven():
        steps.append(1)
        return len(steps) == 7

    *_, last = session.train(request(heat, tmp_path / "broken"), after_seven)
    assert isinstance(last, Paused)
    events = list(session.resume(yeoul.runs.folder.RunFolder(last.path)))
    assert any(isinstance(event, Stepped) for event in events)
    assert weights_of(whole) == weights_of(events[-1].path)
    told = [json.loads((run / "evaluation/test/metrics.json").read_text()) for run in (whole, last.path)]
    assert told[0] == told[1]


@pytest.mark.parametrize("kind", ["lags", "naive"])
def test_simple_models_are_runs_too(kind, heat, tmp_path):
    text = f'task = "forecast"\n[forecast]\nhorizon = 6\nlookback = 48\n[model]\nkind = "{kind}"\n'
    given = {"data.source": str(heat), "forecast.targets": ["온도"]}
    done = finished(session.train(Request(resolve(text, kind, given), tmp_path)))
    assert load(done.path).forecast().answers.shape == (1, 6, 1, 7)
    names = [one["name"] for one in done.scores["baselines"]]
    assert len(names) == len(set(names)) >= 4
    assert {"lags": "lags", "naive": "last"}[kind] not in names
    if kind == "lags":
        assert done.scores["scores"]["mae"]["value"] < 0.6  # the noise alone is 0.4


def test_new_measurements_are_scored_beside_the_numbers_to_beat(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs"))).path)
    fresh = written(tmp_path / "fresh.csv", *hourly(seed=5, rows=200), start="2022-03-01T00:00")
    scores = run.evaluate(fresh)
    assert not scores["holds_training_rows"]
    assert scores["rows"] == 200 - 48 - 6 + 1
    assert run.evaluate(heat)["holds_training_rows"]
    assert scores["seasonal"] == run.evaluate()["seasonal"]  # the scale of the training rows


def test_a_stream_says_what_a_file_with_all_rows_gets(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs", **{"training.epochs": 1}))).path)
    stream = run.stream()
    fresh = [column[:30] for column in hourly(seed=4)]
    fed = [stream.feed({"온도": one, "바람": other}) for one, other in zip(*fresh, strict=True)]
    joined = [np.concatenate([old, new]) for old, new in zip(hourly(), fresh, strict=True)]
    longer = written(tmp_path / "longer.csv", *joined)
    np.testing.assert_allclose(fed[-1].answers, run.forecast(longer).answers, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(fed[-1].times, run.forecast(longer).times)
    with pytest.raises(DataError, match="바람"):
        stream.feed({"온도": 3.0})


def test_a_backtest_trains_anew_in_every_fold_and_keeps_what_is_done(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs", **{"training.epochs": 1}))).path)
    folder = yeoul.runs.folder.RunFolder(run.path)
    *folds, whole = backtest(folder, 3)
    assert isinstance(whole, BacktestEnded)
    assert [fold.done_before for fold in folds] == [False] * 3
    spans = [fold.told["test"] for fold in folds]
    assert all(one["to"] < other["from"] for one, other in pairwise(spans))
    assert all(fold.told["train"]["to"] < fold.told["test"]["from"] for fold in folds)
    assert len({fold.told["train"]["rows"] for fold in folds}) == 3
    *again, same = backtest(folder, 3)
    assert all(fold.done_before for fold in again)
    assert same.told == whole.told


def test_a_run_of_another_task_says_so(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs", **{"training.epochs": 1}))).path)
    with pytest.raises(UsageError, match="task forecast"):
        run.predict(["text"])


def test_a_file_that_is_not_like_the_training_rows_is_refused(heat, tmp_path):
    run = load(finished(session.train(request(heat, tmp_path / "runs", **{"training.epochs": 1}))).path)
    text = heat.read_text("utf-8").splitlines()
    (tmp_path / "halves.csv").write_text("\n".join([text[0], *text[1::2]]) + "\n", "utf-8")
    with pytest.raises(DataError, match="2h apart"):
        run.forecast(tmp_path / "halves.csv")
    zoned = [line.replace(",", "+09:00,", 1) for line in text[1:]]
    (tmp_path / "zoned.csv").write_text("\n".join([text[0], *zoned]) + "\n", "utf-8")
    with pytest.raises(DataError, match=r"\+09:00"):
        run.forecast(tmp_path / "zoned.csv")
    for horizon in ("0", "²", -5, "two"):
        with pytest.raises(UsageError, match="horizon"):
            run.forecast(horizon=horizon)


def test_a_grown_file_holds_training_rows_and_other_columns_do_not_matter(heat, tmp_path):
    alone = request(heat, tmp_path / "runs", **{"training.epochs": 1, "data.inputs": ["온도"]})
    run = load(finished(session.train(alone)).path)
    grown = written(tmp_path / "grown.csv", *[np.append(column, column[-1]) for column in hourly()])
    assert run.evaluate(grown)["holds_training_rows"]
    assert run.forecast(grown).answers.shape == (1, 6, 1, 7)


def test_a_run_of_another_split_is_no_start(heat, tmp_path):
    """It knows rows that would be test rows here."""
    run = finished(session.train(request(heat, tmp_path / "runs", **{"training.epochs": 1}))).path
    asked = request(heat, tmp_path / "more", **{"training.epochs": 1, "data.test": 0.4})
    with pytest.raises(DataError, match="another split"):
        list(session.train(replace(asked, start_from=run)))
    same = request(heat, tmp_path / "same", **{"training.epochs": 1})
    assert finished(session.train(replace(same, start_from=run))).scores["rows"] > 0


BAD = {
    "text target": ({"forecast.targets": ["이름"]}, None),
    "no such column": ({"forecast.targets": ["기온"]}, None),
    "too long": ({"forecast.horizon": 450}, None),
    "span": ({"forecast.horizon": "25min"}, None),
    "start twice": ({"forecast.start": "2020-01-01"}, None),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_wishes_get_one_line(name, heat, tmp_path):
    overrides, _ = BAD[name]
    with pytest.raises((DataError, RecipeError)) as caught:
        list(session.train(request(heat, tmp_path / "runs", **overrides)))
    assert "\n" not in caught.value.message()
    assert not (tmp_path / "runs").exists()


def test_the_command_line_goes_from_a_file_to_a_forecast(heat, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [
        "train",
        str(heat),
        "--target",
        "온도",
        "--horizon",
        "6h",
        "epochs=1",
        "lookback=2d",
        "hidden_size=8",
    ]
    assert command(words) == 0
    shown = capsys.readouterr().out
    assert "every 1h" in shown
    assert "yeoul forecast" in shown
    run = next((tmp_path / "runs").iterdir())
    assert command(["forecast", str(run), "--out", "next.csv"]) == 0
    rows = (tmp_path / "next.csv").read_text("utf-8-sig").splitlines()
    assert rows[0] == "time,column,forecast,low_90,low_80,high_80,high_90"
    assert len(rows) == 7
    assert command(["forecast", str(run), "--horizon", "9h"]) == 2
    assert "6" in capsys.readouterr().err
