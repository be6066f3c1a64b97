"""`yeoul data check` on pictures with captions: what they are is told, also what is wrong, in both languages."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from yeoul import language
from yeoul.cli.caption_cards import caption_finding_lines, caption_split_line
from yeoul.cli.main import run
from yeoul.data.pictures.reading import png
from yeoul.report.caption_records import CaptionsCard


@pytest.fixture
def album(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "가족 사진"
    place.mkdir()
    for number in range(20):
        pixels = np.random.default_rng(number).integers(0, 256, (5, 5, 3)).astype(np.uint8)
        (place / f"{number}.png").write_bytes(png(pixels))
    rows = "".join(f"{number}.png,아이 {number}명이 달린다\n" for number in range(20))
    (place / "설명.csv").write_text(f"파일,설명\n{rows}", "utf-8")
    return place


def test_a_folder_of_pictures_is_examined(album, capsys):
    assert run(["data", "check", "가족 사진"]) == 0
    out = capsys.readouterr().out
    assert "20 pictures with 20 captions" in out
    assert "파일 → 설명" in out
    assert "1 of each picture" in out
    assert "5 wide · 5 high · median 5×5" in out
    assert out.rstrip().endswith("yeoul train '가족 사진' --task caption")
    shutil.copy(album / "0.png", album / "1.png")
    language.choose("ko")
    try:
        assert run(["data", "check", "가족 사진/설명.csv"]) == 0
    finally:
        language.choose("en")
    out = capsys.readouterr().out
    assert "앞의 사진과 똑같은 사진이 1장 있습니다" in out
    assert run(["data", "check", "가족 사진", "--json"]) == 0
    card = CaptionsCard.model_validate(json.loads(capsys.readouterr().out))
    assert (card.rows, card.duplicates) == (20, 1)


def test_bad_pictures_are_named(album, capsys):
    (album / "7.png").write_bytes(b"")
    assert run(["data", "check", "가족 사진"]) == 3
    err = capsys.readouterr().err
    assert "1 of 20 pictures cannot be used" in err
    assert "7.png: the picture is empty" in err
    (album / "설명.csv").unlink()
    assert run(["data", "check", "가족 사진"]) == 3
    assert "no file that tells the captions" in capsys.readouterr().err


def test_every_finding_has_a_line():
    reasons = {"missing": 2, "empty": 1, "kind": 1, "large": 1, "damaged": 3, "lost": 1}
    card = CaptionsCard(
        unusable=reasons,
        unusable_names=("가.jpg", "나.jpg"),
        unlisted=93,
        blank_rows=2,
        duplicates=4,
        leaks={"test": {"equal": 1, "alike": 5}},
        sizes={"train": 8, "test": 2},
    )
    told = "\n".join(caption_finding_lines(card))
    for part in (
        "9 pictures cannot",
        "too large 1",
        "가.jpg",
        "93 pictures",
        "2 rows",
        "4 pictures",
        "5 look like",
    ):
        assert part in told
    assert "random test, equal pictures together" in caption_split_line(card)
    clean = CaptionsCard(leaks={"test": {"equal": 0, "alike": 0}})
    assert list(caption_finding_lines(clean)) == []
