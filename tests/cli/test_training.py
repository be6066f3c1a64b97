"""The whole command line on a small file: train, stop, go on, predict, evaluate, show."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from yeoul.cli.main import run as run_line
from yeoul.cli.predict import arriving_lines
from yeoul.data.cldr import language_names
from yeoul.errors import DataError

TINY = (
    "model.encoder.kind=bag",
    "model.embedding.size=8",
    "text.unit=syllable",
    "text.min_count=1",
    "batch_size=32",
)


@pytest.fixture
def file(place: Path) -> Path:
    """Reviews in CP949 whose label is in their words."""
    words = ("좋은", "훌륭한"), ("나쁜", "지루한")
    lines = [
        f'"영화 {row} {words[row % 2][row // 2 % 2]} 결말, 음악",{("긍정", "부정")[row % 2]}'
        for row in range(240)
    ]
    path = place / "리뷰 모음.csv"
    path.write_bytes(("리뷰,감정\n" + "\n".join(lines) + "\n").encode("cp949"))
    return path


def _yeoul(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "yeoul.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1", **more},
        timeout=120,
    )


def test_a_file_becomes_a_judged_model_that_answers(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = _yeoul("train", file.name, "epochs=2", *TINY)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.stdout + done.stderr)
    lines = done.stdout.splitlines()
    begun = [line.split()[0] for line in lines[:9]]
    assert begun == ["yeoul", "data", "split", "found", "model", "run", "to", "epoch", "1/2"]
    assert "240 rows · cp949 (detected) · input=리뷰  target=감정 · 2 classes 50/50 %" in lines[1]
    (second,) = [line for line in lines if line.startswith(" 2/2")]
    assert re.search(r"linear model \d+\.\d: (ahead|behind|equal)", second)
    end = lines[lines.index("") + 1 :]
    assert end[0].startswith(("beats", "does not beat", "cannot tell"))
    run = Path("runs", "리뷰-모음-0001")
    assert f"report   {run}/report.html" in end
    assert json.loads((run / "run.json").read_text("utf-8"))["status"] == "done"

    capsys.readouterr()
    assert run_line(["predict", str(run), "아주 좋은 결말", "정말\t나쁜 결말"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[2] for row in rows] == ["아주 좋은 결말", "정말 나쁜 결말"]
    assert all(row[0] in ("긍정", "부정") and 0.5 <= float(row[1]) <= 1 for row in rows)

    assert run_line(["predict", str(run), "--file", file.name, "--out", "답.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"file": "답.csv", "rows": 240}
    table = Path("답.csv").read_text("utf-8-sig").splitlines()
    assert table[0] == "리뷰,감정,predicted,confidence"
    assert len(table) == 241
    assert run_line(["predict", str(run), "--file", file.name, "--input", "리브", "--json"]) == 3
    assert run_line(["predict", str(run), "--file", file.name, "--out", file.name]) == 2

    capsys.readouterr()
    assert run_line(["evaluate", str(run), file.name, "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["rows"] == 240
    right = sum(line.split(",")[-3] == line.split(",")[-2] for line in table[1:])
    assert scored["scores"]["accuracy"]["value"] == pytest.approx(right / 240)

    texts = "좋은 영화\r\n\n나쁜 영화".encode("utf-8-sig")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(texts), "utf-8"))
    assert run_line(["predict", str(run), "-"]) == 0
    assert [line.split("\t")[2] for line in capsys.readouterr().out.split("\n")[:3]] == [
        "좋은 영화",
        "",
        "나쁜 영화",
    ]


def test_lines_are_answered_as_they_arrive() -> None:
    class Trickle(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            return super().read1(3)

    text = "가나다\n라\r\n\n마지막 줄"
    batches = list(arriving_lines(Trickle(text.encode("utf-8"))))
    assert [line for lines in batches for line in lines] == ["가나다", "라", "", "마지막 줄"]
    assert len(batches) > 2
    with pytest.raises(DataError, match="stdin:2"):
        list(arriving_lines(io.BytesIO(b"a\n\xff\n")))


@pytest.mark.slow
def test_the_summary_is_one_json_object_and_progress_goes_aside(file: Path) -> None:
    done = _yeoul(
        "train", file.name, "--json", "--out", "다른 곳", "--target", "감정", "--seed", "7", "epochs=1", *TINY
    )
    summary = json.loads(done.stdout)
    assert summary["status"] == "done"
    assert Path(summary["report"]).is_file()
    assert Path(summary["run"]).parent.name == "다른 곳"
    assert "epoch" in done.stderr


@pytest.mark.slow
def test_out_that_is_a_file_is_refused(file: Path) -> None:
    done = _yeoul("train", file.name, "--out", file.name, *TINY)
    assert done.returncode == 1
    assert "this is not a folder; choose another with --out" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_is_resumed(file: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "yeoul.cli", "train", file.name, "epochs=60", "patience=60", *TINY]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=environment) as process:
        assert process.stdout is not None
        while not process.stdout.readline().lstrip().startswith("2/60"):
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    run = "runs/리뷰-모음-0001"
    assert err.splitlines()[-1] == f"go on with: yeoul train --resume {run}"
    assert json.loads(Path(run, "run.json").read_text("utf-8"))["status"] == "paused"
    resumed = _yeoul("train", "--resume", run)
    assert resumed.returncode == 0, resumed.stderr
    assert "going on after step" in resumed.stdout
    steps = [
        json.loads(line)["step"]
        for line in Path(run, "metrics.jsonl").read_text("utf-8").splitlines()
        if '"epoch"' in line
    ]
    assert steps == sorted(set(steps))
    assert len(steps) == 60


@pytest.mark.slow
def test_the_korean_command_line_speaks_korean(place: Path) -> None:
    # only the messages are Korean: that locale may not be installed, and without a UTF-8 one Python itself
    # cannot read the path of an editable install in a folder with a Korean name
    korean = {"LC_ALL": "", "LC_MESSAGES": "ko_KR.UTF-8", "LC_CTYPE": "C.UTF-8"}
    assert "레시피" in _yeoul("--help", **korean).stdout
    assert _yeoul("train", "nothing.csv", **korean).stderr.startswith("오류: ")


def test_the_demo_asks_for_names_that_no_training_row_holds() -> None:
    from yeoul.cli.demo import NEW_NAMES

    table = language_names()
    known = {name.lower() for name in table.columns["text"].to_pylist()}
    languages = set(table.columns["language"].to_pylist())
    assert {name.lower() for name, _ in NEW_NAMES["languages"]}.isdisjoint(known)
    assert {language for _, language in NEW_NAMES["languages"]} <= languages
