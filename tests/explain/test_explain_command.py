"""`yeoul explain` and its page: what people and programs get, and what they get for wrong input."""

import csv
import json
import random

import pytest

import yeoul
from yeoul.cli.main import run as command
from yeoul.explain.run import Explainer
from yeoul.report.explained import marks, tones, write_explanation
from yeoul.session import finishing


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A network and its data, in a folder with a Korean name."""
    place = tmp_path_factory.mktemp("설명 시험")
    draw = random.Random(4)
    path = place / "리뷰.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["글", "감정"])
        for row in range(120):
            words = [
                *draw.sample(["영화", "배우", "음악", "the plot", "결말", "주말"], 4),
                ("지루해", "좋아요")[row % 2],
            ]
            draw.shuffle(words)
            rows.writerow([f"{' '.join(words)} {row}", ("부정", "긍정")[row % 2]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(place / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        told = {"text.unit": "word", "model.embedding.size": 8, "model.encoder.hidden_size": 8}
        run = yeoul.train(path, out=place / "runs", epochs=4, batch_size=8, rate=2e-2, **told)
    return run, path


TEXT = "배우 음악 결말 주말 영화 지루해 the plot"


def test_the_word_that_decides_is_named(trained):
    run, _ = trained
    found = run.explain(TEXT)
    assert found.target == "부정"
    for one in found.attributions:
        strongest = max(zip(one.scores, found.parts, strict=True), key=lambda pair: pair[0])[1]
        assert strongest.text == "지루해"
        assert found.text[strongest.start : strongest.end] == "지루해"


def test_programs_get_json(trained, capsys):
    run, _ = trained
    assert command(["explain", str(run.path), TEXT, "--json", "--examples", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["text"] == TEXT
    assert all(told["text"][one["start"] : one["end"]] == one["text"] for one in told["tokens"])
    assert all(len(one["scores"]) == len(told["tokens"]) for one in told["methods"])
    assert told["best"] in ("", *(one["method"] for one in told["methods"]))
    assert len(told["examples"]["similar"]) == 2
    assert told["examples"]["rows_seen"] > 80
    supporting = told["examples"]["supporting"]
    assert {one["label"] for one in supporting} == {"부정"}


def test_people_get_lines_and_a_page(trained, capsys, tmp_path):
    run, _ = trained
    page = tmp_path / "까닭.html"
    assert (
        command(["explain", str(run.path), TEXT, "--lang", "ko", "--html", str(page), "--examples", "1"]) == 0
    )
    out = capsys.readouterr().out
    assert out.startswith("부정  ")
    assert "적분 기울기" in out
    written = page.read_text("utf-8")
    assert 'html lang="ko"' in written
    assert 'class="for4"' in written
    assert "http" not in written.replace("http-equiv", "")


def test_a_row_of_a_file_is_explained_as_training_read_it(trained, capsys):
    run, path = trained
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert command(["explain", str(run.path), "--file", str(path), "--row", "7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == rows[6]["글"]


def test_trust_is_measured_over_test_rows(trained, capsys):
    run, _ = trained
    assert command(["explain", str(run.path), "--measure", "6", "--json"]) == 0
    told = {one["method"]: one for one in json.loads(capsys.readouterr().out)["methods"]}
    assert told["occlusion"]["rows"] == 6
    assert told["occlusion"]["beats_random"]
    assert command(["explain", str(run.path), "--measure", "3"]) == 0
    assert "better than random" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "explain takes texts, a row of a --file, or --measure; give one of them"),
        (["좋다", "--measure", "3"], 2, "give one of them"),
        ([" "], 3, "the input is empty"),
        (["좋다", "--target", "보통"], 2, "the model knows no label 보통"),
        (["좋다", "--by", "sentence"], 2, "sentence is no unit"),
        (["좋다", "--word", "1"], 2, "only tags and captions are explained word by word"),
        (["a", "b", "--html", "x.html"], 2, "--html holds one answer"),
        (["a", "--html", "없는 폴더/x.html"], 2, "there is no such folder"),
    ],
)
def test_wrong_input_is_refused_in_a_line(trained, capsys, words, code, told):
    run, _ = trained
    assert command(["explain", str(run.path), *words]) == code
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1


def test_a_row_that_is_not_there_is_refused(trained, capsys):
    run, path = trained
    assert command(["explain", str(run.path), "--file", str(path), "--row", "999"]) == 3
    assert "there is no row 999, the file has 120" in capsys.readouterr().err


def test_one_explainer_explains_many(trained):
    run, _ = trained
    explainer = run.explainer(examples=1)
    assert isinstance(explainer, Explainer)
    assert explainer("영화 좋아요").to_json()["examples"]["similar"]
    assert explainer("영화 좋아요").to_json() == run.explain("영화 좋아요", examples=1).to_json()


def test_a_hostile_text_stays_a_text(trained, tmp_path):
    run, _ = trained
    hostile = '<script>alert(1)</script> "></span><img src=x onerror=alert(1)> 지루해 영화'
    page = write_explanation(run.explain(hostile).to_json(), tmp_path / "a.html")
    written = page.read_text("utf-8")
    assert "<script>alert" not in written
    assert "<img" not in written
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in written


def test_marks_are_the_whole_text():
    text, tokens = " 참 좋다!  끝", [{"start": 1, "end": 2}, {"start": 3, "end": 6}]
    assert "".join(mark.text for mark in marks(text, tokens, [1.0, -0.3])) == text
    assert tones([1.0, 0.51, 0.5, -0.2, 0.01, 0.0]) == ["for4", "for3", "for2", "against1", "", ""]
    assert tones([0.0, float("nan")]) == ["", ""]
