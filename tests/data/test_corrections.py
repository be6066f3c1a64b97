"""Labels set right: what a person wrote arrives in the row that it is for, and nothing else changes."""

import csv
import io
import json
from pathlib import Path

import pytest

from yeoul.cli.main import run as command
from yeoul.data.corrections import DOUBTS
from yeoul.data.readers import read_table

TEXTS = ["좋은 영화", '그는 "최고"라 했다, 정말', "줄\r\n바꿈이 있는\n글", "=1+1 은 둘", "지루하다", "-별로"]
LABELS = ["긍정", "긍정", "부정", "부정", "긍정", "부정"]


def written(path: Path, rows: list[list[str]], codec: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(codec))
    return path


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    rows = [[str(number), text, label] for number, (text, label) in enumerate(zip(TEXTS, LABELS))]
    return written(tmp_path / "리뷰.csv", [["번호", "글", "평"], *rows], "cp949")


def doubts(path: Path, *rows: tuple[str, str, str], codec: str = "utf-8-sig") -> Path:
    """A list with row, corrected and text, saved as a spreadsheet saves it."""
    listed = [[row, "", "", "0.5", corrected, text] for row, corrected, text in rows]
    return written(path, [list(DOUBTS), *listed], codec)


def correct(*words: object) -> int:
    return command(["data", "correct", *map(str, words), "--input", "글", "--target", "평"])


def told(capsys, *words: object) -> dict[str, object]:
    assert correct(*words, "--json") == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp949"])
def test_labels_arrive_and_nothing_else_changes(tmp_path, reviews, capsys, codec):
    spaced = "줄\n바꿈이 있는 글"
    listed = doubts(
        tmp_path / "의심.csv",
        ("리뷰.csv:4", "긍정", spaced),
        ("리뷰.csv:5", "부정", "'=1+1 은 둘"),
        ("리뷰.csv:7", " 긍정 ", "'-별로"),
        ("리뷰.csv:2", "", "좋은 영화"),
        ("다른.csv:2", "긍정", "아무 글"),
        codec=codec,
    )
    out = tmp_path / "고침.csv"
    assert told(capsys, reviews, listed, "--out", out) == {
        "file": str(out),
        "rows": 6,
        "changed": 2,
        "confirmed": 1,
        "unfilled": 1,
        "elsewhere": 1,
    }
    before, after = read_table(reviews).columns, read_table(out).columns
    assert {name: after[name].to_pylist() for name in ("번호", "글")} == {
        name: before[name].to_pylist() for name in ("번호", "글")
    }
    assert after["평"].to_pylist() == ["긍정", "긍정", "긍정", "부정", "긍정", "긍정"]


@pytest.mark.parametrize(
    ("row", "corrected", "text", "said"),
    [
        ("리뷰.csv:2", "부정", "나쁜 영화", "의심.csv:2: the text of 리뷰.csv:2 is not the one in the list"),
        ("리뷰.csv:2", "", "나쁜 영화", "is not the one in the list"),
        (
            "리뷰.csv:2",
            "긍점",
            "좋은 영화",
            "긍점 is no label of the file; it has 긍정, 부정; did you mean 긍정?",
        ),
        ("리뷰.csv:2", "zzz", "좋은 영화", "write one of these"),
        ("후기.csv:2", "부정", "좋은 영화", "no row of the list is of 리뷰.csv: the first is 후기.csv:2"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, reviews, capsys, row, corrected, text, said):
    listed = doubts(tmp_path / "의심.csv", (row, corrected, text))
    out = tmp_path / "고침.csv"
    assert correct(reviews, listed, "--out", out) == 3
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_two_answers_a_file_that_is_there_and_other_lists_are_refused(tmp_path, reviews, capsys):
    twice = doubts(
        tmp_path / "의심.csv", ("리뷰.csv:2", "부정", "좋은 영화"), ("리뷰.csv:2", "긍정", "좋은 영화")
    )
    assert correct(reviews, twice, "--out", tmp_path / "a.csv") == 3
    assert "리뷰.csv:2 is in the list twice, with different labels" in capsys.readouterr().err
    fine = doubts(tmp_path / "하나.csv", ("리뷰.csv:2", "부정", "좋은 영화"))
    before = reviews.read_bytes()
    assert correct(reviews, fine, "--out", reviews) == 3
    assert reviews.read_bytes() == before
    assert correct(reviews, fine, "--out", "없음/a.csv") == 2
    assert correct("nsmc", fine, "--out", tmp_path / "a.csv") == 3
    capsys.readouterr()
    assert correct(reviews, reviews, "--out", tmp_path / "a.csv") == 3
    assert "the list has no column row" in capsys.readouterr().err


def test_a_list_of_doubts_goes_there_and_back(tmp_path, capsys):
    words = [("정말 좋고 재미있는", "긍정"), ("너무 싫고 지루한", "부정")]
    rows = [[f"{words[row % 2][0]} 영화 {row % 7}편", words[row % 2][1]] for row in range(80)]
    rows[10][1], rows[33][1] = "부정", "긍정"
    path = written(tmp_path / "글.csv", [["글", "평"], *rows])
    listed, out = tmp_path / "의심.csv", tmp_path / "고침.csv"
    assert (
        command(["data", "check", str(path), "--input", "글", "--target", "평", "--doubts", str(listed)]) == 0
    )
    found = list(csv.DictReader(io.StringIO(listed.read_text("utf-8-sig"))))
    assert {row["row"] for row in found[:2]} == {"글.csv:12", "글.csv:35"}
    assert all(row["corrected"] == "" for row in found)
    filled = [[*(row[name] for name in DOUBTS[:4]), row["rather"], row["text"]] for row in found[:2]]
    written(listed, [list(DOUBTS), *filled])
    capsys.readouterr()
    assert told(capsys, path, listed, "--out", out)["changed"] == 2
    assert read_table(out).columns["평"].to_pylist() == ["긍정", "부정"] * 40
