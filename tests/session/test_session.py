"""A whole training: learns, saves, resumes, survives what happens to it, and says so in its folder."""

import errno
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

import yeoul
from yeoul import session
from yeoul.api import Run, load
from yeoul.errors import DataError, DiskFullError, DivergedError, ModelFileError, RecipeError, RunError
from yeoul.files import SUMS, seal, sha256
from yeoul.models.heads import ClassHead
from yeoul.runs.folder import RunFolder, list_runs
from yeoul.session import Request
from yeoul.training.checkpoints import latest_checkpoint
from yeoul.training.events import BaselineReady, EpochEnded, Finished, Paused, RolledBack, Stepped


def trained(recipe, out, should_stop=lambda: False):
    events = list(session.train(Request(recipe, out, command="yeoul train 리뷰.csv"), should_stop))
    return RunFolder(events[-1].path), events


def weights(run):
    return sha256(run.path / "model" / "weights.safetensors")


def told(run):
    """metrics.jsonl without its times."""
    timed = ("elapsed_seconds", "tokens_per_second")
    return [{key: value for key, value in line.items() if key not in timed} for line in run.metrics_lines()]


@pytest.mark.report
def test_from_a_file_to_a_verdict(recipe, tmp_path):
    run, events = trained(recipe(epochs=10), tmp_path / "runs")
    assert isinstance(events[-1], Finished)
    assert run.id == "reviews-0001"
    assert run.status() == "done"
    assert events[-1].scores["scores"]["accuracy"]["value"] >= 0.9
    assert {event.name for event in events if isinstance(event, BaselineReady)} == {"majority", "linear"}
    files = {str(path.relative_to(run.path)) for path in run.path.rglob("*") if path.is_file()}
    expected = """run.json recipe.toml resolved.toml data.json metrics.jsonl metrics.csv log.txt report.html
        model/model.json model/weights.safetensors model/tokenizer.json model/text.json
        model/MODEL_CARD.md model/SHA256SUMS checkpoints/LATEST checkpoints/BEST plots/curves.png
        evaluation/test/metrics.json evaluation/test/predictions.csv evaluation/test/worst.csv
        evaluation/validation/metrics.json"""
    assert set(expected.split()) <= files
    record = run.record()
    assert record["verdict"]["against"] in ("linear", "majority")
    assert record["data"]["fingerprint"] == json.loads((run.path / "data.json").read_text())["fingerprint"]
    resolved = (run.path / "resolved.toml").read_text("utf-8")
    assert 'target = "평가" # found in the data' in resolved
    assert "epochs = 10 # command" in resolved


def test_saved_loaded_moved_and_asked_alone_it_answers_the_same(recipe, reviews, tmp_path):
    run, _ = trained(recipe(epochs=10), tmp_path / "runs")
    texts = ["최고의 영화", "", "지루해요 정말", "뷁", "great " * 300]
    together = Run(run.path).classifier.answers(texts)
    moved = tmp_path / "옮긴 곳"
    run.path.rename(moved)
    reviews.unlink()
    again = load(moved)
    np.testing.assert_array_equal(again.classifier.answers(texts), together)
    for row, text in enumerate(texts):
        np.testing.assert_allclose(again.classifier.answers([text])[0], together[row], rtol=1e-5, atol=1e-6)
    assert again.predict(["최고의 영화"])[0].label == "긍정"
    assert again.predict([]) == []


def test_overfits_four_rows_then_saves_loads_and_answers_the_same(recipe, tmp_path):
    rows = [("아주 좋다", "good"), ("아주 나쁘다", "bad"), ("그저 그렇다", "bad"), ("참 좋아요", "good")]
    path = tmp_path / "four.csv"
    lines = [f"{text}{'!' * copy},{label}" for copy in range(10) for text, label in rows]
    path.write_text("\n".join(["text,label", *lines]), "utf-8")
    options = {"data.source": str(path), "epochs": 30, "patience": 30, "select": "loss"}
    run, _ = trained(recipe(**options, **{"text.min_count": 1}), tmp_path / "runs")
    answers = load(run.path).predict([text for text, _ in rows])
    assert [answer.label for answer in answers] == [label for _, label in rows]
    assert min(answer.confidence for answer in answers) > 0.9


def test_evaluating_the_test_rows_again_gives_the_same_scores(recipe, reviews, tmp_path):
    run, _ = trained(recipe(), tmp_path / "runs")
    predictions = (run.path / "evaluation/test/predictions.csv").read_text("utf-8-sig").splitlines()[1:]
    places = [line.split(",")[0].rpartition(":")[2] for line in predictions]
    lines = reviews.read_text("cp949").splitlines()
    path = tmp_path / "test rows.csv"
    path.write_text("\n".join([lines[0], *(lines[int(place) - 1] for place in places)]), "utf-8")
    again, stored = load(run.path).evaluate(path), load(run.path).evaluate()
    assert again["scores"]["accuracy"] == stored["scores"]["accuracy"]
    assert again["verdict"] == stored["verdict"]
    assert [entry["name"] for entry in again["baselines"]] == ["majority", "linear"]


def test_a_label_never_seen_is_named(recipe, tmp_path):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    path = tmp_path / "new.csv"
    path.write_text("리뷰,평가\n좋다,긍정\n음,보통\n", "utf-8")
    with pytest.raises(
        DataError, match=r"new.csv:3: labels that training never saw, with their rows: 보통 \(1\)"
    ):
        load(run.path).evaluate(path)


@pytest.mark.parametrize("stop_at", [1, 12, 13, 20])
def test_paused_and_resumed_equals_unbroken_bit_for_bit(recipe, tmp_path, stop_at):
    whole, events = trained(recipe(), tmp_path / "whole")
    steps = iter(range(1, 1000))
    paused, stopped = trained(recipe(), tmp_path / "parts", lambda: next(steps) >= stop_at)
    assert isinstance(stopped[-1], Paused)
    assert paused.status() == "paused"
    rest = list(session.resume(paused))
    assert isinstance(rest[-1], Finished)
    assert weights(paused) == weights(whole)
    assert told(paused) == told(whole)
    assert rest[-1].scores == events[-1].scores
    assert paused.status() == "done"


def test_killed_and_resumed_equals_unbroken_bit_for_bit(recipe, reviews, tmp_path):
    options = {"epochs": 12, "patience": 12, "checkpoint_seconds": 0.05}
    whole, _ = trained(recipe(**options), tmp_path / "whole")
    toml = tmp_path / "reviews.toml"
    toml.write_text(recipe(**options).to_toml(), "utf-8")
    killed = kill_in_the_middle(toml, tmp_path / "killed")
    assert killed.status() == "interrupted"
    list(session.resume(killed))
    assert weights(killed) == weights(whole)
    assert told(killed) == told(whole)


def kill_in_the_middle(toml: Path, out: Path) -> RunFolder:
    """Train in another process and kill it without warning after a few checkpoints."""
    program = "import sys, yeoul; yeoul.train(sys.argv[1], out=sys.argv[2])"
    process = subprocess.Popen([sys.executable, "-c", program, str(toml), str(out)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = list_runs(out)
        latest = runs[0].checkpoints / "LATEST" if runs else None
        if latest is not None and latest.exists() and latest.read_text().strip() > "step-00000020":
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return runs[0]
        time.sleep(0.01)
    process.kill()
    raise AssertionError("no checkpoint in a minute")


def test_a_finished_run_and_changed_data_are_not_resumed(recipe, reviews, tmp_path):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    with pytest.raises(RunError, match="the run is done"):
        list(session.resume(run))
    paused, _ = trained(recipe(), tmp_path / "runs", lambda: True)
    reviews.write_bytes(reviews.read_bytes().replace("좋았다".encode("cp949"), "싫었다".encode("cp949"), 1))
    with pytest.raises(DataError, match="the data has changed"):
        list(session.resume(paused))


def test_a_disk_that_fills_up_leaves_the_last_checkpoint(recipe, tmp_path, monkeypatch):
    whole, _ = trained(recipe(), tmp_path / "whole")
    real, budget = os.fsync, iter(range(1, 1000))

    def fsync(descriptor):
        if next(budget) == 40:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DiskFullError, match="MB free"):
        trained(recipe(), tmp_path / "full")
    monkeypatch.undo()
    run = list_runs(tmp_path / "full")[0]
    assert run.status() == "paused"
    list(session.resume(run))
    assert weights(run) == weights(whole)


@pytest.mark.parametrize("fault", range(1, 60, 4))
def test_a_fault_at_any_flush_leaves_a_run_that_resumes(recipe, tmp_path, monkeypatch, fault):
    """A crash at a flush (here an error that is not a full disk) never costs more than the last checkpoint."""
    real, count = os.fsync, iter(range(1, 10_000))

    def fsync(descriptor):
        if next(count) == fault:
            raise OSError(errno.EIO, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output"):
        trained(recipe(epochs=2), tmp_path / "runs")
    monkeypatch.undo()
    runs = list_runs(tmp_path / "runs")
    if not runs or not (runs[0].checkpoints / "LATEST").exists():
        # it failed before the first checkpoint: there is nothing to lose, and nothing seems to run
        assert all(run.status() in ("created", "failed") for run in runs)
        return
    assert runs[0].status() == "failed"
    assert isinstance(list(session.resume(runs[0]))[-1], Finished)


def test_numbers_that_burst_go_back_to_the_checkpoint_at_half_the_rate(recipe, tmp_path, monkeypatch):
    real, calls = ClassHead.loss, iter(range(1, 10_000))

    def burst(head, features, targets):
        loss = real(head, features, targets)
        if next(calls) == 30:
            loss.terms["cross_entropy"].total.data.fill_(math.nan)
        return loss

    monkeypatch.setattr(ClassHead, "loss", burst)
    run, events = trained(recipe(), tmp_path / "runs")
    back = [event for event in events if isinstance(event, RolledBack)]
    assert [event.rate_scale for event in back] == [0.5]
    assert isinstance(events[-1], Finished)
    steps = [event.progress.step for event in events if isinstance(event, Stepped)]
    assert len(steps) > len(set(steps))
    epochs = [event.epoch for event in events if isinstance(event, EpochEnded)]
    assert epochs == sorted(set(epochs))
    assert run.status() == "done"


def test_numbers_that_always_burst_end_in_one_clear_error(recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(ClassHead, "loss", lambda head, features, targets: nan_loss(head, features, targets))
    with pytest.raises(DivergedError, match="not finite at step 0, also at 1/8 of the rate"):
        trained(recipe(), tmp_path / "runs")
    run = list_runs(tmp_path / "runs")[0]
    assert run.status() == "failed"
    assert json.loads((run.path / "error.json").read_text())["kind"] == "DivergedError"


def nan_loss(head, features, targets):
    from yeoul.models.loss import Loss, Term

    return Loss({"cross_entropy": Term(head(features).sum() * math.nan, float(len(targets)))})


def test_a_budget_becomes_steps_and_stays_them(recipe, tmp_path):
    run, events = trained(recipe(budget_seconds=0.2, epochs=500), tmp_path / "runs")
    resolved = (run.path / "resolved.toml").read_text("utf-8")
    steps = int(resolved.split("max_steps = ")[1].split()[0])
    assert "# calibration of the budget" in resolved
    assert max(event.progress.step for event in events if isinstance(event, Stepped)) == steps
    assert steps < 500 * 12


def test_starting_from_another_run_takes_its_weights(recipe, tmp_path):
    first, _ = trained(recipe(), tmp_path / "runs")
    request = Request(recipe(epochs=1, rate=1e-9), tmp_path / "runs", start_from=first.path)
    second = RunFolder(list(session.train(request))[-1].path)
    texts = ["최고의 영화", "지루해요"]
    np.testing.assert_allclose(
        Run(second.path).classifier.answers(texts), Run(first.path).classifier.answers(texts), atol=1e-3
    )


def test_a_linear_recipe_goes_the_same_way(recipe, reviews, tmp_path):
    from yeoul.recipefile import resolve

    linear = resolve('[model]\nkind = "linear"\n', "linear", {"data.source": str(reviews)})
    run, events = trained(linear, tmp_path / "runs")
    assert events[-1].scores["verdict"]["against"] == "majority"
    assert events[-1].scores["verdict"]["outcome"] == "beats"
    assert load(run.path).predict(["최고의 영화"])[0].label == "긍정"


@pytest.mark.parametrize("name", ["weights.safetensors", "model.json", "tokenizer.json", "text.json", SUMS])
@pytest.mark.parametrize("how", ["cut", "flip", "gone"])
def test_a_damaged_model_is_refused_by_name(recipe, tmp_path, name, how):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    path = run.path / "model" / name
    content = path.read_bytes()
    match how:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "flip":
            path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
        case "gone":
            path.unlink()
    with pytest.raises(ModelFileError):
        load(run.path).predict(["좋다"])


def test_forged_weights_that_pass_the_checksum_are_still_refused(recipe, tmp_path):
    from yeoul.runs.weights import load_tensors, save_tensors

    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    path = run.path / "model" / "weights.safetensors"
    tensors = load_tensors(path)
    for forged in (
        {**tensors, "head.project.bias": torch.full((2,), math.nan)},
        {**tensors, "head.project.bias": torch.zeros(3)},
        {name: value for name, value in tensors.items() if name != "head.project.bias"},
        {**tensors, "extra": torch.zeros(1)},
    ):
        save_tensors(path, forged)
        seal(path.parent)
        with pytest.raises(ModelFileError, match="the weight"):
            load(run.path).predict(["좋다"])


def test_every_seed_and_text_option_has_an_effect(recipe, tmp_path):
    plain = weights(trained(recipe(epochs=1), tmp_path / "runs")[0])
    changes = [
        {"seed": 43},
        {"text.unit": "syllable"},
        {"vocabulary_size": 20},
        {"text.min_count": 40},
        {"max_length": 5},
        {"validation": 0.3},
        {"test": 0.3},
    ]
    for change in changes:
        assert weights(trained(recipe(epochs=1, **change), tmp_path / "runs")[0]) != plain, change
    lower = tmp_path / "lower.csv"
    lower.write_text("text,label\n" + "".join(f"Good A{n},x\nBAD b{n},y\n" for n in range(40)), "utf-8")
    two = [
        trained(recipe(epochs=1, **{"text.lowercase": value, "data.source": str(lower)}), tmp_path / "runs")[
            0
        ]
        for value in (False, True)
    ]
    assert weights(two[0]) != weights(two[1])


def test_starting_from_a_run_on_another_split_of_the_same_rows_is_refused(recipe, tmp_path):
    first, _ = trained(recipe(epochs=1), tmp_path / "runs")
    request = Request(recipe(epochs=1, seed=43), tmp_path / "runs", start_from=first.path)
    with pytest.raises(DataError, match="trained on another split of this data"):
        list(session.train(request))
    request = Request(recipe(epochs=1, **{"text.unit": "word"}), tmp_path / "runs", start_from=first.path)
    with pytest.raises(RecipeError, match=r"text.unit: the run that --from names has character here"):
        list(session.train(request))


def test_a_run_that_was_started_from_another_resumes_with_its_vocabulary(recipe, tmp_path):
    first, _ = trained(recipe(epochs=1, **{"text.max_length": 5}), tmp_path / "runs")
    ends = []
    for stop_at in (10_000, 7):
        steps = iter(range(1, 20_000))
        request = Request(recipe(), tmp_path / str(stop_at), start_from=first.path)
        run = RunFolder(list(session.train(request, lambda: next(steps) >= stop_at))[-1].path)  # noqa: B023
        if run.status() == "paused":
            list(session.resume(run))
        ends.append(weights(run))
    assert ends[0] == ends[1]
    assert "max_length = 5 # run reviews-0001" in (run.path / "resolved.toml").read_text("utf-8")


def test_a_listener_that_goes_away_leaves_a_paused_run(recipe, reviews, tmp_path):
    def listener(event):
        if isinstance(event, EpochEnded):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        yeoul.train(str(reviews), out=tmp_path / "runs", on_event=listener, epochs=2, hidden_size=4)
    run = list_runs(tmp_path / "runs")[0]
    assert run.status() == "paused"
    assert isinstance(list(session.resume(run))[-1], Finished)


def test_answers_that_burst_in_validation_go_back_too(recipe, tmp_path):
    with pytest.raises(DivergedError):
        trained(recipe(rate=1e30, warmup=0.0, clip=1e30), tmp_path / "runs")


def test_a_crash_between_the_renames_of_a_checkpoint_loses_nothing(recipe, tmp_path):
    run, _ = trained(recipe(), tmp_path / "runs", lambda: True)
    only = latest_checkpoint(run.checkpoints).folder
    for other in run.checkpoints.glob("step-*"):
        if other != only:
            shutil.rmtree(other)
    only.rename(only.with_name(f".{only.name}.old"))
    assert isinstance(list(session.resume(run))[-1], Finished)


def test_scores_of_rows_that_were_trained_on_are_marked(recipe, reviews, tmp_path):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    assert load(run.path).evaluate(reviews)["holds_training_rows"]
    other = tmp_path / "other.csv"
    other.write_bytes(reviews.read_bytes() + "\r\n좋다,긍정".encode("cp949"))
    assert not load(run.path).evaluate(other)["holds_training_rows"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("model.json", '"hidden_size": 10', '"hidden_size": 10000000000'),
        ("model.json", '"num_layers": 1', '"num_layers": 1000000000'),
        ("model.json", '"긍정"', '"긍정", "또"'),
        ("model.json", "{", "[" * 100_000),
        ("text.json", "256", "Infinity"),
        ("text.json", "256", "-3"),
        ("text.json", "{", "[" * 100_000),
        ("tokenizer.json", '"최":', '"최": 99999, "뷁":'),
    ],
)
def test_a_forged_model_with_right_checksums_is_a_model_error(recipe, tmp_path, name, old, new):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    path = run.path / "model" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    seal(path.parent)
    with pytest.raises(ModelFileError):
        load(run.path).predict(["좋다"])


def test_a_link_out_of_the_model_folder_is_refused(recipe, tmp_path):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    path = run.path / "model" / "tokenizer.json"
    elsewhere = tmp_path / "elsewhere.json"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    with pytest.raises(ModelFileError, match="not a regular file"):
        load(run.path).predict(["좋다"])


def test_lone_surrogates_are_answered(recipe, tmp_path):
    run, _ = trained(recipe(epochs=1), tmp_path / "runs")
    assert len(load(run.path).predict(["좋다 \udcff", "\ud83d"])) == 2
