"""JSONL, Parquet, folders and pipes: what was written there comes back, each row in its place."""

import io
import json
import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data import jsonl, scratch
from yeoul.data.folders import read_folder, source_files
from yeoul.data.labelled import read_labelled
from yeoul.data.readers import Table, read_table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = st.lists(st.text("abc가나 다", min_size=1, max_size=5), min_size=1, max_size=4).map(
    lambda names: [f"{index}{name.strip()}" for index, name in enumerate(names)]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=6,
)


def rows_of(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns.values())))


@given(
    NAMES.flatmap(
        lambda names: st.tuples(st.just(names), st.lists(st.tuples(*[CELLS] * len(names)), min_size=1))
    )
)
@settings(max_examples=50, deadline=None)
def test_parquet_comes_back(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[list[str], list[tuple[str, ...]]]
) -> None:
    names, rows = drawn
    path = tmp_path_factory.mktemp("parquet") / "a.bin"
    columns = [pa.array(cells, pa.string()) for cells in zip(*rows)]
    pq.write_table(pa.table(columns, names), path)
    table = read_table(path)
    assert (table.kind, list(table.columns), rows_of(table)) == ("parquet", names, rows)
    assert table.numbers.tolist() == list(range(1, len(rows) + 1))


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["text", "label", "더", "x y"]), VALUES, max_size=4), min_size=1
    ),
    st.sampled_from(["lines", "list", "spread list"]),
    st.sampled_from([1, 7, 1 << 20]),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=60, deadline=None)
def test_json_comes_back_in_any_form_and_block_size(
    tmp_path_factory: pytest.TempPathFactory,
    objects: list[dict[str, object]],
    form: str,
    block: int,
    escaped: bool,
    codec: str,
) -> None:
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    texts = [json.dumps(each, ensure_ascii=escaped) for each in objects]
    content = {
        "lines": "\n".join(texts),
        "list": f"[{','.join(texts)}]",
        "spread list": json.dumps(objects, ensure_ascii=escaped, indent=2),
    }[form]
    path.write_bytes((content + "\n").encode(codec))
    if any("\\u0000" in json.dumps(each) for each in objects):
        return  # excluded by the strategy, but for a backslash before "u0000"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "_BLOCK_CHARACTERS", block)
        patch.setattr(jsonl, "_WINDOW_BYTES", block)
        if not any(objects):
            return
        table = read_table(path)
    keys = list(dict.fromkeys(key for each in objects for key in each))
    assert (table.kind, list(table.columns), table.rows) == ("jsonl", keys, len(objects))
    for each, row in zip(objects, rows_of(table), strict=True):
        for key, cell in zip(keys, row, strict=True):
            value = each.get(key)
            if isinstance(value, str) or value is None:
                assert cell == (value or "")
            else:
                assert json.loads(cell) == value
    assert table.missing == {
        key: count for key in keys if (count := sum(each.get(key) is None for each in objects))
    }


def test_lines_of_json_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('\n{"a": "x"}\n\n{"a": "y"}\n', "utf-8")
    assert (read_table(path).numbers.tolist(), read_table(path).blank) == ([2, 4], 1)
    path.write_text('[\n{"a":\n "x"},\n\n{"a": "y"}]', "utf-8")
    assert (read_table(path).numbers.tolist(), read_table(path).blank) == ([2, 5], 0)


def classes(folder: Path, texts: dict[str, list[str]], codec: str = "utf-8") -> Path:
    for label, each in texts.items():
        (folder / label).mkdir(parents=True)
        for number, text in enumerate(each):
            (folder / label / f"{number}.txt").write_bytes(text.encode(codec))
    return folder


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    path = classes(
        tmp_path / "reviews", {"neg": ["bad\nfilm\n", ""], unicodedata.normalize("NFD", "긍정"): ["좋다"]}
    )
    (path / "neg" / ".hidden").write_bytes(b"\0")
    (path / "neg" / "2.txt").write_bytes("별로다".encode("cp949"))
    table = read_table(path)
    assert list(table.columns) == ["text", "label", "file"]
    assert rows_of(table) == [
        ("bad\nfilm", "neg", "neg/0.txt"),
        ("", "neg", "neg/1.txt"),
        ("별로다", "neg", "neg/2.txt"),
        ("좋다", "긍정", "긍정/0.txt"),
    ]
    assert (table.kind, table.name, table.encoding.name, table.separator) == (
        "folder",
        "reviews",
        "cp949, utf-8",
        "",
    )
    assert len(list(source_files(path))) == 4
    only = read_folder(path, classes=("긍정",))
    assert only.rows.table().num_rows == 1


def test_a_file_for_each_class(tmp_path: Path) -> None:
    (tmp_path / "Korean.txt").write_text("Kim\r\n\r\nPark\r\n\r\n", "utf-8", newline="")
    (tmp_path / "Czech.txt").write_text("Novák", "utf-8")
    table = read_table(tmp_path)
    assert rows_of(table) == [
        ("Novák", "Czech", "Czech.txt"),
        ("Kim", "Korean", "Korean.txt"),
        ("Park", "Korean", "Korean.txt"),
    ]
    assert (table.numbers.tolist(), table.blank) == ([1, 1, 3], 1)


def test_folders_that_are_neither_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "reviews"
    path.mkdir()
    with pytest.raises(DataError, match="reviews: the folder holds no texts; name a folder"):
        read_table(path)
    (path / "train.csv").write_text("text,label\na,1\n", "utf-8")
    with pytest.raises(DataError, match=r"this is a folder, and train\.csv in it .*; name one file in it"):
        read_table(path)
    classes(path, {"neg": ["a"], "pos": []})
    with pytest.raises(
        DataError, match=r"beside the folders of the classes lies the file train\.csv \(1 such"
    ):
        read_table(path)
    (path / "train.csv").unlink()
    with pytest.raises(DataError, match="the folder of the class pos is empty; put its texts"):
        read_table(path)
    (path / "pos" / "more").mkdir()
    with pytest.raises(DataError, match="the class pos holds the folder more"):
        read_table(path)
    (path / "pos" / "more").rmdir()
    (path / "pos" / "cat.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    with pytest.raises(DataError, match=r"cat\.txt: this is a picture"):
        read_table(path)
    with pytest.raises(DataError, match="the folder has no folder sad"):
        read_folder(path, classes=("neg", "sad"))


class Piped(io.TextIOWrapper):
    """A standard input that is no terminal."""


@pytest.mark.parametrize(
    ("content", "kind"), [(b"text,label\na,1\n", "csv"), (b'{"text": "a", "label": "1"}', "jsonl")]
)
def test_the_standard_input_is_read_once(monkeypatch: pytest.MonkeyPatch, content: bytes, kind: str) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(io.BytesIO(content)))
    for _ in range(2):
        table = read_table(Path("-"))
        assert (table.kind, table.name, rows_of(table)) == (kind, "stdin", [("a", "1")])
    recipe = DataRecipe(source="-", inputs=("text",), target="label")
    assert read_labelled(recipe, ("0", "1")).texts() == ["a"]


def test_too_much_or_nothing_on_the_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Piped(io.BytesIO(b"x" * 100)))
    monkeypatch.setattr(scratch, "MOST_STDIN_BYTES", 99)
    with pytest.raises(DataError, match="stdin: more than 0 GB came"):
        read_table(Path("-"))
    monkeypatch.setattr(Piped, "isatty", lambda self: True)
    with pytest.raises(DataError, match="stdin: nothing is piped"):
        read_table(Path("-"))


@pytest.mark.data
def test_real_folders_are_read(data_folder: Path) -> None:
    if not (data_folder / "names").is_dir():
        pytest.skip("names are not there")
    table = read_table(data_folder / "names")
    lines = sum(
        bool(line.strip())
        for file in (data_folder / "names").iterdir()
        for line in file.read_text("utf-8").split("\n")
    )
    assert table.rows == lines
    assert len(set(table.columns["label"].to_pylist())) == 18
