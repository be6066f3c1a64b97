"""Near copies across a split: none that is near is missed, none is told that is not; and the lists to look at."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.cli.main import run as command
from yeoul.data.near import MOST_EDITS, allowed, edit_distance, near_earlier, near_texts
from yeoul.spreadsheets import plain

LETTERS = st.sampled_from("가나다라 ab.")
TEXTS = st.text(LETTERS, max_size=24)


def levenshtein(one, other):
    """The distance by its definition, over the whole table."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        before, row = row, [place]
        for column, mark in enumerate(other, 1):
            row.append(min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != mark)))
    return row[-1]


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS, st.integers(0, 5))
def test_the_distance_is_the_distance(one, other, most):
    exact = levenshtein(one, other)
    assert edit_distance(one, other, most) == (exact if exact <= most else None)


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=8))
def test_the_nearest_of_all_is_found(known, texts):
    found = {near.text: near for near in near_texts(known, texts)}
    for place, text in enumerate(texts):
        distances = {
            other: levenshtein(text, one)
            for other, one in enumerate(known)
            if levenshtein(text, one) <= allowed(len(text), len(one))
        }
        if text in known or not distances:
            assert place not in found
        else:
            nearest = min(distances, key=lambda other: (distances[other], other))
            assert (found[place].known, found[place].edits) == (nearest, distances[nearest])


@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, max_size=8, unique=True))
def test_the_nearest_earlier_text_is_found(texts):
    found = {near.text: (near.known, near.edits) for near in near_earlier(texts)}
    for place, text in enumerate(texts):
        alone = near_texts(texts[:place], [text])
        assert found.get(place) == (None if not alone else (alone[0].known, alone[0].edits))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_nearness_has_no_direction(one, other):
    assert len(near_texts([one], [other])) == len(near_texts([other], [one]))


@st.composite
def planted(draw):
    """A text of fifteen letters or more, and the same with one to three letters changed."""
    text = draw(st.text(LETTERS, min_size=18, max_size=60))
    changed = list(text)
    for _ in range(draw(st.integers(1, MOST_EDITS))):
        place = draw(st.integers(0, len(changed) - 1))
        match draw(st.integers(0, 2)):
            case 0:
                changed[place] = draw(LETTERS)
            case 1:
                changed.insert(place, draw(LETTERS))
            case _:
                del changed[place]
    return text, "".join(changed)


@settings(max_examples=100, deadline=None)
@given(planted())
def test_what_is_planted_is_found(pair):
    text, changed = pair
    assert changed == text or [near.known for near in near_texts(["다른 글입니다", text], [changed])] == [1]


@pytest.fixture
def files(tmp_path):
    train, test = tmp_path / "학습.csv", tmp_path / "시험.csv"
    words = ["재미있는", "지루한", "영화", "배우의", "연기가", "좋았던"]
    lines = [f"{words[row % 6]} {words[row // 6]} 이야기 번호 {row * 7919}" for row in range(36)]
    train.write_text(
        "글,평\n" + "\n".join(f"{line},{'긍정' if row % 2 else '부정'}" for row, line in enumerate(lines)),
        "utf-8",
    )
    near = lines[4].replace("이야기", "이아기")
    test.write_text(f"글,평\n{lines[3]},긍정\n전혀 다른 글이 여기 있습니다,부정\n{near},긍정\n", "utf-8")
    return train, test


def test_the_doctor_names_near_copies(files, capsys):
    train, test = files
    assert command(["data", "check", str(train), "--test", str(test), "--json"]) == 0
    found = {one["kind"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert found["overlap"]["count"] == 1
    assert found["near overlap"]["count"] == 1
    assert found["near overlap"]["places"] == ["시험.csv:4 ≈ 학습.csv:6"]


def test_all_leaks_are_written(files, tmp_path, capsys):
    train, test = files
    out = tmp_path / "겹침.csv"
    assert command(["data", "check", str(train), "--test", str(test), "--leaks", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["leaks"]["rows"] == 2
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert [(row["test"], row["training"], row["letters"]) for row in rows] == [
        ("시험.csv:2", "학습.csv:5", "0"),
        ("시험.csv:4", "학습.csv:6", "1"),
    ]
    assert plain(rows[1]["test text"]).count("이아기") == 1


def test_a_file_without_a_split_is_compared_with_itself(files, tmp_path, capsys):
    train, test = files
    pooled = tmp_path / "모두.csv"
    pooled.write_text(train.read_text("utf-8") + "\n" + test.read_text("utf-8").split("\n", 1)[1], "utf-8")
    out = tmp_path / "비슷.csv"
    assert command(["data", "check", str(pooled), "--leaks", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["leaks"]
    assert (told["rows"], told["across_split"]) == (1, False)
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    assert (rows[0]["row"], rows[0]["earlier row"], rows[0]["letters"]) == ("모두.csv:40", "모두.csv:6", "1")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--leaks", "없음/a.csv"], "there is no such folder"),
        (["--leaks", "a.csv", "--input", "글", "--target", "없음"], "there is no column 없음"),
    ],
)
def test_wrong_wishes_are_refused(files, tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert command(["data", "check", str(files[0]), *words]) in (2, 3)
    assert told in capsys.readouterr().err
