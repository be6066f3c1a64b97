"""How a text is to go on: how boldly it is drawn, when it ends, and what holds for every word of it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, final

from yeoul.decoding import (
    Automaton,
    Composed,
    Forbid,
    InBytes,
    InTime,
    Lexicon,
    Limits,
    Lines,
    LineStarts,
    MinP,
    NoRepeatNgrams,
    NoRepeats,
    Pattern,
    Single,
    Spelled,
    Step,
    Stop,
    StopTexts,
    Temperature,
    TopK,
    TopP,
    Typical,
    Unspaced,
)
from yeoul.errors import UsageError, nearest
from yeoul.recipe import SamplingRecipe
from yeoul.text.tokenizers import UNKNOWN, UNKNOWN_ID
from yeoul.text.writing import NEWLINE, Spelling

_MOST_TOKENS = 10_000_000
_SEPARATORS = " \n"


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
_COLDEST = 1e-6
"""Below it the likeliest token is taken: nothing else would be drawn, and logits divided by it may have no number."""
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
    steps: list[Step] = []
    stops: list[Stop] = []
    for automaton, where in _automata(manner):
        spelled = Spelled(spelling.pieces, _in_script(automaton, spelling), end_id, max_tokens=manner.tokens)
        if not spelled.possible(spelled.start(0)):
            alone = [
                start for start in manner.starts if where == "--starts" and not _sayable(start, spelling)
            ]
            raise UsageError(
                "no tokens of the vocabulary can say this",
                "ask for less",
                where=" ".join([where, *alone[:1]]),
            )
        steps.append(spelled)
        stops.append(InTime(spelled))
    if manner.lines is not None:
        stops.append(Lines(manner.lines, spelling.pieces))
    if manner.stop:
        stops.append(StopTexts(tuple(map(spelling.scripted, manner.stop)), spelling.pieces))
    if manner.no_repeat_lines:
        steps.append(NoRepeats(spelling.pieces, end_id))
    if manner.no_repeat is not None:
        steps.append(NoRepeatNgrams(manner.no_repeat))
    if forbidden := _forbidden(manner, spelling):
        steps.append(Forbid(forbidden))
    greedy = manner.temperature < _COLDEST
    if not greedy:
        steps += _drawing(manner, manner.temperature)
    return Plan(Limits(manner.tokens, end_id, tuple(stops)), tuple(steps), greedy)


def _sayable(start: str, spelling: Spelling) -> bool:
    """Tell whether a line can begin so."""
    spelled = Spelled(spelling.pieces, _in_script(LineStarts((start,)), spelling), None)
    return spelled.possible(spelled.start(0))


def _automata(manner: Manner) -> Sequence[tuple[Automaton[Any], str]]:
    found: list[tuple[Automaton[Any], str]] = []
    if manner.starts:
        found.append((LineStarts(manner.starts), "--starts"))
    if manner.pattern is not None:
        found.append((Pattern(manner.pattern), "--pattern"))
    if manner.words:
        found.append((Single(Lexicon(manner.words, _SEPARATORS), _SEPARATORS), "--words"))
    return found


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


def _drawing(manner: Manner, temperature: float) -> list[Step]:
    steps: list[Step] = [] if temperature == 1.0 else [Temperature(temperature)]
    if manner.top_k is not None:
        steps.append(TopK(manner.top_k))
    if manner.top_p is not None:
        steps.append(TopP(manner.top_p))
    if manner.typical is not None:
        steps.append(Typical(manner.typical))
    if manner.min_p:
        steps.append(MinP(manner.min_p))
    return steps


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
