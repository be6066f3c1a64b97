"""Whole trainings of every kind: several labels, a number, a series' class; saved, loaded, asked, evaluated anew."""

import json
import math
import random

import numpy as np
import pytest

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run
from yeoul.recipefile import resolve
from yeoul.session import Request
from yeoul.tasks.classification.inputs import Series
from yeoul.training.events import Finished

SMALL = """
[text]
unit = "word"
min_count = 1
[model.embedding]
size = 16
[model.encoder]
kind = "bag"
pooling = "sum"
[training]
epochs = 12
patience = 12
batch_size = 16
rate = 3e-2
"""


def finished(recipe, out):
    *_, last = session.train(Request(recipe, out, command="train"))
    assert isinstance(last, Finished)
    return last


@pytest.fixture
def dishes(tmp_path):
    """300 reviews that praise any of three things, with a JSON list of what they praise."""
    draw = random.Random(0)
    words = {"맛": ["맛있다", "고소하다"], "값": ["싸다", "착하다"], "친절": ["상냥하다", "웃는다"]}
    lines = ["리뷰\t칭찬"]
    for _ in range(300):
        praised = [label for label in words if draw.random() < 0.4]
        text = [draw.choice(words[label]) for label in praised] + draw.sample(["음", "또", "그냥", "어제"], 2)
        draw.shuffle(text)
        lines.append(f"{' '.join(text)} {draw.randrange(10**6)}\t{json.dumps(praised, ensure_ascii=False)}")
    path = tmp_path / "식당.tsv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_several_labels(dishes, tmp_path):
    values = {"data.source": str(dishes), "data.target_kind": "labels", "data.target": "칭찬"}
    done = finished(resolve(SMALL, "dishes", values), tmp_path / "runs")
    assert done.scores["metric"] == "micro_f1"
    assert done.scores["scores"]["micro_f1"]["value"] > 0.9
    assert [entry["name"] for entry in done.scores["baselines"]] == ["frequencies", "linear"]
    opened = load(done.path)
    both, none = opened.predict(["맛있다 그냥 상냥하다", "음 어제"])
    assert set(both.labels) == {"맛", "친절"}
    assert none.labels == ()
    again = opened.evaluate(dishes)
    assert again["scores"]["micro_f1"]["value"] > 0.9
    assert {entry["name"] for entry in again["baselines"]} == {"frequencies", "linear"}


def test_a_number(tmp_path):
    draw = random.Random(1)
    worth = {"최고": 3.0, "좋다": 1.0, "별로": -1.0, "최악": -3.0}
    lines = ["글,점수"]
    for row in range(300):
        words = draw.choices(list(worth), k=draw.randrange(1, 5))
        lines.append(f"{' '.join(words)} {row},{50 + 10 * sum(worth[word] for word in words)}")
    path = tmp_path / "점수.csv"
    path.write_text("\n".join(lines), "utf-8")
    values = {"data.source": str(path), "data.target_kind": "number", "data.target": "점수"}
    done = finished(resolve(SMALL, "scores", values), tmp_path / "runs")
    assert done.scores["metric"] == "mae"
    median = next(entry for entry in done.scores["baselines"] if entry["name"] == "median")
    assert done.scores["scores"]["mae"]["value"] < 0.3 * median["scores"]["mae"]["value"]
    opened = load(done.path)
    good, bad = opened.predict(["최고 최고", "최악 별로"])
    assert good.value > 80 > 40 > bad.value
    assert opened.evaluate(path)["scores"]["mae"]["value"] < 10


def test_a_class_of_series(tmp_path, capsys):
    draw = random.Random(2)
    lines = ["steps,kind"]
    for row in range(240):
        kind = row % 2
        wave = [math.sin((0.4, 0.8)[kind] * step + draw.random()) for step in range(draw.randrange(20, 40))]
        lines.append(f'"{json.dumps([round(value, 3) for value in wave])}",{("slow", "fast")[kind]}')
    path = tmp_path / "파형.csv"
    path.write_text("\n".join(lines), "utf-8")
    text = """
    [series]
    [model.encoder]
    kind = "gru"
    hidden_size = 12
    [training]
    epochs = 15
    patience = 15
    batch_size = 16
    rate = 1e-2
    """
    values = {"data.source": str(path), "data.inputs": ["steps"], "data.target": "kind"}
    done = finished(resolve(text, "waves", values), tmp_path / "runs")
    assert done.scores["scores"]["accuracy"]["value"] > 0.9
    assert [entry["name"] for entry in done.scores["baselines"]] == ["majority", "linear"]
    waves = [np.sin(speed * np.arange(30)) for speed in (0.4, 0.8)]
    asked = Series(np.concatenate(waves).astype(np.float32)[:, None], np.array([30, 30]))
    assert [answer.label for answer in load(done.path).predict(asked)] == ["slow", "fast"]
    again = load(done.path).evaluate(path)
    assert again["scores"]["accuracy"]["value"] > 0.9
    assert again["verdict"]["against"] == done.scores["verdict"]["against"]
    assert {entry["name"] for entry in again["baselines"]} == {"majority", "linear"}
    assert run(["predict", str(done.path), "--file", str(path), "--json"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(shown) == 240
    assert {entry["label"] for entry in shown} == {"slow", "fast"}
    assert run(["predict", str(done.path), "slow"]) == 2
    assert "this model reads series, not texts" in capsys.readouterr().err


def test_scores_are_told_apart_by_a_column_of_the_data(tmp_path):
    draw = random.Random(4)
    lines = ["글,레이블,가게"]
    for row in range(300):
        kind, shop = row % 2, ("서울", "부산")[draw.randrange(2)]
        lines.append(f"{('나쁨', '좋음')[kind if shop == '서울' else draw.randrange(2)]} {row},{kind},{shop}")
    path = tmp_path / "가게.csv"
    path.write_text("\n".join(lines), "utf-8")
    values = {
        "data.source": str(path),
        "data.target": "레이블",
        "data.inputs": ["글"],
        "data.slices": ["가게"],
    }
    done = finished(resolve(SMALL, "shops", values), tmp_path / "runs")
    slices = json.loads((done.path / "evaluation/test/slices.json").read_text("utf-8"))["slices"]
    shops = {entry["value"]: entry["score"]["value"] for entry in slices if entry["by"] == "가게"}
    assert shops["서울"] > 0.9 > 0.75 > shops["부산"]


def test_a_network_may_start_from_the_vectors_of_a_file(dishes, tmp_path):
    vectors = tmp_path / "vectors.txt"
    words = ["맛있다", "고소하다", "싸다", "착하다"]
    vectors.write_text("\n".join(f"{word} {' '.join(['0.5'] * 16)}" for word in words) + "\n", "utf-8")
    values = {
        "data.source": str(dishes),
        "data.target_kind": "labels",
        "data.target": "칭찬",
        "model.embedding.vectors": str(vectors),
    }
    done = finished(resolve(SMALL, "vectors", values), tmp_path / "runs")
    answers = load(done.path).predict(["맛있다", "싸다"])
    vectors.unlink()
    again = load(done.path).predict(["맛있다", "싸다"])
    assert [one.probabilities for one in again] == [one.probabilities for one in answers]
