"""Runs of forecasts are compared on the times that both forecast, block by block, and on nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from forecast_runs import write_forecast_run
from test_report_page import Page, assert_shut

from yeoul.cli.comparison import comparison_lines
from yeoul.errors import RunError
from yeoul.metrics.forecasts import Truth, compare_forecasts
from yeoul.report.compared import Comparison, compare_runs
from yeoul.report.comparison_page import write_comparison
from yeoul.runs.folder import RunFolder

TIMES = 400
TWO = ("기온", "습도")


def answers(size: float, seed: int, columns: int = 2) -> np.ndarray[Any, Any]:
    """Return forecasts (T, D) of zeros that are wrong by so much."""
    return np.random.default_rng(seed).normal(0, size, (TIMES, columns)).round(3)


def compared(*folders: Path) -> Comparison:
    return compare_runs([RunFolder(folder) for folder in folders])


def test_a_pair_is_the_comparison_of_its_errors(tmp_path: Path) -> None:
    ours, theirs = answers(0.5, 1), answers(1.0, 2)
    found = compared(
        write_forecast_run(tmp_path / "a-0001", TWO, answers=ours),
        write_forecast_run(tmp_path / "b-0001", TWO, answers=theirs),
    )
    truth = np.zeros((TIMES, 1, 2), np.float32)
    truth[0] = np.nan
    asked = Truth(truth, np.arange(TIMES), np.zeros(TIMES, np.int64), np.ones((1, 2)), np.ones(2), 24, TWO)
    wanted = compare_forecasts(ours[:, None], theirs[:, None], asked, against="b-0001", seed=42).verdict
    (pair,) = found.pairs
    assert found.same_rows
    assert pair.rows == 2 * (TIMES - 1)
    assert pair.verdict == wanted
    assert (pair.verdict.outcome, pair.chance) == ("beats", None)
    turned = found.between("b-0001", "a-0001")
    assert turned is not None
    assert turned.verdict.outcome == "does not beat"


def test_other_questions_are_not_compared(tmp_path: Path) -> None:
    said = answers(0.5, 1, 1)
    one = write_forecast_run(tmp_path / "a-0001", answers=said)
    others = [
        write_forecast_run(tmp_path / "b-0001", horizon=3, answers=said),
        write_forecast_run(tmp_path / "c-0001", delay=2, answers=said),
        write_forecast_run(tmp_path / "d-0001", ("습도",), answers=said),
        write_forecast_run(tmp_path / "e-0001", answers=said[1:]),
        write_forecast_run(tmp_path / "f-0001"),
    ]
    for other in others:
        found = compared(one, other)
        assert (found.pairs, found.same_rows) == ((), False), other


def test_page_and_screen_tell_the_same(tmp_path: Path) -> None:
    sizes = {"jena-lags-0001": 0.5, "jena-naive-0001": 1.0}
    found = compared(
        *(
            write_forecast_run(tmp_path / name, answers=answers(size, seed, 1))
            for seed, (name, size) in enumerate(sizes.items())
        )
    )
    page = Page(write_comparison(found, tmp_path / "comparison.html"))
    assert_shut(page)
    assert "All runs were asked to forecast the same 724 windows." in page.text
    assert f"on {TIMES - 1} numbers that both forecast" in page.text
    assert "linear regression on lags" in page.text
    lines = "\n".join(comparison_lines(found))
    assert f"on the same {TIMES - 1} forecast numbers, each time once" in lines
    assert "McNemar" not in lines


def test_damage_is_named(tmp_path: Path) -> None:
    folders = [write_forecast_run(tmp_path / f"{name}-0001", answers=answers(1, 1, 1)) for name in "ab"]
    path = folders[1] / "evaluation" / "test" / "predictions.csv"
    whole = path.read_text("utf-8-sig")
    for damaged in (
        "time,column\n",
        whole.replace("기온(℃)", "습도", 1),
        whole + ",2021-05-01 00:00:00,기온(℃),0,much\n",
        "series,time,column,target,predicted\n",
    ):
        path.write_text(damaged, "utf-8")
        with pytest.raises(RunError) as caught:
            compared(*folders)
        assert caught.value.where.endswith("predictions.csv")
