"""What is answered over HTTP equals what the run answers; what is refused says why, in the client's language."""

import json
import re

import numpy as np
import pytest
from served_runs import client_of, heat, hours

from yeoul.api import load
from yeoul.errors import UsageError
from yeoul.language import korean
from yeoul.serve.access import door_of
from yeoul.serve.answering import Question, parted, series_input
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.serve.refusals import language_of
from yeoul.tasks.generation.manner import Manner
from yeoul.tasks.transduction.answers import Alternative, TextAnswer

TEXTS = ["재미있어요 배우", "최악이다 음악 화면", ""]


def test_predictions_are_those_of_the_run(client, runs):
    run = load(runs["reviews"])
    told = client.post("/v1/reviews/predict", json={"texts": TEXTS}).json()
    assert told["model"] == "reviews"
    for answer, own in zip(told["answers"], run.predict(TEXTS), strict=True):
        assert answer["label"] == own.label
        assert answer["confidence"] == pytest.approx(own.confidence, abs=1e-5)
    one = client.post("/v1/reviews/predict", json={"text": TEXTS[0]}).json()
    assert one["answers"][0]["confidence"] == pytest.approx(told["answers"][0]["confidence"], abs=1e-5)


def test_texts_in_either_unicode_form_are_one(client):
    forms = ["재미있어요", "재미있어요"]
    answers = client.post("/v1/reviews/predict", json={"texts": forms}).json()["answers"]
    assert answers[0] == answers[1]


def test_forecasts_are_those_of_a_file_and_may_be_shorter(client, runs, tmp_path):
    columns = {"시각": hours(60), "온도": [round(float(one), 3) for one in heat(60)]}
    path = tmp_path / "온도.csv"
    rows = [f"{time},{one}" for time, one in zip(*columns.values(), strict=True)]
    path.write_text("\n".join(["시각,온도", *rows]) + "\n", "utf-8")
    own = list(load(runs["온도"]).forecast(path).records())
    told = client.post("/v1/온도/forecast", json={"columns": columns}).json()["forecast"]
    assert [one["time"] for one in told] == [one["time"] for one in own]
    np.testing.assert_allclose([one["forecast"] for one in told], [one["forecast"] for one in own], atol=1e-4)
    short = client.post("/v1/온도/forecast", json={"columns": columns, "horizon": 2}).json()
    assert short["forecast"] == told[:2]


def test_texts_are_those_of_the_run_and_come_the_same_in_events(client, runs):
    asked = {"prompt": "나비야 ", "tokens": 15, "seed": 4, "temperature": 0.9}
    own = load(runs["song"]).generate("나비야 ", Manner(tokens=15, temperature=0.9), seed=4)
    whole = client.post("/v1/song/generate", json=asked).json()
    assert (whole["text"], whole["seed"], whole["outcome"]) == (own.text, 4, own.outcome)
    reply = client.post("/v1/song/generate", json={**asked, "stream": True})
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = events_of(reply.text)
    assert [name for name, _ in events] == ["token"] * 15 + ["end"]
    assert "".join(data["text"] for _, data in events[:-1]) == own.text
    assert events[-1][1] == whole


def events_of(text):
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_stream_that_cannot_begin_is_refused_with_a_status(client):
    reply = client.post("/v1/song/generate", json={"forbid": ["뷁"], "stream": True})
    assert reply.status_code == 422
    assert "forbid" in reply.json()["error"]["where"]


def test_cards_tell_score_interval_and_verdict_but_no_place_of_the_machine(client, runs, words):
    cards = client.get("/v1/models").json()["models"]
    assert [card["name"] for card in cards] == list(runs)
    for card in cards:
        assert client.get(f"/v1/{card['name']}").json() == card
        assert card["verdict"]["outcome"] in ("beats", "does not beat", "cannot tell")
        assert "value" in card["score"]
        assert str(runs["song"].parent.parent) not in json.dumps(card, ensure_ascii=False)
    assert cards[0]["labels"] == ["긍정", "부정"] or set(cards[0]["labels"]) == {"긍정", "부정"}


def test_health_and_metrics(client):
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/ready").status_code == 200
    client.post("/v1/reviews/predict", json={"texts": TEXTS})
    text = client.get("/metrics").text
    assert re.search(
        r'^yeoul_requests_total\{model="reviews",route="/v1/\{model\}/predict",status="200"\} \d+$',
        text,
        re.M,
    )
    for line in text.splitlines():
        assert re.fullmatch(
            r'# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+', line
        ), line
    bucket = 'yeoul_batch_requests_bucket{model="reviews"'
    counts = [int(line.split()[-1]) for line in text.splitlines() if line.startswith(bucket)]
    assert counts
    assert counts == sorted(counts)


def test_every_address_is_documented_with_examples(client):
    document = client.get("/openapi.json").json()
    paths = document["paths"]
    assert {"/v1/{model}/predict", "/v1/{model}/forecast", "/v1/{model}/generate", "/metrics"} <= set(paths)
    for path, methods in paths.items():
        for method, told in methods.items():
            assert told["summary"], path
            if method == "post":
                assert "example" in json.dumps(told["responses"]), path
    body = paths["/v1/{model}/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["examples"]
    for name in ("History", "WriteOn", "Feed", "RowsSoFar", "TextSoFar"):
        assert document["components"]["schemas"][name]["examples"]


BAD = [
    ({}, "함께", ""),
    ({"text": "a", "texts": ["b"]}, "함께", ""),
    ({"texts": []}, "비어", "texts"),
    ({"texts": ["a"] * 65}, "64", "texts"),
    ({"text": "a" * 20_001}, "20000", "text"),
    ({"text": 3}, "맞는 값", "text"),
    ({"text": None, "texts": ["a", None]}, "맞는 값", "texts.1"),
    ({"txt": "a"}, "알 수 없는", "txt"),
    ({"series": [[1.0]]}, "텍스트를", "series"),
]


@pytest.mark.parametrize(("body", "word", "where"), BAD, ids=str)
def test_what_is_wrong_is_said_in_korean_too(client, body, word, where):
    reply = client.post("/v1/reviews/predict", json=body, headers={"accept-language": "ko-KR,en;q=0.5"})
    error = reply.json()["error"]
    assert (reply.status_code, error["kind"], error.get("where", "")) == (422, "not-understood", where)
    assert word in error["message"]
    english = client.post("/v1/reviews/predict", json=body).json()["error"]["message"]
    assert not re.search("[가-힣]", english)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"a"', b'{"text": NaN}', b"\xff", b'{"text":"\\ud800"}']
)
def test_broken_json_is_refused(client, raw):
    reply = client.post("/v1/reviews/predict", content=raw, headers={"content-type": "application/json"})
    assert reply.status_code == 422
    assert reply.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/nobody", 404),
        ("POST", "/v1/nobody/predict", 404),
        ("POST", "/v1/song/predict", 404),
        ("POST", "/v1/reviews/forecast", 404),
        ("POST", "/v1/reviews/generate", 404),
        ("GET", "/v1/reviews/predict", 405),
        ("DELETE", "/v1/models", 405),
        ("PUT", "/v1/models", 405),
        ("OPTIONS", "/v1/models", 405),
        ("GET", "/docs", 404),
        ("GET", "/v1/models/", 404),
    ],
)
def test_addresses_that_lead_nowhere(client, method, path, status):
    body = {"predict": {"text": "a"}, "forecast": {"columns": {"a": [1]}}}.get(path.rpartition("/")[2], {})
    reply = client.request(method, path, json=body)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_columns_that_cannot_be_used_are_named(client):
    columns = {"시각": hours(30), "온도": [1.0] * 29}
    assert (
        "equally long"
        in client.post("/v1/온도/forecast", json={"columns": columns}).json()["error"]["message"]
    )
    told = client.post("/v1/온도/forecast", json={"columns": {"시각": hours(30), "바람": [1.5] * 30}})
    assert told.status_code == 422
    short = client.post("/v1/온도/forecast", json={"columns": {"시각": hours(3), "온도": [1.5, 2.0, 3.0]}})
    assert "24" in short.json()["error"]["message"]


def test_a_fault_inside_is_told_without_detail_and_logged(words):
    service = open_service(words[:1], "cpu", door_of("localhost", (), None), Limits())
    faults = list[str]()
    service.guard.on_fault = faults.append
    offer = service.offers["reviews"]
    offer.batcher._answer = lambda asked: 1 / 0
    reply = client_of(service).post("/v1/reviews/predict", json={"text": "/etc/passwd"})
    service.close()
    assert (reply.status_code, reply.json()["error"]["kind"]) == (500, "fault")
    assert "division" not in reply.text
    assert "ZeroDivisionError" in faults[0]


def test_a_server_that_stops_refuses_and_is_not_ready(words):
    service = open_service(words[:1], "cpu", door_of("localhost", (), None), Limits())
    client = client_of(service)
    service.ledger.stopping = True
    for reply in (client.get("/ready"), client.post("/v1/reviews/predict", json={"text": "a"})):
        assert (reply.status_code, reply.headers["retry-after"]) == (503, "1")
    service.close()


def test_names_are_checked_at_the_start(runs):
    door = door_of("localhost", (), None)
    for words in (["models=" + str(runs["song"])], ["a/b=" + str(runs["song"])], [f"a={runs['song']}"] * 2):
        with pytest.raises(UsageError):
            open_service(words, "cpu", door, Limits())


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko", "ko"),
        ("en;q=0.5, ko", "ko"),
        ("ko;q=0.1,en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("ko;q=x", "ko"),
    ],
)
def test_the_language_is_the_client_s(monkeypatch, header, language):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert language_of([(b"accept-language", header.encode())]) == language
    assert korean()


def test_where_a_model_looked_is_told_to_those_who_ask():
    looked = np.array([[0.25, 0.75]], np.float32)
    best = Alternative("하나", -1.0, "ended", ("하나",), (-1.0,), looked)
    answer = TextAnswer(0.5, False, ("일", "."), (best,))
    questions = [Question(["1"]), Question(["1", "1"], attention=True)]
    (silent,), told = parted(questions, [answer] * 3, ())
    assert told == [answer.to_json()] * 2
    (one,) = silent.pop("alternatives")
    shown = answer.to_json()
    assert silent == {
        name: value for name, value in shown.items() if name not in ("attention", "alternatives")
    }
    assert one == {name: value for name, value in best.to_json().items() if name != "attention"}


def test_series_of_one_channel_are_plain_numbers():
    series = series_input([[1.0, 2.0], [[3.0]]], 1)
    assert series.values.tolist() == [[1.0], [2.0], [3.0]]
    assert series.lengths.tolist() == [2, 1]
