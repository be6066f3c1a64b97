"""A mixture: its members are runs of their own, it is resumed where it was, and it answers as its members do."""

import json

import numpy as np
import pytest

from yeoul import session
from yeoul.api import load
from yeoul.errors import ModelFileError, UsageError
from yeoul.files import seal, sha256
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder
from yeoul.session import Request
from yeoul.training.events import Finished, MemberStarted, MixtureReady, Paused

MIXTURE = """
[model]
kind = "mixture"

[[model.members]]
name = "net"
[model.members.text]
unit = "character"
[model.members.model.embedding]
size = 8
[model.members.model.encoder]
kind = "gru"
hidden_size = 6
[model.members.training]
epochs = 2
batch_size = 16
rate = 1e-2

[[model.members]]
name = "bag"
[model.members.text]
unit = "word"
[model.members.model.encoder]
kind = "bag"
[model.members.training]
epochs = 2
batch_size = 16
rate = 1e-2

[[model.members]]
name = "lines"
[model.members.model]
kind = "linear"
ngrams = [1, 2]
"""


@pytest.fixture
def request_in(reviews):
    def made(out, **overrides):
        return Request(
            resolve(MIXTURE, "mix", {"data.source": str(reviews), **overrides}), out, command="train"
        )

    return made


def test_members_are_runs_and_the_mixture_answers_as_they_do_together(request_in, tmp_path):
    events = list(session.train(request_in(tmp_path / "runs")))
    run = RunFolder(events[-1].path)
    assert isinstance(events[-1], Finished)
    assert [event.name for event in events if isinstance(event, MemberStarted)] == ["net", "bag", "lines"]
    assert sum(isinstance(event, Finished) for event in events) == 1
    told = json.loads((run.path / "members.json").read_text("utf-8"))
    assert [member["kind"] for member in told["members"]] == ["network", "network", "linear"]
    assert told["best_network"] in ("net", "bag")
    weights = next(event.weights for event in events if isinstance(event, MixtureReady))
    texts = ["최고의 영화", "", "지루해요 정말", "뷁"]
    total = 0.0
    for member in told["members"]:
        alone = load(run.path / "members" / member["run"])
        assert alone.status == "done"
        assert alone.evaluate()["scores"]["accuracy"] == member["test"]["accuracy"]
        total = total + weights[member["name"]] * alone.classifier.answers(texts).astype(np.float64)
    expected = total - np.logaddexp.reduce(total, axis=1, keepdims=True)
    np.testing.assert_allclose(load(run.path).classifier.answers(texts), expected, rtol=1e-5, atol=1e-6)


def test_moved_without_its_members_runs_it_still_answers(request_in, tmp_path):
    *_, finished = session.train(request_in(tmp_path / "runs"))
    before = load(finished.path).predict(["좋다"])
    moved = tmp_path / "다른 곳" / "모델"
    moved.parent.mkdir()
    finished.path.joinpath("members").rename(tmp_path / "gone")
    finished.path.rename(moved)
    assert load(moved).predict(["좋다"]) == before


@pytest.mark.parametrize("stop_at", [3, 15, 27])
def test_stopped_and_resumed_it_is_the_same_to_the_bit(request_in, tmp_path, stop_at):
    *_, whole = session.train(request_in(tmp_path / "whole"))
    asked = iter(range(1, 10_000))
    *_, paused = session.train(request_in(tmp_path / "parts"), lambda: next(asked) == stop_at)
    assert isinstance(paused, Paused)
    run = RunFolder(paused.path)
    assert run.status() == "paused"
    *_, resumed = session.resume(run)
    assert resumed.scores == whole.scores
    for name in ("net", "bag", "lines"):
        weights = [path / "model/members" / name / "weights.safetensors" for path in (whole.path, run.path)]
        assert sha256(weights[0]) == sha256(weights[1])
    assert len(list((run.path / "members").iterdir())) == 3


def test_a_forged_member_is_refused(request_in, tmp_path):
    *_, finished = session.train(request_in(tmp_path / "runs"))
    model = finished.path / "model"
    path = model / "model.json"
    description = json.loads(path.read_text("utf-8"))
    for forged in ({"../../net": 1.0}, {"net": -1.0}, {"net": 1.0, "other": 1.0}, {}):
        path.write_text(json.dumps({**description, "settings": {"weights": forged}}), "utf-8")
        seal(model)
        with pytest.raises(ModelFileError):
            load(finished.path).predict(["좋다"])
    path.write_text(json.dumps(description), "utf-8")
    seal(model)
    victim = next((model / "members" / "net").glob("*.safetensors"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelFileError, match="damaged"):
        load(finished.path).predict(["좋다"])


def test_starting_a_mixture_from_a_run_is_refused(request_in, tmp_path):
    request = request_in(tmp_path / "runs")
    started = Request(request.recipe, request.out, start_from=tmp_path)
    with pytest.raises(UsageError, match="no weights of its own"):
        list(session.train(started))
