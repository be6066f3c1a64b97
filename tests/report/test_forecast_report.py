"""The page of a forecast is lawful: verdict first, in the data's unit, whatever columns, steps and times there are."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from forecast_runs import backtest, fan, forecast_evaluation, write_forecast_run, write_json
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from test_report_page import PAYLOADS, Page, assert_shut

from yeoul.cli.verdict import scoreboard, verdict_line
from yeoul.errors import RunError
from yeoul.report import write_report
from yeoul.report.fans import draw_forecast
from yeoul.report.formats import gain
from yeoul.report.records import Score
from yeoul.report.spans import reach, span
from yeoul.tasks.modelcard import model_card

SECTIONS = ("scores", "data", "curves", "fans", "horizon", "clocks", "errors", "cost", "reproduce")
CHARTS = ("clocks", "coverage", "curves", "fans", "horizon", "numbers", "residuals", "worst")


@pytest.fixture(scope="module")
def finished_forecast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_forecast_run(tmp_path_factory.mktemp("runs") / "기상-0001")
    write_json(folder / "evaluation" / "backtest" / "metrics.json", backtest())
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def page(finished_forecast: Path) -> Page:
    return Page(finished_forecast / "report.html")


def test_nothing_reaches_outside_and_all_charts_are_there(page: Page, finished_forecast: Path) -> None:
    assert_shut(page)
    assert "://" not in page.source
    assert len(page.source.encode()) < 900_000
    assert sorted(path.stem for path in (finished_forecast / "plots").iterdir()) == list(CHARTS)
    drawings = [attributes for attributes in page.of("svg") if attributes.get("aria-hidden") != "true"]
    assert len(drawings) == 2 * len(CHARTS)
    assert all(one["role"] == "img" and len(one["aria-label"]) > 10 for one in drawings)


def test_the_verdict_comes_first_in_the_unit_of_the_data(page: Page) -> None:
    order = [
        "The model beats linear regression on lags.",
        "5.7 % smaller error (3.2 to 8.2)",
        "Mean absolute error of 기온(℃) 2.31 (2.21–2.41) against 2.45 (2.35–2.55) on 724 test windows.",
        "Forecast: 기온(℃), the next 6 hours (6 rows).",
        "Backtest over 2 folds, against the best simple model of each: beaten · 5.7 % smaller error (3.2 to 8.2).",
        "this model",
        "the last value",
    ]
    places = [page.text.index(part) for part in order]
    assert places == sorted(places)


def test_references_and_languages_meet(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = [one["href"][1:] for _, one in page.elements if one.get("href", "").startswith("#")]
    used += [one["aria-labelledby"] for _, one in page.elements if "aria-labelledby" in one]
    assert set(used) <= set(ids)
    words = [attributes["lang"] for tag, attributes in page.elements if attributes.get("class") == "w"]
    assert words.count("en") == words.count("ko") > 100
    assert all(f"h-{section}" in ids for section in (*SECTIONS, "backtest"))


def test_the_data_card_says_what_was_found(page: Page) -> None:
    for part in (
        "2, of 1,800 to 1,852 rows: 기상, 가",
        "2, filled with 5 rows without values, the largest 3",
        "−9,999 in 기상, 30 times",
        "24 rows spread over the last 48 hours (48 rows)",
        "2021-03-01 – 2021-04-01 10:00 · 730 rows · 724 windows",
        "no numbers: 기상",
    ):
        assert part in page.text, part


def test_times_that_are_weak_are_counted(page: Page) -> None:
    assert "beyond what chance explains: 1." in page.text
    assert "Dec–Feb" in page.text
    assert "Of 26 times that were looked at" in page.text


@pytest.mark.slow
def test_a_second_report_is_the_same(finished_forecast: Path) -> None:
    first = (finished_forecast / "report.html").read_bytes()
    assert write_report(finished_forecast).read_bytes() == first


@pytest.mark.slow
def test_several_columns_are_told_without_a_unit_and_one_by_one(tmp_path: Path) -> None:
    targets = ("기온", "습도", "T (degC)", "<b>")
    page = Page(write_report(write_forecast_run(tmp_path / "a-0001", targets, outcome="does not beat")))
    assert_shut(page)
    assert "5.7 % larger error (3.2 to 8.2)" in page.text
    assert "MASE 2.31 (2.21–2.41) against 2.45" in page.text
    assert "scaled MSE" in page.text
    assert "3 of 4 columns are drawn." in page.text
    assert all(target in page.text[page.text.index("Each column") :] for target in targets)


@pytest.mark.slow
def test_a_single_step_far_ahead_has_bars(tmp_path: Path) -> None:
    folder = write_forecast_run(tmp_path / "a-0001", horizon=1, delay=23, outcome="cannot tell")
    page = Page(write_report(folder))
    assert "24 hours (24 rows) ahead" in page.text
    assert "Error of the only step" in page.text
    assert "It cannot be told" in page.text


@pytest.mark.slow
def test_rows_without_times_are_numbered(tmp_path: Path) -> None:
    page = Page(write_report(write_forecast_run(tmp_path / "a-0001", timed=False)))
    assert "not known, rows are numbered" in page.text
    assert "Nothing can be said by hour or season" in page.text
    assert "the first time that is forecast" not in page.text
    assert "clocks" not in [path.stem for path in (tmp_path / "a-0001" / "plots").iterdir()]


@pytest.mark.parametrize(
    "payload",
    [" ".join(PAYLOADS[:3]), *(pytest.param(one, marks=pytest.mark.slow) for one in PAYLOADS)],
)
def test_payloads_stay_text(payload: str, tmp_path: Path) -> None:
    folder = write_forecast_run(tmp_path / "run-0001", (payload[:60],), word=payload[:60])
    page = Page(write_report(folder))
    assert_shut(page)
    assert page.text.count(payload[:60]) > 15


def test_a_bare_run_says_what_is_missing(tmp_path: Path) -> None:
    record = {"schema_version": 1, "task": "forecast", "status": "running"}
    (tmp_path / "run.json").write_text(json.dumps(record))
    page = Page(write_report(tmp_path))
    assert_shut(page)
    assert "still training; make the report again" in page.text
    assert page.source.count('class="missing"') == len(SECTIONS) - 1
    assert not list((tmp_path / "plots").iterdir())


def spoil(path: Path, *keys: str | int) -> None:
    """Take the last entry from a list somewhere in a JSON file."""
    tree: Any = json.loads(path.read_text())
    part = tree
    for key in keys:
        part = part[key]
    part.pop()
    path.write_text(json.dumps(tree))


@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("fans.json", ("even", 0, "times")),
        ("fans.json", ("even", 0, "columns", 0, "quantiles", 0)),
        ("fans.json", ("worst", 0, "columns", 0, "truth")),
        ("metrics.json", ("steps", "mae", "low")),
        ("metrics.json", ("baselines", 0, "steps", "mae", "value")),
        ("metrics.json", ("seasonal", 0)),
    ],
)
def test_damage_is_named(file: str, keys: tuple[str | int, ...], tmp_path: Path) -> None:
    folder = write_forecast_run(tmp_path / "a-0001")
    spoil(folder / "evaluation" / "test" / file, *keys)
    with pytest.raises(RunError) as caught:
        write_report(folder)
    assert caught.value.where.endswith(file)


def test_a_picture_holds_a_panel_for_each_forecast_and_says_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("yeoul.report.fans.MOST_PANELS", 2)

    def drawn(count: int) -> bytes:
        series = [fan(("기온",), 6, 0, f"매장 {place}", True) for place in range(count)]
        for one in series:
            for column in one["columns"]:
                del column["truth"], column["beside"]
        return draw_forecast(series, "ko")

    one, two, three = (drawn(count) for count in (1, 2, 3))
    assert one == drawn(1)
    sizes = [Image.open(io.BytesIO(png)).size for png in (one, two, three)]
    assert sizes[0] != sizes[1] == sizes[2]
    assert two != three
    with pytest.raises(ValueError, match="at least one"):
        draw_forecast([], "en")


@given(
    st.sampled_from([("s", 1), ("min", 60), ("h", 3600), ("d", 86_400), ("w", 604_800)]),
    st.integers(1, 90),
    st.integers(0, 2000),
    st.integers(1, 300),
)
def test_steps_stand_where_their_time_is(
    unit: tuple[str, int], number: int, delay: int, horizon: int
) -> None:
    found = reach(f"{number}{unit[0]}", delay, horizon)
    seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[found.label.en.split("s ahead")[0]]
    wanted = [(delay + step + 1) * number * unit[1] for step in range(horizon)]
    assert [place * seconds for place in found.places] == pytest.approx(wanted)
    lasting = span(f"{number}{unit[0]}", horizon)
    assert lasting is not None
    told = re.fullmatch(r"([\d,]+) (second|minute|hour|day)s?", lasting.en)
    assert told is not None
    named = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[told[2]]
    assert int(told[1].replace(",", "")) * named == horizon * number * unit[1]


def test_spans_of_the_calendar_and_of_rows() -> None:
    told = [span("1mo", 12), span("1mo", 5), span("1y", 3), span(None, 3), span("", 3)]
    assert [one.en if one else None for one in told] == ["1 year", "5 months", "3 years", None, None]
    assert reach(None, 2, 2).places == (3, 4)
    assert reach("3mo", 0, 2).places == (3, 6)


def test_a_gain_names_its_direction_and_keeps_its_interval_in_order() -> None:
    assert gain(Score(value=5.7, low=3.1, high=8.2)).en == "5.7 % smaller error (3.1 to 8.2)"
    assert gain(Score(value=-5.7, low=-8.2, high=-3.1)).en == "5.7 % larger error (3.1 to 8.2)"
    assert gain(Score(value=-1.0, low=-3.0, high=1.0)).en == "1.0 % larger error (−1.0 to 3.0)"


@pytest.mark.slow
def test_a_trained_run_is_told_as_it_is(tmp_path: Path) -> None:
    """From a file to a page: what the session writes is what the report reads, and the errors agree."""
    import numpy as np

    import yeoul

    hours = np.arange(600)
    heat = 10 + 5 * np.sin(2 * np.pi * hours / 24) + np.random.default_rng(0).normal(0, 0.5, 600)
    times = np.datetime64("2021-03-01T00:00", "m") + 60 * hours
    lines = [f"{time},{one:.3f},{2 * one:.3f}" for time, one in zip(times, heat, strict=True)]
    (tmp_path / "기상.csv").write_text("\n".join(["시각,기온,두 배", *lines]), "utf-8")
    (tmp_path / "lags.toml").write_text(
        f'task = "forecast"\n[data]\nsource = "{tmp_path}/기상.csv"\n'
        '[forecast]\ntargets = ["기온", "두 배"]\nhorizon = 6\nlookback = 24\n[model]\nkind = "lags"\n',
        "utf-8",
    )
    run = yeoul.train(str(tmp_path / "lags.toml"), out=tmp_path / "runs")
    found = json.loads((run.path / "evaluation" / "test" / "metrics.json").read_text())
    for column, scale in zip(found["columns"], found["seasonal"][0], strict=True):
        scores = {name: score["value"] for name, score in column["scores"].items()}
        assert scores["mase"] == pytest.approx(scores["mae"] / scale)
    with open(run.path / "evaluation" / "test" / "worst.csv", encoding="utf-8-sig") as file:
        errors = [float(row["error"]) for row in csv.DictReader(file)]
    assert errors == sorted(errors, reverse=True)
    page = Page(write_report(run.path))
    assert_shut(page)
    assert "두 배" in page.text


@pytest.mark.parametrize("outcome", ["beats", "does not beat"])
def test_screen_and_model_card_name_the_gain(outcome: str) -> None:
    told = forecast_evaluation(("기온",), 6, 2, outcome)
    del told["verdict"]["difference"]["low"], told["verdict"]["difference"]["high"]
    word = {"beats": "smaller", "does not beat": "larger"}[outcome]
    line = verdict_line(told)
    assert line.startswith(
        f"{outcome} linear regression on lags: mean error 2.31 (2.21–2.41) against its 2.45"
    )
    assert line.endswith(f"5.7 % (3.2–8.2) {word}")
    assert scoreboard(told)[-1] == "on 724 windows, with 95 % intervals"
    record = {
        "id": "a-0001",
        "task": "forecast",
        "model": {"description": "GRU"},
        "data": {"source": "기상.csv", "fingerprint": "0" * 64},
        "command": "yeoul train",
        "seed": 42,
        "versions": {"yeoul": "0.1.0"},
    }
    card = model_card(record, told)
    assert "2.31 (95 % interval 2.21 to 2.41) on 724 windows: the next 6 rows after 2 more of 기온" in card
    assert f"5.7 % {word}." in card
    assert "- 82.0 % of the true values were inside the 80 % interval" in card
