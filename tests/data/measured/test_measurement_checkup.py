"""Tables of measurements are told from others, and what is in them is said."""

import numpy as np

from yeoul.data.measured.checkup import check_measurements
from yeoul.recipe import DataRecipe, ForecastRecipe

NOTHING = ForecastRecipe()


def table(path, header, rows):
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return DataRecipe(source=str(path))


def hours(count):
    return [str(np.datetime64("2024-05-01T00", "h") + hour).replace("T", " ") for hour in range(count)]


def test_a_table_with_times_and_numbers_is_looked_through(tmp_path):
    rows = [
        f"{time},{hour % 24},{-9999 if hour == 30 else hour / 10}" for hour, time in enumerate(hours(100))
    ]
    found = check_measurements(table(tmp_path / "센서.csv", "시각,온도,풍속", rows), NOTHING, asked=False)
    assert found is not None
    assert found.season == 24
    assert found.columns["온도"].high == 23
    assert found.columns["풍속"].missing == 1
    assert found.columns["풍속"].low == 0
    assert "--horizon 24" in found.command
    assert found.to_json()["found"]["sentinels"][0]["value"] == -9999


def test_a_table_with_texts_is_left_to_the_other_doctor(tmp_path):
    rows = [f"{time},a fine day it was,{hour % 2}" for hour, time in enumerate(hours(50))]
    recipe = table(tmp_path / "reviews.csv", "date,text,label", rows)
    assert check_measurements(recipe, NOTHING, asked=False) is None


def test_numbers_without_times_are_measurements_only_when_asked_for(tmp_path):
    recipe = table(tmp_path / "numbers.csv", "a,b", [f"{row % 7},{row * row}" for row in range(60)])
    assert check_measurements(recipe, NOTHING, asked=False) is None
    started = ForecastRecipe(start="2024-05-01T00:00", every="1h")
    found = check_measurements(recipe, started, asked=True)
    assert found is not None
    assert "--start 2024-05-01T00:00 --every 1h" in found.command


def test_public_sets_of_another_task_are_left_alone():
    assert check_measurements(DataRecipe(source="cldr-languages"), NOTHING, asked=False) is None


def test_series_one_below_another_are_told_apart_by_a_column(tmp_path):
    rows = [
        f"{time},{station},{place + hour % 24}"
        for place, station in enumerate(("서울", "부산"))
        for hour, time in enumerate(hours(60))
    ]
    found = check_measurements(table(tmp_path / "긴표.csv", "시각,지점,기온", rows), NOTHING, asked=False)
    assert found is not None
    assert found.measurements.series == ("서울", "부산")
    assert "forecast.series=지점" in found.command


def test_a_time_that_comes_twice_makes_no_series(tmp_path):
    rows = [f"{time},{hour},{hour % 24}" for hour, time in enumerate([*hours(60), *hours(3)])]
    found = check_measurements(table(tmp_path / "a.csv", "time,wind,heat", rows), NOTHING, asked=False)
    assert found is not None
    assert "forecast.series" not in found.command
