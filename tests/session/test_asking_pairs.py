"""What is asked of the answers of a model of pairs: more of them, other ones, words in them, names it never saw."""

import io
import json
import random
import shutil

import pytest
import torch

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.cli.tellers import remarks
from yeoul.errors import UsageError
from yeoul.recipe import SearchRecipe
from yeoul.recipefile import resolve
from yeoul.session import Request, finishing
from yeoul.tasks.searching import Wishes
from yeoul.tasks.transduction.translator import Translator
from yeoul.text.tokenizers import UNKNOWN_ID
from yeoul.training.events import Finished

RECIPE = """
task = "transduce"
[text]
unit = "word"
[pairs]
shared = true
metric = "exact_match"
[model]
embedding_size = 32
copy_source = true
[model.encoder]
kind = "gru"
hidden_size = 32
bidirectional = true
[model.decoder]
kind = "gru"
hidden_size = 48
attention = "general"
[training]
epochs = 12
batch_size = 16
rate = 1e-2
[search]
beam = 3
"""
SYLLABLES = "가나다라마바사아자차카타파하"
PLACES = ("서울", "부산", "대구", "광주")


def pair(draw, names):
    name, place = draw.choice(names), draw.choice(PLACES)
    return f"저는 {name} 이고 {place} 에 살아요", f"{place} 의 {name} 반가워요"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run that greets people by their names, most of which stood once in its training."""
    folder = tmp_path_factory.mktemp("greeting")
    draw = random.Random(3)
    names = ["".join(draw.sample(SYLLABLES, 3)) for _ in range(400)]
    rows = [pair(draw, names) for _ in range(500)]
    path = folder / "인사.tsv"
    path.write_text("source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in rows), "utf-8")
    given = {"data.source": str(path), "text.vocabulary_size": 120}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(folder / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        events = session.train(Request(resolve(RECIPE, "greeting", given), folder / "runs"))
        return next(event for event in events if isinstance(event, Finished))


@pytest.fixture(scope="module")
def translator(trained):
    return Translator.load(trained.path / "model", torch.device("cpu"))


ASKED = "저는 쀍뚫홁 이고 부산 에 살아요"


def test_a_word_that_the_vocabulary_lacks_is_copied_as_it_stands(trained, translator):
    assert trained.scores["scores"]["exact_match"]["value"] > 0.9
    answer, other = translator.answer([ASKED, "저는 Zoë 이고 대구 에 살아요"])
    assert answer.text == "부산 의 쀍뚫홁 반가워요"
    assert "쀍뚫홁" in answer.source_tokens
    assert " 쀍뚫홁" in answer.tokens
    assert other.text == "대구 의 Zoë 반가워요"
    assert all("<unk>" not in one.text for one in answer.alternatives)


def test_without_a_word_to_point_at_the_unknown_token_is_never_said(translator):
    """Neither alone nor beside a longer source that holds one; drawn at random it would come soon."""
    asked = ["서울 에 살아요", "저는 부산 에", f"{ASKED} {ASKED}", "살아요"]
    for found, holds in zip(
        translator.found(asked, SearchRecipe(temperature=50.0, seed=1), Wishes(40)),
        [False, False, True, False],
        strict=True,
    ):
        assert any(UNKNOWN_ID in one.tokens for one in found.hypotheses) is holds


def test_each_answer_tells_where_it_looked_and_how_likely_its_tokens_are(translator):
    (answer,) = translator.answer([ASKED], best=3)
    assert len(answer.alternatives) > 1
    for one in answer.alternatives:
        assert len(one.log_probs) == len(one.tokens) + 1
        assert one.attention.shape == (len(one.log_probs), len(answer.source_tokens))
        assert one.score == pytest.approx(one.log_prob / ((5 + len(one.log_probs)) / 6), abs=1e-4)


def test_answers_begin_and_hold_what_is_asked_for(translator):
    for one in translator.answer([ASKED], best=2, begin="광주 의")[0].alternatives:
        assert one.text.startswith("광주 의")
    for one in translator.answer([ASKED], best=3, words=["대구", "서울"])[0].alternatives:
        assert "대구" in one.text
        assert "서울" in one.text
    for wrong, problem in (
        ({"words": ["없는말"]}, "no tokens for '없는말'"),
        (
            {"words": ["서울", "대구"], "search": SearchRecipe(max_tokens=2)},
            "has 2 tokens, an answer at most 1",
        ),
        ({"best": 300}, "a beam of 300"),
    ):
        with pytest.raises(UsageError, match=problem):
            translator.answer([ASKED], **wrong)


def test_an_answer_that_could_not_go_on_is_not_trusted(translator):
    (answer,) = translator.answer([ASKED], SearchRecipe(beam=2, no_repeat=1), begin="서울 서울")
    assert answer.outcome == "stuck"
    assert answer.confidence == 0.0
    assert answer.unknown
    assert remarks(answer) == ["nothing could follow", "unknown"]


def test_drawn_answers_are_the_same_in_any_company_and_follow_the_seed(translator):
    drawing = SearchRecipe(temperature=3.0, top_k=20, seed=5)
    asked = [ASKED, "서울 반가워요", "서울", f"{ASKED} {ASKED}"]
    together = translator.answer(asked, drawing, best=4)
    for text, answer in zip(asked, together, strict=True):
        (alone,) = translator.answer([text], drawing, best=4)
        assert [one.text for one in alone.alternatives] == [one.text for one in answer.alternatives]
    others = translator.answer([ASKED], drawing.model_copy(update={"seed": 50}), best=4)[0]
    assert [one.text for one in others.alternatives] != [one.text for one in together[0].alternatives]
    (coldest,) = translator.answer([ASKED], SearchRecipe(temperature=0.0))
    assert coldest.text == translator.answer([ASKED], SearchRecipe(beam=1, length_penalty=0.0))[0].text


def test_groups_that_lose_by_agreeing_answer_differently(translator):
    alike = translator.answer([ASKED], SearchRecipe(beam=3, groups=3), best=3)[0].alternatives
    apart = translator.answer([ASKED], SearchRecipe(beam=3, groups=3, diversity=50.0), best=3)[0].alternatives
    assert len(alike) == 1
    assert len({one.tokens[0] for one in apart}) == 3


def test_all_of_it_is_asked_on_the_command_line(trained, capsys):
    path = str(trained.path)
    wishes = ["--begin", "서울", "--say", "대구", "--best", "2", "--search", "beam=6"]
    assert command(["predict", path, ASKED, *wishes, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["alternatives"]
    assert len(told) == 2
    assert all(one["text"].startswith("서울") and "대구" in one["text"] for one in told)
    assert all({"tokens", "log_probs", "attention", "score"} <= one.keys() for one in told)
    assert command(["predict", path, ASKED, "--tree", "--begin", "광주"]) == 0
    assert capsys.readouterr().out.splitlines()[1].strip().startswith("광주")
    for words, problem in (
        (["--search", "beem=3"], "did you mean search.beam?"),
        (["--search", "groups=2"], "search: beam must be a multiple of groups"),
        (["--search", "beam"], "write KEY=VALUE"),
        (["--search", "top_k=3"], "belong to answers that are drawn"),
        (["--best", "300"], "a beam of 300 is asked for, at most 256 is possible"),
        (["--say", "없는말"], "--say: the model has no tokens"),
        (["--tree", "--best", "2"], "leave --best out"),
        (["--tree", "--search", "temperature=1.0"], "grow no tree"),
    ):
        assert command(["predict", path, ASKED, *words]) == 2
        assert problem in capsys.readouterr().err


def test_a_file_gets_as_many_answers_as_are_asked_for(trained, tmp_path, capsys):
    asked = tmp_path / "물음.csv"
    asked.write_text(f"source\n{ASKED}\n저는 가나다 이고 서울 에 살아요\n", "utf-8")
    out = tmp_path / "답.csv"
    assert (
        command(["predict", str(trained.path), "--file", str(asked), "--best", "3", "--out", str(out)]) == 0
    )
    header, first, _ = out.read_text("utf-8-sig").splitlines()
    assert header == "source,predicted,confidence,unknown,cut,predicted_2,predicted_3"
    assert first.startswith(f"{ASKED},부산 의 쀍뚫홁 반가워요,")


def test_a_file_of_sources_alone_is_answered_line_by_line(trained, tmp_path, capsys):
    """As after a training on two files that belong together line by line."""
    (tmp_path / "a.ko").write_text("12\n34\n56\n78\n90\n" * 4, "utf-8")
    (tmp_path / "a.en").write_text("one\ntwo\nthree\nfour\nfive\n" * 4, "utf-8")
    words = ["train", str(tmp_path / "a.ko"), "--task", "transduce", "--target", "a.en", "epochs=1"]
    tiny = [
        "text.unit=character",
        "text.min_count=1",
        "model.embedding_size=8",
        "beam=2",
        "search.max_tokens=6",
    ]
    tiny += [
        "model.encoder.hidden_size=8",
        "model.decoder.hidden_size=8",
        "data.test=0.2",
        "data.validation=0.2",
    ]
    assert command([*words, *tiny, "--out", str(tmp_path / "runs")]) == 0
    (run,) = (tmp_path / "runs").iterdir()
    for name in ("new.ko", "new.txt"):
        (tmp_path / name).write_text("12,3\n\n5", "utf-8")
        capsys.readouterr()
        assert command(["predict", str(run), "--file", str(tmp_path / name)]) == 0
        assert [line.split("\t")[-1] for line in capsys.readouterr().out.splitlines()] == ["12,3", "", "5"]


def test_of_a_run_on_a_table_lines_are_answered_too_and_a_pipe(trained, tmp_path, capsys, monkeypatch):
    def said(*words):
        assert command(["predict", str(trained.path), "--file", *map(str, words)]) == 0
        return [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]

    answer = "부산 의 쀍뚫홁 반가워요"
    (tmp_path / "물음.txt").write_text(f"{ASKED}\n{ASKED}\n", "utf-8")
    (tmp_path / "표.txt").write_text(f"number\tsource\n1\t{ASKED}\n", "utf-8")
    assert said(tmp_path / "물음.txt") == [answer, answer]
    assert said(tmp_path / "표.txt") == [answer]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"source\n{ASKED}\n".encode())))
    assert said("-") == [answer]


def test_what_needs_the_training_pairs_is_missed_where_they_are_gone(trained, tmp_path, capsys, monkeypatch):
    new = tmp_path / "new.tsv"
    new.write_text(f"source\ttarget\n{ASKED}\t부산 의 쀍뚫홁 반가워요\n", "utf-8")
    beside = {one["name"] for one in load(trained.path).evaluate(new)["baselines"]}
    assert {"copy", "frequent", "nearest", "dictionary"} <= beside
    moved = tmp_path / "run"
    shutil.copytree(trained.path, moved)
    text = (moved / "resolved.toml").read_text("utf-8")
    (moved / "resolved.toml").write_text(text.replace("인사.tsv", "딴 곳.tsv"), "utf-8")
    assert command(["evaluate", str(moved), str(new)]) == 0
    shown = capsys.readouterr().out
    assert "without" in shown
    assert "nearest" in shown
