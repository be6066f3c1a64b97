"""The page of a language model is lawful: verdict first, texts as they were written, whatever they hold."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_report_page import PAYLOADS, Page, assert_shut

from yeoul.cli.main import run as run_line
from yeoul.cli.verdict import scoreboard, verdict_line
from yeoul.errors import RunError
from yeoul.report import write_report
from yeoul.report.language_records import Passage
from yeoul.report.language_views import passages

POEM = "나비야\n  이리 날아 오너라 <b>\n"


def interval(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


def scores(bits: float) -> dict[str, Any]:
    per = {"bits_per_byte": bits, "bits_per_character": 2.5 * bits, "nats_per_token": 1.3, "perplexity": 3.7}
    return {name: interval(value) for name, value in per.items()}


def told(outcome: str = "beats", word: str = "") -> dict[str, Any]:
    sign = {"beats": 1, "does not beat": -1, "cannot tell": 0}[outcome]
    verdict = {"outcome": outcome, "metric": "bits_per_byte", "against": "ngrams"}
    verdict |= {"difference": interval(0.2 * sign), "gain": interval(7.5 * sign, 1.5)}
    sample = {"prompt": "", "tokens": 9, "copied": 0.125, "copied_run": 30, "repetition": 0.25}
    return {
        "task": "generate",
        "metric": "bits_per_byte",
        "unit": "jamo",
        "rows": 90,
        "tokens": 12345,
        "characters": 9000,
        "bytes": 20000,
        "unknown_share": 0.001,
        "scores": scores(2.1),
        "baselines": [
            {"name": "unigram", "scores": scores(4.0), "verdict": {**verdict, "against": "unigram"}},
            {"name": "ngrams", "scores": scores(2.3), "verdict": verdict},
        ],
        "verdict": verdict,
        "interpolated": {"weight": 0.7, "scores": scores(2.0)},
        "cache": {"size": 2000, "scores": scores(2.05)},
        "samples": [
            {**sample, "temperature": 0.0, "text": POEM + word},
            {**sample, "temperature": 0.7, "text": word, "copied": None, "repetition": None},
            {**sample, "temperature": 1.0, "text": POEM, "copied_run": None},
        ],
    }


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")


def write_language_run(folder: Path, outcome: str = "beats", word: str = "가") -> Path:
    """Write a finished run of a language model; `word` goes into every free text of its records."""
    folder.mkdir(parents=True)
    write_json(
        folder / "run.json",
        {
            "schema_version": 1,
            "id": folder.name,
            "status": "done",
            "recipe": word,
            "task": "generate",
            "seed": 42,
            "model": {"description": word, "parameters": 1310000},
            "data": {"source": word, "fingerprint": "0f"},
            "cost": {"train_seconds": 210.0, "tokens_per_second": 9000.0},
        },
    )
    part = {"documents": 1, "lines": 90, "characters": 9000, "bytes": 20000, "tokens": 12345}
    write_json(
        folder / "data.json",
        {
            "task": "generate",
            "source": word,
            "title": word,
            "licence": word,
            "files": [{"name": word, "sha256": word, "bytes": 9}],
            "encoding": {"name": "cp949", "detected": True},
            "unit": "jamo",
            "vocabulary": 120,
            "split": {"official_test": False, "test": 0.1, "validation": 0.05, "seed": 42, "how": "lines"},
            "parts": {"train": {**part, "unknown_share": 0.01}, "test": {**part, "tokens": None}},
            "samples": [{"where": "1", "text": word, "target": ""}],
        },
    )
    epoch = {"event": "epoch", "epoch": 1, "step": 9, "loss": 1.4, "validation": {"bits_per_byte": 2.2}}
    (folder / "metrics.jsonl").write_text(json.dumps(epoch) + "\n", "utf-8")
    for split in ("validation", "test"):
        write_json(folder / "evaluation" / split / "metrics.json", {"split": split, **told(outcome, word)})
    passage = {
        "nats": 4.0,
        "tokens": [["ᄂ", 0.1], ["ᅡ", 9.0], ["ᆨ", 0.2], [" ", 1.0], [word, 3.0], ["\n", 2.0]],
    }
    found = {"surprising": [passage] * 7, "typical": [passage]}
    write_json(folder / "evaluation" / "test" / "passages.json", found)
    lines = "line,characters,bytes,bits\n" + "".join(f"{n},9,20,{40 + n % 7}\n" for n in range(200))
    (folder / "evaluation" / "test" / "lines.csv").write_text(lines, "utf-8")
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_language_run(tmp_path_factory.mktemp("runs") / "노래-0001")
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def page(finished: Path) -> Page:
    return Page(finished / "report.html")


@pytest.mark.report
def test_nothing_reaches_outside_and_the_charts_are_there(page: Page, finished: Path) -> None:
    assert_shut(page)
    assert "://" not in page.source
    assert sorted(path.stem for path in (finished / "plots").iterdir()) == ["curves", "surprise"]


@pytest.mark.report
def test_the_verdict_comes_first_then_helps_then_rivals(page: Page) -> None:
    order = [
        "The model beats the n-grams (Kneser–Ney).",
        "7.5 % lower (6.0 to 9.0)",
        "Bits per byte 2.100 (2.080–2.120) against 2.300 (2.280–2.320) on 12,345 test tokens, 9,000 characters.",
        "this model",
        "mixed with the n-grams",
        "with a cache",
        "the frequencies of the tokens",
        "12,345 tokens, 9,000 characters, 90 lines",
        "Always the likeliest token",
        "copied from the training text: 12.5",
        "이리 날아 오너라 <b>",
        "whole lines of the training text: 12.5",
        "5.771 bits a token",
    ]
    places = [page.text.index(part) for part in order]
    assert places == sorted(places)


@pytest.mark.report
def test_references_and_languages_meet(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = [one["href"][1:] for _, one in page.elements if one.get("href", "").startswith("#")]
    used += [one["aria-labelledby"] for _, one in page.elements if "aria-labelledby" in one]
    assert set(used) <= set(ids)
    words = [attributes["lang"] for tag, attributes in page.elements if attributes.get("class") == "w"]
    assert words.count("en") == words.count("ko") > 60


@pytest.mark.report
def test_what_a_text_holds_is_shown_and_never_run(tmp_path: Path) -> None:
    page = Page(write_report(write_language_run(tmp_path / "a-0001", word=" ".join(PAYLOADS))))
    assert_shut(page)


@pytest.mark.report
def test_a_run_that_has_not_ended_has_a_page(tmp_path: Path) -> None:
    folder = write_language_run(tmp_path / "a-0001")
    for path in [*(folder / "evaluation").rglob("*.*"), folder / "data.json", folder / "metrics.jsonl"]:
        path.unlink()
    page = Page(write_report(folder))
    assert "Texts that the model writes by itself appear here after an evaluation." in page.text
    write_json(folder / "evaluation" / "test" / "passages.json", {"surprising": 3})
    write_json(folder / "evaluation" / "test" / "metrics.json", told())
    with pytest.raises(RunError, match="surprising"):
        write_report(folder)


@given(
    st.lists(
        st.tuples(st.text(alphabet="낙 가e\u0301\n", min_size=1, max_size=2), st.floats(0, 20)), max_size=9
    )
)
def test_marks_spell_the_passage_with_no_syllable_torn(tokens: list[tuple[str, float]]) -> None:
    import unicodedata

    (view,) = passages([Passage(nats=1.0, tokens=tuple(tokens))], "jamo", 1.0)
    spelled = "".join(mark.text for mark in view.marks).replace("↵\n", "\n")
    assert spelled == unicodedata.normalize("NFC", "".join(text for text, _ in tokens))
    assert all(0 <= mark.level <= 4 for mark in view.marks)


def test_bytes_are_marked_by_the_character() -> None:
    raw = [(chr(byte), 1.0) for byte in "나a".encode()]
    (view,) = passages([Passage(nats=1.0, tokens=tuple(raw))], "byte", 1.0)
    assert [(mark.text, mark.level) for mark in view.marks] == [("나", 1), ("a", 1)]


def without_ends(found: dict[str, Any]) -> dict[str, Any]:
    """Return scores as a text has them that is too short for intervals."""
    bare = {name: without_ends(each) if isinstance(each, dict) else each for name, each in found.items()}
    if "baselines" in bare:
        bare["baselines"] = [without_ends(each) for each in bare["baselines"]]
    return {name: each for name, each in bare.items() if name not in ("low", "high")}


@pytest.mark.report
def test_no_interval_is_spoken_of_where_there_is_none(tmp_path: Path) -> None:
    folder, found = write_language_run(tmp_path / "노래-0001"), without_ends(told("cannot tell"))
    write_json(folder / "evaluation" / "test" / "metrics.json", {"split": "test", **found})
    write_report(folder)
    text = Page(folder / "report.html").text
    assert "too little to test on for an interval" in text
    assert "in parentheses, the 95 % interval" not in text
    assert "holds zero" not in text
    assert scoreboard(found)[-1] == "on 12,345 tokens, 9,000 characters, too few for intervals"


@pytest.mark.parametrize("outcome", ["beats", "does not beat", "cannot tell"])
def test_the_terminal_tells_the_same(outcome: str) -> None:
    line = verdict_line(told(outcome))
    assert line.startswith({"beats": "beats", "does not beat": "does not", "cannot tell": "cannot"}[outcome])
    assert "bits/byte 2.1 (2.08–2.12) against its 2.3 (2.28–2.32)" in line
    board = "\n".join(scoreboard(told(outcome)))
    assert "mixed with the n-grams" in board
    assert "on 12,345 tokens, 9,000 characters, with 95 % intervals" in board


def test_two_runs_are_tested_on_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = write_language_run(tmp_path / "a-0001")
    other = write_language_run(tmp_path / "b-0001")
    lines = (other / "evaluation" / "test" / "lines.csv").read_text("utf-8").replace(",40\n", ",44\n")
    (other / "evaluation" / "test" / "lines.csv").write_text(lines, "utf-8")
    assert run_line(["runs", "compare", str(one), str(other), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "on the same 200 lines of text, in bits per byte" in out
    assert "worse" in out
    (other / "evaluation" / "test" / "lines.csv").write_text("line,characters,bytes,bits\n0,1,x,2\n", "utf-8")
    assert run_line(["runs", "compare", str(one), str(other)]) == 1
