"""Regular expressions as automata that read one character at a time, so that a text may match in part.

The language is that of `re.fullmatch` without anchors, references, lookaround, flags and lazy repeats, which say
nothing about whole texts: literals, \\d \\w \\s \\D \\W \\S, . [classes] | * + ? {m,n} and groups. An expression
becomes an automaton with silent moves (Thompson 1968), of which only the sets of places that a text really reaches
are ever built (Rabin & Scott 1959).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import final

from yeoul.decoding.automata import Kind
from yeoul.errors import UsageError

_MOST_PLACES = 20_000
_DEEPEST = 50
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_FAMILIES: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "s": str.isspace,
    "w": lambda character: character.isalnum() or character == "_",
}
_CODES = {"x": re.compile("[0-9a-fA-F]{2}"), "u": re.compile("[0-9a-fA-F]{4}")}
_COUNTS = re.compile(r"\{(\d*)(,?)(\d*)\}")

Places = frozenset[int]


@final
@dataclass(frozen=True)
class Symbols:
    """A set of characters."""

    ranges: tuple[tuple[str, str], ...] = ()
    families: str = ""
    """Any of d, s, w and, for all others, D, S, W."""
    others: bool = False
    """The set is all that is not named."""

    def __contains__(self, character: str) -> bool:
        named = any(low <= character <= high for low, high in self.ranges) or any(
            _FAMILIES[family.lower()](character) != family.isupper() for family in self.families
        )
        return named != self.others


@dataclass
class _Places:
    """The automaton as it grows: from each place, what is read and where it leads, and where one comes silently."""

    reads: list[list[tuple[int, int]]] = field(default_factory=list)  # (which symbols, place)
    silent: list[list[int]] = field(default_factory=list)
    symbols: dict[Symbols, int] = field(default_factory=dict)

    def add(self) -> int:
        self.reads.append([])
        self.silent.append([])
        return len(self.reads) - 1


@dataclass(frozen=True)
class _Choice:
    options: tuple["_Part", ...]


@dataclass(frozen=True)
class _Chain:
    parts: tuple["_Part", ...]


@dataclass(frozen=True)
class _Repeat:
    part: "_Part"
    least: int
    most: int | None


_Part = Symbols | _Choice | _Chain | _Repeat


@final
@dataclass(frozen=True)
class Pattern:
    """The automaton of a regular expression.

    Raises `UsageError` for an expression that is none or is too large.

    >>> Pattern("[가-힣]{2,3}!?").matches("나비야!")
    True
    """

    expression: str

    def __post_init__(self) -> None:
        _ = self._built

    @cached_property
    def _built(self) -> tuple[_Places, int, int]:
        places = _Places()
        first = places.add()
        last = _Builder(self.expression, places).build(_Reader(self.expression).whole(), first)
        return places, first, last

    @cached_property
    def _known(self) -> dict[tuple[Places, Kind], Places | None]:
        return {}

    @cached_property
    def start(self) -> Places:
        """The places before the first character."""
        return self._silently({self._built[1]})

    def kind(self, character: str) -> frozenset[int]:
        """Return which sets of the expression hold a character."""
        return frozenset(place for symbols, place in self._built[0].symbols.items() if character in symbols)

    def after(self, state: Places, kind: Kind) -> Places | None:
        """Return the places after one more character of this kind, or None if no text goes on so."""
        known = self._known
        if (state, kind) not in known:
            reads = self._built[0].reads
            reached = {to for place in state for symbols, to in reads[place] if symbols in kind}  # type: ignore[operator]
            known[state, kind] = self._silently(reached) if reached else None
        return known[state, kind]

    def ends(self, state: Places) -> bool:
        """Tell whether a text may end here."""
        return self._built[2] in state

    def outlook(self, state: Places) -> Places:
        """Return the places, all of which tell whether the text can come to an end."""
        return state

    def matches(self, text: str) -> bool:
        """Tell whether a whole text fits."""
        state: Places | None = self.start
        for character in text:
            state = None if state is None else self.after(state, self.kind(character))
        return state is not None and self.ends(state)

    def _silently(self, places: set[int]) -> Places:
        silent = self._built[0].silent
        reached, new = set(places), list(places)
        while new:
            for place in silent[new.pop()]:
                if place not in reached:
                    reached.add(place)
                    new.append(place)
        return frozenset(reached)


@dataclass(frozen=True)
class _Builder:
    expression: str
    places: _Places

    def build(self, part: _Part, begin: int) -> int:
        """Lay a part out from the place `begin`; return the place where it ends."""
        places = self.places
        if len(places.reads) > _MOST_PLACES:
            raise UsageError(
                "the pattern is too large",
                "repeat less often, or repeat fewer things inside what is repeated",
                where=f"--pattern {self.expression}",
            )
        match part:
            case Symbols():
                end = places.add()
                places.reads[begin].append((places.symbols.setdefault(part, len(places.symbols)), end))
                return end
            case _Chain():
                for one in part.parts:
                    begin = self.build(one, begin)
                return begin
            case _Choice():
                ends = [self.build(one, self._silent(begin)) for one in part.options]
                end = places.add()
                for place in ends:
                    places.silent[place].append(end)
                return end
            case _Repeat():
                for _ in range(part.least):
                    begin = self.build(part.part, begin)
                if part.most is None:
                    loop = self._silent(begin)
                    places.silent[self.build(part.part, loop)].append(loop)
                    return self._silent(loop)
                skips = [begin]
                for _ in range(part.most - part.least):
                    begin = self.build(part.part, self._silent(begin))
                    skips.append(begin)
                end = places.add()
                for skip in skips:
                    places.silent[skip].append(end)
                return end

    def _silent(self, begin: int) -> int:
        place = self.places.add()
        self.places.silent[begin].append(place)
        return place


@dataclass
class _Reader:
    """Reads an expression from left to right."""

    expression: str
    place: int = 0
    depth: int = 0

    def whole(self) -> _Part:
        part = self._choice()
        if self.place < len(self.expression):
            raise self._misread(self.place)
        return part

    def _choice(self) -> _Part:
        options = [self._chain()]
        while self._took("|"):
            options.append(self._chain())
        return options[0] if len(options) == 1 else _Choice(tuple(options))

    def _chain(self) -> _Part:
        parts = []
        while self.place < len(self.expression) and self._ahead() not in "|)":
            parts.append(self._repeated(self._one()))
        return _Chain(tuple(parts))

    def _repeated(self, part: _Part) -> _Part:
        begin = self.place
        counts = self._counts()
        if counts is None:
            return part
        least, most = counts
        after = self.place
        if (most is not None and most < least) or self._counts() is not None:
            raise self._misread(begin if most is not None and most < least else after)
        if max(least, most or 0) > _MOST_PLACES:
            raise self._misread(begin)
        if self._ahead() in ("*", "+", "?"):
            raise self._misread(after)
        return _Repeat(part, least, most)

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._took(sign):
                return counts
        found = _COUNTS.match(self.expression, self.place)
        if found is None or found[0] == "{}":
            return None
        self.place = found.end()
        least, comma, most = found.groups()
        return int(least or 0), int(most) if most else None if comma else int(least)

    def _one(self) -> _Part:
        begin = self.place
        character = self._next()
        match character:
            case "(":
                return self._group(begin)
            case "[":
                return self._class(begin)
            case ".":
                return Symbols((("\n", "\n"),), others=True)
            case "\\":
                return self._escaped(begin)
            case "*" | "+" | "?" | "^" | "$":
                raise self._misread(begin)
        if character == "{" and (found := _COUNTS.match(self.expression, begin)) and found[0] != "{}":
            raise self._misread(begin)
        return _single(character)

    def _group(self, begin: int) -> _Part:
        self.depth += 1
        if self._took("?") and not self._took(":"):
            raise self._misread(begin)
        if self.depth > _DEEPEST:
            raise self._misread(begin)
        part = self._choice()
        if not self._took(")"):
            raise self._misread(begin)
        self.depth -= 1
        return part

    def _class(self, begin: int) -> Symbols:
        others = self._took("^")
        ranges: list[tuple[str, str]] = []
        families = ""
        first = True
        while first or self._ahead() != "]":
            first = False
            place = self.place
            low = self._member(begin)
            if self._ahead() == "-" and self.expression[self.place + 1 : self.place + 2] not in ("]", ""):
                self.place += 1
                high = self._member(begin)
                if low.families or high.families or high.ranges[0][0] < low.ranges[0][0]:
                    raise self._misread(place)
                ranges.append((low.ranges[0][0], high.ranges[0][0]))
            else:
                ranges += low.ranges
                families += low.families
        self.place += 1
        return Symbols(tuple(ranges), families, others)

    def _member(self, begin: int) -> Symbols:
        """Read a character of a class, or a family such as \\d."""
        place = self.place
        if place >= len(self.expression):
            raise self._misread(begin)
        character = self._next()
        return self._escaped(place) if character == "\\" else _single(character)

    def _escaped(self, begin: int) -> Symbols:
        character = self._next()
        if character and character in "dswDSW":
            return Symbols(families=character)
        if character in _CODES and (code := _CODES[character].match(self.expression, self.place)):
            self.place = code.end()
            return _single(chr(int(code[0], 16)))
        if not character or (character.isascii() and character.isalnum() and character not in _ESCAPES):
            raise self._misread(begin)
        return _single(_ESCAPES.get(character, character))

    def _ahead(self) -> str:
        return self.expression[self.place : self.place + 1]

    def _next(self) -> str:
        self.place += 1
        return self.expression[self.place - 1 : self.place]

    def _took(self, character: str) -> bool:
        taken = self._ahead() == character
        self.place += taken
        return taken

    def _misread(self, place: int) -> UsageError:
        return UsageError(
            "the pattern is not understood from its character {place} on: {rest}",
            "use literals, [classes], . | * + ? {{m,n}} and (groups), and \\ before a sign that stands for itself",
            where=f"--pattern {self.expression}",
            values={"place": place + 1, "rest": self.expression[place : place + 20]},
        )


def _single(character: str) -> Symbols:
    return Symbols(((character, character),))
