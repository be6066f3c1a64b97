"""`yeoul data` and the card: sets listed with what is known of them, files examined, kinds of targets told."""

import json
import re
from pathlib import Path

import pytest

from yeoul import language
from yeoul.cli.cards import data_line, split_line
from yeoul.cli.main import run
from yeoul.data.catalog import CATALOG
from yeoul.data.datasets import load_dataset
from yeoul.data.embedded import EMBEDDED
from yeoul.recipe import DataRecipe
from yeoul.report.records import DataCard


def test_sets_are_listed_with_what_is_known(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "list", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed.keys() == {*EMBEDDED, *CATALOG}
    nsmc = listed["nsmc"]["forms"][0]["files"][0]
    assert nsmc["url"].startswith("https://")
    assert re.fullmatch("[0-9a-f]{64}", nsmc["sha256"])
    assert nsmc["bytes"] == 14_628_807
    steam = listed["steam"]["forms"][0]["files"][0]
    assert (steam["sha256"], steam["bytes"]) == (None, None)
    assert listed["steam"]["place"] == "to fetch"
    assert listed["coco"]["place"] == "by hand"
    assert {entry["task"] for entry in listed.values()} >= {
        *("classify", "tag", "generate", "transduce", "forecast", "caption", "compare")
    }
    assert run(["data", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(listed) + 1


def test_what_cannot_be_fetched_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "get", "coco"]) == 3
    assert "fetch it by hand from https://cocodataset.org" in capsys.readouterr().err


def test_a_file_is_examined(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{row},영화 {row} 정말 좋다<br>,{'긍정' if row % 2 else '부정'}" for row in range(40)]
    (place / "리뷰.csv").write_text("번호,리뷰,감정\n" + "\n".join(rows) + "\n", "utf-8")
    assert run(["data", "check", "리뷰.csv", "--test", "리뷰.csv"]) == 0
    out = capsys.readouterr().out
    assert "! 80 rows have remains of HTML in 리뷰  (리뷰.csv:2, 리뷰.csv:3, 리뷰.csv:4 …)" in out
    assert "! 40 test rows have a text that is among the training rows too" in out
    assert out.rstrip().endswith("yeoul train 리뷰.csv --input 리뷰 --target 감정 model.kind=linear")
    (place / "recipe.toml").write_text(out[out.index("task = ") : out.index("# or in one line")], "utf-8")
    assert run(["data", "check", "리뷰.csv", "--json", "--target", "감정"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["guessed"] == {"inputs": True, "target": False}
    assert [each["kind"] for each in found["findings"]] == ["html", "identifier"]


def test_every_oddity_has_a_sentence_in_both_languages(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from typing import get_args

    from yeoul.data.oddities import Oddity, OddityKind
    from yeoul.data.oddity_sentences import said

    filled = dict.fromkeys(
        ("classes", "labels", "label", "share", "target", "number", "words", "edits", "reason"), "값"
    )
    for spoken in ("en", "ko"):
        language.choose(spoken)
        for kind in get_args(OddityKind):
            sentence = said(Oddity(kind, 3, "열", (), filled))
            assert sentence
            assert "{" not in sentence


def card_of(path: Path, **changes: object) -> DataCard:
    recipe = DataRecipe.model_validate({"source": str(path), **changes})
    return DataCard.model_validate(load_dataset(recipe, 42).card.to_json())


def test_the_card_tells_kinds_of_targets(place: Path) -> None:
    path = place / "a.tsv"
    path.write_text(
        "text\ty\n" + "".join(f"글 {row}\t{row % 4}|{row % 3 + 4}\n" for row in range(120)), "utf-8"
    )
    several = card_of(path, target_kind="labels", label_separator="|")
    assert "7 labels, 2.0 a row" in data_line(several)
    assert split_line(several).startswith("train 96 · validation 12 · test 12")
    path.write_text("text\ty\n" + "".join(f"글 {row}\t{row * 1.5}\n" for row in range(120)), "utf-8")
    number = card_of(path, target_kind="number")
    assert "numbers from 0 to 178.5" in data_line(number)
    assert split_line(number).startswith("train ")
    assert sum(number.sizes.values()) == 120


def test_a_task_that_there_is_not_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "리뷰.csv").write_text("글,감정\n좋다,1\n", "utf-8")
    assert run(["data", "check", "리뷰.csv", "--task", "nonsense"]) == 2
    assert "--task: nonsense is not possible here; use classify" in capsys.readouterr().err
