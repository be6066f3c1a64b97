"""Comparisons from a file to a run: learned, answered, saved, resumed, scored anew, and what bad input gets."""

import csv
import json
import random

import numpy as np
import pytest
import torch

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.errors import DataError, ModelFileError, RecipeError, UsageError
from yeoul.recipefile import resolve
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder
from yeoul.session import Request
from yeoul.tasks.classification.inputs import Series
from yeoul.tasks.comparison.comparer import Comparer, KeptLikeness
from yeoul.training.events import Finished, Paused, Stepped

RECIPE = """
task = "compare"
[data]
test = 0.25
validation = 0.25
[text]
unit = "character"
min_count = 1
[model]
head = "cosine"
[model.embedding]
size = 8
[model.encoder]
kind = "gru"
hidden_size = 8
[training]
epochs = 2
batch_size = 32
rate = 1e-2
"""
SERIES = RECIPE.replace('[text]\nunit = "character"\nmin_count = 1', "[series]").replace(
    "[model.embedding]\nsize = 8\n", ""
)
THINGS = [first + second for first in "가나다라마바사아자차" for second in "강산들물불꽃별달"]


@pytest.fixture
def pairs(tmp_path):
    """Eighty things asked for in two ways, each with its own and with another; the folder has a Korean name."""
    draw = random.Random(3)
    rows = [("물음", "다른 물음", "같음")]
    for thing in THINGS:
        rows.append((f"{thing} 어때", f"{thing} 괜찮은가요", "1"))
        rows.append((f"{thing} 어때", f"{draw.choice(THINGS)} 좋은지", "0"))
    path = tmp_path / "우리 데이터" / "물음.csv"
    path.parent.mkdir()
    path.write_bytes("\r\n".join(",".join(row) for row in rows).encode("cp949"))
    return path


@pytest.fixture
def curves(tmp_path):
    """Pairs of short series, up and down; equal ones go the same way."""
    random_ = np.random.default_rng(5)
    lines = ["a,b,same"]
    for row in range(80):
        way = 1 if row % 3 else -1
        other = way if row % 2 else -way
        cells = [
            " ".join(f"{value:.2f}" for value in sign * np.linspace(-1, 1, 6) + random_.normal(0, 0.1, 6))
            for sign in (way, other)
        ]
        lines.append(f"{cells[0]},{cells[1]},{row % 2}")
    path = tmp_path / "곡선.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def trained(path, tmp_path, text=RECIPE, **more):
    resolved = resolve(text, "짝", {"data.source": str(path), **more})
    events = list(session.train(Request(resolved, tmp_path / "실행")))
    finished = events[-1]
    assert isinstance(finished, Finished)
    return load(finished.path), finished.scores


@pytest.mark.parametrize("head", ["cosine", "learned"])
def test_a_run_answers_as_it_was_saved(pairs, tmp_path, head):
    run, scores = trained(pairs, tmp_path, **{"model.head": head})
    assert scores["task"] == "compare"
    assert scores["metric"] == "roc_area"
    assert {one["name"] for one in scores["baselines"]} == {"constant", "characters", "words"}
    assert scores["verdict"]["against"] in {"constant", "characters", "words"}
    model = run.comparer
    lefts, rights = ["가강 어때", "나산 어때", ""], ["가강 괜찮은가요", "차달 좋은지", "나산"]
    first = model.scores(lefts, rights)
    again = Comparer.load(run.path / "model", torch.device("cpu"))
    np.testing.assert_array_equal(again.scores(lefts, rights), first)
    for row in range(3):
        alone = model.scores(lefts[row : row + 1], rights[row : row + 1])
        np.testing.assert_allclose(alone, first[row : row + 1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.diag(model.matrix(lefts, rights)), first, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.scores(rights, lefts), first, rtol=1e-5, atol=1e-6)
    answers = run.compare(lefts, rights)
    assert [one.matches for one in answers] == (first >= model.rule.threshold).tolist()
    chances = np.array([one.probability for one in answers])
    assert (np.diff(chances[np.argsort(first)]) >= 0).all()
    (found,) = run.nearest(["가강 어때"], ["차달 좋은지", "가강 어때", "나산"], best=2)
    assert len(found) == 2
    assert found[0].score >= found[1].score
    with pytest.raises(UsageError, match="two lists of texts"):
        run.compare("하나", "둘")
    with pytest.raises(DataError, match="3 on the left and 1 on the right"):
        run.compare(lefts, ["하나"])
    rows = list(
        csv.DictReader((run.path / "evaluation/test/predictions.csv").read_text("utf-8-sig").splitlines())
    )
    assert len(rows) == scores["rows"]
    assert run.evaluate()["rows"] == scores["rows"]
    page = write_report(run.path, "ko").read_text("utf-8")
    assert "무엇을 찾아내는가" in page


def test_a_new_file_is_scored_beside_what_was_kept(pairs, tmp_path):
    run, _ = trained(pairs, tmp_path, **{"training.max_steps": 2})
    again = run.evaluate(pairs)
    assert again["holds_training_rows"]
    assert again["rows"] == 160
    kept = KeptLikeness.load(run.path / "baseline")
    assert {one["name"] for one in again["baselines"]} == {"constant", kept.kind}
    other = pairs.with_name("다른.csv")
    other.write_text("물음,다른 물음,같음\n가강 어때,가강 좋아,1\n나산 어때,차달 좋아,0\n", "utf-8")
    assert run.evaluate(other)["rows"] == 2
    other.write_text("물음,다른 물음,같음\n가강 어때,가강 좋아,1\n", "utf-8")
    with pytest.raises(DataError, match="all rows of the file are of one kind"):
        run.evaluate(other)


def test_a_resumed_run_ends_as_an_unbroken_one(pairs, tmp_path):
    whole, _ = trained(pairs, tmp_path)
    resolved = resolve(RECIPE, "짝", {"data.source": str(pairs)})
    seen = []

    def stop():
        return any(isinstance(event, Stepped) for event in seen)

    for event in session.train(Request(resolved, tmp_path / "실행"), should_stop=stop):
        seen.append(event)
    assert isinstance(seen[-1], Paused)
    *_, finished = session.resume(RunFolder(seen[-1].path))
    ours, theirs = (path / "model" / "weights.safetensors" for path in (whole.path, finished.path))
    assert ours.read_bytes() == theirs.read_bytes()


def test_series_are_compared_in_the_same_way(curves, tmp_path, capsys):
    run, scores = trained(curves, tmp_path, SERIES)
    assert {one["name"] for one in scores["baselines"]} == {"constant", "dtw", "euclid"}
    up, down = np.linspace(-1, 1, 6, dtype=np.float32), np.linspace(1, -1, 6, dtype=np.float32)
    series = Series(np.concatenate([up, down])[:, None], np.array([6, 6]))
    assert len(run.compare(series, series)) == 2
    assert run.evaluate(curves)["rows"] == 80
    assert command(["predict", str(run.path), "1 2 3 4", "4 3 2 1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["left"] == "1 2 3 4"
    assert isinstance(told["matches"], bool)
    with pytest.raises(DataError, match=r"pair 1.*둘"):
        run.compare_cells(["1 둘"], ["1 2"])


def test_degrees_are_answered_in_their_own_unit(tmp_path):
    path = tmp_path / "정도.csv"
    rows = [f"{thing} 하나,{thing * (row % 4)} 둘,{row % 4 + 1}" for row, thing in enumerate(THINGS)]
    path.write_text("\n".join(["문장1,문장2,유사도", *rows]), "utf-8")
    run, scores = trained(path, tmp_path)
    assert scores["metric"] == "spearman"
    (answer,) = run.compare(["가강 하나"], ["가강 둘"])
    assert answer.matches is None
    assert answer.degree == answer.score
    assert "spearman" in scores["baselines"][0]["scores"]
    assert write_report(run.path).is_file()


def test_where_all_belong_together_the_partner_is_looked_for(tmp_path, capsys):
    path = tmp_path / "짝.tsv"
    path.write_text("\n".join(["질문1\t질문2", *(f"{one} 뭐\t뭐냐 {one}" for one in THINGS)]), "utf-8")
    text = RECIPE + "\n[comparing]\nsymmetric = false\n"
    run, scores = trained(path, tmp_path, text)
    assert scores["metric"] == "mrr"
    assert scores["retrieval"]["queries"] == scores["rows"]
    told = json.loads((run.path / "evaluation/test/retrieval.json").read_text("utf-8"))
    assert told["queries"][0]["found"]
    assert write_report(run.path).is_file()
    assert command(["predict", str(run.path), "가강 뭐", "뭐냐 가강"]) == 0
    assert capsys.readouterr().out.count("\t") == 2  # a score and the two texts


def test_the_command_line_compares_rows_of_a_file(pairs, tmp_path, capsys):
    run, _ = trained(pairs, tmp_path, **{"training.max_steps": 1})
    out = tmp_path / "답.csv"
    assert command(["predict", str(run.path), "--file", str(pairs), "--out", str(out)]) == 0
    rows = list(csv.DictReader(out.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 160
    assert set(rows[0]) == {"물음", "다른 물음", "같음", "score", "matches", "probability"}
    capsys.readouterr()
    assert command(["predict", str(run.path), "가강 어때", "나산 어때", "하나"]) == 2
    assert "two by two" in capsys.readouterr().err
    assert command(["predict", str(run.path), "가강 어때 | 나산 어때"]) == 0
    assert len(capsys.readouterr().out.split("\t")) == 5


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"comparing.loss": "regression"}, "the loss regression cannot be learned"),
        ({"comparing.loss": "contrastive", "model.head": "learned"}, "needs the cosine"),
        ({"comparing.loss": "retrieval", "training.accumulation": 2}, "whole batch at once"),
        ({"comparing.margin": 0.1}, "margin acts with"),
        ({"comparing.rows": "neighbors", "data.target": "같음"}, "no effect on documents"),
        ({"comparing.rows": "neighbors", "comparing.keep_together": "all"}, "stay with their document"),
    ],
)
def test_what_cannot_be_learned_is_refused(pairs, tmp_path, values, said):
    with pytest.raises(RecipeError, match=said):
        trained(pairs, tmp_path, **values)


@pytest.mark.parametrize("loss", ["contrastive", "retrieval"])
def test_every_loss_makes_a_run(pairs, tmp_path, loss):
    run, scores = trained(pairs, tmp_path, **{"comparing.loss": loss, "training.max_steps": 2})
    assert scores["metric"] == "roc_area"
    assert -1 <= run.comparer.scores(["가"], ["나"])[0] <= 1


def test_a_damaged_model_is_refused(pairs, tmp_path):
    run, _ = trained(pairs, tmp_path, **{"training.max_steps": 1})
    path = run.path / "model" / "model.json"
    path.write_text(path.read_text("utf-8").replace('"cosine"', '"learned"'), "utf-8")
    with pytest.raises(ModelFileError):
        Comparer.load(run.path / "model", torch.device("cpu"))
    with pytest.raises(UsageError, match="of the task compare"):
        load(run.path).classifier  # noqa: B018


def test_a_model_of_neighbors_weighs_documents(tmp_path, capsys):
    ways = [
        "아침에 일어났다.",
        "그래서 밥을 먹었다.",
        "그다음 길을 나섰다.",
        "저녁에는 돌아왔다.",
        "그리고 잤다.",
    ]
    path = tmp_path / "하루.txt"
    path.write_text("\n\n".join(" ".join(f"{thing} {way}" for way in ways) for thing in THINGS), "utf-8")
    text = RECIPE.replace('head = "cosine"', 'head = "learned"') + (
        '\n[comparing]\nrows = "neighbors"\nsymmetric = false\n'
    )
    run, scores = trained(path, tmp_path, text, **{"training.epochs": 8})
    assert scores["metric"] == "order"
    assert scores["documents"] == 20
    assert scores["scores"]["order"]["value"] > 0.9
    assert scores["scores"]["whole"]["value"] > 0.9
    assert write_report(run.path).is_file()
    ordered, mixed = (" ".join(f"가강 {way}" for way in some) for some in (ways, ways[::-1]))
    assert run.coherence(ordered).order > run.coherence(mixed).order
    assert run.coherence(ordered).ending > run.coherence(" ".join(ordered.split(". ")[:2])).ending
    with pytest.raises(UsageError, match="no text"):
        run.coherence(" ")
    assert run.evaluate(path)["documents"] == len(THINGS)
    assert command(["predict", str(run.path), ordered, mixed, "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["order"] > second["order"]
    assert len(first["sentences"]) == len(first["steps"]) - 1 == 5


def test_other_models_know_nothing_of_documents(pairs, tmp_path):
    run, _ = trained(pairs, tmp_path, **{"training.max_steps": 1})
    with pytest.raises(UsageError, match="learned nothing of documents"):
        run.coherence("하나. 둘.")
