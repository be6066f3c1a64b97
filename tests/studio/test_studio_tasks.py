"""Tags, closeness and captions in the studio: each a small run, asked over HTTP and by the library."""

import random

import numpy as np
import pytest
from PIL import Image
from studio_runs import TOKEN, client_of

from yeoul.api import load
from yeoul.recipefile import resolve
from yeoul.session import Request, finishing, train
from yeoul.studio.application import Studio

pytestmark = pytest.mark.slow

TAGS = """
task = "tag"
[text]
unit = "character"
min_count = 1
[model.words]
size = 8
min_count = 1
[model.letters]
size = 4
[model.letters.encoder]
kind = "cnn"
channels = 4
widths = [2]
[model.encoder]
hidden_size = 8
[training]
epochs = 2
"""
CLOSENESS = """
task = "compare"
[data]
test = 0.25
validation = 0.25
[text]
unit = "character"
min_count = 1
[model.embedding]
size = 8
[model.encoder]
kind = "gru"
hidden_size = 6
[training]
epochs = 1
"""
CAPTIONS = """
task = "caption"
[pictures]
size = 16
metric = "exact_match"
[text]
unit = "spaced"
min_count = 1
[model]
embedding_size = 8
[model.encoder]
channels = [4, 8]
size = 8
[model.decoder]
hidden_size = 8
attention_size = 8
[training]
epochs = 1
batch_size = 8
"""


def tagged(folder):
    draw = random.Random(2)
    lines = []
    for _ in range(60):
        lines += [
            f"{draw.choice(['민수', '영희'])}는 B-사람",
            f"{draw.choice(['서울', '부산'])}에 B-곳",
            "산다 O",
            "",
        ]
    (folder / "이름.txt").write_text("\n".join(lines), "utf-8")
    return folder / "이름.txt"


def paired(folder):
    draw = random.Random(3)
    things = [a + b for a in "가나다라마바" for b in "강산들물불꽃"]
    rows = [
        f"{one} 어때,{one if same else draw.choice(things)} 괜찮은지,{same}"
        for one in things
        for same in (0, 1)
    ]
    (folder / "물음.csv").write_text("\n".join(["물음,다른 물음,같음", *rows]), "utf-8")
    return folder / "물음.csv"


def drawn(folder):
    place = folder / "그림"
    (place / "사진").mkdir(parents=True)
    lines = ["image,caption"]
    for row in range(40):
        pixels = np.random.default_rng(row).integers(200, 256, (16, 16, 3)).astype(np.uint8)
        pixels[4:12, 8 * (row % 2) : 8 * (row % 2) + 7] = (220, 30, 30)
        Image.fromarray(pixels).save(place / "사진" / f"{row:03}.png")
        lines.append(f"{row:03}.png,빨간 네모가 {('왼쪽', '오른쪽')[row % 2]}에 있다")
    (place / "captions.csv").write_text("\n".join(lines), "utf-8")
    return place


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    found = tmp_path_factory.mktemp("과제")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(found / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        sources = {"이름": (TAGS, tagged), "물음": (CLOSENESS, paired), "그림": (CAPTIONS, drawn)}
        for name, (recipe, write) in sources.items():
            values = {"data.source": str(write(found))}
            for _ in train(Request(resolve(recipe, name, values), found / "runs")):
                pass
    return found


@pytest.fixture(scope="module")
def asked(trained):
    studio = Studio(trained / "runs", trained, "cpu", TOKEN)
    studio.guard.on_fault = print
    yield client_of(studio)
    studio.close()


def test_words_are_tagged(asked, trained):
    card = asked.get("/v1/runs/이름-0001/try").json()
    assert "predict" in card["asks"]
    assert card["samples"]
    reply = asked.post("/v1/runs/이름-0001/predict", json={"text": "민수는 서울에 산다"})
    (told,) = reply.json()["answers"]
    (known,) = load(trained / "runs" / "이름-0001").predict(["민수는 서울에 산다"])
    assert told == known.to_json(())
    assert asked.post("/v1/runs/이름-0001/predict", json={"series": [[1.0]]}).status_code == 422
    assert (
        asked.post("/v1/runs/이름-0001/similarity", json={"first": "가", "second": "나"}).status_code == 404
    )


def test_two_texts_are_compared(asked, trained):
    card = asked.get("/v1/runs/물음-0001/try").json()
    assert card["asks"][0] == "similarity"
    assert len(card["samples"][0]) == 2
    told = asked.post("/v1/runs/물음-0001/similarity", json={"first": "가강 어때", "second": "나산"}).json()
    (known,) = load(trained / "runs" / "물음-0001").compare(["가강 어때"], ["나산"])
    np.testing.assert_allclose(told["score"], known.score, atol=1e-6)
    inside = asked.post("/v1/runs/물음-0001/inside", json={"text": "가강 어때"}).json()
    assert inside["tokens"] == list("가강 어때")
    assert len(inside["layers"]) == 2
    assert len(asked.get("/v1/runs/물음-0001/embedding?count=6").json()["points"]) == 6


def test_a_picture_gets_a_caption(asked, trained):
    assert asked.get("/v1/runs/그림-0001/try").json()["asks"] == ["caption"]
    content = (trained / "그림" / "사진" / "000.png").read_bytes()
    kind = {"content-type": "application/octet-stream"}
    (told,) = asked.post("/v1/runs/그림-0001/caption", content=content, headers=kind).json()["answers"]
    (known,) = load(trained / "runs" / "그림-0001").caption([content])
    assert told["answer"] == known.text
    assert told["attention"] is None or len(told["attention"]) == len(told["log_probs"])
    for wrong in (b"GIF89a", b"no picture", content[:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 100):
        assert asked.post("/v1/runs/그림-0001/caption", content=wrong, headers=kind).status_code == 422
    assert asked.post("/v1/runs/그림-0001/caption", json={}).status_code == 415
