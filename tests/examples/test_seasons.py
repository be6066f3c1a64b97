"""The example cuts a file of 10-minute rows into days, and its recipe is one that Yeoul reads."""

import importlib.util
import json
from pathlib import Path

from yeoul.recipefile import read_recipe

FOLDER = Path(__file__).parents[2] / "examples"


def test_days_are_cut_whole(tmp_path):
    spec = importlib.util.spec_from_file_location("seasons", FOLDER / "seasons.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    path = tmp_path / "날씨.csv"
    rows = [f"{row}.5,{row % 100},{row * 2}" for row in range(144 * 3 + 10)]
    path.write_bytes("\n".join(["T (degC),rh (%),SWDR (W/m²)", *rows]).encode("latin-1"))
    days = list(module.days(path))
    assert [day["day"] for day in days] == ["1", "2", "3"]
    assert json.loads(days[1]["temperature"])[0] == 144.5
    assert len(json.loads(days[2]["radiation"])) == 144
    assert days[0]["quarter"] == "quarter 1"


def test_its_recipe_is_read():
    assert read_recipe(str(FOLDER / "seasons.toml"), {}).recipe.reads_series
