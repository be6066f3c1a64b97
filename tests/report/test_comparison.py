"""Comparisons group seeds, test runs only on shared rows, and make one offline page."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from test_report_page import Page, assert_shut

from yeoul.errors import RunError
from yeoul.metrics.values import compare_values
from yeoul.report.compared import Comparison, compare_runs
from yeoul.report.comparison_charts import bars
from yeoul.report.comparison_page import chance, ranked, write_comparison
from yeoul.runs.folder import RunFolder

WriteRun = Callable[..., Path]
MakeRun = Callable[..., Path]
ROWS = 400


def predicted(right: float, seed: int, rows: int = ROWS) -> list[tuple[str, str, str, str, str]]:
    """Return rows of a predictions.csv of which so many are right; two runs share places and targets."""
    targets = np.random.default_rng(0).integers(0, 2, rows)
    wrong = np.random.default_rng(seed).random(rows) >= right
    return [
        (f"시험.csv:{place + 2}", "글", str(target), str(target ^ int(flip)), "0.9")
        for place, (target, flip) in enumerate(zip(targets.tolist(), wrong.tolist(), strict=True))
    ]


def write_predictions(
    folder: Path, rows: Sequence[tuple[str, ...]], last: str = "confidence", kind: str = "class"
) -> None:
    place = folder / "evaluation" / "test"
    with open(place / "predictions.csv", "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("where", "text", "target", "predicted", last))
        writer.writerows(rows)
    found = json.loads((place / "metrics.json").read_text())
    if kind == "class":
        share = sum(row[2] == row[3] for row in rows) / len(rows)
        found["scores"]["accuracy"] = {"value": share, "low": share - 0.03, "high": share + 0.03}
    (place / "metrics.json").write_text(json.dumps({**found, "rows": len(rows)}))


@pytest.fixture
def make_run(run_writer: WriteRun, tmp_path: Path) -> MakeRun:
    def make(
        name: str, seed: int, rate: float, rows: Sequence[tuple[str, ...]] | None, budget: int | None = None
    ) -> Path:
        folder = run_writer(tmp_path / name, word=name.rpartition("-")[0])
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps({**record, "id": name, "seed": seed}))
        steps = "" if budget is None else f"budget_seconds = 60.0\nmax_steps = {budget}\n"
        (folder / "resolved.toml").write_text(f"seed = {seed}\n[training]\nrate = {rate}\n{steps}")
        if rows is not None:
            write_predictions(folder, rows)
        return folder

    return make


def compared(*folders: Path) -> Comparison:
    return compare_runs([RunFolder(folder) for folder in folders])


def test_seeds_of_one_recipe_are_a_group(make_run: MakeRun) -> None:
    folders = [make_run(f"lstm-000{seed}", seed, 0.1, predicted(0.8, seed)) for seed in (1, 2, 3)]
    other = make_run("lstm-0009", 1, 0.2, predicted(0.7, 9))
    found = compared(*folders, other)
    group, single = found.groups
    scores = [run.score.value for run in found.runs[:3] if run.score and run.score.value]
    assert group.runs == ("lstm-0001", "lstm-0002", "lstm-0003")
    assert group.mean == pytest.approx(np.mean(scores))
    assert group.deviation == pytest.approx(np.std(scores, ddof=1))
    assert (group.low, group.high) == (min(scores), max(scores))
    assert (single.runs, single.deviation) == (("lstm-0009",), None)
    assert found.differing == ("training.rate",)
    assert [bar.dots for bar in bars(found, "accuracy", "en") if bar.dots] == [tuple(scores)]


def test_the_same_seed_twice_is_no_group_and_measured_steps_are_no_setting(make_run: MakeRun) -> None:
    twice = compared(make_run("a-0001", 1, 0.1, None), make_run("a-0002", 1, 0.1, None))
    assert [group.runs for group in twice.groups] == [("a-0001",), ("a-0002",)]
    assert [group.name for group in twice.groups] == ["a-0001", "a-0002"]
    timed = compared(make_run("b-0001", 1, 0.1, None, 500), make_run("b-0002", 2, 0.1, None, 510))
    assert [group.runs for group in timed.groups] == [("b-0001", "b-0002")]


def test_settings_stand_as_a_recipe_writes_them(make_run: MakeRun) -> None:
    folders = [make_run("a-0001", 1, 1e-5, None), make_run("a-0002", 1, 0.1, None)]
    (folders[0] / "resolved.toml").write_text(
        'cached = true\nwords = ["가", "b"]\nname = "a b"\n[[members]]\nrate = 1e-5\n[[members]]\nrate = 2\n'
    )
    found = compared(*folders).runs[0].settings
    assert found == {
        "cached": "true",
        "words": '["가", "b"]',
        "name": "a b",
        "members.0.rate": "1e-05",
        "members.1.rate": "2",
    }


def test_runs_are_tested_in_pairs_on_the_same_rows_whatever_their_order(make_run: MakeRun) -> None:
    good, poor = predicted(0.9, 1), predicted(0.7, 2)
    found = compared(make_run("a-0001", 1, 0.1, good), make_run("b-0001", 1, 0.2, poor[::-1]))
    assert found.same_rows
    (pair,) = found.pairs
    first, second = ([row[2] == row[3] for row in rows] for rows in (good, poor))
    won = sum(a and not b for a, b in zip(first, second, strict=True))
    lost = sum(b and not a for a, b in zip(first, second, strict=True))
    assert pair.verdict.difference.value == pytest.approx((won - lost) / ROWS)
    assert pair.chance == pytest.approx(stats.binomtest(won, won + lost).pvalue)
    assert pair.corrected == pair.chance
    assert pair.verdict.outcome == "beats"
    mirrored = found.between("b-0001", "a-0001")
    assert mirrored is not None
    assert mirrored.verdict.outcome == "does not beat"
    assert mirrored.verdict.difference.value == -pair.verdict.difference.value
    assert found.between("a-0001", "a-0001") is None


def test_other_rows_are_not_tested(make_run: MakeRun) -> None:
    one = make_run("a-0001", 1, 0.1, predicted(0.9, 1))
    moved = [(f"another.csv:{place}", *row[1:]) for place, row in enumerate(predicted(0.9, 1))]
    other = make_run("b-0001", 1, 0.1, moved)
    changed = predicted(0.9, 1)
    changed[3] = (*changed[3][:2], "another", *changed[3][3:])
    third = make_run("c-0001", 1, 0.1, changed)
    silent = make_run("d-0001", 1, 0.1, None)
    for folder in (other, third, silent):
        found = compared(one, folder)
        assert (found.pairs, found.same_rows) == ((), False)


def test_numbers_are_compared_by_their_errors(
    make_run: MakeRun, other_evaluation_of: Callable[..., dict[str, Any]]
) -> None:
    generator = np.random.default_rng(0)
    truth = generator.normal(size=ROWS)
    answers = [truth + generator.normal(size=ROWS) * error for error in (0.5, 1.0)]
    folders = []
    for place, answer in enumerate(answers):
        folder = make_run(f"{'ab'[place]}-0001", 1, 0.1, None)
        (folder / "evaluation" / "test" / "metrics.json").write_text(
            json.dumps(other_evaluation_of("number", ()))
        )
        cells = [f"'{value!r}" if value < 0 else repr(value) for value in answer.tolist()]
        rows = [
            (f"a:{n}", "글", repr(t), cell, "0") for n, (t, cell) in enumerate(zip(truth.tolist(), cells))
        ]
        write_predictions(folder, rows, "error", "number")
        folders.append(folder)
    (pair,) = compared(*folders).pairs
    wanted = compare_values(*answers, truth, against="b-0001", seed=42)
    assert pair.verdict.difference.value == pytest.approx(wanted.difference.value)
    assert (pair.verdict.outcome, pair.verdict.metric, pair.chance) == ("beats", "mae", None)


def test_the_page_is_shut_small_and_in_both_languages(make_run: MakeRun, tmp_path: Path) -> None:
    folders = [make_run(f"한글 <b>-000{seed}", seed, 0.1, predicted(0.9, seed)) for seed in (1, 2)]
    folders.append(make_run("cnn-0001", 1, 0.2, predicted(0.7, 9)))
    path = write_comparison(compared(*folders), tmp_path / "comparison.html")
    page = Page(path)
    assert_shut(page)
    assert len(page.source.encode()) < 500_000
    assert "3 runs compared" in page.text
    assert "All runs were tested on the same 400 rows." in page.text
    assert "p < 0.001" in page.text
    assert "한글 <b>-0001" in page.text
    words = [attributes["lang"] for tag, attributes in page.elements if attributes.get("class") == "w"]
    assert words.count("en") == words.count("ko") > 20
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    first = path.read_bytes()
    assert write_comparison(compared(*folders), path).read_bytes() == first


def test_runs_without_scores_come_last_and_say_so(
    make_run: MakeRun, run_writer: WriteRun, tmp_path: Path
) -> None:
    done = make_run("a-0001", 1, 0.1, predicted(0.8, 1))
    bare = run_writer(tmp_path / "b-0001", splits=())
    found = compared(bare, done)
    assert [run.id for run in ranked(found.runs, "accuracy")] == ["a-0001", "b-0001"]
    assert found.same_rows
    alone = compared(bare, run_writer(tmp_path / "c-0001", splits=()))
    page = Page(write_comparison(alone, tmp_path / "none.html"))
    assert "No run has a test score yet." in page.text
    json.dumps(found.to_json(), allow_nan=False)


def test_damage_is_named(make_run: MakeRun) -> None:
    folders = [make_run(f"{name}-0001", 1, 0.1, predicted(0.8, 1)) for name in "ab"]
    (folders[1] / "evaluation" / "test" / "predictions.csv").write_bytes(b"where,text\na,b\n")
    with pytest.raises(RunError) as caught:
        compared(*folders)
    assert caught.value.where.endswith("predictions.csv")


def test_chances_are_written_short() -> None:
    assert [chance(value) for value in (None, 0.0312, 0.0009)] == ["", "p = 0.031", "p < 0.001"]
