"""`yeoul runs compare` says which run is better, by how much, and whether that may be chance."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from yeoul.cli.main import run
from yeoul.cli.runs import MOST_COMPARED
from yeoul.runs.folder import RunFolder, create_run, write_json


def made(name: str, seed: int, right: float, rows: int = 300) -> RunFolder:
    """Make a finished run that answers so large a share of the same rows rightly."""
    record = {
        "task": "classify",
        "recipe": name,
        "seed": seed,
        "model": {"description": "CNN", "parameters": 9},
    }
    folder = create_run(
        Path("runs"), name, {**record, "cost": {"train_seconds": 75.0, "peak_memory_mb": 512.0}}
    )
    folder.set_status("done")
    (folder.path / "resolved.toml").write_text(f"seed = {seed}\n[model]\nname = '{name}'\n", "utf-8")
    place = folder.evaluation("test")
    place.mkdir(parents=True)
    wrong = np.random.default_rng(seed).random(rows) >= right
    with open(place / "predictions.csv", "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("where", "text", "target", "predicted", "confidence"))
        writer.writerows(
            (f"a:{row}", "글", "긍정", "부정" if flip else "긍정", "0.9") for row, flip in enumerate(wrong)
        )
    share = float(1 - wrong.mean())
    score = {"value": share, "low": share - 0.02, "high": min(1.0, share + 0.02)}
    verdict = {"outcome": "beats", "metric": "accuracy", "against": "linear", "difference": score}
    write_json(
        place / "metrics.json",
        {
            "labels": ["긍정", "부정"],
            "rows": rows,
            "scores": {"accuracy": score},
            "baselines": [],
            "verdict": verdict,
        },
    )
    return folder


def test_a_table_of_runs_seeds_and_tests(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [made("리뷰-lstm", seed, 0.9).id for seed in (1, 2)] + [made("cnn", 3, 0.6).id]
    assert run(["runs", "compare", *names]) == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert lines[0].split()[:3] == ["run", "accuracy", "verdict"]
    assert lines[1].startswith(names[0])
    assert "1:15" in lines[1]
    assert "512 MB" in lines[1]
    seeds = next(line for line in lines if line.startswith("리뷰-lstm "))
    assert seeds.split()[1] == "2"
    worse = next(line for line in lines if line.startswith(names[2]) and "< 0.001" in line)
    assert worse.endswith("worse")
    assert "on the same 300 test rows" in out
    assert "model.name" in out
    assert "cannot be compared" not in out


def test_the_same_as_json_and_as_a_page(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [made("a", 1, 0.9).id, made("b", 2, 0.6).id]
    assert run(["runs", "compare", *names, "--json", "--html", "비교.html"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [entry["run"] for entry in told["runs"]] == names
    assert told["same_test_rows"]
    (pair,) = told["pairs"]
    assert pair["outcome"] == "beats"
    assert pair["mcnemar_p"] < 0.001
    assert told["page"] == "비교.html"
    assert told["settings"]["model.name"] == {names[0]: "a", names[1]: "b"}
    page = (place / "비교.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "://" not in page


def test_korean_is_spoken(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [made("a", 1, 0.9).id, made("b", 2, 0.6).id]
    assert run(["--lang", "ko", "runs", "compare", *names]) == 0
    out = capsys.readouterr().out
    assert "맥니마의 정확 검정" in out
    assert "못함" in out


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("runs compare a-0001 a-0001", 2, "two of the runs are called a-0001"),
        ("runs compare " + " ".join(["a-0001"] * (MOST_COMPARED + 1)), 2, "takes 20 runs at most, not 21"),
        ("runs compare a-0001 b-0001 --html no/where.html", 2, "no: there is no such folder"),
        ("runs compare a-0001 b-0001 --html runs", 2, "runs: this is a folder"),
        ("runs compare a-0001 c-0001", 1, "c-0001: there is no run here"),
    ],
)
def test_mistakes_are_told_in_one_line(
    line: str, code: int, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made("a", 1, 0.9, rows=20)
    made("b", 2, 0.6, rows=20)
    assert run(line.split()) == code
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
