"""The word chain: the initial-sound rule to the letter, a fair game, and a computer that sees what is forced."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

EXAMPLE = Path(__file__).parents[2] / "examples" / "word_chain.py"
SPEC = importlib.util.spec_from_file_location("word_chain", EXAMPLE)
chain = importlib.util.module_from_spec(SPEC)
sys.modules["word_chain"] = chain
SPEC.loader.exec_module(chain)

RULE = {  # 한글 맞춤법 제10·11·12항
    "녀": "여", "뇨": "요", "뉴": "유", "니": "이",
    "랴": "야", "려": "여", "례": "예", "료": "요", "류": "유", "리": "이",
    "라": "나", "래": "내", "로": "노", "뢰": "뇌", "루": "누", "르": "느",
}  # fmt: skip


@pytest.mark.parametrize("final", range(28))
def test_the_initial_sound_rule_is_the_orthographys_whatever_the_final(final):
    for onset in range(19):
        for vowel in range(21):
            syllable = chr(0xAC00 + (onset * 21 + vowel) * 28)
            closed = chr(ord(syllable) + final)
            expected = (closed,)
            if syllable in RULE:
                expected = (closed, chr(ord(RULE[syllable]) + final))
            assert chain.beginnings(closed) == expected


def computer(level, common=(), seed=0):
    return chain.Computer(level, frozenset(common), chain.at_random(seed))


def played(words, lines):
    game = chain.Game(words)
    outcome = chain.play(game, computer("medium", words), lines, computer_first=False)
    return outcome, game.said


def test_words_follow_by_the_rule_and_not_backwards():
    game = chain.Game(["미래", "내일", "일미", "이미", "도리", "이발", "발이", "리본"])
    game.say("미래")
    assert game.allowed() == ["내일"]
    game.say("내일")
    game.say("일미")
    assert game.refusal("미래") == "'미래'는 이미 나온 낱말입니다."
    game = chain.Game(["발이", "리본", "본토", "이발", "본발"])
    game.say("발이")
    assert game.refusal("리본") == "'이'로 시작해야 합니다."
    assert game.refusal("이불") == "'이불'은 사전에 없습니다."
    assert game.refusal("이") == game.refusal("ibal") == "두 글자 이상의 한글 낱말을 적어 주십시오."
    assert game.refusal("이발") == ""


def test_the_first_word_must_leave_an_answer():
    game = chain.Game(["산기슭", "기차", "차기"])
    assert "첫 낱말" in game.refusal("산기슭")
    assert game.allowed() == ["기차", "차기"]


def test_the_computer_loses_gracefully(capsys):
    outcome, said = played(["기차", "차표", "표기"], ["차표", "기차"])
    assert outcome == "won"
    assert said == ["차표", "표기", "기차"]
    assert "축하합니다" in capsys.readouterr().out


def test_wrong_words_are_asked_again_and_an_empty_line_gives_up(capsys):
    words = ["기차", "차표", "표기", "기사"]
    outcome, said = played(words, ["바다", "기차 ", "", "기사"])
    assert outcome == "lost"
    assert said == ["기차", "차표"]
    shown = capsys.readouterr().out
    assert "'바다'는 사전에 없습니다. 다시" in shown
    assert "'표기'라는 낱말이 있었습니다" in shown


def test_words_typed_as_letters_are_composed():
    outcome, said = played(["기차", "차표", "표기"], ["기차", ""])
    assert said == ["기차", "차표"]
    assert outcome == "lost"


SYLLABLES = "가나리이"
WORDS = st.sets(
    st.builds(str.__add__, st.sampled_from(SYLLABLES), st.sampled_from(SYLLABLES + "다")), max_size=9
)


def wins(left, syllable):
    """Whether who must answer wins, by trying everything."""
    answers = [word for word in left if word[0] in chain.beginnings(syllable)]
    return any(not wins(left - {word}, word[-1]) for word in answers)


@given(WORDS)
def test_what_is_said_to_be_forced_is_so(words):
    for syllable, won in chain.forced(chain.Game(words)).items():
        assert wins(frozenset(words), syllable) == won


@given(WORDS, st.integers(0, 100), st.sampled_from(["easy", "medium", "hard"]))
def test_every_word_that_is_said_may_be_said(words, seed, level):
    drawing, game = random.Random(seed), chain.Game(words)
    machine = computer(level, words, seed)
    while allowed := game.allowed():
        assert game.goes_on()
        word = machine.answer(game) if len(game.said) % 2 else drawing.choice(allowed)
        assert word in allowed
        assert game.refusal(word) == ""
        game.say(word)
    assert not game.goes_on()
    assert len(set(game.said)) == len(game.said)
    for before, after in zip(game.said, game.said[1:]):
        assert after[0] in chain.beginnings(before[-1])


@given(WORDS, st.sampled_from(["medium", "hard"]))
def test_who_sees_through_never_throws_a_forced_win_away(words, level):
    game = chain.Game(words)
    for first in sorted(words):
        game = chain.Game(words)
        game.say(first)
        ends = chain.forced(game)
        word = computer(level).answer(game)
        if word is not None and any(ends.get(each[-1]) is not True for each in game.allowed()):
            assert ends.get(word[-1]) is not True
        if level == "hard" and ends.get(first[-1]) is True:
            assert ends[word[-1]] is False


def test_on_easy_it_knows_common_words_only_and_spares_you():
    words = ["기차", "차꾼", "차표", "표기", "차력"]
    game = chain.Game(words)
    game.say("기차")
    answers = {computer("easy", ["차표", "차꾼"], seed).answer(game) for seed in range(20)}
    assert answers == {"차표"}
    assert computer("easy", []).answer(game) is None


@pytest.mark.slow
def test_it_is_played_by_pipe(tmp_path):
    (tmp_path / "낱말.txt").write_text("기차\n차표\n표기\n기사\n", "utf-8")
    command = [sys.executable, EXAMPLE, "--words", tmp_path / "낱말.txt", "--seed", "1"]
    shown = subprocess.run(command, input="기차\n\n", capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[0] == "끝말잇기를 시작합니다. 낱말 4개, 두음법칙을 씁니다."
    assert shown.splitlines()[-1] == "기차 → 차표"
    missing = subprocess.run([*command[:3], tmp_path / "없음.txt"], input="", capture_output=True, text=True)
    assert missing.returncode == 3
    assert "Traceback" not in missing.stderr
