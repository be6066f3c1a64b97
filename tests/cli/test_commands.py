"""Each command answers for help and for mistakes: one line, the right exit code, both languages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from yeoul.cli.main import run
from yeoul.runs.folder import create_run

COMMANDS = (
    *("demo", "recipes", "train", "evaluate", "predict", "generate", "report", "doctor", "runs"),
    *("verify", "explain"),
    "runs show",
    *("runs compare", "runs rm", "data", "data list", "data get", "data check"),
)


def _csv(path: Path, rows: int = 60) -> Path:
    lines = [
        f"{'정말 좋은' if row % 2 else '아주 나쁜'} 영화 {row},{'긍정' if row % 2 else '부정'}"
        for row in range(rows)
    ]
    path.write_text("리뷰,감정분류\n" + "\n".join(lines) + "\n", "utf-8")
    return path


def _refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line on the standard error stream; nothing else was printed."""
    out, err = capsys.readouterr()
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert "Traceback" not in out + err
    return err.removeprefix("error: ").strip()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Usage: yeoul {command} ")
    assert err == ""


def test_no_word_at_all_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    assert "train" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("trian x", 2, "there is no command trian; did you mean train?"),
        ("xyzzy", 2, "there is no command xyzzy; `yeoul --help` lists the commands"),
        ("runs shwo x", 2, "there is no command shwo; did you mean show?"),
        ("train --resum x", 2, "there is no option --resum; did you mean --resume?"),
        ("train", 2, "RECIPE or FILE is missing"),
        ("predict", 2, "RUN is missing"),
        ("report a b", 2, "b is too much here"),
        ("train --seed", 2, "--seed needs a value"),
        ("train --seed x nsmc-lstm", 2, "--seed: a whole number is expected"),
        ("--lang fr runs", 2, "--lang: Yeoul does not speak 'fr'; use en or ko"),
        ("runs --lang", 2, "--lang: Yeoul does not speak ''"),
        (
            "train nsmc-lstn",
            2,
            "nsmc-lstn: there is no recipe, public set or file of this name; did you mean nsmc-lstm?",
        ),
        ("train nsmc-lstm epoks=3", 2, "epoks: unknown key; did you mean epochs?"),
        ("train nsmc-lstm epochs=0", 2, "training.epochs: 0 is too small"),
        ("train nsmc-lstm epochs", 2, "'epochs' is not KEY=VALUE"),
        ("train nsmc-lstm --budget soon", 2, "--budget: 'soon' is not a length of time"),
        ("train nsmc-lstm --resume x", 2, "--resume: a resumed run keeps its recipe"),
        ("train --resume x --out elsewhere", 2, "--resume: a resumed run keeps its recipe"),
        ("train absent.csv", 3, "absent.csv: there is no such file"),
        ("train absent.toml", 2, "absent.toml: there is no such file"),
        ("train --resume nsmc-0001", 1, "nsmc-0001: there is no run here"),
        ("train absent.csv --from nothing", 3, "absent.csv"),
        ("evaluate nothing", 1, "nothing: there is no run here"),
        ("predict nothing text", 1, "nothing: there is no run here"),
        ("predict nothing --out x.csv", 2, "--out, --input and --encoding belong to --file"),
        ("predict nothing text --file x.csv", 2, "texts and --file"),
        ("report nothing", 1, "nothing: there is no run here"),
        ("runs show nothing", 1, "nothing: there is no run here"),
        ("runs --out elsewhere show nothing", 1, "elsewhere/nothing: there is no run of this name"),
        ("runs compare one", 2, "a comparison needs two runs or more"),
        ("recipes nsmc-cn", 2, "nsmc-cn: there is no recipe of this name; did you mean nsmc-cnn?"),
        ("data get nsmcc", 2, "nsmcc: there is no public set of this name; did you mean nsmc?"),
        ("data check absent.csv", 3, "absent.csv: there is no such file"),
        ("demo languges", 2, "languges: there is no demo of this name; did you mean languages?"),
    ],
)
def test_mistakes_are_told_in_one_line(
    line: str, code: int, told: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == code
    assert told in _refusal(capsys)


def test_an_unknown_column_is_a_data_error(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _csv(place / "리뷰 모음.csv")
    assert run(["data", "check", "리뷰 모음.csv", "--target", "감점분류"]) == 3
    assert "did you mean 감정분류?" in _refusal(capsys)


def test_a_misspelt_file_is_guessed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _csv(place / "reviews.csv")
    assert run(["train", "review.csv"]) == 3
    assert "did you mean reviews.csv?" in _refusal(capsys)


def test_a_name_too_long_for_the_system_is_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "x" * 5000]) == 1
    _refusal(capsys)


@pytest.mark.parametrize("line", ["--lang ko train absent", "train absent --lang=ko", "trian --lang ko"])
def test_errors_are_korean_when_asked_for(line: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    err = capsys.readouterr().err
    assert err.startswith("오류: ")
    assert "없습니다" in err


def test_words_behind_two_hyphens_are_left_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--", "--lang"]) == 1
    assert _refusal(capsys).startswith("--lang: there is no run here")


def test_debug_shows_the_traceback(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "nothing", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_data_check_tells_what_a_file_holds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "cp949.csv").write_bytes(_csv(place / "utf8.csv").read_text("utf-8").encode("cp949"))
    assert run(["data", "check", "cp949.csv"]) == 0
    out = capsys.readouterr().out
    facts = dict(line.split("  ", 1) for line in out.splitlines() if "  " in line)
    assert facts["encoding"].strip() == "cp949"
    assert facts["rows"].strip() == "60"
    assert facts["input"].strip() == "리뷰 (guessed)"
    assert facts["target"].strip() == "감정분류 (guessed)"
    assert run(["data", "check", "cp949.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 60


def test_recipes_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["recipes", "--json"]) == 0
    listed = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert "nsmc-lstm" in listed
    assert run(["recipes", "nsmc-lstm"]) == 0
    import tomllib

    assert tomllib.loads(capsys.readouterr().out)["data"]["source"] == "nsmc"


def test_runs_are_listed_shown_and_removed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_folder = create_run(Path("runs"), "리뷰", {"task": "classify", "model": {"description": "CNN"}})
    run_folder.set_status("paused")
    (place / "runs" / "torn").mkdir()
    (place / "runs" / "torn" / "run.json").write_text("{", "utf-8")
    assert run(["runs", "--json"]) == 0
    entries = {entry["id"]: entry["status"] for entry in json.loads(capsys.readouterr().out)}
    assert entries == {run_folder.id: "paused", "torn": "damaged"}
    assert run(["runs"]) == 0
    assert "damaged" in capsys.readouterr().out
    assert run(["runs", "show", run_folder.id]) == 0
    assert f"yeoul train --resume runs/{run_folder.id}" in capsys.readouterr().out
    assert run(["runs", "rm", run_folder.id]) == 2
    assert "--yes" in _refusal(capsys)
    run_folder.set_status("running")
    assert run(["runs", "rm", run_folder.id, "--yes"]) == 1
    assert "still running" in _refusal(capsys)
    run_folder.set_status("paused")
    assert run(["runs", "rm", run_folder.id, "--yes"]) == 0
    assert not run_folder.path.exists()


def test_other_folders_of_runs_are_named_by_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = create_run(Path("다른 곳"), "a", {"data": {"fingerprint": "1"}})
    other = create_run(Path("다른 곳"), "a", {"data": {"fingerprint": "2"}})
    for folder, rate in ((one, 0.1), (other, 0.2)):
        (folder.path / "resolved.toml").write_text(f"seed = 1\n[training]\nrate = {rate}\n", "utf-8")
    assert run(["runs", "--out", "다른 곳", "compare", one.id, other.id]) == 0
    out = capsys.readouterr().out
    assert "training.rate" in out
    assert "seed" not in out
    assert "cannot be compared" in out
    assert run(["runs", "--out", "다른 곳", "show", "a-0003"]) == 1
    assert "did you mean" in _refusal(capsys)


FAULTY = """
import sys
from yeoul.cli import doctor
from yeoul.cli.main import main
doctor.findings = lambda: 1 / 0
sys.argv = ["yeoul", "doctor", *sys.argv[1:]]
main()
"""


def test_a_fault_of_our_own_is_one_line_unless_debugging() -> None:
    def faulty(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", FAULTY, *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )

    plain = faulty()
    assert plain.returncode == 1
    assert plain.stderr.startswith("error: ZeroDivisionError: division by zero; this is a fault of Yeoul")
    assert plain.stderr.count("\n") == 1
    assert "Traceback" in faulty("--debug").stderr
