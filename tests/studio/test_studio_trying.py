"""Models on the bench answer as the library does, few lie open at once, and their gates are those of the layers."""

import asyncio
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from studio_runs import events_of

from yeoul.api import load
from yeoul.kernels import overhearing
from yeoul.kernels.tracing import trace
from yeoul.layers import GRU, LSTM, RNN
from yeoul.padded import Padded
from yeoul.runs.folder import RunFolder
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError
from yeoul.studio.bench import Bench


@pytest.fixture(scope="module")
def runs(place):
    return {name: load(place / "runs" / f"{name}-0001", "cpu") for name in ("리뷰", "song", "온도", "sums")}


def ask(client, run, verb, **body):
    reply = client.post(f"/v1/runs/{run}-0001/{verb}", json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize("run", ["리뷰", "song", "온도", "sums"])
def test_a_card_tells_what_may_be_asked_and_the_rest_is_refused(client, run):
    card = client.get(f"/v1/runs/{run}-0001/try").json()
    bodies = {
        "predict": {"text": "가"},
        "generate": {"prompt": "나", "tokens": 2},
        "beams": {"text": "1+1"},
        "forecast": {"columns": {"온도": [1.0] * 30}, "start": "2021-01-01 00:00"},
        "similarity": {"first": "가", "second": "나"},
    }
    for verb, body in bodies.items():
        status = client.post(f"/v1/runs/{run}-0001/{verb}", json=body).status_code
        assert (status != 404) == (verb in card["asks"]), (verb, status)
    kind = {"content-type": "application/octet-stream"}
    assert client.post(f"/v1/runs/{run}-0001/caption", content=b"GIF89a", headers=kind).status_code == 404


def test_answers_are_those_of_the_library(client, runs):
    texts = ["재미있어요 <b>", "boring film", ""]
    (told, *_), expected = ask(client, "리뷰", "predict", texts=texts)["answers"], runs["리뷰"].predict(texts)
    assert told["label"] == expected[0].label
    np.testing.assert_allclose(list(told["probabilities"].values()), expected[0].probabilities, atol=1e-6)
    (answer,) = ask(client, "sums", "predict", text="3+4", attention=True)["answers"]
    (known,) = runs["sums"].predict(["3+4"])
    assert (answer["answer"], answer["source_tokens"]) == (known.text, ["3", "+", "4"])
    np.testing.assert_allclose(answer["attention"], known.attention, atol=1e-6)


def test_texts_come_token_by_token_and_are_the_same_in_one_piece(client):
    body = {"prompt": "나비야 ", "tokens": 8, "temperature": 0.8, "top_p": 0.9, "seed": 5}
    whole = ask(client, "song", "generate", **body)
    told = events_of(client.post("/v1/runs/song-0001/generate", json={**body, "stream": True}).text)
    assert [name for name, _, _ in told] == ["token"] * whole["tokens"] + ["end"]
    assert "".join(json.loads(data)["text"] for name, _, data in told if name == "token") == whole["text"]
    assert json.loads(told[-1][2]) == whole


def test_a_history_can_be_forecast_from_and_an_edited_one_says_otherwise(client, runs):
    history = client.get("/v1/runs/온도-0001/history?rows=48").json()
    assert len(history["columns"]["온도"]) == 48
    asked = {"columns": history["columns"], "start": history["start"]}
    told = ask(client, "온도", "forecast", **asked)["forecast"]
    expected = list(runs["온도"].forecast().records())
    assert [one["time"] for one in told] == [one["time"] for one in expected]
    np.testing.assert_allclose(
        [one["forecast"] for one in told], [one["forecast"] for one in expected], atol=1e-4
    )
    dragged = {**history["columns"], "온도": [*history["columns"]["온도"][:-1], 40.0]}
    other = ask(client, "온도", "forecast", columns=dragged, start=history["start"])["forecast"]
    assert [one["forecast"] for one in other] != [one["forecast"] for one in told]


def test_the_best_way_through_the_beam_spells_its_best_end(client):
    told = ask(client, "sums", "beams", text="7+8", beam=3)
    way = [level[place] for level, place in zip(told["levels"], told["best"])]
    for depth in range(1, len(way)):
        assert way[depth]["parent"] == told["best"][depth - 1]
    ends = [twig["score"] for level in told["levels"] for twig in level if twig["outcome"] is not None]
    assert way[-1]["score"] == max(ends)
    spelled = "".join(twig["token"] for twig in way).removesuffix("⏎")
    assert spelled in {one["text"] for one in told["answer"]["alternatives"]}


def test_an_explanation_is_that_of_the_library(client, runs):
    told = ask(client, "리뷰", "explain", text="음악 재미있어요 화면")
    known = runs["리뷰"].explain("음악 재미있어요 화면").to_json()
    assert told["tokens"] == known["tokens"]
    assert [one["method"] for one in told["methods"]] == [one["method"] for one in known["methods"]]
    assert all(one["name"] for one in told["methods"])
    assert client.post("/v1/runs/리뷰-0001/explain", json={}).status_code == 422
    assert client.post("/v1/runs/song-0001/explain", json={"text": "가"}).status_code == 404


@settings(max_examples=40)
@given(
    kind=st.sampled_from([LSTM, GRU, RNN]),
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=3),
    both=st.booleans(),
    norm=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_trace_is_what_the_layer_computes(kind, lengths, both, norm, seed):
    torch.manual_seed(seed)
    layer = kind(3, 4, 2, bidirectional=both, layer_norm=norm).eval()
    rows = Padded(torch.randn(len(lengths), max(lengths), 3), torch.tensor(lengths))
    with torch.inference_mode(), overhearing() as calls:
        outputs, final = layer(rows)
    assert len(calls) == 2 * (1 + both)
    last = calls[-1 - both :]
    for row, length in enumerate(lengths):
        traces = [trace(call, row) for call in last]
        joined = torch.cat([one.state for one in traces], dim=1)
        torch.testing.assert_close(joined, outputs.values[row, :length], atol=1e-5, rtol=1e-5)
        for one in traces:
            assert (one.memory is None) == (kind is not LSTM)
            for gate in (one.kept, one.written, one.let_out):
                assert (gate is None) == (kind is RNN)
                assert gate is None or bool(((gate >= 0) & (gate <= 1)).all())
        if kind is LSTM and length and not norm:
            one = traces[0]
            torch.testing.assert_close(one.state, one.let_out * torch.tanh(one.memory))
    assert len(final) == (2 if kind is LSTM else 1)


def test_inside_names_each_step_and_shows_the_liveliest_units(client):
    told = ask(client, "리뷰", "inside", text="재미있어요", units=3, layer=1)
    assert told["tokens"] == list("재미있어요")
    assert [one["direction"] for one in told["layers"]] == ["forward", "backward"]
    assert (told["units_of"], len(told["units"])) == (6, 3)
    for name in ("kept", "written", "let_out", "state", "memory"):
        assert np.array(told[name]).shape == (5, 3)
    full = ask(client, "리뷰", "inside", text="재미있어요", units=64, layer=1)
    spread = np.array(full["state"])[:, np.argsort(full["units"])].std(axis=0)
    assert set(told["units"]) == set(np.argsort(-spread, kind="stable")[:3].tolist())
    assert ask(client, "song", "inside", text="나비야")["tokens"][1:] == list("나비야")
    assert ask(client, "sums", "inside", text="12+3")["tokens"] == list("12+3")
    history = client.get("/v1/runs/온도-0001/history?rows=30").json()
    measured = ask(client, "온도", "inside", columns=history["columns"], start=history["start"])
    assert (measured["tokens"][-1], len(measured["tokens"])) == ("0", 24)
    for body in ({"text": "가", "layer": 9}, {}, {"series": [1.0]}, {"text": ""}):
        assert client.post("/v1/runs/리뷰-0001/inside", json=body).status_code == 422


@pytest.mark.parametrize("run", ["리뷰", "song", "sums"])
def test_a_map_holds_each_token_once_within_its_frame(client, run):
    told = client.get(f"/v1/runs/{run}-0001/embedding?count=8").json()
    assert len({one["text"] for one in told["points"]}) == len(told["points"]) == 8
    places = np.array([[one["x"], one["y"]] for one in told["points"]])
    assert (places.min(axis=0) == 0).all()
    assert (places.max(axis=0) == 1).all()
    assert client.get("/v1/runs/온도-0001/embedding").status_code == 422


def test_few_models_lie_open_and_none_is_closed_under_a_question(place):
    folders = {name: RunFolder(place / "runs" / f"{name}-0001") for name in ("리뷰", "song", "sums")}
    bench = Bench("cpu", Limits(), most=2)

    async def work():
        async with bench.opened(folders["리뷰"]) as first:
            async with bench.opened(folders["song"]):
                with pytest.raises(RefusedError) as refused:
                    await bench.take(folders["sums"])
                assert refused.value.status == 429
                with pytest.raises(RefusedError) as refused:
                    await bench.forget(folders["리뷰"])
                assert refused.value.status == 409
            async with bench.opened(folders["sums"]), bench.opened(folders["리뷰"]) as again:
                assert again is first
                assert set(bench._opened) == {"리뷰-0001", "sums-0001"}
        await bench.forget(folders["리뷰"])
        assert set(bench._opened) == {"sums-0001"}

    asyncio.run(work())
    bench.close()
