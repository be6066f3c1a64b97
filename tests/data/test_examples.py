"""Examples: columns and rows say the same, and each row knows its place."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest

from yeoul.data.columns import Columns
from yeoul.data.examples import Example, Examples, compose
from yeoul.data.readers import read_table
from yeoul.errors import DataError

COLUMNS = Columns(("text",), "label", False, False)


def examples_of(tmp_path: Path, *files: str, columns: Columns = COLUMNS) -> Examples:
    paths = [tmp_path / f"{name}.csv" for name, _ in zip("ab", files)]
    for path, content in zip(paths, files):
        path.write_text(content, "utf-8", newline="")
    return compose([read_table(path) for path in paths], columns).examples


def test_rows_know_their_place(tmp_path: Path) -> None:
    examples = examples_of(tmp_path, 'text,label\n"x\ny",1\n\nz,0\n', "label,text\n1,w\n")
    assert [row.where for row in examples] == ["a.csv:2", "a.csv:4", "b.csv:2"]
    assert examples.texts() == [row.inputs["text"] for row in examples] == ["x\ny", "z", "w"]
    assert examples.labels() == [row.target for row in examples] == ["1", "0", "1"]
    assert examples[-1] == Example({"text": "w"}, "1", "b.csv:2")
    with pytest.raises(IndexError):
        examples[3]


def test_selection_equals_indexing(tmp_path: Path) -> None:
    body = "".join(f"row {row},{row % 3}\n" for row in range(50))
    examples = examples_of(tmp_path, "text,label\n" + body)
    indices = np.random.default_rng(3).permutation(50)[:20]
    assert list(examples.select(indices)) == [examples[int(index)] for index in indices]
    assert len(examples.select(np.empty(0, np.int64))) == 0
    twice = examples.select(indices).select(np.array([5, 0]))
    assert list(twice) == [examples[int(indices[5])], examples[int(indices[0])]]


def test_texts_and_labels_are_composed_and_counted(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "한국어")
    path = tmp_path / "a.csv"
    path.write_text(f"text,label\n{decomposed},{decomposed} \n한국어, 한국어\nabc,x\n", "utf-8")
    composed = compose([read_table(path)], COLUMNS)
    assert composed.non_nfc == 1
    assert composed.examples.texts() == ["한국어", "한국어", "abc"]
    assert composed.examples.labels() == ["한국어", "한국어", "x"]


def test_several_inputs_are_joined_by_a_line_break(tmp_path: Path) -> None:
    columns = Columns(("title", "body"), "label", False, False)
    examples = examples_of(tmp_path, "title,label,body\nA,1,first\n,0,second\n", columns=columns)
    assert examples.texts() == ["A\nfirst", "\nsecond"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('"a\nb",1\nc,\nd,0\n', "a.csv:3: the label is empty; give the row a label or remove it"),
        ("a,1\nb, \nc,\n\nd,\n", "a.csv:3: the label is empty, here and in 2 more rows; "),
    ],
)
def test_an_empty_label_is_named(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        examples_of(tmp_path, "text,label\n" + body)
    assert str(caught.value).startswith(message)
