"""Trainings are processes of their own: they start, pause, go on, die and outlive the studio, which tells it true."""

import os
import shlex
import signal
import sys
import time
from pathlib import Path

import pytest
from studio_runs import REVIEWS, TOKEN, client_of

from yeoul.api import recipe_for
from yeoul.cli.train import key_values
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder
from yeoul.studio import jobs
from yeoul.studio.application import Studio
from yeoul.studio.asked import Start

TOML = 'task = "classify"\n[data]\nsource = "nothing.csv"\n'
TRAINER = """
import signal, sys, time
from pathlib import Path
from yeoul.runs.folder import create_run, open_run
words = sys.argv[1:]
if "--resume" in words:
    run = open_run(Path(words[words.index("--resume") + 1]))
else:
    recipe, runs = (Path(words[words.index(word) + 1]) for word in ("train", "--out"))
    run = create_run(runs, recipe.stem, {"task": "classify"})
def pause(number, frame):
    run.set_status("paused")
    print("stopped", flush=True)
    sys.exit(130)
signal.signal(signal.SIGINT, pause)
run.set_status("running")
run.append_metrics({"event": "epoch", "epoch": 1, "step": 5, "elapsed_seconds": 1.0, "validation": {}})
print("training", flush=True)
while True:
    signal.pause()
"""
FAILING = "import sys; print('error: nothing.csv: there is no such file', file=sys.stderr); sys.exit(3)"


def until(told, seconds=30.0):
    """Return what a question answers as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := told():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.fixture
def trainer(monkeypatch):
    """Let a small program train in place of Yeoul; return how to name another."""

    def use(program):
        monkeypatch.setattr(
            jobs, "words_of", lambda command, language: [sys.executable, "-c", program, *command]
        )

    use(TRAINER)
    return use


@pytest.fixture
def open_studio(tmp_path, trainer):
    """Open studios over one folder; what they started ends with the test."""
    opened = list[Studio]()

    def make():
        opened.append(Studio(tmp_path / "runs", tmp_path, "cpu", TOKEN))
        return client_of(opened[-1])

    yield make
    for job in opened[0].house.jobs.all():
        path = tmp_path / "runs" / ".studio" / "jobs" / job["job"] / "job.json"
        pid = jobs.read_json(path)["process"]["pid"]
        if job["status"] in ("starting", "running"):
            os.kill(pid, signal.SIGKILL)
    for studio in opened:
        studio.close()


def started(client):
    job = client.post("/v1/jobs", json={"toml": TOML, "name": "우리 리뷰"})
    assert job.status_code == 202, job.text
    name = job.json()["job"]
    return until(lambda: told(client, name)["run"] and told(client, name)), name


def told(client, name):
    return client.get(f"/v1/jobs/{name}").json()


def test_a_training_starts_pauses_and_goes_on(open_studio, tmp_path):
    client = open_studio()
    job, name = started(client)
    assert (job["status"], job["run"]) == ("running", "우리-리뷰-0001")
    run = until(lambda: (found := client.get("/v1/runs/우리-리뷰-0001").json())["epochs"] and found)
    assert run["status"] == "running"
    assert run["can"] == {"stop": True, "resume": False, "remove": False, "try": False}
    assert client.post("/v1/runs/우리-리뷰-0001/resume", json={}).status_code == 409
    assert client.post("/v1/runs/우리-리뷰-0001/stop", json={}).status_code == 202
    ended = until(lambda: (found := told(client, name))["exit_code"] is not None and found)
    assert (ended["status"], ended["exit_code"], ended["lines"][-1]) == ("ended", 130, "stopped")
    assert client.get("/v1/runs/우리-리뷰-0001").json()["status"] == "paused"
    assert client.post("/v1/runs/우리-리뷰-0001/stop", json={}).status_code == 409
    again = client.post("/v1/runs/우리-리뷰-0001/resume", json={})
    assert (again.status_code, again.json()["run"]) == (202, "우리-리뷰-0001")
    assert client.post("/v1/runs/우리-리뷰-0001/resume", json={}).status_code == 409
    until(lambda: client.get("/v1/runs/우리-리뷰-0001").json()["status"] == "running")
    assert [one["run"] for one in client.get("/v1/jobs").json()["jobs"]] == ["우리-리뷰-0001"] * 2
    (recipe,) = (tmp_path / "runs" / ".studio" / "jobs" / name).glob("*.toml")
    assert recipe.read_text("utf-8") == TOML


def test_a_killed_training_is_interrupted_at_once(open_studio, tmp_path):
    client = open_studio()
    _, name = started(client)
    pid = RunFolder(tmp_path / "runs" / "우리-리뷰-0001").record()["process"]["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: client.get("/v1/runs/우리-리뷰-0001").json()["status"] == "interrupted", 10.0)
    assert until(lambda: told(client, name)["status"] == "failed", 10.0)
    assert client.get("/v1/runs/우리-리뷰-0001").json()["can"]["resume"]


def test_closing_the_studio_leaves_the_training_alive_and_the_next_one_knows_it(open_studio, tmp_path):
    first = open_studio()
    _, name = started(first)
    pid = RunFolder(tmp_path / "runs" / "우리-리뷰-0001").record()["process"]["pid"]
    assert os.getpgid(pid) != os.getpgid(0)
    assert os.getsid(pid) == pid
    second = open_studio()
    assert (told(second, name)["status"], told(second, name)["run"]) == ("running", "우리-리뷰-0001")
    assert second.post(f"/v1/jobs/{name}/stop", json={}).status_code == 202
    until(lambda: second.get("/v1/runs/우리-리뷰-0001").json()["status"] == "paused")


def test_what_fails_before_there_is_a_run_tells_why(open_studio, trainer):
    client = open_studio()
    trainer(FAILING)
    name = client.post("/v1/jobs", json={"toml": TOML}).json()["job"]
    job = until(lambda: (found := told(client, name))["status"] == "failed" and found)
    assert (job["run"], job["exit_code"]) == (None, 3)
    assert job["message"] == "error: nothing.csv: there is no such file"
    assert client.post(f"/v1/jobs/{name}/stop", json={}).status_code == 409


def test_a_recipe_that_is_wrong_is_refused_before_any_process(open_studio, tmp_path):
    client = open_studio()
    reply = client.post("/v1/jobs", json={"toml": TOML + "[training]\nepochz = 3\n"})
    assert (reply.status_code, reply.json()["error"]["line"]) == (422, 5)
    assert client.post("/v1/jobs", json={"toml": TOML, "device": "cpu; rm"}).status_code == 422
    assert client.post("/v1/jobs", json={"toml": TOML, "from": "no-run-0001"}).status_code == 404
    assert client.get("/v1/jobs").json() == {"jobs": []}
    assert client.get("/v1/jobs/20260101T000000-abcdef").status_code == 404
    assert not (tmp_path / "runs").exists()


def _values(command):
    return [word for word in shlex.split(command) if "=" in word]


def test_what_no_command_says_is_trained_by_a_file_of_the_same_words(tmp_path):
    started = []
    one = jobs.Jobs(tmp_path)
    one._begun = lambda job, command, record, language: started.append(command)
    plain = 'task = "classify"\n[data]\nsource = "리뷰.csv"\n'
    one.start(Start(toml=plain, name="리뷰"), [], "en")
    one.start(Start(toml=plain, name="다른 이름"), ["--device=cpu"], "en")
    assert started[0] == ["train", "리뷰.csv", "--out", str(tmp_path)]
    (_, path, *rest) = started[1]
    assert (Path(path).name, Path(path).read_text("utf-8")) == ("다른-이름.toml", plain)
    assert rest == ["--out", str(tmp_path), "--device=cpu"]


@pytest.mark.slow
def test_a_real_training_ends_in_a_run_with_a_verdict(place, tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    studio = Studio(tmp_path / "runs", place / "data", "cpu", TOKEN)
    client = client_of(studio)
    toml = f'[data]\nsource = "{place / "data" / "리뷰.csv"}"\n{REVIEWS}'
    name = client.post("/v1/jobs", json={"toml": toml, "name": "리뷰"}).json()["job"]
    job = until(lambda: (found := told(client, name))["status"] in ("ended", "failed") and found, 120.0)
    assert (job["status"], job["exit_code"], job["run"]) == ("ended", 0, "리뷰-0001")
    run = client.get("/v1/runs/리뷰-0001").json()
    source = place / "data" / "리뷰.csv"
    assert run["command"].startswith(shlex.join(["yeoul", "train", str(source)]))
    assert (
        recipe_for(str(source), key_values(_values(run["command"]))).recipe
        == resolve(toml, "리뷰", {}).recipe
    )
    assert (run["status"], run["verdict"]["against"]) == ("done", "linear")
    answers = client.post("/v1/runs/리뷰-0001/predict", json={"text": "재미있어요"}).json()["answers"]
    assert answers[0]["label"] in ("긍정", "부정")
    studio.close()
