"""Tags, closeness and captions in the studio: each a small run, asked over HTTP and by the library."""

import numpy as np
import pytest
from studio_runs import TOKEN, client_of

from yeoul.api import load
from yeoul.studio.application import Studio

pytestmark = pytest.mark.slow


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
