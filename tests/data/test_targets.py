"""Targets: what a cell says is what a model learns; what it cannot mean is refused with its row."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.datasets import Dataset, load_dataset
from yeoul.data.examples import Examples
from yeoul.data.numbers import numbers_of, read_number
from yeoul.data.targets import TargetKind, encode_targets, labels_of, read_labels, refuse_unknown, strata
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

LABELS = st.lists(st.text('abc가나 ",', max_size=6).map(str.strip))


def examples_of(targets: list[str]) -> Examples:
    rows = len(targets)
    return Examples(
        {"text": pa.array([f"text {row}" for row in range(rows)])},
        pa.array(targets, pa.string()),
        ("a.csv",),
        np.zeros(rows, np.int16),
        np.arange(2, rows + 2),
    )


def load(path: Path, **changes: object) -> Dataset:
    return load_dataset(DataRecipe.model_validate({"source": str(path), **changes}), 42)


def write(path: Path, cells: list[str], header: str = "리뷰\t태그") -> Path:
    path.write_text(header + "\n" + "".join(f"글 {row}\t{cell}\n" for row, cell in enumerate(cells)), "utf-8")
    return path


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_back(number: float) -> None:
    assert read_number(repr(number)) == number
    if number == round(number, 2) and abs(number) < 1e12:
        assert read_number(f"{number:,.2f}") == pytest.approx(number, abs=0.005)


@given(
    st.lists(
        st.one_of(st.text(max_size=8), st.from_regex(r"[-+]?[\d,.eE]{1,8}", fullmatch=True)), max_size=20
    )
)
def test_a_column_is_read_as_its_cells_are(cells: list[str]) -> None:
    one_by_one = [read_number(cell) for cell in cells]
    together = numbers_of(pa.array([cell.encode("utf-8", "replace").decode() for cell in cells], pa.string()))
    for single, number in zip(one_by_one, together):
        assert (single is None and math.isnan(number)) or single == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234.5", 1234.5),
        ("1,234", 1234),
        ("-1,234,567", -1234567),
        (" 3. ", 3),
        (".5", 0.5),
        ("+2e3", 2000),
    ],
)
def test_thousands_and_points(cell: str, number: float) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize(
    "cell", ["", "1,5", "0,125", "1.234,5", "12,34", "1,23,456", "1e999", "e5", ".", "3점", "１", "0x1F"]
)
def test_what_may_mean_something_else_is_no_number(cell: str) -> None:
    assert read_number(cell) is None


@given(LABELS)
def test_labels_are_read_from_a_list_and_from_parts(labels: list[str]) -> None:
    wanted = {label for label in labels if label}
    assert read_labels(json.dumps(labels), ",") == wanted
    assert read_labels(json.dumps(labels, ensure_ascii=False), ",") == wanted
    assert read_labels(" | ".join(labels), "|") == wanted


def test_several_labels_a_row(tmp_path: Path) -> None:
    cells = [("맛, 가격", "가격,맛", '["맛","가격"]', "배송", "", " , ")[row % 6] for row in range(120)]
    data = load(write(tmp_path / "a.tsv", cells), target_kind="labels")
    assert data.labels == ("가격", "맛", "배송")
    assert {json.dumps(["가격", "맛"], ensure_ascii=False), '["배송"]', "[]"} == set(data.train.labels())
    targets = encode_targets(data.train, "labels", data.labels)
    assert targets.dtype == np.float32
    assert targets.shape == (len(data.train), 3)
    for row, example in enumerate(data.train):
        assert [data.labels[place] for place in np.flatnonzero(targets[row])] == json.loads(example.target)
    assert data.card.classes["맛"] == {
        split: int(encode_targets(part, "labels", data.labels)[:, 1].sum())
        for split, part in data.splits.items()
    }
    assert data.card.unlabelled["train"] == sum(cell == "[]" for cell in data.train.labels())
    assert data.card.sizes == {split: len(part) for split, part in data.splits.items()}
    for part in data.splits.values():  # each combination is a stratum of forty rows
        share = np.mean([cell == "[]" for cell in part.labels()])
        assert share == pytest.approx(1 / 3, abs=0.1)


def test_numbers_are_targets(tmp_path: Path) -> None:
    numbers = [(-1) ** row * row * 12.5 for row in range(200)]
    path = write(tmp_path / "a.tsv", [f"{number:,}" for number in numbers], "리뷰\t가격")
    data = load(path, target_kind="number", target="가격")
    assert data.labels == ()
    assert data.card.classes == {}
    for part in data.splits.values():
        targets = encode_targets(part, "number", ())
        assert targets.dtype == np.float64
        assert targets.tolist() == [numbers[row - 2] for row in part.rows]
    low, high = data.card.target_quantiles["train"]["p5"], data.card.target_quantiles["test"]["p95"]
    assert low < 0 < high
    bins = np.digitize([float(cell) for cell in data.test.labels()], np.quantile(numbers, [0.25, 0.5, 0.75]))
    assert np.bincount(bins, minlength=4).min() >= 3  # of twenty rows, each quarter has about five


def test_the_fingerprint_knows_the_kind(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", [str(row % 5) for row in range(100)])
    prints = {load(path, target_kind=kind).fingerprint for kind in ("class", "labels", "number")}
    assert len(prints) == 3


@pytest.mark.parametrize(
    ("kind", "cell", "message"),
    [
        ("number", "1,5", r"a\.tsv:9: 1,5 in the column 태그 has a decimal comma; .* 1\.5"),
        ("number", "", r"a\.tsv:9: the number in the column 태그 is missing"),
        ("number", "NaN", r"a\.tsv:9: the number in the column 태그 is missing"),
        ("number", "inf", r"a\.tsv:9: inf in the column 태그 is not a finite number"),
        ("number", "네 개", r"a\.tsv:9: 네 개 in the column 태그 is not a number"),
        ("labels", '["a", "b"', r"a\.tsv:9: the labels .* begin like a JSON list but are none"),
        ("labels", "['a']", r"a\.tsv:9: the labels"),
        ("labels", "[[1]]", r"a\.tsv:9: the labels"),
    ],
)
def test_a_bad_cell_is_named_with_its_row(tmp_path: Path, kind: str, cell: str, message: str) -> None:
    cells = [str(row % 7) for row in range(60)]
    cells[7] = cell
    with pytest.raises(DataError, match=message):
        load(write(tmp_path / "a.tsv", cells), target_kind=kind, target="태그")


@pytest.mark.parametrize(
    ("kind", "cells", "message"),
    [
        ("number", ["3"] * 40, "all rows have the same number 3"),
        ("labels", ["a"] * 40, "holds 1 different labels"),
        ("labels", [""] * 40, "holds 0 different labels"),
        (
            "labels",
            ["a,b", "b,c"] * 20 + ["a,x", "x,y"],
            r"2 labels are in fewer than 3 rows: y \(1\), x \(2\)",
        ),
        ("labels", [f"word{row}" for row in range(40)], "holds 40 different labels in 40 rows"),
    ],
)
def test_targets_that_teach_nothing_are_refused(
    tmp_path: Path, kind: str, cells: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path / "a.tsv", cells), target_kind=kind, target="태그")


def test_unknown_labels_are_all_named_up_to_ten() -> None:
    seen = examples_of(["a", "b"] * 5 + ["c"] * 3 + [f"n{row:02d}" for row in range(12)])
    with pytest.raises(DataError) as caught:
        refuse_unknown(seen, "class", ("a", "b"))
    told = str(caught.value)
    assert told.startswith("a.csv:12: labels that training never saw, with their rows: c (3), n00 (1), ")
    assert "n08 (1) … (+3); the model knows a, b" in told
    with pytest.raises(DataError, match=r"a\.csv:3: .*: x \(2\), y \(1\);"):
        refuse_unknown(examples_of(["[]", '["a","x"]', '["x","y"]']), "labels", ("a",))
    refuse_unknown(examples_of(["1.5"]), "number", ())
    refuse_unknown(examples_of(["[]", '["a"]']), "labels", ("a", "b"))


@given(st.lists(st.sampled_from(["[]", '["a"]', '["a","b"]', '["c"]', '["b","c"]']), min_size=1, max_size=60))
def test_labels_survive_encoding(cells: list[str]) -> None:
    examples = examples_of(cells)
    counts = labels_of(examples, "labels")
    labels = sorted(counts)
    targets = encode_targets(examples, "labels", labels)
    assert targets.sum(axis=0).tolist() == [counts[label] for label in labels]
    assert [sorted(json.loads(cell)) for cell in cells] == [
        [labels[place] for place in np.flatnonzero(row)] for row in targets
    ]


@pytest.mark.parametrize("kind", ["class", "labels", "number"])
def test_equal_targets_are_in_one_stratum(kind: TargetKind) -> None:
    cells = {"class": ["x", "y"], "labels": ['["x"]', "[]"], "number": ["1", "2.5"]}[kind] * 30
    examples = examples_of(cells)
    numbered = strata(examples, kind, labels_of(examples, kind))
    assert len(set(zip(cells, numbered.tolist()))) == len(set(cells)) == len(set(numbered.tolist()))
