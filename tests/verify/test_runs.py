"""The laws of trained models: all kept by those of Yeoul, and a fault planted in one is told."""

import json
import shutil

import pytest
import torch

from yeoul.cli.main import run as command
from yeoul.data.batches import Batch
from yeoul.models.encoder_model import EncoderModel
from yeoul.models.encoders import RecurrentEncoder
from yeoul.padded import Padded
from yeoul.verify.laws import LAWS
from yeoul.verify.parts import reloaded
from yeoul.verify.run import verify_run

SAID_NOTHING = {
    "classify": set(),
    "attention": {"future", "chunks"},
    "linear": {"padding", "future", "chunks"},
    "generate": set(),
    "transduce": set(),
    "forecast": {"padding", "chunks"},
    "tag": {"padding", "future", "chunks"},
    "compare": {"future", "chunks"},
    "caption": set(),
}


SLOW = ("linear", "compare", "tag", "caption")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in SAID_NOTHING]
)
def test_a_trained_model_keeps_the_laws(runs, name):
    found = verify_run(runs[name])
    assert found.source == "data"
    assert found.found.broken == ()
    assert {one.law for one in found.found.outcomes if one.state == "none"} == SAID_NOTHING[name]


def test_rows_are_made_where_the_data_is_gone(runs, tmp_path):
    moved = tmp_path / "옮긴 실행"
    shutil.copytree(runs["classify"], moved)
    resolved = moved / "resolved.toml"
    resolved.write_text(resolved.read_text("utf-8").replace("리뷰.csv", "사라짐.csv"), "utf-8")
    found = verify_run(moved)
    assert (found.source, found.found.ok) == ("vocabulary", True)
    assert found.rows == 8


def planted(monkeypatch, change):
    """Change the answers of the network of texts."""
    honest = EncoderModel.answers

    def answers(self, batch: Batch):
        return change(honest(self, batch), batch)

    monkeypatch.setattr(EncoderModel, "answers", answers)


FAULTS = {
    "mates": lambda told, batch: told + told.mean(0),
    "order": lambda told, batch: told + torch.arange(len(told))[:, None],
    "padding": lambda told, batch: told + batch.inputs["text"].values.shape[1],
    "finite": lambda told, batch: told.masked_fill(batch.inputs["text"].lengths[:, None] == 0, torch.nan),
}


@pytest.mark.parametrize("law", FAULTS)
def test_a_planted_fault_is_told(runs, monkeypatch, capsys, law):
    planted(monkeypatch, FAULTS[law])
    assert command(["verify", str(runs["classify"]), "--json"]) == 1
    told = {one["law"]: one for one in json.loads(capsys.readouterr().out)["laws"]}
    assert told[law]["state"] == "broken"
    assert told[law]["example"]["rows"]
    assert list(told) == list(LAWS)


def test_a_state_that_is_lost_between_pieces_is_found(runs, monkeypatch):
    honest = RecurrentEncoder.read
    monkeypatch.setattr(
        RecurrentEncoder,
        "read",
        lambda self, inputs, state: honest(self, inputs, self.start(len(inputs.lengths))),
    )
    assert verify_run(runs["classify"]).found.broken == ("chunks",)


def test_states_that_know_the_future_are_found(runs, monkeypatch):
    honest = RecurrentEncoder.read

    def read(self, inputs, state):
        states, after = honest(self, inputs, state)
        last = states.filled().values.sum(1, keepdim=True)
        return Padded(states.values + last, states.lengths), after

    monkeypatch.setattr(RecurrentEncoder, "read", read)
    assert "future" in verify_run(runs["classify"]).found.broken


def test_what_saving_loses_is_found(runs, monkeypatch):
    def losing(model, load, device):
        again = reloaded(model, load, device)
        with torch.no_grad():
            next(again.model.model.parameters()).mul_(1 + 2**-20)
        return again

    monkeypatch.setattr("yeoul.verify.parts.reloaded", losing)
    assert verify_run(runs["classify"]).found.broken == ("saved",)


def test_people_read_a_table(runs, monkeypatch, capsys):
    assert command(["verify", str(runs["forecast"])]) == 0
    out = capsys.readouterr().out
    assert out.startswith("all 8 laws hold\n")
    planted(monkeypatch, FAULTS["padding"])
    assert command(["verify", str(runs["classify"]), "--lang", "ko"]) == 1
    out = capsys.readouterr().out
    assert "깨졌습니다" in out
    assert "패딩 1칸을 덧붙였을 때" in out


def test_what_is_no_run_is_refused(tmp_path, capsys):
    assert command(["verify", str(tmp_path / "없음")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
