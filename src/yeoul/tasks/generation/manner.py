"""How a text is to go on: how boldly it is drawn, when it ends, and what holds for every word of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, final

from yeoul.decoding import (
    COLDEST,
    Automaton,
    Composed,
    Forbid,
    InBytes,
    InTime,
    Lexicon,
    Limits,
    Lines,
    LineStarts,
    NoRepeatNgrams,
    NoRepeats,
    Once,
    Pattern,
    Single,
    Spelled,
    Step,
    Stop,
    StopTexts,
    Together,
    Unspaced,
    drawing,
)
from yeoul.errors import UsageError, nearest
from yeoul.recipe import SamplingRecipe
from yeoul.text.tokenizers import UNKNOWN, UNKNOWN_ID
from yeoul.text.writing import NEWLINE, Spelling

_MOST_TOKENS = 10_000_000
_SEPARATORS = " \n"
_WORD_ENDS = ' \n\t.,!?;:…"“”()[]'
_WHOLE_WORDS = ("word", "spaced")


@final
@dataclass(frozen=True)
class Manner:
    """How a text goes on. What is None is as the run's `[sampling]` says.

    The steps are taken in this order: what must hold of the text, forbidden tokens, temperature, then the shares of
    what is left. Raises `UsageError` for a number out of its range.
    """

    tokens: int | None = None
    """The most tokens to say."""
    temperature: float | None = None
    """0 takes the likeliest token."""
    top_k: int | None = None
    top_p: float | None = None
    typical: float | None = None
    min_p: float | None = None
    forbid: tuple[str, ...] = ()
    """Tokens that are never said."""
    skip_unknown: bool = True
    """Never say the token that stands for all that the vocabulary does not hold."""
    stop: tuple[str, ...] = ()
    """End as soon as one of these has been said."""
    lines: int | None = None
    """End after so many ends of lines."""
    starts: tuple[str, ...] = ()
    """What each line begins with, as in a poem on the syllables of a word (삼행시); there are as many lines."""
    pattern: str | None = None
    """A regular expression that the whole of what is said matches."""
    words: tuple[str, ...] = ()
    """Say only these, with a space or an end of a line between them."""
    no_repeat: int | None = None
    """Never say so many tokens in a row twice."""
    no_repeat_lines: bool = False
    no_repeat_words: bool = False
    """Never say a word twice, as spaces and marks part them; with `words` the text ends when none is left."""

    def __post_init__(self) -> None:
        for name, (low, high, expected) in _RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                option = "--" + name.replace("_", "-")
                values = {"came": value, "expected": expected}
                raise UsageError("{came} is out of range", "expected {expected}", where=option, values=values)
        if not all(self.stop) or not all(self.forbid) or not all(self.starts):
            raise UsageError("an empty text cannot be looked for", "leave it out")
        if self.starts and self.lines is not None:
            raise UsageError(
                "the lines are counted by their beginnings", "leave --lines or --starts out", where="--lines"
            )

    def after(self, usual: SamplingRecipe) -> "Manner":
        """Return the manner with what is not said filled in."""
        known = {
            "tokens": usual.max_tokens,
            "temperature": usual.temperature,
            "top_k": usual.top_k,
            "top_p": usual.top_p,
            "typical": usual.typical,
            "min_p": usual.min_p,
        }
        open_fields = [each.name for each in fields(self) if getattr(self, each.name) is None]
        return replace(self, **{name: known[name] for name in open_fields if name in known})  # type: ignore[arg-type]


_TINY = 1e-12
_RANGES: dict[str, tuple[float, float, str]] = {
    "tokens": (1, _MOST_TOKENS, f"1 … {_MOST_TOKENS}"),
    "temperature": (0.0, 100.0, "0 … 100"),
    "top_k": (1, float("inf"), "≥ 1"),
    "top_p": (_TINY, 1.0, "0 < p ≤ 1"),
    "typical": (_TINY, 1.0, "0 < p ≤ 1"),
    "min_p": (0.0, 1.0 - _TINY, "0 ≤ p < 1"),
    "lines": (1, _MOST_TOKENS, "≥ 1"),
    "no_repeat": (1, _MOST_TOKENS, "≥ 1"),
}


@final
@dataclass(frozen=True)
class Plan:
    """A manner as steps over the tokens of a vocabulary."""

    limits: Limits
    steps: tuple[Step, ...]
    greedy: bool


def planned(manner: Manner, spelling: Spelling, end_id: int | None) -> Plan:
    """Turn a manner, filled in, into steps; `end_id` is the token that ends a whole text, where there is one.

    Raises `UsageError` for what the vocabulary cannot say.
    """
    if manner.tokens is None or manner.temperature is None:
        raise ValueError("the manner is not filled in")
    forbidden = _forbidden(manner, spelling)
    spelled = _followed(manner, _Spelling(spelling, forbidden, end_id, manner.tokens))
    steps: list[Step] = [*spelled]
    stops: list[Stop] = [InTime(each) for each in spelled]
    if manner.lines is not None:
        stops.append(Lines(manner.lines, spelling.pieces))
    if manner.stop:
        stops.append(StopTexts(tuple(map(spelling.scripted, manner.stop)), spelling.pieces))
    if manner.no_repeat_lines:
        steps.append(NoRepeats(spelling.pieces, end_id))
    if manner.no_repeat_words and not manner.words:
        steps.append(NoRepeats(spelling.pieces, end_id, _word_ends(spelling), spelling.unit in _WHOLE_WORDS))
    if manner.no_repeat is not None:
        steps.append(NoRepeatNgrams(manner.no_repeat))
    if forbidden:
        steps.append(Forbid(forbidden))
    greedy = manner.temperature < COLDEST
    if not greedy:
        shares = manner.top_k, manner.top_p, manner.typical, manner.min_p or 0.0
        steps += drawing(manner.temperature, *shares)
    return Plan(Limits(manner.tokens, end_id, tuple(stops)), tuple(steps), greedy)


@dataclass(frozen=True)
class _Spelling:
    """The tokens that may be said, with where a text ends."""

    spelling: Spelling
    forbidden: Sequence[int]
    end_id: int | None
    max_tokens: int

    @cached_property
    def texts(self) -> Sequence[str]:
        never = frozenset(self.forbidden)
        return ["" if token in never else piece for token, piece in enumerate(self.spelling.pieces)]

    def of(self, automaton: Automaton[Any]) -> Spelled[Any]:
        """Return the step that says what an automaton reads."""
        inner = _in_script(automaton, self.spelling)
        return Spelled(self.texts, inner, self.end_id, max_tokens=self.max_tokens)

    def can(self, automaton: Automaton[Any]) -> bool:
        """Tell whether tokens can say what an automaton reads."""
        return _possible(self.of(automaton))


def _possible(spelled: Spelled[Any]) -> bool:
    return spelled.possible(spelled.start(0))


def _followed(manner: Manner, tokens: _Spelling) -> Sequence[Spelled[Any]]:
    """Return what a text must follow: all that is asked as one automaton, so that it comes to an end under all of it.

    Which words have been said is followed apart where more is asked than words: which sequences of a long list fit a
    pattern may take forever to find. Raises `UsageError` for what no tokens can say.
    """
    asked = _automata(manner)
    if not asked:
        return []
    whole = tokens.of(Together([*asked.values()]) if len(asked) > 1 else next(iter(asked.values())))
    if _possible(whole):
        if not (manner.words and manner.no_repeat_words):
            return [whole]
        once = tokens.of(Single(Once(_lexicon(manner, tokens.spelling)), _SEPARATORS))
        return [once] if len(asked) == 1 else [whole, once]
    for where, automaton in asked.items():
        if not tokens.can(automaton):
            starts = manner.starts if where == "--starts" else ()
            alone = [start for start in starts if not tokens.can(LineStarts((start,)))]
            raise UsageError(
                "no tokens of the vocabulary can say this",
                "ask for less",
                where=" ".join([where, *alone[:1]]),
            )
    raise UsageError(
        "no text is all of this at once",
        "leave one of these out, or ask for less of each",
        where=" ".join(asked),
    )


def _automata(manner: Manner) -> Mapping[str, Automaton[Any]]:
    """Return what each option asks of the text."""
    found = dict[str, Automaton[Any]]()
    if manner.starts:
        found["--starts"] = LineStarts(manner.starts)
    if manner.pattern is not None:
        found["--pattern"] = Pattern(manner.pattern)
    if manner.words:
        found["--words"] = Single(Lexicon(manner.words, _SEPARATORS), _SEPARATORS)
    return found


def _lexicon(manner: Manner, spelling: Spelling) -> Lexicon:
    """Return the words that can be said, of which none is waited for in vain."""
    letters = {letter for piece in spelling.pieces for letter in piece}
    said = [word for word in manner.words if letters.issuperset(spelling.scripted(word))]
    return Lexicon(said, _SEPARATORS)


def _word_ends(spelling: Spelling) -> str:
    """Return what stands between two words, as tokens spell it."""
    return "".join(sign for sign in _WORD_ENDS if spelling.script != "bytes" or sign.isascii())


def _in_script(automaton: Automaton[Any], spelling: Spelling) -> Automaton[Any]:
    """Let an automaton over characters read what tokens spell."""
    if spelling.spaced:
        automaton = Unspaced(automaton)
    match spelling.script:
        case "letters":
            return Composed(automaton)
        case "bytes":
            return InBytes(automaton)
        case _:
            return automaton


def _forbidden(manner: Manner, spelling: Spelling) -> tuple[int, ...]:
    """Return the tokens that are never said; raise `UsageError` for one that is not in the vocabulary."""
    ids = {UNKNOWN_ID} if manner.skip_unknown else set()
    known: dict[str, list[int]] = {}
    for number, piece in enumerate(spelling.pieces):
        for name in {piece, piece.removeprefix(" ")}:
            known.setdefault(name, []).append(number)
    for token in manner.forbid:
        found = [UNKNOWN_ID] if token == UNKNOWN else known.get(spelling.scripted(token))
        if found is None:
            raise UsageError(
                "the model has no token {token}",
                "did you mean {guess}?" if (guess := nearest(token, known)) else "forbid one that it has",
                where="--forbid",
                values={"token": repr(token), "guess": repr(guess)},
            )
        ids.update(found)
    return tuple(sorted(ids))


def ended_lines(prompt: str) -> str:
    """Return a prompt whose last line has its end, so that what follows begins a line."""
    return prompt if not prompt or prompt.endswith(NEWLINE) else prompt + NEWLINE
