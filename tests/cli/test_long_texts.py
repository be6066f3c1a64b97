"""What a person sees of a long text: the doctor, the training, the scores of another text, in both languages."""

import json
from pathlib import Path

import numpy as np
import pytest

from yeoul import language
from yeoul.cli.main import run as command
from yeoul.cli.text_cards import division, parts_line, text_line
from yeoul.report.text_records import Division, TextCard
from yeoul.sound.wav import write_wav

LINES = ["나비야 나비야", "이리 날아 오너라", "노랑나비 흰나비", "춤을 추며 오너라"]


@pytest.fixture
def song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "나비야.txt"
    path.write_text("\n".join(f"{LINES[row % 4]} {row}" for row in range(200)), "utf-8")
    return path


def test_the_doctor_says_how_to_begin_with_a_text(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["data", "check", song.name]) == 0
    shown = capsys.readouterr().out
    assert "yeoul train 나비야.txt --task generate text.unit=jamo" in shown.replace("'", "")
    assert command(["data", "check", song.name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == 200
    assert told["task"] == "generate"


def test_a_text_becomes_a_judged_model_and_scores_another(
    song: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [song.name, "--task", "generate", "text.unit=jamo", "epochs=1", "hidden_size=8", "max_tokens=20"]
    assert command(["train", *words]) == 0
    shown = capsys.readouterr().out
    assert "in order, the end is the test" in shown
    assert "written at temperature 0.7" in shown
    assert "yeoul generate" in shown
    run = next((song.parent / "runs").iterdir())
    song.with_name("more.txt").write_text("나비야 이리 오너라\n" * 5, "utf-8")
    assert command(["--lang", "ko", "evaluate", str(run), "more.txt"]) == 0
    assert "비트/바이트" in capsys.readouterr().out
    song.with_name("empty.txt").write_text("", "utf-8")
    assert command(["evaluate", str(run), "empty.txt"]) == 3
    assert "empty.txt" in capsys.readouterr().err
    assert command(["predict", str(run), "나비야"]) == 2


def test_several_texts_are_named_by_a_pattern(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    song.rename("2.txt")
    Path("1.txt").write_text(Path("2.txt").read_text("utf-8"), "utf-8")
    words = ["*.txt", "--task", "generate", "epochs=1", "hidden_size=8", "max_tokens=20", "--out", "runs"]
    assert command(["train", *words]) == 0
    assert "400 lines" in capsys.readouterr().out
    assert command(["train", "none*.txt", "--task", "generate"]) == 3
    assert "no file has such a name" in capsys.readouterr().err


def test_a_card_of_any_text_has_its_lines() -> None:
    card = TextCard.model_validate(
        {
            "source": "a.txt",
            "blank": 3,
            "encoding": {"name": "cp949", "detected": True},
            "unit": "jamo",
            "vocabulary": 260,
            "split": {"how": "drawn", "seed": 5},
            "parts": {
                "train": {"lines": 8, "characters": 90, "tokens": 180, "unknown_share": 0.01},
                "test": {"lines": 2, "characters": 20},
            },
        }
    )
    for spoken in ("en", "ko"):
        language.choose(spoken)
        assert "110" in text_line(card)
        assert "cp949" in text_line(card)
        assert "180" in parts_line(card)
        assert "1.0 %" in parts_line(card)
        assert (
            len({division(Division(how=how, seed=1)) for how in ("official", "documents", "drawn", "lines")})
            == 4
        )
    language.choose("en")


def test_a_sound_is_told_in_seconds_and_never_as_signs(
    song: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wav(Path("물.wav"), np.sin(np.arange(24_000) / 5).astype(np.float32), 8000)
    words = ["물.wav", "--task", "generate", "max_steps=2", "hidden_size=8", "max_tokens=20"]
    assert command(["train", *words]) == 0
    shown = capsys.readouterr().out
    assert "24,000 samples, 3.0 s" in shown
    assert "a sound of 20 samples" in shown
    assert "--out tune.wav" in shown
    report = next(Path("runs").glob("*/report.html")).read_text("utf-8")
    assert not any("\u2800" <= letter <= "\u28ff" for letter in shown + report)
