"""`yeoul vectors`: trained in a folder with a Korean name, asked, drawn; what is wrong is one line."""

import importlib.util
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

from yeoul import language
from yeoul.cli.main import run
from yeoul.text.vectortables import VectorTable
from yeoul.text.vectorwriting import save_vectors

needs_gensim = pytest.mark.skipif(importlib.util.find_spec("gensim") is None, reason="needs the extra embed")
FRUIT, TOOLS = ["사과", "배", "포도", "감"], ["망치", "톱", "못", "끌"]


@pytest.fixture
def texts(place: Path) -> Path:
    draw = random.Random(0)
    lines = [" ".join(draw.choices(draw.choice([FRUIT, TOOLS]), k=8)) for _ in range(150)]
    (place / "글.txt").write_text("\n".join(lines), "utf-8")
    return place


def small(place: Path) -> None:
    values = np.float32([[2, 0, 2], [2, 4, 2], [1, 0, 0], [1, 2, 0], [0, 0, -1]])
    save_vectors(VectorTable.of(["왕", "여왕", "남자", "여자", "물"], values), place / "말.vec")


@needs_gensim
def test_vectors_are_trained_and_asked(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["size=10", "min_count=1", "epochs=15", "buckets=300"]
    assert run(["vectors", "train", "글.txt", *settings, "--out", "말.bin", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["texts"], made["words"], made["vectors"]) == (150, 1200, 8)
    assert json.loads((texts / "말.bin.json").read_text("utf-8")) == made
    assert made["settings"]["kind"] == "subword"
    assert run(["vectors", "neighbors", "말.bin", "사과", "사과들", "--count", "2", "--json"]) == 0
    asked = json.loads(capsys.readouterr().out)
    assert [near["word"] in FRUIT for near in asked["사과"]["near"]] == [True, True]
    assert (asked["사과"]["held"], asked["사과들"]["held"]) == (True, False)
    assert run(["vectors", "coverage", "말.bin", "글.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["occurrences"] == 1.0
    assert run(["vectors", "train", "글.txt", *settings, "--out", "말.bin"]) == 2
    assert "there is a file of this name already" in capsys.readouterr().err


@needs_gensim
def test_texts_like_another_are_found(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["size=10", "min_count=1", "epochs=40"]
    like = ["--like", "사과 배 감 포도", "--count", "3", "--json"]
    assert run(["vectors", "documents", "글.txt", *settings, *like, "--out", "글.vec"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [near["text"].split()[0] in FRUIT for near in found["like"]] == [True, True, True]
    name = found["like"][0]["word"]
    assert re.fullmatch(r"글\.txt:\d+", name)
    assert run(["vectors", "neighbors", "글.vec", name, "--count", "1"]) == 0
    assert "글.txt:" in capsys.readouterr().out.splitlines()[1]


def test_questions_are_answered_in_both_languages(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(place)
    assert run(["vectors", "analogy", "말.vec", "남자", "왕", "여자", "--count", "1"]) == 0
    asked, found = capsys.readouterr().out.splitlines()
    assert (asked, found.split()[1]) == ("남자 is to 왕 as 여자 is to:", "여왕")
    (place / "쌍.csv").write_text("a,b,c\n남자,왕,3\n남자,여자,2\n남자,물,1\n불,물,9\n", "utf-8")
    (place / "유추.txt").write_text(": 성별\n남자 왕 여자 여왕\n왕 남자 물 불\n", "utf-8")
    assert run(["vectors", "evaluate", "말.vec", "쌍.csv", "유추.txt", "--json"]) == 0
    pairs, analogies = json.loads(capsys.readouterr().out)
    assert (pairs["value"]["value"], pairs["known"], pairs["asked"]) == (pytest.approx(1.0), 3, 4)
    assert (analogies["value"]["value"], analogies["known"], analogies["asked"]) == (1.0, 1, 2)
    language.choose("ko")
    assert run(["vectors", "evaluate", "말.vec", "쌍.csv"]) == 0
    assert "시험" in capsys.readouterr().out.splitlines()[0]


def test_words_are_drawn(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small(place)
    assert run(["vectors", "map", "말.vec", "왕", "여왕", "남자", "불", "--out", "그림"]) == 0
    assert "missing  불" in capsys.readouterr().out
    assert (place / "그림.png").read_bytes().startswith(b"\x89PNG")
    assert "여왕" in (place / "그림.html").read_text("utf-8")
    assert run(["vectors", "map", "말.vec", "왕", "--out", "그림"]) == 3
    assert "a picture needs three or more" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["neighbors", "말.vec", "왕들"], 3, "there is no vector of 왕들; did you mean 왕"),
        (["neighbors", "밀.vec", "왕"], 3, "there is no such file; did you mean 말.vec"),
        (["neighbors", "imdb", "왕"], 2, "the public set imdb holds no word vectors"),
        (["train", "말.vec", "siz=3", "--out", "x.bin"], 2, "siz: unknown key; did you mean size"),
        (["train", "size=3", "--out", "x.bin"], 2, "no texts are named"),
        (["train", "말.vec", "--out", "없음/x.bin"], 2, "there is no such folder"),
        (["coverage", "말.vec", "말.vec", "size=3"], 2, "size: this key has no effect here"),
        (["documents", "말.vec", "kind=cbow", "--like", "왕"], 2, "kind: this key has no effect here"),
        (["documents", "말.vec"], 2, "nothing is asked for"),
        (["evaluate", "말.vec", "말.vec"], 3, "expected"),
    ],
)
def test_what_is_wrong_is_one_line(
    place: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    small(place)
    assert run(["vectors", *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
