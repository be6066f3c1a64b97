"""Sessions: kept while they are used, equal to one whole reading, and begun again from what they were."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_runs import heat, hours

from yeoul.api import load
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError
from yeoul.serve.sessions import Sessions


def history(rows):
    return {"시각": hours(rows), "온도": [round(float(one), 3) for one in heat(rows)]}


def begun(client, model, **sofar):
    reply = client.post(f"/v1/{model}/sessions", json=sofar)
    assert reply.status_code == 201, reply.text
    return f"/v1/{model}/sessions/{reply.json()['session']}"


@given(st.lists(st.tuples(st.sampled_from(["open", "use", "wait"]), st.integers(0, 9)), max_size=60))
def test_sessions_last_as_long_as_they_are_used_and_never_outnumber_their_limit(steps):
    now = [0.0]
    sessions = Sessions(Limits(sessions=3, session_seconds=10.0), lambda: now[0])
    used = dict[str, float]()
    for step, number in steps:
        alive = [name for name, then in used.items() if now[0] - then <= 10.0]
        if step == "wait":
            now[0] += number
        elif step == "open" and len(alive) >= 3:
            with pytest.raises(RefusedError) as refused:
                sessions.open(None)
            assert (refused.value.status, refused.value.retry_seconds) == (429, 1)
        elif step == "open":
            used[sessions.open(None).id] = now[0]
        elif used:
            name = list(used)[number % len(used)]
            if name in alive:
                with sessions.turn(name):
                    used[name] = now[0]
            else:
                with pytest.raises(RefusedError):
                    sessions.turn(name).__enter__()
        assert len(sessions) == sum(now[0] - then <= 10.0 for then in used.values())


def test_a_session_answers_one_at_a_time():
    sessions = Sessions(Limits())
    session = sessions.open(None)
    with sessions.turn(session.id), pytest.raises(RefusedError) as refused, sessions.turn(session.id):
        pass
    assert refused.value.status == 409


def test_rows_fed_one_by_one_give_what_a_file_with_all_rows_gives(client, runs, tmp_path):
    whole = history(80)
    place = begun(
        client, "온도", kind="forecast", columns={name: cells[:70] for name, cells in whole.items()}
    )
    for row in range(70, 80):
        reply = client.post(place + "/feed", json={"row": {"온도": whole["온도"][row]}})
        assert reply.status_code == 200, reply.text
    lines = [f"{time},{one}" for time, one in zip(*whole.values(), strict=True)]
    path = tmp_path / "온도.csv"
    path.write_text("\n".join(["시각,온도", *lines]) + "\n", "utf-8")
    alone = list(load(runs["온도"]).forecast(path).records())
    assert near(reply.json(), alone)
    asked = client.post("/v1/온도/forecast", json={"columns": whole, "horizon": 2}).json()
    assert near(asked, alone[:2])


def near(reply, records):
    told = reply["forecast"]
    assert [(one["time"], one["column"]) for one in told] == [(one["time"], one["column"]) for one in records]
    for name in ("forecast", "low_90", "low_80", "high_80", "high_90"):
        np.testing.assert_allclose([one[name] for one in told], [one[name] for one in records], atol=1e-4)
    return True


def test_a_session_that_began_short_answers_once_it_has_rows_enough(client):
    whole = history(30)
    place = begun(
        client, "온도", kind="forecast", columns={name: cells[:20] for name, cells in whole.items()}
    )
    told = [client.post(place + "/feed", json={"row": {"온도": one}}).json() for one in whole["온도"][20:]]
    assert [one["forecast"] is None for one in told] == [True] * 3 + [False] * 7
    assert [one["rows"] for one in told] == list(range(21, 31))


def test_a_session_of_rows_goes_on_from_its_snapshot(client):
    rows = history(70)
    rows["온도"][40] = None
    place = begun(client, "온도", kind="forecast", columns=rows)
    client.post(place + "/feed", json={"row": {"온도": 12.25}})
    snapshot = client.get(place + "/snapshot").json()
    other = begun(client, "온도", **json.loads(json.dumps(snapshot)))
    feed = {"row": {"온도": None}}
    assert (
        client.post(other + "/feed", json=feed).json()["forecast"]
        == client.post(place + "/feed", json=feed).json()["forecast"]
    )
    assert client.get(other + "/snapshot").json() == client.get(place + "/snapshot").json()


def test_a_refused_row_changes_nothing(client):
    place = begun(client, "온도", kind="forecast", columns=history(70))
    before = client.get(place + "/snapshot").json()
    for row in ({"바람": 1.0}, {"온도": 1e300}, {}, {"온도": "열"}):
        assert client.post(place + "/feed", json={"row": row}).status_code == 422
    assert client.post(place + "/feed", json={"row": {"온도": 1.0}, "horizon": 7}).status_code == 422
    assert client.post(place + "/feed", json={"text": "글"}).status_code == 422
    assert client.get(place + "/snapshot").json() == before


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["나비야 ", "이리", " 춤을\n", "추며 ", "?"]), min_size=1, max_size=5))
def test_a_text_fed_in_parts_is_the_text_read_whole(client, parts):
    place = begun(client, "song", kind="generate")
    for part in parts:
        assert client.post(place + "/feed", json={"text": part}).status_code == 200
    asked = {"tokens": 6, "temperature": 0.0}
    whole = client.post("/v1/song/generate", json={"prompt": "".join(parts), **asked}).json()
    told = client.post(place + "/generate", json=asked).json()
    assert "".join(parts) + told["text"] == whole["text"]
    assert told["log_prob"] == pytest.approx(whole["log_prob"], abs=1e-4)
    assert client.get(place).json()["text"] == whole["text"]


def test_a_session_of_writing_goes_on_from_its_snapshot_and_keeps_what_it_wrote(client):
    place = begun(client, "song", kind="generate", text="나비야 ")
    client.post(place + "/generate", json={"tokens": 5, "seed": 3})
    snapshot = client.get(place + "/snapshot").json()
    assert len(snapshot["ids"]) == 4 + 5
    other = begun(client, "song", **snapshot)
    asked = {"tokens": 12, "seed": 5}
    first, second = (client.post(one + "/generate", json=asked).json() for one in (place, other))
    assert first["text"] == second["text"]
    assert client.get(place).json()["text"] == snapshot["text"] + first["text"]


def test_sessions_are_ended_and_hold_what_their_model_reads(client):
    place = begun(client, "song", kind="generate", text="나비야")
    assert client.delete(place).json()["closed"] is True
    for reply in (client.get(place), client.delete(place), client.post(place + "/feed", json={"text": "가"})):
        assert reply.status_code == 404
    assert (
        client.post("/v1/song/sessions", json={"kind": "forecast", "columns": {"a": [1]}}).status_code == 422
    )
    assert client.post("/v1/song/sessions", json={"kind": "generate", "ids": [10**6]}).status_code == 422
    assert client.post("/v1/reviews/sessions", json={"kind": "generate"}).status_code == 404
