"""Pairs from a file to a run: learned, answered, saved, resumed, scored anew, and what bad input gets."""

import csv
import hashlib
import io
import json
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.cli.tellers import remarks
from yeoul.decoding import Hypothesis
from yeoul.errors import DataError, ModelFileError, RecipeError, UsageError
from yeoul.recipe import SearchRecipe
from yeoul.recipefile import resolve
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder
from yeoul.session import Request, finishing
from yeoul.tasks.transduction import evaluation
from yeoul.tasks.transduction.answers import TextAnswer
from yeoul.tasks.transduction.task import Transduction, answers_to
from yeoul.tasks.transduction.translator import Translator
from yeoul.training.events import Finished, Paused, Stepped

RECIPE = """
task = "transduce"
[pairs]
metric = "exact_match"
[text]
unit = "character"
min_count = 1
[model]
embedding_size = 16
[model.encoder]
kind = "gru"
hidden_size = 32
bidirectional = true
[model.decoder]
kind = "gru"
hidden_size = 32
attention = "general"
[training]
epochs = 2
batch_size = 16
rate = 1e-2
[search]
beam = 3
"""
DIGITS = "영일이삼사오육칠팔구"


def spelled(number):
    return "".join(DIGITS[int(digit)] for digit in number)


@pytest.fixture
def numbers(tmp_path):
    """300 numbers of one to three digits with their digits in Hangul, of which each is told by one sign."""
    draw = random.Random(5)
    drawn = draw.sample([f"{number:0{digits}}" for digits in (1, 2, 3) for number in range(10**digits)], 300)
    path = tmp_path / "우리 데이터" / "숫자.csv"
    path.parent.mkdir()
    lines = ["숫자,읽기,길이", *(f"{number},{spelled(number)},{len(number)}" for number in drawn)]
    path.write_bytes("\r\n".join(lines).encode("cp949"))
    return path


def request(path, out, **overrides):
    given = {
        "data.source": str(path),
        "data.inputs": ["숫자"],
        "data.target": "읽기",
        "data.slices": ["길이"],
        **overrides,
    }
    return Request(resolve(RECIPE, "numbers", given), out)


def finished(events):
    return next(event for event in events if isinstance(event, Finished))


def weights_of(run):
    return hashlib.sha256((run / "model" / "weights.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run that has learned to spell."""
    folder = tmp_path_factory.mktemp("spelling")
    draw = random.Random(6)
    drawn = draw.sample([f"{number:0{digits}}" for digits in (1, 2, 3) for number in range(10**digits)], 500)
    path = folder / "numbers.tsv"
    path.write_text("source\ttarget\n" + "".join(f"{n}\t{spelled(n)}\n" for n in drawn), "utf-8")
    given = {"data.source": str(path), "training.epochs": 10}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(folder / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        return finished(session.train(Request(resolve(RECIPE, "numbers", given), folder / "runs")))


def test_a_run_learns_to_spell_and_beats_what_is_simple(trained):
    scores = trained.scores
    assert scores["scores"]["exact_match"]["value"] > 0.9
    assert scores["verdict"]["outcome"] == "beats"
    assert {one["name"] for one in scores["baselines"]} == {"frequent", "copy", "nearest"}
    assert scores["scores"]["perplexity"]["value"] == pytest.approx(
        np.exp(scores["scores"]["nats_per_token"]["value"])
    )
    assert scores["outcomes"]["ended"] == scores["rows"]
    assert "tok:char" in scores["signature"]["bleu"]
    assert scores["scores"]["bleu"] == {"value": None}  # no target has four syllables
    assert all(one["scores"]["bleu"] == {"value": None} for one in scores["baselines"])


def test_what_is_written_can_be_read_again(trained):
    folder = trained.path / "evaluation" / "test"
    with open(folder / "predictions.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == trained.scores["rows"]
    right = np.mean([row["predicted"] == row["target"] for row in rows])
    assert right == pytest.approx(trained.scores["scores"]["exact_match"]["value"])
    drawn = json.loads((folder / "attention.json").read_text("utf-8"))["rows"][0]
    weights = np.array(drawn["attention"])
    assert weights.shape == (len(drawn["tokens"]) + 1, len(drawn["source_tokens"]))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-3)
    assert json.loads((folder / "slices.json").read_text("utf-8"))["metric"] == "exact_match"
    card = json.loads((trained.path / "data.json").read_text("utf-8"))
    assert card["leaks"]["source"] == {"validation": 0, "test": 0}


def test_an_answer_tells_what_it_is_made_of(trained):
    (answer,) = load(trained.path).predict(["047"])
    assert isinstance(answer, TextAnswer)
    assert answer.text == "영사칠"
    assert answer.tokens == ("영", "사", "칠")
    assert answer.source_tokens == ("0", "4", "7")
    assert answer.log_prob == pytest.approx(sum(answer.log_probs))
    assert answer.alternatives[0].text == answer.text
    assert len({one.text for one in answer.alternatives}) == 3
    assert not answer.unknown
    assert answer.confidence > 0.5
    told = answer.to_json()
    assert json.loads(json.dumps(told))["answer"] == "영사칠"


def test_of_a_long_row_the_first_tokens_are_drawn(trained, translator, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "_DRAWN_TOKENS", 2)
    pairs = Transduction.open(load(trained.path).recipe).dataset.test
    _, answered = answers_to(translator, pairs, learn=False)
    short = [row for row in range(len(pairs)) if len(pairs[row].source) <= 1]
    rows = evaluation.drawn_rows(answered)
    assert set(rows.tolist()) <= set(short)
    long = pairs.select(np.array([row for row in range(len(pairs)) if len(pairs[row].source) == 3][:1]))
    (tmp_path / "evaluation" / "test").mkdir(parents=True)
    evaluation.write_attention(RunFolder(tmp_path), "test", long, translator.answer(long.sources.to_pylist()))
    (drawn,) = json.loads((tmp_path / "evaluation" / "test" / "attention.json").read_text("utf-8"))["rows"]
    assert np.array(drawn["attention"]).shape == (2, 2)
    assert (len(drawn["tokens"]), len(drawn["source_tokens"]), drawn["cut"]) == (2, 2, True)


def test_what_is_like_nothing_it_was_trained_on_is_unknown(trained):
    known, strange = load(trained.path).predict(["123", "abcd"])
    assert not known.unknown
    assert strange.unknown


@pytest.fixture(scope="module")
def translator(trained):
    return Translator.load(trained.path / "model", torch.device("cpu"))


TEXTS = st.lists(st.text("0123456789x가 ", max_size=5), min_size=1, max_size=6)


@settings(max_examples=15)
@given(texts=TEXTS)
def test_an_answer_is_the_same_in_any_company(translator, texts):
    together = translator.answer(texts, best=2)
    for text, answer in zip(texts, together, strict=True):
        (alone,) = translator.answer([text], best=2)
        assert alone.text == answer.text
        assert alone.log_prob == pytest.approx(answer.log_prob, abs=1e-4)
        assert alone.unknown == answer.unknown
        assert [one.text for one in alone.alternatives] == [one.text for one in answer.alternatives]


def test_a_beam_of_one_takes_the_likeliest_token_each_time(translator):
    greedy = SearchRecipe(beam=1, length_penalty=0.0)
    for text, answer in zip(["531", "31"], translator.answer(["531", "31"], greedy), strict=True):
        assert answer.text == spelled(text)
        assert len(answer.alternatives) == 1
    wide = translator.answer(["31"], greedy, best=4)
    assert len(wide[0].alternatives) == 4


def test_a_saved_model_answers_the_same(translator, tmp_path):
    translator.save(tmp_path / "model", "# card\n")
    again = Translator.load(tmp_path / "model", torch.device("cpu"))
    for one, other in zip(translator.answer(["12", "907"]), again.answer(["12", "907"]), strict=True):
        assert (one.text, one.log_probs, one.confidence) == (other.text, other.log_probs, other.confidence)
    assert again.doubts == translator.doubts
    (tmp_path / "model" / "target" / "text.json").write_text("{}", "utf-8")
    with pytest.raises(ModelFileError):
        Translator.load(tmp_path / "model", torch.device("cpu"))


def test_new_pairs_are_scored_as_the_run_scores_them(trained, tmp_path):
    run = load(trained.path)
    path = tmp_path / "new.tsv"
    path.write_text("source\ttarget\n" + "".join(f"{n}\t{spelled(str(n))}\n" for n in range(40)), "utf-8")
    scores = run.evaluate(path)
    said = run.predict([str(number) for number in range(40)])
    right = np.mean([one.text == spelled(str(number)) for number, one in enumerate(said)])
    assert scores["scores"]["exact_match"]["value"] == pytest.approx(right)
    assert {one["name"] for one in scores["baselines"]} == {"copy", "frequent", "nearest"}
    assert "missing" not in scores
    assert not scores["holds_training_rows"]
    (tmp_path / "bad.tsv").write_text("a\tb\n1\t2\n", "utf-8")
    with pytest.raises(DataError, match="no column source"):
        run.evaluate(tmp_path / "bad.tsv")


def test_the_same_seed_gives_the_same_weights_and_a_resumed_run_those_of_an_unbroken_one(numbers, tmp_path):
    whole = finished(session.train(request(numbers, tmp_path / "a")))
    stop = iter([False] * 9 + [True] * 99)
    events = list(session.train(request(numbers, tmp_path / "b"), lambda: next(stop)))
    assert isinstance(events[-1], Paused)
    steps = [event for event in events if isinstance(event, Stepped)]
    assert 0 < len(steps) < 30
    resumed = finished(session.resume(RunFolder(events[-1].path)))
    assert weights_of(resumed.path) == weights_of(whole.path)
    assert resumed.scores["scores"] == whole.scores["scores"]


def test_shared_vocabularies_copying_and_truncation(numbers, tmp_path):
    given = {
        "pairs.shared": True,
        "model.copy_source": True,
        "model.tied": True,
        "text.max_length": 2,
        "training.epochs": 1,
    }
    done = finished(session.train(request(numbers, tmp_path / "runs", **given)))
    card = json.loads((done.path / "data.json").read_text("utf-8"))
    assert card["truncated"]["rows"] > 0
    assert card["target_truncated"]["rows"] > 0
    assert card["vocabulary"]["source"] == card["vocabulary"]["target"]
    assert not (done.path / "model" / "target").exists()
    assert load(done.path).predict(["12"])[0].text is not None


def test_two_files_are_trained_on_and_new_ones_scored(tmp_path, monkeypatch):
    draw = random.Random(8)
    drawn = draw.sample([f"{number:03}" for number in range(1000)], 200)
    for split, rows in (("train", drawn[:150]), ("new", drawn[150:])):
        (tmp_path / f"{split}.num").write_text("\n".join(rows), "utf-8")
        (tmp_path / f"{split}.ko").write_text("\n".join(map(spelled, rows)), "utf-8")
    given = {
        "data.source": str(tmp_path / "train.num"),
        "data.target": "train.ko",
        "training.epochs": 1,
    }
    done = finished(session.train(Request(resolve(RECIPE, "two", given), tmp_path / "runs")))
    monkeypatch.chdir(tmp_path.parent)
    assert load(done.path).evaluate(tmp_path / "new.num")["rows"] == 50


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"pairs.shared": True, "target_text.unit": "word"}, "no effect on a shared vocabulary"),
        ({"text.keep": "tail"}, "kept from its beginning"),
        ({"model.copy_source": True}, "one vocabulary"),
        ({"training.class_weights": "balanced"}, "act on classes only"),
        ({"data.target_kind": "labels"}, "data.target_kind has no effect"),
    ],
)
def test_what_cannot_be_is_refused(numbers, tmp_path, given, problem):
    with pytest.raises(RecipeError, match=problem):
        finished(session.train(request(numbers, tmp_path / "runs", **given)))
    assert not (tmp_path / "runs").exists()


def test_a_person_asks_on_the_command_line(trained, capsys):
    path = str(trained.path)
    assert command(["predict", path, "12", "abcd"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("일이\t")
    assert "unknown" in second
    assert command(["predict", path, "12", "--best", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert command(["predict", path, "12", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tokens"] == ["일", "이"]
    assert command(["evaluate", path]) == 0
    assert "nearest training pair" in capsys.readouterr().out
    with pytest.raises(UsageError, match="a run of the task transduce"):
        _ = load(trained.path).classifier


def test_the_screen_tells_what_the_pairs_are(numbers, tmp_path, capsys):
    words = ["train", str(numbers), "--task", "transduce", "--input", "숫자", "--target", "읽기"]
    tiny = ["text.unit=character", "text.min_count=1", "model.embedding_size=8", "epochs=1", "beam=2"]
    tiny += ["model.encoder.hidden_size=8", "model.decoder.hidden_size=8", "search.max_tokens=4"]
    assert command([*words, *tiny, "--out", str(tmp_path / "runs")]) == 0
    shown = capsys.readouterr().out
    assert "300 pairs · cp949 (detected) · 숫자 → 읽기" in shown
    assert "equal sources together, seed 42" in shown
    assert "chrF++" in shown
    assert "true target" in shown
    (run,) = (tmp_path / "runs").iterdir()
    assert load(run).predict([]) == []
    assert command(["runs", "show", str(run)]) == 0
    assert command(["train", str(numbers), "--task", "transduce", "--out", str(tmp_path / "b")]) == 3
    assert "no columns are known to be source and target" in capsys.readouterr().err


def test_the_doctor_tells_what_a_file_of_pairs_holds(tmp_path, capsys):
    path = tmp_path / "bare.tsv"
    path.write_text("".join(f"{number}\t{spelled(str(number))}\n" for number in range(50)), "utf-8")
    assert command(["data", "check", str(path), "--task", "transduce", "--columns", "수,말"]) == 0
    shown = capsys.readouterr().out
    assert "50 pairs · utf-8 (detected) · 수 → 말" in shown
    assert "data.columns=" in shown.splitlines()[-1]
    assert command(["data", "check", "six-words", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["task"] == "transduce"


def test_a_person_talks_with_a_model(trained, capsys, monkeypatch):
    said = "/attention\n\n047\n/n-best 2\n/attention\n/tree\n/n-best 0\n/what\n/history\n/help\n/quit\n5\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
    assert command(["chat", str(trained.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "nothing has been said yet"
    assert lines[1].startswith("영사칠   ")
    assert lines[2].endswith("영사칠")
    assert lines[4] == "영사칠"
    assert lines[5].startswith("영  ←  0 ")
    assert any("ended" in line for line in lines)
    assert any("from 1 to 50" in line for line in lines)
    assert any("/what" in line for line in lines)
    assert lines[-7] == "> 047"
    assert command(["chat", str(trained.path / "nowhere")]) == 1


def test_what_is_said_to_a_model_is_utf_8(trained, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"047\n\xff\xfe\n")))
    assert command(["chat", str(trained.path)]) == 3
    assert "stdin:2: the line is not UTF-8" in capsys.readouterr().err


def test_an_answer_that_came_to_no_end_says_so(translator):
    (answer,) = translator.answer(["047"])
    assert remarks(replace(answer, unknown=False)) == []
    cut = (replace(answer.best, outcome="length"), *answer.alternatives[1:])
    assert remarks(replace(answer, alternatives=cut, unknown=True)) == [
        "cut off at its greatest length",
        "unknown",
    ]


def test_a_sure_answer_is_not_improbable(translator):
    hypotheses = [Hypothesis((5,), log_prob, (log_prob,), None, "ended") for log_prob in (-1e-6, -2e-6, -3.0)]
    sure = translator.doubting(["047"] * 2, hypotheses[:2], [True, True])
    assert sure.unknown(hypotheses, [0.0] * 3) == [False, False, True]


def test_the_tree_of_a_beam_leads_to_the_answer(translator, trained, capsys):
    tree, (answer,) = translator.tree("31"), translator.answer(["31"])
    ended = [twig for level in tree.levels for twig in level if twig.outcome == "ended"]
    assert max(twig.score for twig in ended) == pytest.approx(answer.alternatives[0].score)
    assert command(["predict", str(trained.path), "31", "--tree", "--json"]) == 0
    assert {"삼", "⏎"} <= {
        twig["text"] for level in json.loads(capsys.readouterr().out)["tree"] for twig in level
    }
    assert command(["predict", str(trained.path), "--tree"]) == 2


def test_the_report_tells_of_pairs_in_both_languages(trained):
    page = write_report(trained.path, "ko").read_text("utf-8")
    for told in (
        "Where it looked",
        "모델이 본 곳",
        "How sure it is",
        "like:sacrebleu",
        "가장 비슷한 학습 쌍",
    ):
        assert told in page
    assert (trained.path / "plots" / "attention-1.png").is_file()


def test_another_run_gives_its_first_weights(trained, numbers, tmp_path):
    own = replace(request(numbers, tmp_path / "runs", **{"training.epochs": 1}), start_from=trained.path)
    with pytest.raises(RecipeError, match=r"has .* here|other sizes"):
        finished(session.train(replace(own, recipe=own.recipe.with_values({"text.unit": "jamo"}, "a test"))))
    done = finished(session.train(own))
    assert done.scores["scores"]["exact_match"]["value"] > 0.8
