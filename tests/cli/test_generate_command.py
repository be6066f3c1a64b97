"""`yeoul generate`: whole characters as they come, what was asked for and nothing else, one clear line otherwise."""

import errno
import io
import json
import shlex
from pathlib import Path

import pytest

import yeoul
from yeoul.baselines.ngrams import Ngrams
from yeoul.cli.main import run
from yeoul.data.vectorizers import TextVectorizer
from yeoul.language import choose
from yeoul.recipe import LanguageRecipe, NgramRecipe, SamplingRecipe, TextRecipe
from yeoul.runs.folder import create_run
from yeoul.tasks.generation.texts import Script, reading_of
from yeoul.tasks.generation.writer import TrainedNgrams, Writer

SONG = (
    "나비야 나비야 이리 날아 오너라\n노랑나비 흰나비 춤을 추며 오너라\n"
    "봄바람에 꽃잎도 방긋방긋 웃으며\n참새도 짹짹짹 노래하며 춤춘다\n"
)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A run of n-grams over the letters of a song."""
    recipe, language = NgramRecipe(order=6), LanguageRecipe(lines=False)
    reading = TextRecipe(unit="jamo", min_count=1, max_length=10**9)
    script = Script(TextVectorizer.fit(reading, [SONG]), reading_of(language, "jamo"))
    ids = script.vectorizer([SONG * 3]).ids
    counted = Ngrams.fit(recipe, ids, tokens=script.tokens, start=script.start)
    folder = create_run(tmp_path_factory.mktemp("노래") / "runs", "나비야", {"task": "generate"})
    writer = Writer(TrainedNgrams(recipe, counted), script, language, SamplingRecipe(max_tokens=60))
    writer.save(folder.model, "# 나비야")
    return folder.path


@pytest.fixture
def say(song, capsys):
    """Run `yeoul generate` on the song; return the exit code, the output and the errors."""

    def asked(line):
        code = run(["generate", str(song), *shlex.split(line)])
        return code, *capsys.readouterr()

    return asked


def test_the_same_seed_says_the_same_and_another_something_else(say):
    texts = [say(f"나비 --seed {seed}")[1] for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert all(text.startswith("나비") and text.endswith("\n") for text in texts)
    _, several, _ = say("나비 --seed 1 --count 2")
    assert [part.strip() for part in several.split("──") if "seed" not in part and part.strip()] == [
        text.strip() for text in texts[1:]
    ]


def test_json_holds_the_text_and_its_probabilities(say, song):
    code, out, _ = say("나비 --seed 3 --json --probabilities --tokens 9")
    record = json.loads(out)
    assert code == 0
    assert record["text"].startswith("나비")
    assert (len(record["tokens"]), record["seed"], record["outcome"]) == (9, 3, "length")
    found = yeoul.load(song).generate("나비", yeoul.Manner(tokens=9), seed=3)
    assert found.text == record["text"]
    assert [piece.probability for piece in found.pieces] == [one["probability"] for one in record["tokens"]]


def test_a_poem_of_three_lines(say):
    _, out, _ = say("--starts 나비야 --seed 1 --tokens 200")
    assert [line[0] for line in out.splitlines()] == list("나비야")
    _, out, err = say("--starts 나,비,야 --seed 1 --tokens 3")
    assert "before the last line: give more --tokens" in err


def test_patterns_words_stops_and_lines(say, place):
    _, out, _ = say("--pattern '(나비야|봄)[가-힣 ]{2,6}' --seed 2 --temperature 2")
    assert out.strip()[:1] in "나봄"
    (place / "낱말.txt").write_text("나비야\n이리\n", "cp949")
    _, out, _ = say("--words 낱말.txt --seed 2")
    assert set(out.split()) == {"나비야", "이리"}
    _, out, _ = say("--stop 이리 --seed 2 --tokens 500")
    assert out.strip().endswith("이리")
    _, out, _ = say("--lines 3 --seed 2 --tokens 500")
    assert len(out.splitlines()) == 3


def test_a_prompt_may_come_from_a_pipe(say, monkeypatch):
    class Pipe(io.StringIO):
        buffer = io.BytesIO("봄바람에\n".encode())

    monkeypatch.setattr("sys.stdin", Pipe())
    assert say("- --seed 1")[1].startswith("봄바람에")


def test_probabilities_stand_beside_tokens(say):
    _, out, _ = say("--probabilities --seed 1 --tokens 5")
    *rows, last = out.splitlines()
    assert len(rows) == 5
    assert all(0.0 < float(row.split("%")[0]) <= 100.0 for row in rows)
    assert last.endswith("bits a token")
    letters = {row.split("%")[1].strip() for row in rows}
    assert all(len(letter) == 1 and ("ㄱ" <= letter <= "ㅣ" or letter in "␣↵") for letter in letters)


def test_what_a_prompt_holds_that_is_unknown_is_said(say):
    assert say("나X비Y --seed 1 --tokens 3")[2] == "2 of 6 tokens of the prompt are unknown to the model\n"
    assert say("나비 --seed 1 --tokens 3")[2] == ""


def test_a_text_may_go_to_a_file(say, place):
    code, out, _ = say("나비 --seed 1 --out 노래.txt")
    assert (code, "노래.txt" in out) == (0, True)
    assert Path("노래.txt").read_text("utf-8").startswith("나비")
    code, out, err = say("--pattern '[가-힣 ]{300}' --tokens 5 --seed 1 --out 노래.txt --json")
    assert (code, json.loads(out)["outcome"]) == (0, "length")
    assert "before the pattern was whole" in err


def test_the_coldest_is_the_likeliest(say):
    assert say("나비 --temperature 1e-38 --seed 1")[1] == say("나비 --temperature 0")[1]


@pytest.mark.parametrize("form", ["--json", "--probabilities", ""])
def test_who_reads_no_further_is_no_failure(say, monkeypatch, form):
    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("sys.stdout", Closed())
    assert say(f"나비 --seed 1 {form}")[0] == 0


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("--temperature -1", 2, "--temperature: -1.0 is out of range; expected 0 … 100"),
        ("--top-p 0", 2, "--top-p"),
        ("--tokens 0", 2, "--tokens"),
        ("--count 0", 2, "--count: a whole number from 1"),
        ("--seed -1", 2, "--seed"),
        ("--seed x", 2, "--seed: a whole number is expected"),
        ("--pattern '(가'", 2, "--pattern (가: the pattern is not understood"),
        ("--pattern xyz", 2, "--pattern: no tokens of the vocabulary can say this"),
        ("--starts 나,쀍", 2, "--starts 쀍: no tokens of the vocabulary can say this"),
        ("--starts '가,,나'", 2, "--starts: each line needs a beginning"),
        ("--starts 나비 --lines 2", 2, "--lines"),
        ("--forbid QQQ", 2, "--forbid: the model has no token 'QQQ'"),
        ("--stop ''", 2, "an empty text cannot be looked for"),
        ("--words nothing.txt", 3, "nothing.txt: there is no such file"),
        ("--out x.doc", 2, "x.doc: .doc is no form of a text"),
        ("--out nowhere/x.txt", 2, "there is no such folder"),
        ("--out x.txt --count 2", 2, "--count: a file holds one text"),
        ("a b", 2, "b is too much here"),
        ("--beam 3", 2, "there is no option --beam"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_mistakes_are_one_line(say, place, line, code, told, language):
    choose(language)
    found, out, err = say(line)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert "Traceback" not in err
    if language == "en":
        assert told in err
    else:
        assert any("가" <= letter <= "힣" for letter in err.removeprefix("오류"))


def test_a_run_of_another_task_is_named(place, capsys):
    other = create_run(place / "runs", "reviews", {"task": "classify"})
    assert run(["generate", other.id]) == 2
    assert "not of generate" in capsys.readouterr().err
