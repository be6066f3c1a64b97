"""The verdict says what the numbers say, in both languages, also when the model lost."""

import csv
from pathlib import Path
from typing import Any

import pytest

from yeoul.cli.verdict import sample_answers, scoreboard, verdict_line
from yeoul.language import choose


def _scores(outcome: str, low: float, value: float, high: float) -> dict[str, Any]:
    def scored(accuracy: float) -> dict[str, Any]:
        ends = {"value": accuracy, "low": accuracy - 0.003, "high": accuracy + 0.003}
        return {"accuracy": ends, "macro_f1": ends}

    difference = {"value": value, "low": low, "high": high}
    verdict = {"outcome": outcome, "metric": "accuracy", "against": "linear", "difference": difference}
    baselines = [{"name": "majority", "scores": scored(0.5)}, {"name": "linear", "scores": scored(0.88)}]
    return {"rows": 50_000, "scores": scored(0.88 + value), "baselines": baselines, "verdict": verdict}


def test_a_lost_comparison_is_said_plainly() -> None:
    line = verdict_line(_scores("does not beat", -0.022, -0.019, -0.016))
    assert line == (
        "does not beat the linear model: accuracy 86.1 % (85.8–86.4) is 1.9 points (1.6–2.2) "
        "below its 88.0 % (87.7–88.3)"
    )


def test_a_won_comparison_is_above() -> None:
    line = verdict_line(_scores("beats", 0.016, 0.019, 0.022))
    assert line.startswith("beats the linear model: accuracy 89.9 %")
    assert "1.9 points (1.6–2.2) above" in line


def test_an_open_comparison_shows_both_signs() -> None:
    assert "+0.2 (-0.3 … +0.7)" in verdict_line(_scores("cannot tell", -0.003, 0.002, 0.007))


@pytest.mark.parametrize("outcome", ["beats", "does not beat", "cannot tell"])
def test_the_korean_verdict_has_the_same_numbers(outcome: str) -> None:
    scores = _scores(outcome, -0.022, -0.019, -0.016)
    english = verdict_line(scores)
    choose("ko")
    korean = verdict_line(scores)
    assert "선형 모델" in korean
    for number in ("86.1 % (85.8–86.4)", "88.0 % (87.7–88.3)"):
        assert number in english
        assert number in korean


def test_the_scoreboard_holds_the_model_and_every_baseline() -> None:
    lines = scoreboard(_scores("beats", 0.01, 0.02, 0.03))
    assert [line.split("  ")[0] for line in lines[1:4]] == [
        "this model",
        "most frequent label",
        "linear model",
    ]
    assert lines[-1] == "on 50,000 rows, with 95 % intervals"


@pytest.mark.parametrize("rows", [0, 1, 3, 50])
def test_sample_answers_are_rows_of_the_file(tmp_path: Path, rows: int) -> None:
    path = tmp_path / "predictions.csv"
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("where", "text", "target", "predicted", "confidence"))
        writer.writerows(
            (f"a:{row}", f"text\n{row} \x1b[2J", "a", "ab"[row % 2], "0.75") for row in range(rows)
        )
    lines = sample_answers(path)
    assert len(lines) == (min(rows, 4) + 1 if rows else 0)
    assert not any("\x1b" in line for line in lines)
    assert all(("wrong" in line) == (" b " in line) for line in lines[1:])
    assert sample_answers(tmp_path / "absent.csv") == []
