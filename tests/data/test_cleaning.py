"""A cleaned split: nothing crosses it any more, no row is lost untold, and every cell is what it was."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.cli.main import run as command
from yeoul.data.checkup import check_up
from yeoul.data.cleaning import LIST, clean
from yeoul.data.readers import read_table
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

WORDS = st.sampled_from(
    ["영화", "정말", "재미있다", "좋다", "배우", "연기", "a", '"참"', "쉼, 표", "줄\r\n바꿈", "\n", "=1+1"]
)
TEXTS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
CROSSING = {"overlap", "near overlap", "same owner"}


def written(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("글", "평", "누구")) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    path.write_bytes(text.getvalue().encode("utf-8"))
    return path


def cells(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*(column.to_pylist() for column in table.columns.values())))


@st.composite
def crossing_rows(draw: st.DrawFn) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Rows of two files, some of the second like some of the first."""
    label, owner = st.sampled_from(["긍정", "부정"]), st.sampled_from(["가", "나", "다", ""])
    train = draw(st.lists(st.tuples(TEXTS, label, owner), min_size=3, max_size=12))
    test = draw(st.lists(st.tuples(TEXTS, label, st.sampled_from(["다", "라", ""])), min_size=1, max_size=4))
    for text, *_ in draw(st.lists(st.sampled_from(train), max_size=3)):
        test.append(
            (draw(st.sampled_from([text, f" {text} ", text + "!", text[1:] or "글"])), draw(label), "마")
        )
    return [("혼자인 글은 언제나 남는다", "긍정", ""), *train], test


@settings(max_examples=30, deadline=None)
@given(crossing_rows(), st.booleans())
def test_after_cleaning_nothing_crosses(tmp_path_factory, rows, owned):
    folder = tmp_path_factory.mktemp("정리")
    train, test = written(folder / "학습.csv", rows[0]), written(folder / "시험.csv", rows[1])
    recipe = DataRecipe(source=str(train), inputs=("글",), target="평")
    cleaned = clean(recipe, str(test), "누구" if owned else "")
    assert cleaned.sizes["train"] + len(cleaned.left_out) == len(rows[0])
    assert cleaned.sizes["test"] == len(rows[1])
    assert sum(cleaned.counts["train"].values()) == len(cleaned.left_out)
    cleaned.write(folder / "새 폴더")
    new = {name: read_table(folder / "새 폴더" / f"{name}.csv") for name in ("train", "test")}
    gone = {one.row for one in cleaned.left_out}
    before = read_table(train)
    numbers = before.numbers.tolist()
    kept = [row for number, row in zip(numbers, cells(before)) if f"학습.csv:{number}" not in gone]
    assert cells(new["train"]) == kept
    assert cells(new["test"]) == cells(read_table(test))
    again = recipe.model_copy(update={"source": str(folder / "새 폴더" / "train.csv")})
    found = check_up(again, str(folder / "새 폴더" / "test.csv"), "누구" if owned else "")
    assert not CROSSING & {each.kind for each in found.oddities}


def rows_of(count: int) -> list[tuple[str, ...]]:
    words = ["재미있는", "지루한", "영화", "배우의", "연기가", "좋았던", "음악"]
    return [
        (
            f"{words[row % 7]} {words[row // 7 % 7]} 이야기 번호 {row * 7919}",
            "긍정" if row % 2 else "부정",
            f"회원{row % 9}",
        )
        for row in range(count)
    ]


def test_one_file_is_divided_in_three_and_cleaned(tmp_path, capsys):
    rows = rows_of(120)
    rows += [(text + "!", label, owner) for text, label, owner in rows[:40]]
    path, folder = written(tmp_path / "글.csv", rows), tmp_path / "나눔"
    assert command(["data", "check", str(path), "--cleaned", str(folder), "--target", "평", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["cleaned"]
    left_out = [sum(rules.values()) for rules in told["left_out"].values()]
    assert sum(told["rows"].values()) + sum(left_out) == 160
    assert sum(rules["near"] for rules in told["left_out"].values()) == sum(left_out) > 0
    parts = {name: set(cells(read_table(folder / f"{name}.csv"))) for name in ("train", "validation", "test")}
    assert set.union(*parts.values()) <= set(rows)
    for learned, held_out in (("train", "validation"), ("train", "test"), ("validation", "test")):
        recipe = DataRecipe(source=str(folder / f"{learned}.csv"), inputs=("글",), target="평")
        kinds = {each.kind for each in check_up(recipe, str(folder / f"{held_out}.csv")).oddities}
        assert not CROSSING - {"same owner"} & kinds
    listed = read_table(folder / LIST)
    assert listed.rows == sum(left_out)
    assert all(
        "≈" not in place and place.startswith("글.csv:") for place in listed.columns["like"].to_pylist()
    )


def test_rows_of_one_owner_stay_on_one_side(tmp_path):
    recipe = DataRecipe(source=str(written(tmp_path / "글.csv", rows_of(180))), target="평", inputs=("글",))
    cleaned = clean(recipe, together="누구")
    owners = [
        {table.columns["누구"][row].as_py() for row in rows.tolist()}
        for table, rows in cleaned.parts.values()
    ]
    assert sum(map(len, owners)) == len(set.union(*owners)) == 9
    assert sum(cleaned.sizes.values()) == 180
    with pytest.raises(DataError, match="no row is left for"):
        clean(recipe, together="평")


def test_a_folder_that_is_there_is_left_alone(tmp_path, capsys):
    path = written(tmp_path / "글.csv", rows_of(60))
    (tmp_path / "있음").mkdir()
    assert command(["data", "check", str(path), "--cleaned", str(tmp_path / "있음")]) == 3
    assert "already" in capsys.readouterr().err
    assert list((tmp_path / "있음").iterdir()) == []
    words = ["data", "check", str(path), "--test", str(path), "--cleaned", str(tmp_path / "새")]
    assert command(words) == 3
    assert "no row would be left for train" in capsys.readouterr().err
    assert not (tmp_path / "새").exists()
    assert command([*words[:3], "--cleaned", str(tmp_path / "새"), "--leaks", str(tmp_path / "a.csv")]) == 2
    assert command([*words[:3], "--cleaned", str(tmp_path / "새"), "--together", "없음"]) == 3
    assert command([*words[:3], "--cleaned", str(tmp_path / "없는 폴더" / "새")]) == 2


@pytest.mark.slow
def test_what_was_cleaned_is_trained_on(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    path, folder = written(tmp_path / "글.csv", rows_of(120)), tmp_path / "나눔"
    assert command(["data", "check", str(path), "--target", "평", "--cleaned", str(folder)]) == 0
    assert "yeoul evaluate RUN" in capsys.readouterr().out
    out = str(tmp_path / "runs")
    options = ["--target", "평", "model.kind=linear", "--out", out]
    assert command(["train", str(folder / "train.csv"), *options]) == 0
    assert (
        command(["evaluate", str(tmp_path / "runs" / "train-0001"), str(folder / "test.csv"), "--json"]) == 0
    )
