"""Tables become regular series: nothing is lost, invented or read in the wrong order, and all that was odd is named."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.measured.measurements import Measurements, load_measurements, read_measurements
from yeoul.data.measured.regular import regular
from yeoul.data.measured.sentinels import without_sentinels
from yeoul.data.measured.times import Every
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe, ForecastRecipe

START = np.datetime64("2020-03-01T00:00")


def hours(*rows: int) -> list[str]:
    return [str(START + np.timedelta64(row, "h")).replace("T", " ") for row in rows]


def load(path: Path | str, inputs: tuple[str, ...] = (), **forecast: Any) -> Measurements:
    return load_measurements(DataRecipe(source=str(path), inputs=inputs), ForecastRecipe(**forecast))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(header: str, *lines: str, name: str = "측정.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding)
        return path

    return written


def test_a_wide_table_in_korean(write: Any) -> None:
    rows = [f"2020년 3월 {day}일,{day * 2},{day % 5},맑음,1" for day in range(1, 31)]
    found = load(write("날짜,기온,습도,날씨,지점", *rows, encoding="cp949"), targets=("기온",))
    assert (found.columns, found.targets, found.inputs) == (("기온", "습도"), ("기온",), ("습도",))
    assert (found.roles.time, str(found.every)) == ("날짜", "1d")
    assert found.found.text == ("날씨",)
    assert found.found.constant == ("지점",)
    assert found.values[:, 0].tolist() == [day * 2 for day in range(1, 31)]
    assert found.times(np.array([0, 29])).tolist() == [
        np.datetime64(f"2020-03-{day}", "s").item() for day in ("01", "30")
    ]
    card = json.loads(json.dumps(found.to_json()))
    assert (card["rows"], card["from"], card["to"]) == (30, "2020-03-01T00:00:00", "2020-03-30T00:00:00")
    assert len(card["files"][0]["sha256"]) == 64


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=4, max_size=40),
    st.randoms(use_true_random=False),
)
def test_every_row_lands_at_its_time_and_the_last_of_a_time_counts(
    rows: list[tuple[int, int]], shuffled: random.Random
) -> None:
    rows = [(series, step) for series in range(3) for step in (0, 1)] + rows
    shuffled.shuffle(rows)
    order: dict[int, int] = {}
    ids = np.array([order.setdefault(series, len(order)) for series, _ in rows])
    steps = np.array([step for _, step in rows])
    repeated = len(rows) - len(set(rows))
    times = (np.datetime64("2020-01-01", "s") + steps * np.timedelta64(3600, "s")).astype("M8[s]")
    if repeated > 1 and repeated >= len(rows) / 3:
        with pytest.raises(DataError, match=r"forecast\.series"):
            regular(times, ids, Every(seconds=3600), str)
        return
    grid = regular(times, ids, Every(seconds=3600), str)
    own = {(int(series), int(step)): row for row, (series, step) in enumerate(zip(ids, steps))}
    placed = {int(place): int(row) for place, row in zip(grid.places, grid.rows)}
    for series in range(3):
        first = min(step for other, step in own if other == series)
        last = max(step for other, step in own if other == series)
        assert grid.offsets[series + 1] - grid.offsets[series] == last - first + 1
        for step in range(first, last + 1):
            assert placed.pop(int(grid.offsets[series]) + step - first, None) == own.get((series, step))
    assert not placed
    assert grid.slips.repeated == repeated
    assert grid.slips.gaps.rows == grid.offsets[-1] - len(grid.rows)


def test_gaps_repeats_and_disorder_are_counted(write: Any) -> None:
    rows = [*range(50), 49, *range(60, 100), 55, *range(100, 120)]
    found = load(write("time,t", *(f"{time},{place}" for place, time in enumerate(hours(*rows)))))
    slips = found.found.slips
    assert (slips.unsorted, slips.repeated, slips.first_repeated) == (1, 1, "측정.csv:51")
    assert (slips.gaps.count, slips.gaps.rows, slips.gaps.largest, slips.gaps.first) == (
        2,
        9,
        5,
        "측정.csv:53",
    )
    assert found.values[49, 0] == 50
    assert np.isnan(found.values[50:55, 0]).all()
    assert found.values[55, 0] == 91


def test_times_near_regular_ones_are_moved_and_others_refused(write: Any) -> None:
    near = [time + f":{row * 7 % 20:02}" for row, time in enumerate(hours(*range(100)))]
    found = load(write("time,t", *(f"{time},{row}" for row, time in enumerate(near))))
    assert found.values[:, 0].tolist() == list(range(100))
    assert found.found.slips.beside > 0
    far = hours(*range(100))
    far[30] = far[30][:-2] + "17"
    with pytest.raises(
        DataError, match=r"측정\.csv:32: the time 2020-03-02T06:17:00 lies beside the regular ones"
    ):
        load(write("time,t", *(f"{time},{row}" for row, time in enumerate(far))))
    with pytest.raises(DataError, match=r"측정\.csv:102: \d+ rows are missing before this one"):
        load(
            write(
                "time,t",
                *(f"{time},{row}" for row, time in enumerate([*hours(*range(100)), "2920-01-01 00:00"])),
            )
        )


def test_a_long_table_has_a_series_for_each_name(write: Any) -> None:
    first = {"서울": 0, "부산": 5, "제주": 9}
    lines = [
        f"{time},{name},{row * 10 + len(name)},{first[name]}"
        for row, time in enumerate(hours(*range(20)))
        for name in first
        if row >= first[name]
    ]
    path = write("time,지점,기온,고도", *lines)
    found = load(path, series="지점", static=("고도",))
    assert found.series == ("서울", "부산", "제주")
    assert found.lengths.tolist() == [20, 15, 11]
    assert found.statics.tolist() == [[0], [5], [9]]
    assert found.values[20, 0] == 52
    assert found.times(np.array([20]))[0] == START + np.timedelta64(5, "h")
    assert found.where(20) == "부산 2020-03-01 05:00:00"
    with pytest.raises(DataError, match=r"have the time of another row.*forecast\.series"):
        load(path, targets=("기온",))
    with pytest.raises(DataError, match="the static column 기온 changes within a series"):
        load(path, series="지점", static=("기온",), targets=("고도",))
    assert load(path, series="지점", targets=("기온",), rows=12).lengths.tolist() == [12, 12, 11]


def test_rows_without_times_are_numbered_or_dated(write: Any) -> None:
    path = write("a", *(str(row % 7) for row in range(30)))
    numbered = load(path)
    assert numbered.every is None
    assert np.isnat(numbered.times(np.arange(3))).all()
    dated = load(path, start="2020-01-01T00:10", every="10min")
    assert str(dated.times(np.array([29]))[0]) == "2020-01-01T05:00:00"
    with pytest.raises(RecipeError, match=r"forecast\.start: a start does not tell"):
        load(path, start="2020-01-01T00:10")
    with pytest.raises(RecipeError, match=r"forecast\.start: soon is no time"):
        load(path, start="soon", every="10min")


def test_sentinels_are_found_and_never_values(write: Any) -> None:
    rows = [
        f"{time},{-99.9 if row in (5, 9) else row % 13},{9999 if row % 50 == 3 else 900 + row % 7},{row % 5 or '결측'}"
        for row, time in enumerate(hours(*range(200)))
    ]
    found = load(write("time,t,p,q", *rows), targets=("t",))
    assert [(one.column, one.value, one.count) for one in found.found.sentinels] == [
        ("t", -99.9, 2),
        ("p", 9999, 4),
    ]
    assert found.found.missing == {"t": 2, "p": 4, "q": 40}
    assert np.nanmin(found.values[:, 0]) == 0
    assert np.isnan(found.values[5, 0])
    named = load(
        write("time,t", *(f"{time},{row % 13}" for row, time in enumerate(hours(*range(50))))),
        missing=(12.0,),
    )
    assert named.found.missing == {"t": 3}


@given(
    st.lists(st.floats(-50, 50), min_size=3, max_size=30),
    st.sampled_from([-9999.0, -999.0, 999.9, 99999.0]),
    st.integers(2, 4),
)
def test_a_repeated_row_of_nines_far_away_stands_for_nothing(
    numbers: list[float], value: float, count: int
) -> None:
    column = np.array([*numbers, *[value] * count])
    cleared, found = without_sentinels({"t": column}, ())
    assert np.isnan(cleared["t"][-count:]).all()
    np.testing.assert_array_equal(cleared["t"][:-count], numbers)
    assert [(one.value, one.count) for one in found] == [(value, count)]


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=30))
def test_numbers_among_others_are_no_sentinels(numbers: list[float]) -> None:
    column = np.array([0.0, 1500.0, *numbers, 999.0, 999.0, 1999.0])
    cleared, found = without_sentinels({"t": column}, ())
    np.testing.assert_array_equal(cleared["t"], column)
    assert not found


@pytest.mark.parametrize(
    ("header", "cell", "forecast", "problem"),
    [
        ("time,t", "맑음", {"targets": ("t",)}, r"측정\.csv:2: 맑음 in the column t is not a number"),
        ("time,t", "5", {"targets": ("t",)}, "the target t is 5 in all rows, so there is nothing to learn"),
        ("time,t", "-", {"targets": ("t",)}, "the target t has no value"),
        ("time,t", "5", {}, "no column holds numbers that change"),
        ("time,t", '"1,5"', {}, r"측정\.csv:2: 1,5 in the column t has a decimal comma"),
        ("time,t", "1e39", {"targets": ("t",)}, r"측정\.csv:2: 1e\+39 in the column t is far too large"),
        ("time,t", "5", {"targets": ("온도",)}, "there is no column 온도; the columns are time, t"),
        (
            "time,t",
            "5",
            {"targets": ("t",), "known": ("t",)},
            r"named in forecast\.targets and in forecast\.known",
        ),
        ("time,t", "5", {"time": "time", "start": "2020-01-01", "every": "1h"}, "not both"),
    ],
)
def test_what_cannot_be_forecast_is_refused(
    write: Any, header: str, cell: str, forecast: dict[str, Any], problem: str
) -> None:
    with pytest.raises((DataError, RecipeError), match=problem):
        load(write(header, *(f"{time},{cell}" for time in hours(*range(9)))), **forecast)


def test_the_target_is_asked_for_among_several(write: Any) -> None:
    path = write(
        "time,a,b,c", *(f"{time},{row},{row % 3},{row % 4}" for row, time in enumerate(hours(*range(9))))
    )
    with pytest.raises(
        DataError, match="3 columns hold numbers: a, b, c; name the one to forecast with --target"
    ):
        load(path)
    with pytest.raises(DataError, match=r"측정\.csv:2: 0 in the column a is no time as in"):
        load(path, targets=("b",), time="a")
    assert load(path, ("a",), targets=("c",)).columns == ("c", "a")
    assert load(path, ("c",), targets=("c",)).columns == ("c",)
    assert load(path, targets=("c",), known=("b",)).columns == ("c", "a", "b")


def test_a_constant_target_may_be_forecast_though_not_learned(write: Any) -> None:
    path = write("time,t", *(f"{time},0" for time in hours(*range(9))))
    assert read_measurements(DataRecipe(source=str(path)), ForecastRecipe(targets=("t",))).rows == 9


def test_rows_known_ahead_come_after_the_newest(write: Any) -> None:
    lines = [f"{time},{row % 7 if row < 30 else ''},{row % 2}" for row, time in enumerate(hours(*range(40)))]
    found = load(write("time,t,휴일", *lines), targets=("t",), known=("휴일",))
    assert (found.rows, found.ends.tolist()) == (40, [30])
    assert found.to_json()["rows_ahead"] == 10


def test_the_fingerprint_follows_the_values(write: Any) -> None:
    lines = [f"{time},{row % 7}" for row, time in enumerate(hours(*range(40)))]
    first = load(write("time,t", *lines)).fingerprint
    assert load(write("time,t", *lines, name="다른.csv")).fingerprint == first
    assert load(write("time,t", *lines[:-1], lines[-1] + "1")).fingerprint != first
    assert load(write("time,t", *lines), every="1h").fingerprint == first


def test_embedded_series_need_no_file() -> None:
    steps = load("hundredths").values[:, 0]
    np.testing.assert_allclose(steps, np.arange(105) / 100, atol=1e-7)
    assert load("waves-forecast").rows == 6000
    with pytest.raises(DataError, match="holds no measurements: it is for the task classify"):
        load("word-order")


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "rows", "every", "missing"),
    [
        ("airline-passengers", 144, "1mo", 0),
        ("sunspots", 2820, "1mo", 0),
        ("min-temperatures", 3652, "1d", 2),
        ("co2", 2284, "1w", 59),
        ("etth1", 17420, "1h", 0),
        ("jena-2020", 52696, "10min", 0),
    ],
)
def test_public_series(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, rows: int, every: str, missing: int
) -> None:
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    found = load(name)
    assert (found.rows, str(found.every)) == (rows, every)
    assert np.isnan(found.values[:, 0]).sum() == missing


@pytest.mark.data
def test_the_holes_of_jena_are_found_without_being_named(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    path = data_folder / "jena_2020" / "weather_2020_nodate.csv"
    found = load_measurements(
        DataRecipe(source=str(path), encoding="latin-1"), ForecastRecipe(targets=("T (degC)",))
    )
    assert {(one.column, one.value): one.count for one in found.found.sentinels} == {
        ("wv (m/s)", -9999): 1,
        ("max. PAR (umol/m2/s)", -9999): 30,
        ("OT", -9999): 50,
    }
