"""끝말잇기: play the word chain against the computer, with the initial-sound rule (두음법칙).

    yeoul data get korean_words       (or a folder that YEOUL_DATA names, or --words FILE)
    python examples/word_chain.py [--level easy|medium|hard] [--first computer] [--seed 1] [--run RUN]

A word begins with the syllable that the last one ends with, or with what the initial-sound rule makes of it: after
도료 comes 요리, after 미래 comes 내일. No word comes twice; the first word must leave an answer; who finds no word has
lost. An empty line gives up, ? asks for a hint. It can be played by pipe.

On the level easy the computer knows common words only and spares you; on medium it knows all words, runs into no
trap and sets none; on hard it sees through to the end wherever the end is forced. With a run of a language model
(`yeoul train three-line-poem`) it draws, of the words that its level would say, those that the model would say.
"""

import argparse
import random
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, final

from yeoul.data.catalog import CATALOG, find
from yeoul.errors import DataError, UsageError, YeoulError

Level = Literal["easy", "medium", "hard"]
Chooser = Callable[[Sequence[str], Sequence[str]], str]
"""Picks one of several words after those that have been said."""

_FIRST, _LAST = ord("가"), ord("힣")
_VOWELS, _FINALS = 21, 28
_ONSET_N, _ONSET_R, _ONSET_NONE = 2, 5, 11  # ㄴ, ㄹ, ㅇ of the 19 initial consonants
_MOST_WEIGHED = 200  # words that a language model is asked about
_MOST_TOKENS = 100
_FINAL_R = 8  # ㄹ of the 28 final consonants, none among them
_N_FALLS = frozenset("ㅕㅛㅠㅣ")
"""녀 뇨 뉴 니 become 여 요 유 이 (한글 맞춤법 제10항)."""
_R_FALLS = frozenset("ㅑㅕㅖㅛㅠㅣ")
"""랴 려 례 료 류 리 become 야 여 예 요 유 이 (제11항)."""
_R_SOFTENS = frozenset("ㅏㅐㅗㅚㅜㅡ")
"""라 래 로 뢰 루 르 become 나 내 노 뇌 누 느 (제12항)."""
_VOWEL_LETTERS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"


def beginnings(syllable: str) -> tuple[str, ...]:
    """Return the syllables that may begin a word after one that ends with this one.

    >>> beginnings("력"), beginnings("락"), beginnings("이")
    (('력', '역'), ('락', '낙'), ('이',))
    """
    rest = ord(syllable) - _FIRST
    onset, vowel = rest // (_VOWELS * _FINALS), _VOWEL_LETTERS[rest // _FINALS % _VOWELS]
    if (onset == _ONSET_N and vowel in _N_FALLS) or (onset == _ONSET_R and vowel in _R_FALLS):
        other = _ONSET_NONE
    elif onset == _ONSET_R and vowel in _R_SOFTENS:
        other = _ONSET_N
    else:
        return (syllable,)
    return syllable, chr(_FIRST + other * _VOWELS * _FINALS + rest % (_VOWELS * _FINALS))


def is_word(word: str) -> bool:
    """Tell whether a word has two or more syllables and nothing else."""
    return len(word) >= 2 and all(_FIRST <= ord(letter) <= _LAST for letter in word)


def quoted(word: str, closed: str, open_: str) -> str:
    """Return a word in quotes with the particle for its end: a consonant closes it, or a vowel leaves it open.

    >>> quoted("과일", "은", "는"), quoted("과일", "으로", "로")
    ("'과일'은", "'과일'로")
    """
    last = (ord(word[-1]) - _FIRST) % _FINALS
    as_open = last == 0 or (last == _FINAL_R and closed == "으로")
    return f"'{word}'{open_ if as_open else closed}"


@final
@dataclass
class Game:
    """The words that are left, and those that have been said."""

    words: Iterable[str]
    said: list[str] = field(default_factory=list)
    left: dict[str, set[str]] = field(default_factory=dict)
    """By first syllable."""

    def __post_init__(self) -> None:
        for word in self.words:
            if is_word(word):
                self.left.setdefault(word[0], set()).add(word)

    def answers(self, syllable: str) -> list[str]:
        """Return the words, sorted, that may be said after one that ends with a syllable."""
        return sorted(word for first in beginnings(syllable) for word in self.left.get(first, ()))

    def allowed(self) -> list[str]:
        """Return the words, sorted, that may be said now."""
        if self.said:
            return self.answers(self.said[-1][-1])
        every = (word for words in self.left.values() for word in words)
        return sorted(word for word in every if not self.ends(word))

    def goes_on(self) -> bool:
        """Tell whether there is a word that may be said now."""
        if self.said:
            return any(self.left.get(first) for first in beginnings(self.said[-1][-1]))
        return any(not self.ends(word) for words in self.left.values() for word in words)

    def ends(self, word: str) -> bool:
        """Tell whether a word leaves no answer."""
        return not any(self.left.get(first, set()) - {word} for first in beginnings(word[-1]))

    def refusal(self, word: str) -> str:
        """Say why a word may not be said now; nothing where it may."""
        if not is_word(word):
            return "두 글자 이상의 한글 낱말을 적어 주십시오."
        if word in self.said:
            return f"{quoted(word, '은', '는')} 이미 나온 낱말입니다."
        if self.said and word[0] not in beginnings(self.said[-1][-1]):
            *before, last = beginnings(self.said[-1][-1])
            firsts = "".join(f"'{first}' 또는 " for first in before)
            return f"{firsts}{quoted(last, '으로', '로')} 시작해야 합니다."
        if word not in self.left.get(word[0], ()):
            return f"{quoted(word, '은', '는')} 사전에 없습니다."
        if not self.said and self.ends(word):
            return f"{quoted(word, '은', '는')} 이을 수 없는 낱말이라 첫 낱말로 쓸 수 없습니다."
        return ""

    def say(self, word: str) -> None:
        """Say a word that may be said now."""
        self.left[word[0]].remove(word)
        self.said.append(word)


def forced(game: Game) -> dict[str, bool]:
    """Return the syllables after which the end is forced: whether who must answer wins (True) or loses (False).

    Backwards from those without an answer: who can leave a lost syllable wins, who can only leave won ones loses.
    """
    lasts = {first: Counter(word[-1] for word in words) for first, words in game.left.items()}
    syllables = {last for ends in lasts.values() for last in ends} | lasts.keys()
    after = {
        each: {last for first in beginnings(each) for last in lasts.get(first, ())} for each in syllables
    }
    before: dict[str, list[str]] = {}
    for each, ends in after.items():
        for last in ends:
            before.setdefault(last, []).append(each)
    open_ends = {each: len(ends) for each, ends in after.items()}
    known = {each: False for each, count in open_ends.items() if count == 0}
    waiting = list(known)
    while waiting:
        last = waiting.pop()
        for each in before.get(last, ()):
            if each in known:
                continue
            open_ends[each] -= known[last]
            if not known[last] or open_ends[each] == 0:
                known[each] = not known[last]
                waiting.append(each)
    return known


@final
@dataclass(frozen=True)
class Computer:
    """The other player."""

    level: Level
    common: frozenset[str]
    """Words that everybody knows."""
    choose: Chooser

    def answer(self, game: Game) -> str | None:
        """Return a word that may be said now, or None: the computer has lost."""
        words = self._sensible(game, game.allowed())
        return self.choose(words, game.said) if words else None

    def _sensible(self, game: Game, allowed: Sequence[str]) -> Sequence[str]:
        """Return the words that the level would say."""
        if self.level == "easy":
            known = [word for word in allowed if word in self.common]
            return _first_of([word for word in known if not game.ends(word)], known)
        ends = forced(game)
        unlost = [word for word in allowed if ends.get(word[-1]) is not True]
        if self.level == "hard":
            return _first_of([word for word in allowed if ends.get(word[-1]) is False], unlost, allowed)
        return _first_of([word for word in unlost if not game.ends(word)], unlost, allowed)


def _first_of(*choices: Sequence[str]) -> Sequence[str]:
    return next((words for words in choices if words), choices[-1])


def at_random(seed: int | None) -> Chooser:
    """Pick a word by chance."""
    drawing = random.Random(seed)
    return lambda words, said: drawing.choice(words)


def by_model(folder: str, seed: int | None) -> Chooser:
    """Draw words as the language model of a run does that may say nothing else."""
    import yeoul  # torch takes a second

    run, drawing = yeoul.load(folder), random.Random(seed)
    run.generate("", yeoul.Manner(tokens=1), seed=0)  # refuses a run of another task

    def choose(words: Sequence[str], said: Sequence[str]) -> str:
        some = drawing.sample(words, min(len(words), _MOST_WEIGHED))
        manner = yeoul.Manner(pattern="|".join(some), tokens=_MOST_TOKENS)
        try:
            word = run.generate("", manner, seed=drawing.getrandbits(32)).text
        except UsageError:  # the model knows the letters of none of them
            word = ""
        return word if word in some else drawing.choice(some)

    return choose


def play(
    game: Game, computer: Computer, lines: Iterable[str], *, computer_first: bool
) -> Literal["won", "lost"]:
    """Play to the end with a person who writes lines; return how the person did."""
    answers = iter(lines)
    computers_turn = computer_first
    while True:
        if computers_turn:
            word = computer.answer(game)
            if word is None:
                print(f"제가 이을 낱말이 없습니다. {len(game.said)}번째 낱말에서 이기셨습니다. 축하합니다!")
                return "won"
            game.say(word)
            print(f"컴퓨터: {word}")
        elif not _persons_turn(game, answers):
            return "lost"
        computers_turn = not computers_turn


def _persons_turn(game: Game, answers: Iterable[str]) -> bool:
    """Let the person say a word; tell whether the game goes on."""
    if not game.goes_on():
        print("이을 수 있는 낱말이 없습니다. 제가 이겼습니다. 좋은 승부였습니다.")
        return False
    for line in answers:
        word = unicodedata.normalize("NFC", line.strip())
        if word == "?":
            hint = min(game.allowed(), key=len)
            print(f"귀띔: {quoted(hint[:-1], '으로', '로')} 시작하는 {len(hint)}글자 낱말이 있습니다.")
        elif not word:
            break
        elif refusal := game.refusal(word):
            print(f"{refusal} 다시 적어 주십시오.")
        else:
            game.say(word)
            return True
    left = min(game.allowed(), key=len)
    print(f"여기까지 하겠습니다. 예를 들어 {quoted(left, '이라는', '라는')} 낱말이 있었습니다.")
    return False


def dictionary(path: str) -> tuple[list[str], frozenset[str]]:
    """Return all words, and the common ones; from a file with a word a line all are common."""
    if path:
        words = _words(Path(path))
        return words, frozenset(words)
    found = find(CATALOG["korean_words"])
    common = _words(found.folder / "CommonNouns.txt")
    return sorted({*_words(found.folder / "AllNouns.txt"), *common}), frozenset(common)


def _words(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("the word list cannot be read", "give a UTF-8 file", where=str(path)) from error
    return [unicodedata.normalize("NFC", line.strip()) for line in lines if line.strip()]


def _typed(prompt: bool) -> Iterable[str]:
    """Yield what is written, line by line, until the input ends."""
    while True:
        if prompt:
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def main() -> int:
    parser = argparse.ArgumentParser(description="끝말잇기")
    parser.add_argument("--level", choices=("easy", "medium", "hard"), default="medium")
    parser.add_argument("--first", choices=("person", "computer"), default="person")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--words", default="", help="a file with a word a line; else the set korean_words")
    parser.add_argument("--run", default="", help="a run of a language model, which then chooses the words")
    options = parser.parse_args()
    try:
        words, common = dictionary(options.words)
        choose = by_model(options.run, options.seed) if options.run else at_random(options.seed)
    except YeoulError as error:
        print(error.message("ko"), file=sys.stderr)
        return error.exit_code
    game = Game(words)
    if not game.goes_on():
        print("낱말 목록에 이어지는 낱말이 없습니다.", file=sys.stderr)
        return 3
    print(f"끝말잇기를 시작합니다. 낱말 {sum(map(len, game.left.values())):,}개, 두음법칙을 씁니다.")
    computer = Computer(options.level, common, choose)
    play(game, computer, _typed(sys.stdin.isatty()), computer_first=options.first == "computer")
    print(" → ".join(game.said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
