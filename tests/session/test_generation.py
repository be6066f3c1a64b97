"""Language models from a text to a run: laws of reading, saving, resuming, and that the test part changes nothing."""

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pytest
import torch

from yeoul import session
from yeoul.api import load
from yeoul.api.rereading import reread
from yeoul.cli.main import run as command
from yeoul.errors import DataError, ModelFileError, RecipeError, UsageError
from yeoul.models.language_scoring import Reading, text_log_probs
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder, list_runs
from yeoul.session import Request, finishing
from yeoul.tasks.generation.ngrams import unigram_of
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.generation.writer import TrainedDecoder, Writer
from yeoul.training.events import EpochEnded, Finished, Paused

RECIPE = """
task = "generate"
[text]
unit = "character"
min_count = 1
[language]
window = 12
[model]
embedding_size = 8
output_dropout = 0.2
[model.network]
kind = "lstm"
hidden_size = 12
weight_drop = 0.2
[training]
epochs = 3
batch_size = 8
rate = 1e-2
[sampling]
max_tokens = 20
"""
NGRAMS = """
task = "generate"
[text]
unit = "character"
min_count = 1
[model]
kind = "ngrams"
order = 4
[sampling]
max_tokens = 20
"""
TRANSFORMER = """
task = "generate"
[text]
unit = "character"
[language]
window = 12
[model]
embedding_size = 8
[model.network]
kind = "transformer"
size = 8
num_heads = 2
num_layers = 1
feedforward = 8
reach = 7
[training]
epochs = 3
batch_size = 8
accumulation = 2
[sampling]
max_tokens = 20
"""
DOCUMENTS = {"language.lines": True, "language.stream": False}
WORDS = ["나비야", "이리", "날아", "오너라", "노랑나비", "흰나비", "춤을", "추며", "오너라", "꽃잎도", "방긋"]


def song(lines=220, seed=0):
    draw = random.Random(seed)
    return "".join(" ".join(draw.sample(WORDS, 4)) + "\n" for _ in range(lines))


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "우리 노래" / "나비야.txt"
    path.parent.mkdir()
    path.write_bytes(song().encode("cp949"))
    return path


def request(path, out, recipe=RECIPE, **overrides):
    return Request(resolve(recipe, "song", {"data.source": str(path), **overrides}), out)


def trained(path, out, should_stop=lambda: False, recipe=RECIPE, **overrides):
    events = list(session.train(request(path, out, recipe, **overrides), should_stop))
    return RunFolder(events[-1].path), events


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give trained runs on the same song, each trained once; nobody may change them."""
    folder, runs = tmp_path_factory.mktemp("runs"), {}
    path = folder / "나비야.txt"
    path.write_bytes(song().encode("cp949"))
    draw = pytest.MonkeyPatch()
    draw.setattr(finishing, "write_report", lambda run, language: run / "report.html")
    draw.setenv("YEOUL_CACHE", str(folder / "cache"))

    def run_of(recipe=RECIPE, **overrides):
        key = recipe + repr(sorted(overrides.items()))
        if key not in runs:
            runs[key] = trained(path, folder, recipe=recipe, **overrides)
        return path, *runs[key]

    yield run_of
    draw.undo()


def weights(run):
    return hashlib.sha256((run.path / "model" / "weights.safetensors").read_bytes()).hexdigest()


def told(run):
    timed = ("elapsed_seconds", "tokens_per_second")
    return [{key: value for key, value in line.items() if key not in timed} for line in run.metrics_lines()]


def test_a_text_becomes_a_run_that_writes_and_scores(made):
    _, run, events = made()
    scores = events[-1].scores
    assert [one["name"] for one in scores["baselines"]] == ["unigram", "ngrams"]
    assert scores["metric"] == scores["verdict"]["metric"] == "bits_per_byte"
    assert scores["verdict"]["against"] == "ngrams"
    assert scores["unknown_share"] == 0.0
    ours, mixed = (
        each["bits_per_byte"]["value"] for each in (scores["scores"], scores["interpolated"]["scores"])
    )
    assert mixed <= max(ours, scores["baselines"][1]["scores"]["bits_per_byte"]["value"])
    nats, per_character = (
        scores["scores"][name]["value"] for name in ("nats_per_token", "bits_per_character")
    )
    assert per_character == pytest.approx(nats / np.log(2.0))
    assert scores["bytes"] * ours == pytest.approx(scores["characters"] * per_character)
    assert [sample["temperature"] for sample in scores["samples"]] == [0.0, 0.7, 1.0]
    assert all(sample["tokens"] == 20 for sample in scores["samples"])
    card = json.loads((run.path / "data.json").read_text("utf-8"))
    assert card["encoding"] == {"name": "cp949", "detected": True}
    assert "tokens" not in card["parts"]["test"]
    assert "Perplexity" not in (run.path / "model" / "MODEL_CARD.md").read_text("utf-8")
    assert "Bits per byte" in (run.path / "model" / "MODEL_CARD.md").read_text("utf-8")
    assert json.loads((run.path / "evaluation/test/passages.json").read_text("utf-8"))["surprising"]


@pytest.mark.parametrize(
    ("stop_at", "recipe", "overrides"),
    [
        (1, RECIPE, {}),
        (11, RECIPE, {}),
        (40, RECIPE, {"averaging": "ema", "averaging_decay": 0.9}),
        (60, RECIPE, {"averaging": "triggered", "optimizer": "sgd", "rate": 20.0}),
        (11, RECIPE, DOCUMENTS),
        (35, TRANSFORMER, {}),
    ],
    ids=["first", "plain", "ema", "triggered", "documents", "transformer"],
)
def test_paused_and_resumed_equals_unbroken_bit_for_bit(made, tmp_path, stop_at, recipe, overrides):
    path, whole, events = made(recipe, **overrides)
    steps = iter(range(1, 1000))
    paused, stopped = trained(path, tmp_path, lambda: next(steps) >= stop_at, recipe, **overrides)
    assert isinstance(stopped[-1], Paused)
    rest = list(session.resume(paused))
    assert isinstance(rest[-1], Finished)
    assert weights(paused) == weights(whole)
    assert told(paused) == told(whole)
    assert rest[-1].scores == events[-1].scores


@pytest.mark.slow
def test_killed_and_resumed_equals_unbroken_bit_for_bit(text, tmp_path):
    options = {"epochs": 8, "patience": 8, "checkpoint_seconds": 0.05, "averaging": "ema"}
    whole, _ = trained(text, tmp_path / "whole", **options)
    toml = tmp_path / "song.toml"
    toml.write_text(request(text, tmp_path, **options).recipe.to_toml(), "utf-8")
    out = tmp_path / "killed"
    program = "import sys, yeoul; yeoul.train(sys.argv[1], out=sys.argv[2])"
    process = subprocess.Popen([sys.executable, "-c", program, str(toml), str(out)])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        runs = list_runs(out)
        latest = runs[0].checkpoints / "LATEST" if runs else None
        if latest is not None and latest.exists() and latest.read_text().strip() > "step-00000020":
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.01)
    process.wait()
    killed = list_runs(out)[0]
    list(session.resume(killed))
    assert weights(killed) == weights(whole)
    assert told(killed) == told(whole)


def test_carried_states_matter_and_are_in_the_checkpoint(made):
    _, run, _ = made(epochs=1)
    folders = sorted(run.checkpoints.glob("step-*"))
    assert (folders[-1] / "carried.safetensors").is_file()
    _, apart, _ = made(epochs=1, **{"language.stream": False})
    assert not list(apart.checkpoints.glob("*/carried.safetensors"))
    assert weights(apart) != weights(run)


def test_the_test_part_changes_nothing_before_the_end(text, tmp_path):
    first, _ = trained(text, tmp_path / "runs", epochs=1, **{"data.test": 0.2})
    lines = song().splitlines()
    kept = sum(len(f"{line}\n".encode()) for line in lines)
    reached, place = 0, 0
    while reached < 0.8 * kept:
        reached, place = reached + len(f"{lines[place]}\n".encode()), place + 1
    changed = lines[:place] + ["흰" + line[1:] for line in lines[place:]]
    assert changed != lines
    text.write_bytes("".join(f"{line}\n" for line in changed).encode("cp949"))
    second, _ = trained(text, tmp_path / "runs", epochs=1, **{"data.test": 0.2})
    assert weights(first) == weights(second)
    assert told(first) == told(second)
    names = ("weights.safetensors", "tokenizer.json", "text.json")
    for name in names:
        assert (first.path / "baseline" / name).read_bytes() == (second.path / "baseline" / name).read_bytes()
    assert first.scores("validation")["scores"] == second.scores("validation")["scores"]
    assert first.scores("test")["scores"] != second.scores("test")["scores"]


@pytest.mark.parametrize("overrides", [{}, {"text.unit": "word"}], ids=["stream", "words"])
def test_the_test_part_scored_again_elsewhere_from_a_file(made, tmp_path, overrides):
    whole, run, _ = made(epochs=1, **overrides)
    moved = shutil.copytree(run.path, tmp_path / "옮긴 곳")
    again = load(moved)
    stored = again.evaluate()
    count = json.loads((moved / "data.json").read_text("utf-8"))["parts"]["test"]["lines"]
    path = tmp_path / "end.txt"
    path.write_text("".join(song().splitlines(keepends=True)[-count:]), "utf-8")
    found = again.evaluate(path)
    assert not found["holds_training_rows"]
    for name in ("scores", "verdict", "interpolated"):
        assert found[name] == stored[name]
    for ours, theirs in zip(found["baselines"], stored["baselines"], strict=True):
        assert ours["name"] == theirs["name"]
        assert ours["scores"] == theirs["scores"]
    assert again.evaluate(whole)["holds_training_rows"]


def test_ngrams_are_a_model_too_and_are_scored_beside_their_own_frequencies(made):
    whole, run, events = made(NGRAMS)
    assert [one["name"] for one in events[-1].scores["baselines"]] == ["unigram"]
    assert "interpolated" not in events[-1].scores
    again = load(run.path).evaluate(whole)
    assert [one["name"] for one in again["baselines"]] == ["unigram"]


@pytest.mark.parametrize("recipe", ["decoder", "ngrams"])
@pytest.mark.parametrize("documents", [False, True])
def test_saying_a_text_token_by_token_costs_what_its_evaluation_says(made, recipe, documents):
    overrides = {"language.lines": True, "language.stream": not documents}
    if recipe == "decoder":
        overrides["epochs"] = 1
    _, run, _ = made(RECIPE if recipe == "decoder" else NGRAMS, **overrides)
    writer = load(run.path).writer
    lines = pa.chunked_array([pa.array(song(8, 5).splitlines(), pa.large_string())])
    ids, offsets = writer.script.ids(lines)
    evaluated = writer.log_probs(ids, offsets)
    said = np.empty(len(ids))
    with torch.inference_mode():
        state, previous = writer.decoder.start(None, 1), torch.tensor([writer.start])
        for place, token in enumerate(ids.tolist()):
            if documents and place in offsets:
                state, previous = writer.decoder.start(None, 1), torch.tensor([writer.start])
            decoded, state = writer.decoder.step(previous, state, None)
            said[place] = decoded.logits.log_softmax(1)[0, token]
            previous = torch.tensor([token])
    np.testing.assert_allclose(said, evaluated, atol=2e-5)


def test_a_document_costs_the_same_whatever_stands_beside_it(made):
    _, run, _ = made(epochs=1, **DOCUMENTS)
    for folder in (run.model, run.baseline):
        writer = Writer.load(folder, torch.device("cpu"))
        lines = song(6, 9).splitlines()
        ids, offsets = writer.script.ids(pa.chunked_array([pa.array(lines, pa.large_string())]))
        together = writer.log_probs(ids, offsets)
        for place, line in enumerate(lines):
            own, ends = writer.script.ids(pa.chunked_array([pa.array([line], pa.large_string())]))
            alone = writer.log_probs(own, ends)
            np.testing.assert_allclose(together[offsets[place] : offsets[place + 1]], alone, atol=1e-5)


def test_the_kept_ngrams_know_the_frequencies_of_the_tokens(made):
    for overrides in ({}, DOCUMENTS):
        _, run, _ = made(epochs=1, **overrides)
        writer = Writer.load(run.baseline, torch.device("cpu"))
        experiment = Generation.open(
            resolve((run.path / "resolved.toml").read_text("utf-8"), "song", {}).recipe
        )
        trivial = experiment.trivial_baseline().model
        found = unigram_of(writer.model.model, documents=writer.documents)
        np.testing.assert_array_equal(found.counts[0], trivial.model.model.counts[0])
        np.testing.assert_array_equal(found.discounts, trivial.model.model.discounts)


def test_lanes_read_what_one_lane_reads_but_for_their_far_past(made):
    _, run, _ = made()
    writer = load(run.path).writer
    assert isinstance(writer.model, TrainedDecoder)
    ids, offsets = writer.script.ids(
        pa.chunked_array([pa.array(song(700, 2).splitlines(True), pa.large_string())])
    )
    alone = text_log_probs(writer.model.model, ids, writer.start, writer.device, Reading(1, 512))
    assert len(ids) > 2 * 2048
    np.testing.assert_allclose(writer.log_probs(ids, offsets), alone, atol=1e-3)


def test_the_mean_of_the_weights_answers_and_is_saved(made):
    _, plain, _ = made()
    _, mean, events = made(averaging="ema", averaging_decay=0.9)
    assert weights(plain) != weights(mean)
    last = sorted(mean.checkpoints.glob("step-*"))[-1]
    best = [event for event in events if isinstance(event, EpochEnded)]
    assert all(event.improved for event in best)
    saved = (mean.path / "model" / "weights.safetensors").read_bytes()
    assert saved == (last / "average.safetensors").read_bytes()
    newest = sorted(plain.checkpoints.glob("step-*"))[-1]
    assert (newest / "weights.safetensors").read_bytes() == (last / "weights.safetensors").read_bytes()


def test_a_run_starts_from_another_ones_weights_and_vocabulary(made, tmp_path):
    _, first, _ = made()
    other = tmp_path / "더.txt"
    other.write_text(song(300, 7).replace("방긋", "빙긋"), "utf-8")
    start = Request(
        resolve(RECIPE, "song", {"data.source": str(other), "epochs": 1}), tmp_path, "auto", first.path
    )
    events = list(session.train(start))
    second = RunFolder(events[-1].path)
    assert (first.model / "tokenizer.json").read_bytes() == (second.model / "tokenizer.json").read_bytes()
    epoch = next(event for event in events if isinstance(event, EpochEnded))
    _, _, fresh = made(epochs=1)
    began = next(event for event in fresh if isinstance(event, EpochEnded))
    assert epoch.validation["loss"] < began.validation["loss"] - 0.2
    closed = {"data.source": str(other), "epochs": 1, "language.lines": True}
    asked = Request(resolve(RECIPE, "song", closed), tmp_path, "auto", first.path)
    with pytest.raises(RecipeError, match="false here"):
        list(session.train(asked))


def test_damaged_folders_and_texts_too_short_are_named(made, tmp_path):
    _, run, _ = made(epochs=1)
    with pytest.raises(UsageError, match="of the task generate"):
        load(run.path).forecast()
    run = RunFolder(shutil.copytree(run.path, tmp_path / "damaged"))
    (run.model / "text.json").write_text("{}", "utf-8")
    with pytest.raises(ModelFileError):
        _ = load(run.path).writer
    empty = tmp_path / "short.txt"
    empty.write_text("가\n나\n다\n라\n마\n바\n사\n아\n자\n차\n카\n타\n파\n하\n" * 2, "utf-8")
    with pytest.raises(DataError, match="too few to be read in 64 lanes"):
        list(session.train(request(empty, tmp_path / "runs", batch_size=64)))


def test_cache_and_learning_on_are_further_lines_and_never_the_headline(made, tmp_path):
    path, run, events = made(epochs=1)
    _, other, more = made(epochs=1, **{"language.cache.size": 50, "language.dynamic.window": 10})
    assert weights(run) == weights(other)
    scores = more[-1].scores
    assert scores["scores"] == events[-1].scores["scores"]
    assert scores["verdict"] == events[-1].scores["verdict"]
    plain = scores["scores"]["nats_per_token"]["value"]
    assert 0.0 < scores["cache"]["share"] < 1.0
    assert scores["cache"]["scores"]["nats_per_token"]["value"] < plain + 0.01
    assert scores["dynamic"]["scores"]["nats_per_token"]["value"] < plain
    with pytest.raises(RecipeError, match="need a stream"):
        request(path, tmp_path, **{"language.stream": False, "language.cache.size": 5})


def test_a_run_may_be_read_in_other_ways_later(made, capsys):
    path, plain, _ = made(epochs=1)
    _, helped, _ = made(epochs=1, **{"language.cache.size": 50, "language.dynamic.window": 10})
    asked = helped.scores("test")
    later = reread(load(helped.path), cache=True, dynamic=True)
    assert later == {name: asked[name] for name in ("cache", "dynamic")}
    usual = load(plain.path).reread(cache=True)
    assert usual["cache"]["size"] == 2000
    assert "dynamic" not in usual
    assert command(["evaluate", str(plain.path), "--cache"]) == 0
    assert "with a cache" in capsys.readouterr().out
    assert command(["evaluate", str(plain.path), str(path), "--dynamic"]) == 2
    assert "leave out the file" in capsys.readouterr().err
