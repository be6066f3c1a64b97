"""Large tables: in a mapped file, in a cache or in memory, the rows are the same."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data import delimited, examples, mapped, readers, scratch, splits, tablecache
from yeoul.data.columns import Columns
from yeoul.data.examples import Picked, compose
from yeoul.data.mapped import by_block, taken
from yeoul.data.readers import read_table
from yeoul.data.splits import duplicate_groups
from yeoul.data.tables import Table
from yeoul.errors import DataError

COLUMNS = Columns(("text",), "label", False, False)


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything above a few bytes large."""
    for module in (mapped, scratch, readers, examples, splits):
        monkeypatch.setattr(module, "LARGE_BYTES", 64)
    monkeypatch.setattr(delimited, "_BLOCK_BYTES", 64)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make everything large, and return the cache folder."""
    make_small(monkeypatch)
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def reviews(path: Path, rows: int = 200, codec: str = "utf-8") -> Path:
    body = "".join(f"영화 {row % 150}  좋다,{row % 3}\n" if row % 17 else "  \n" for row in range(1, rows))
    path.write_bytes(("text,label\n" + body).encode(codec))
    return path


def same(first: Table, second: Table) -> bool:
    return (
        {name: column.to_pylist() for name, column in first.columns.items()}
        == {name: column.to_pylist() for name, column in second.columns.items()}
        and first.numbers.tolist() == second.numbers.tolist()
        and (first.blank, first.kind, first.missing, first.encoding, first.separator, first.name)
        == (second.blank, second.kind, second.missing, second.encoding, second.separator, second.name)
    )


@pytest.mark.parametrize("codec", ["utf-8", "cp949", "utf-16"])
def test_mapped_and_cached_tables_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    path = reviews(tmp_path / "reviews.csv", codec=codec)
    whole = read_table(path)
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    make_small(monkeypatch)
    first, again = read_table(path), read_table(path)
    assert same(whole, first)
    assert same(first, again)
    assert len(list((tmp_path / "cache" / "tables").glob("*.arrow"))) == 1


def test_damaged_caches_are_built_anew(tmp_path: Path, small: Path) -> None:
    path = reviews(tmp_path / "reviews.csv")
    first = read_table(path)
    (arrow,) = (small / "tables").glob("*.arrow")
    told = arrow.with_suffix(".json")
    content, facts = arrow.read_bytes(), told.read_text("utf-8")
    damages = [
        lambda: arrow.write_bytes(content[:-30]),
        lambda: arrow.write_bytes(content[:300] + bytes([content[300] ^ 1]) + content[301:]),
        lambda: arrow.unlink(),
        lambda: told.unlink(),
        lambda: told.write_text("{", "utf-8"),
        lambda: told.write_text(json.dumps({**json.loads(facts), "blank": []}), "utf-8"),
        lambda: told.write_text(json.dumps({**json.loads(facts), "extra": 1}), "utf-8"),
    ]
    for damage in damages[:5] + damages[6:]:
        damage()
        assert same(read_table(path), first)
        assert arrow.read_bytes() == content
        assert told.read_text("utf-8") == facts
    assert not [file for file in (small / "tables").iterdir() if file.name.startswith(".")]
    assert list((small / "scratch").iterdir()) == []


def test_the_cache_knows_content_and_options(tmp_path: Path, small: Path) -> None:
    path = reviews(tmp_path / "reviews.csv")
    read_table(path)
    moved = tmp_path / "other.csv"
    moved.write_bytes(path.read_bytes())
    assert read_table(moved).name == "other.csv"
    assert len(list((small / "tables").glob("*.arrow"))) == 1
    assert list(read_table(path, columns=("a", "b")).columns) == ["a", "b"]
    path.write_bytes(path.read_bytes().replace("좋다".encode(), "나쁘다".encode()))
    assert "나쁘다" in read_table(path).columns["text"][0].as_py()
    assert len(list((small / "tables").glob("*.arrow"))) == 3


def test_the_cache_has_an_end(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 0
    for number in range(6):
        read_table(reviews(tmp_path / f"{number}.csv", 200 + number))
        files = list((small / "tables").glob("*.arrow"))
        if not size:
            size = files[0].stat().st_size
            monkeypatch.setattr(tablecache, "MOST_BYTES", int(2.5 * size))
    assert len(files) == 2
    assert {file.stem for file in files} == {file.stem for file in (small / "tables").glob("*.json")}


def test_a_folder_that_cannot_be_written_is_no_obstacle(tmp_path: Path, small: Path) -> None:
    small.write_bytes(b"a file where the cache should be")
    path = reviews(tmp_path / "reviews.csv")
    assert read_table(path).rows == 188


def test_an_error_leaves_nothing_behind(tmp_path: Path, small: Path) -> None:
    path = reviews(tmp_path / "reviews.csv")
    path.write_bytes(path.read_bytes() + b"a,b,c\n")
    with pytest.raises(DataError, match=r"reviews\.csv:201: the row has 3 columns"):
        read_table(path)
    assert [file for folder in small.iterdir() for file in folder.iterdir()] == []


def test_large_examples_are_like_small_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Path
) -> None:
    path = reviews(tmp_path / "reviews.csv", 400)
    path.write_bytes(path.read_bytes() + "한국어,1\n".encode())  # decomposed
    large = compose([read_table(path)], COLUMNS)
    groups = duplicate_groups(large.examples.inputs["text"])
    order = np.random.default_rng(5).permutation(len(large.examples))[:150]
    chosen = large.examples.select(order)
    again = chosen.select(np.arange(0, 150, 7))
    assert isinstance(again.inputs, Picked)
    monkeypatch.undo()
    plain = compose([read_table(path)], COLUMNS)
    assert list(large.examples) == list(plain.examples)
    assert large.non_nfc == plain.non_nfc
    assert groups.tolist() == duplicate_groups(plain.examples.inputs["text"]).tolist()
    assert list(chosen) == list(plain.examples.select(order))
    assert chosen.texts() == chosen.inputs["text"].to_pylist() == plain.examples.select(order).texts()
    assert "text" in chosen.inputs
    assert list(again) == list(chosen)[::7]
    assert [text for block in again.blocks() for text in block.to_pylist()] == again.texts()


@given(st.lists(st.lists(st.text(max_size=3), max_size=4), min_size=1, max_size=6), st.data())
def test_taking_from_chunks_is_indexing(chunks: list[list[str]], data: st.DataObject) -> None:
    column = pa.chunked_array([pa.array(chunk, pa.string()) for chunk in chunks], pa.string())
    rows = column.to_pylist()
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=9)) if rows else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapped, "_TAKEN_ROWS", 4)
        blocks = list(taken(column, np.array(places, np.int64)))
    assert [text for block in blocks for text in block.to_pylist()] == [rows[place] for place in places]
    assert by_block(column, pa.compute.utf8_length).tolist() == [len(text) for text in rows]


def test_a_cached_file_is_what_its_checksum_says(tmp_path: Path, small: Path) -> None:
    read_table(reviews(tmp_path / "reviews.csv"))
    (arrow,) = (small / "tables").glob("*.arrow")
    facts = json.loads(arrow.with_suffix(".json").read_text("utf-8"))
    assert facts["sha256"] == hashlib.sha256(arrow.read_bytes()).hexdigest()
