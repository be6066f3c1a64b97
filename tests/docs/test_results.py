"""The results page: every recipe is on it, and every row tells command, seed, interval and baseline."""

import re
from pathlib import Path

from yeoul.recipefile import recipe_names

PAGE = (Path(__file__).parents[2] / "docs" / "results.md").read_text("utf-8")


def test_every_recipe_is_on_the_page():
    for name in recipe_names():
        assert f"`yeoul train {name}`" in PAGE or (name.startswith("demo") and "`yeoul demo`" in PAGE), name


def test_every_measured_row_has_an_interval_and_a_verdict():
    rows = [line for line in PAGE.splitlines() if re.match(r"\| `yeoul (train|demo)", line)]
    assert len(rows) >= 4
    for row in rows:
        assert re.search(r"\([\d.e-]+–[\d.e-]+\)|no interval", row), row
        assert re.search(r"beats|does not beat|cannot tell", row), row
