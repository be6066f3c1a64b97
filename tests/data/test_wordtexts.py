"""Texts for word vectors: every line, row or file with its place, those that are held back left out."""

import os

import pytest

from yeoul.data.wordtexts import read_texts
from yeoul.errors import DataError, UsageError


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))


def test_lines_rows_and_sentences_are_put_together(tmp_path):
    (tmp_path / "글.txt").write_text("가 나\n\n다", "utf-8")
    (tmp_path / "표.csv").write_bytes(
        "리뷰,평점\n좋은 영화,1\n나쁜 영화,0\n정말 좋은 영화였다,1\n".encode("cp949")
    )
    (tmp_path / "t.conllu").write_text(
        "1\t학교에서\t_\tNOUN\t_\t_\t_\t_\t_\t_\n2\t.\t_\tPUNCT\t_\t_\t_\t_\t_\t_\n\n"
    )
    names = ["글.txt", "표.csv", "t.conllu"]
    found = read_texts([str(tmp_path / name) for name in names], ["리뷰"])
    assert found.texts.to_pylist() == [
        "가 나",
        "",
        "다",
        "좋은 영화",
        "나쁜 영화",
        "정말 좋은 영화였다",
        "학교에서 .",
    ]
    assert found.names == [
        "글.txt:1",
        "글.txt:2",
        "글.txt:3",
        "표.csv:1",
        "표.csv:2",
        "표.csv:3",
        "t.conllu:1",
    ]
    assert [file.name for file in found.files] == names
    assert len(found) == 7


def test_the_files_of_a_folder_are_texts(tmp_path):
    folder = tmp_path / "글 모음"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(f"{name} 첫 줄\n둘째 줄\n", "utf-8")
    found = read_texts([str(folder)])
    assert found.names == ["a.txt", "b.txt"]
    assert found.texts.to_pylist() == ["a.txt 첫 줄\n둘째 줄\n", "b.txt 첫 줄\n둘째 줄\n"]


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(UsageError, match="no texts are named"):
        read_texts([])
    with pytest.raises(DataError, match="there is no such file"):
        read_texts([str(tmp_path / "없음.txt")])


@pytest.mark.data
@pytest.mark.skipif("YEOUL_DATA" not in os.environ, reason="needs YEOUL_DATA")
@pytest.mark.parametrize(
    ("name", "rows", "inputs", "first"),
    [
        ("nsmc", 150_000, [], "아 더빙.. 진짜 짜증나네요 목소리"),
        ("ud_korean_gsd", 4400, [], "잡스는 워즈니악에게 보수를"),
        ("tatoeba_kor", 3853, ["korean"], "가."),
        ("chatbot_ko", 11_823, [], "12시 땡!\n하루가 또 가네요."),
    ],
)
def test_public_sets_give_their_training_texts(name, rows, inputs, first):
    found = read_texts([name], inputs)
    assert (len(found), len(found.texts)) == (rows, rows)
    assert found.texts[0].as_py().startswith(first)
