"""Evaluations of classes, labels and numbers say what the rows say, and write what a person reads."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from yeoul.data.examples import Examples
from yeoul.data.vectorizers import TokenRows
from yeoul.report.contents import read_contents
from yeoul.runs.folder import RunFolder, create_run
from yeoul.spreadsheets import plain
from yeoul.tasks.classification.evaluation import Answered, evaluate, slice_columns, write_evaluation
from yeoul.tasks.classification.targets import ClassTarget, LabelsTarget, NumberTarget
from yeoul.text.tokenizers import UNKNOWN_ID

ROWS = 120
LABELS = ("부정", "긍정")
TEXTS = [f"영화 {'정말 ' * (place % 7)}{place}" for place in range(ROWS)]


def examples_of(targets: list[str], inputs: dict[str, list[str]] | None = None) -> Examples:
    columns = {name: pa.chunked_array([cells]) for name, cells in (inputs or {"text": TEXTS}).items()}
    rows = np.arange(2, ROWS + 2)
    return Examples(columns, pa.array(targets), ("시험.csv",), np.zeros(ROWS, np.int16), rows)


def classes(seed: int = 0) -> tuple[Answered, Answered, Examples, npt.NDArray[np.int64]]:
    """Return a model, a baseline, the rows, and their true classes."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, ROWS)
    target = ClassTarget(LABELS)
    both = []
    for sharpness in (2.0, 0.5):
        odds = generator.normal(size=ROWS) + sharpness * (2 * truth - 1)
        both.append(np.stack([-np.logaddexp(0, odds), -np.logaddexp(0, -odds)], axis=1).astype(np.float32))
    model, other = (Answered(target, answers) for answers in both)
    return model, other, examples_of([LABELS[one] for one in truth]), truth


def written(folder: Path, model: Answered, other: Answered, examples: Examples, columns: Any) -> Path:
    run = create_run(folder, "reviews", {"task": "classify"})
    scores = evaluate(model, examples, {"majority": other, "linear": other}, "linear", 7)
    for split in ("validation", "test"):
        write_evaluation(run, split, scores, model, examples, columns)
    return run.path


def rows_of(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [{name: plain(cell) for name, cell in row.items()} for row in csv.DictReader(file)]


def test_classes(tmp_path: Path) -> None:
    model, other, examples, truth = classes()
    place = written(tmp_path, model, other, examples, {"tokens": np.arange(ROWS)}) / "evaluation" / "test"
    predictions = rows_of(place / "predictions.csv")
    assert [row["text"] for row in predictions] == TEXTS
    assert [row["where"] for row in predictions[:2]] == ["시험.csv:2", "시험.csv:3"]
    right = model.answers.argmax(axis=1) == truth
    assert [row["target"] == row["predicted"] for row in predictions] == right.tolist()
    scores = json.loads((place / "metrics.json").read_text())
    assert scores["scores"]["accuracy"]["value"] == pytest.approx(right.mean())
    assert (scores["target_kind"], scores["metric"], scores["split"]) == ("class", "accuracy", "test")
    assert [one["label"] for one in scores["precision_recall"]] == list(LABELS)
    assert scores["verdict"] == scores["baselines"][1]["verdict"]
    worst = rows_of(place / "worst.csv")
    sure = [float(row["confidence"]) for row in worst]
    assert len(worst) == (~right).sum()
    assert sure == sorted(sure, reverse=True)
    slices = json.loads((place / "slices.json").read_text())
    assert slices["overall"] == pytest.approx(right.mean())
    assert sum(one["rows"] for one in slices["slices"]) == ROWS
    confused = json.loads((place / "confused.json").read_text())["pairs"]
    assert sum(pair["rows"] for pair in confused) == len(worst)
    assert confused[0]["examples"][0]["where"] in [row["where"] for row in worst]


def test_labels(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    names = ("연기", "음악, 소리", "영상")
    truth = generator.random((ROWS, 3)) < (0.5, 0.3, 0.1)
    target = LabelsTarget(names, "|", (0.0,) * 3)
    odds = (generator.normal(size=truth.shape) + 3 * truth - 1.5).astype(np.float32)
    cells = [
        json.dumps(sorted(name for name, held in zip(names, row, strict=True) if held), ensure_ascii=False)
        for row in truth
    ]
    model = Answered(target.tuned(odds, truth.astype(np.float32)), odds)
    path = written(tmp_path, model, Answered(target, odds[::-1]), examples_of(cells), {})
    place = path / "evaluation" / "test"
    assert not (place / "confused.json").exists()
    given = odds >= np.array(model.target.limits)
    for row, wanted, said in zip(rows_of(place / "predictions.csv"), truth, given, strict=True):
        assert row["target"].split("|") == [
            name for name, held in zip(names, wanted, strict=True) if held
        ] or [""]
        assert row["predicted"] == "|".join(name for name, held in zip(names, said, strict=True) if held)
        assert int(row["wrong_labels"]) == (wanted != said).sum()
    errors = [int(row["wrong_labels"]) for row in rows_of(place / "worst.csv")]
    assert errors == sorted(errors, reverse=True)
    assert min(errors) > 0
    scores = json.loads((place / "metrics.json").read_text())
    assert [one["threshold"] for one in scores["per_class"]] == pytest.approx(list(model.target.limits))
    assert scores["verdict"]["metric"] == "micro_f1"


def test_numbers(tmp_path: Path) -> None:
    generator = np.random.default_rng(2)
    truth = generator.normal(size=ROWS).round(3)
    answers = (truth + generator.normal(size=ROWS) * 0.3).astype(np.float32)[:, None]
    examples = examples_of([repr(float(value)) for value in truth])
    other = Answered(NumberTarget(), np.zeros((ROWS, 1), np.float32))
    place = written(tmp_path, Answered(NumberTarget(), answers), other, examples, {}) / "evaluation" / "test"
    for row, wanted, said in zip(rows_of(place / "predictions.csv"), truth, answers[:, 0], strict=True):
        assert float(row["target"]) == wanted
        assert float(row["predicted"]) == pytest.approx(said, rel=1e-4, abs=1e-6)
        assert float(row["error"]) == pytest.approx(said - wanted, rel=1e-4, abs=1e-5)
    errors = [abs(float(row["error"])) for row in rows_of(place / "worst.csv")]
    assert len(errors) == 100
    assert errors == sorted(errors, reverse=True)
    scores = json.loads((place / "metrics.json").read_text())
    assert scores["labels"] == []
    assert scores["verdict"]["outcome"] == "beats"
    assert "precision_recall" not in scores


@pytest.mark.parametrize("kind", ["class", "labels", "number"])
def test_the_report_reads_what_is_written(kind: str, tmp_path: Path) -> None:
    model, other, examples, truth = classes()
    if kind == "number":
        examples = examples_of([str(value) for value in truth])
        model, other = (Answered(NumberTarget(), one.answers[:, :1]) for one in (model, other))
    elif kind == "labels":
        target = LabelsTarget(LABELS, ",", (0.0, 0.0))
        examples = examples_of([f'["{LABELS[one]}"]' for one in truth])
        model, other = (Answered(target, one.answers + 1) for one in (model, other))
    path = written(tmp_path, model, other, examples, slice_columns(examples, None))
    contents = read_contents(RunFolder(path).path)
    assert contents.evaluation is not None
    assert contents.evaluation.target_kind == kind
    assert contents.slices["test"].slices[0].by == "characters"
    assert contents.mistakes["test"]


def test_series_show_their_numbers_and_have_no_length(tmp_path: Path) -> None:
    model, other, _, truth = classes()
    cells = {f"t{step}": [f"{step + row / 10:.1f}" for row in range(ROWS)] for step in range(90)}
    examples = examples_of([LABELS[one] for one in truth], cells)
    assert slice_columns(examples, None) == {}
    place = written(tmp_path, model, other, examples, {}) / "evaluation" / "test"
    shown = rows_of(place / "predictions.csv")[0]["text"]
    assert shown.startswith("0.0 1.0 2.0")
    assert len(shown) == 200


def test_the_worst_baseline_decides_nothing() -> None:
    """The verdict is that against the number to beat, whatever the order of the baselines."""
    better, model, examples, truth = classes()
    worse = Answered(model.target, np.log(np.eye(2, dtype=np.float32)[1 - truth] * 0.98 + 0.01))
    for baselines in ({"a": worse, "b": better}, {"b": better, "a": worse}):
        scores = evaluate(model, examples, baselines, "b", 0)
        assert scores["verdict"]["outcome"] == "does not beat"
        assert {entry["name"]: entry["verdict"]["outcome"] for entry in scores["baselines"]}["a"] == "beats"


def test_tokens_are_counted_with_those_cut_off_and_unknown_ones_by_row() -> None:
    ids = np.array([UNKNOWN_ID, 5, 6, UNKNOWN_ID, UNKNOWN_ID], np.int32)
    tokens = TokenRows(ids, np.array([0, 3, 3, 5]), np.array([0, 0, 4]))
    columns = slice_columns(examples_of([LABELS[0]] * ROWS), tokens)
    assert columns["tokens"].tolist() == [3, 0, 6]
    assert columns["unknown tokens"].tolist() == [1 / 3, 0.0, 1.0]
