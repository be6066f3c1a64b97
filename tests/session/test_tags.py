"""Tags from a file to a run: learned, answered, saved, resumed, scored anew, shown, and what bad input gets."""

import asyncio
import csv
import io
import json
import random

import pytest
import torch

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.errors import DataError, UsageError
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder
from yeoul.serve.answering import Question, answering_of
from yeoul.serve.limits import Limits
from yeoul.serve.offers import open_offer
from yeoul.session import Request
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.training.events import Finished, Paused, Stepped

RECIPE = """
task = "tag"
[text]
unit = "jamo"
min_count = 1
[model]
dropout = 0.1
[model.words]
size = 8
min_count = 2
[model.letters]
size = 8
[model.letters.encoder]
kind = "cnn"
channels = 8
widths = [2, 3]
[model.encoder]
hidden_size = 16
[training]
epochs = 3
batch_size = 8
rate = 2e-2
weight_decay = 0.0
"""
PLACES, NAMES = ["서울", "부산", "여울", "강릉", "London"], ["민수", "영희", "지우", "하늘", "Anna"]


@pytest.fixture
def sentences(tmp_path):
    """240 sentences with names of people and of places, told apart by what follows them, with a tag a word."""
    draw = random.Random(2)
    lines = []
    for _ in range(240):
        name, place = (
            draw.choice(NAMES) + draw.choice(["", "수", "리"]),
            draw.choice(PLACES) + draw.choice(["", "시"]),
        )
        forms = [
            [(f"{name}는", "B-사람"), (place, "B-곳"), ("바닷가에", "I-곳"), ("산다", "O"), (".", "O")],
            [(f"{place}에서", "B-곳"), (f"{name}가", "B-사람"), ("왔다", "O"), (".", "O")],
        ]
        lines += [f"{word} {tag}" for word, tag in draw.choice(forms)]
        lines.append("")
    path = tmp_path / "우리 데이터" / "이름.txt"
    path.parent.mkdir()
    path.write_bytes("\n".join(lines).encode("cp949"))
    return path


def request(path, out, **overrides):
    return Request(resolve(RECIPE, "이름", {"data.source": str(path), **overrides}), out, command="train")


def finished(events):
    return next(event for event in events if isinstance(event, Finished))


def weights(run):
    return (run / "model" / "weights.safetensors").read_bytes()


@pytest.mark.report
def test_from_a_file_to_a_run(sentences, tmp_path, capsys):
    done = finished(session.train(request(sentences, tmp_path / "runs")))
    scores = done.scores
    assert (scores["task"], scores["metric"]) == ("tag", "span_f1")
    assert scores["scores"]["span_f1"]["value"] > 0.9
    assert [entry["name"] for entry in scores["baselines"]] == ["frequent_tag", "linear"]
    opened = load(done.path)
    text = "지우수는 강릉시 바닷가에 산다."
    (answer,) = opened.predict([text])
    assert [(span.label, span.text) for span in answer.spans] == [
        ("사람", "지우수는"),
        ("곳", "강릉시 바닷가에"),
    ]
    assert opened.tag([["지우는", "산다"]])[0].tokens == ("지우는", "산다")
    again = opened.evaluate(sentences)
    assert again["holds_training_rows"]
    assert {entry["name"] for entry in again["baselines"]} == {"frequent_tag", "linear"}
    assert again["scores"]["span_f1"]["value"] > 0.9
    folder = done.path / "evaluation" / "test"
    rows = list(csv.DictReader(io.StringIO((folder / "predictions.csv").read_text("utf-8-sig"))))
    assert len(rows) == scores["words"]
    right = sum(row["target"] == row["predicted"] for row in rows) / len(rows)
    assert right == pytest.approx(scores["scores"]["accuracy"]["value"])
    page = (done.path / "report.html").read_text("utf-8")
    assert "구간(개체)" in page
    kept = SentenceTagger.load(done.path / "model", torch.device("cpu"))
    assert kept.predict([text]) == opened.predict([text])
    assert command(["predict", str(done.path), text]) == 0
    assert capsys.readouterr().out.startswith("지우수는/B-사람 강릉시/B-곳")
    assert command(["predict", str(done.path), text, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["spans"][0] | {"confidence": 0} == {
        "label": "사람", "start": 0, "end": 4, "text": "지우수는", "confidence": 0,
    }  # fmt: skip
    assert command(["data", "check", str(sentences), "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert (card["task"], card["target"], card["encoding"]["name"]) == ("tag", "tag1", "cp949")
    offer = open_offer("names", load(done.path), Limits(), lambda name, answered: None, answering_of)
    (told,) = asyncio.run(offer.batcher.ask(Question([text], False), 1))
    offer.close()
    assert told["spans"] == answer.to_json()["spans"]
    assert command(["evaluate", str(done.path), str(sentences)]) == 0
    assert "span F1" in capsys.readouterr().out


def test_a_run_that_was_stopped_ends_as_an_unbroken_one(sentences, tmp_path):
    short = {"training.epochs": 2, "model.letters.ngrams": 1}
    whole = finished(session.train(request(sentences, tmp_path / "whole", **short)))
    steps = iter(range(1000))
    events = session.train(request(sentences, tmp_path / "broken", **short), lambda: next(steps) == 30)
    stopped = next(event for event in events if isinstance(event, Paused | Finished))
    assert isinstance(stopped, Paused)
    assert weights(finished(session.resume(RunFolder(stopped.path))).path) == weights(whole.path)


def test_it_starts_from_another_run(sentences, tmp_path):
    first = finished(session.train(request(sentences, tmp_path / "runs", **{"training.epochs": 1})))
    resolved = request(sentences, tmp_path / "runs").recipe
    events = session.train(Request(resolved, tmp_path / "runs", start_from=first.path))
    assert any(isinstance(event, Stepped) for event in events)


def test_tags_that_break_the_rules_of_spans_are_learned_as_they_are(sentences, tmp_path):
    broken = tmp_path / "IOB1.txt"
    broken.write_text(sentences.read_text("cp949").replace(" B-", " I-"), "utf-8")
    done = finished(session.train(request(broken, tmp_path / "runs", **{"training.epochs": 1})))
    assert done.scores["metric"] == "span_f1"
    assert done.scores["spans"]["repaired"] > 0


def test_what_is_wrong_is_named(sentences, tmp_path):
    done = finished(session.train(request(sentences, tmp_path / "runs", **{"training.epochs": 1})))
    other = tmp_path / "품사.txt"
    other.write_text("가/N 나/V\n", "utf-8")
    with pytest.raises(DataError, match="no tags called tag1; the file has tag"):
        load(done.path).evaluate(other)
    with pytest.raises(UsageError, match="takes a list"):
        load(done.path).predict("가")
    with pytest.raises(DataError, match="no tags called"):
        finished(session.train(request(sentences, tmp_path / "runs", **{"data.target": "upos"})))
