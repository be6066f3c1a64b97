"""A model in a process of its own answers as one in the server's, and nobody waits for it when it is gone."""

import io
import os
import signal

import pytest
from served_runs import WORDS, client_of

from yeoul.api import load
from yeoul.errors import DataError, ModelFileError, RunError, YeoulError
from yeoul.serve.access import door_of
from yeoul.serve.answering import Here, Question, answering_of
from yeoul.serve.apart import Apart
from yeoul.serve.frames import error_of, read_frame, told_error, write_frame
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.serve.worker import answer_all

ASKED = [Question(WORDS[:3]), Question([]), Question(["\ud83d", "", "가" * 5000], attention=True)]


def gone(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.slow
def test_a_process_answers_as_the_model_here_and_ends_with_its_asker(runs):
    run = load(runs["reviews"], "cpu")
    apart, here = Apart(run), answering_of(run)
    try:
        assert apart.alive
        assert (apart.facts, apart.channels, apart.compares) == (here.facts, here.channels, here.compares)
        assert apart.answer(ASKED) == here.answer(ASKED)
    finally:
        apart.close()
    assert not apart.alive
    assert gone(apart.process)


@pytest.mark.slow
def test_a_process_that_was_killed_is_told_of_at_once(words):
    service = open_service(words[:1], "cpu", door_of("127.0.0.1", (), None), Limits(), Apart)
    client = client_of(service)
    try:
        assert client.post("/v1/reviews/predict", json={"text": "a"}).status_code == 200
        assert 'yeoul_model_resident_bytes{model="reviews"}' in client.get("/metrics").text
        os.kill(service.processes["reviews"], signal.SIGKILL)
        reply = client.post("/v1/reviews/predict", json={"text": "a"})
        assert (reply.status_code, reply.json()["error"]["kind"]) == (503, "not-now")
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
    finally:
        service.close()


@pytest.mark.slow
def test_a_model_that_does_not_load_is_refused_as_here(runs, tmp_path):
    broken = tmp_path / "broken-0001"
    broken.mkdir()
    for name in ("run.json", "resolved.toml"):
        (broken / name).write_bytes((runs["reviews"] / name).read_bytes())
    run = load(broken, "cpu")
    with pytest.raises(RunError) as here:
        answering_of(run)
    with pytest.raises(RunError) as apart:
        Apart(run)
    assert str(apart.value) == str(here.value)


@pytest.mark.parametrize("kind", [DataError, ModelFileError, YeoulError])
def test_errors_and_faults_come_through_the_pipe(kind):
    def fails(questions):
        if questions[0].attention:
            raise ZeroDivisionError("nothing")
        raise kind("no {what}", "mend it", where="a.csv:3", values={"what": "표"})

    asked, told = io.BytesIO(), io.BytesIO()
    for attention in (False, True):
        write_frame(asked, {"texts": [["a"]], "attention": [attention]})
    asked.seek(0)
    answer_all(Here({}, None, False, fails), asked, told)
    told.seek(0)
    error = error_of(read_frame(told)["error"])
    assert (type(error), str(error)) == (kind, "a.csv:3: no 표; mend it")
    assert "ZeroDivisionError: nothing" in read_frame(told)["fault"]
    assert read_frame(told) is None


def test_a_message_that_was_cut_short_is_none():
    whole = io.BytesIO()
    write_frame(whole, {"error": told_error(DataError("a"))})
    for end in range(len(whole.getvalue())):
        assert read_frame(io.BytesIO(whole.getvalue()[:end])) is None
