"""Automata over the characters of a text: words of a list, lines with given beginnings, letters of syllables."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar, cast, final

Kind = Hashable
"""Characters of one kind are alike to an automaton."""
At = TypeVar("At", bound=Hashable)


class Automaton(Protocol[At]):
    """Reads a text character by character and knows at each whether it may go on, and whether it may end."""

    @property
    def start(self) -> At:
        """Where it stands before the first character."""
        ...

    def kind(self, character: str) -> Kind: ...

    def after(self, state: At, kind: Kind) -> At | None:
        """Return where it stands after one more character of this kind, or None if no text goes on so."""
        ...

    def ends(self, state: At) -> bool:
        """Tell whether a text may end here."""
        ...


@final
@dataclass(frozen=True, eq=False)
class Lexicon:
    """Texts of the words of a list, with any number of separators before, between and after them."""

    words: Sequence[str]
    separators: str = " "

    @cached_property
    def _tree(self) -> tuple[list[dict[str, int]], set[int]]:
        """Return the children of each node by character, and the nodes where a word ends."""
        children: list[dict[str, int]] = [{}]
        whole = set()
        for word in self.words:
            node = 0
            for character in word:
                if character not in children[node]:
                    children[node][character] = len(children)
                    children.append({})
                node = children[node][character]
            whole.add(node)
        return children, whole

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(character for word in self.words for character in word)

    @property
    def start(self) -> int:
        return 0

    def kind(self, character: str) -> str:
        if character in self.separators:
            return self.separators[0]
        return character if character in self._characters else ""

    def after(self, state: int, kind: Kind) -> int | None:
        children, whole = self._tree
        following = children[state].get(kind) if isinstance(kind, str) else None
        if following is None and kind and kind == self.separators[:1] and (state == 0 or state in whole):
            return 0
        return following

    def ends(self, state: int) -> bool:
        return state == 0 or state in self._tree[1]


@final
@dataclass(frozen=True, eq=False)
class LineStarts:
    """Texts of as many lines as there are beginnings, line i beginning with the i-th, as in a poem of three lines
    whose first syllables are a word (삼행시). The last line may have its end, too."""

    beginnings: Sequence[str]
    newline: str = "\n"

    @cached_property
    def _characters(self) -> frozenset[str]:
        return frozenset(character for each in self.beginnings for character in each)

    @property
    def start(self) -> tuple[int, int]:
        """The line and how much of its beginning has been said."""
        return 0, 0

    def kind(self, character: str) -> str:
        return character if character == self.newline or character in self._characters else ""

    def after(self, state: tuple[int, int], kind: Kind) -> tuple[int, int] | None:
        line, said = state
        if line == len(self.beginnings):
            return None
        beginning = self.beginnings[line]
        if said < len(beginning):
            return (line, said + 1) if kind == beginning[said] else None
        return (line + 1, 0) if kind == self.newline else state

    def ends(self, state: tuple[int, int]) -> bool:
        line, said = state
        last = len(self.beginnings) - 1
        return line > last or (line == last and said == len(self.beginnings[line]))


_LEADS, _VOWELS, _TAILS = range(0x1100, 0x1113), range(0x1161, 0x1176), range(0x11A8, 0x11C3)
_FIRST_SYLLABLE = 0xAC00
_WHOLE = ("", 0)
"""No syllable may still grow."""


@dataclass(frozen=True)
class _Syllables:
    """The letters of Hangul as an automaton over syllables tells them apart.

    Leading consonants are alike if all that may become of them is alike, and so are open syllables.
    """

    leads: list[tuple[Kind, tuple[int, ...]]]  # the kind of one alone, and the open syllable with each vowel
    lead_of: dict[str, int]
    opens: list[tuple[Kind, tuple[Kind, ...]]]  # the kind of one, and the kind with each tail

    @staticmethod
    def of(automaton: Automaton[At]) -> "_Syllables":
        leads: dict[tuple[Kind, tuple[int, ...]], int] = {}
        opens: dict[tuple[Kind, tuple[Kind, ...]], int] = {}
        lead_of = {}
        codes = iter(range(_FIRST_SYLLABLE, _FIRST_SYLLABLE + len(_LEADS) * len(_VOWELS) * (len(_TAILS) + 1)))
        for lead in _LEADS:
            grown = []
            for _ in _VOWELS:
                first, *closed = [automaton.kind(chr(next(codes))) for _ in range(len(_TAILS) + 1)]
                grown.append(opens.setdefault((first, tuple(closed)), len(opens)))
            alike = automaton.kind(chr(lead)), tuple(grown)
            lead_of[chr(lead)] = leads.setdefault(alike, len(leads))
        return _Syllables(list(leads), lead_of, list(opens))


@final
@dataclass(frozen=True, eq=False)
class Composed(Generic[At]):
    """Reads Hangul written in single letters (NFD) as an automaton over syllables would read it written whole.

    A syllable counts only when it can grow no more: 가 may still become 각.
    """

    automaton: Automaton[At]

    @cached_property
    def _syllables(self) -> _Syllables:
        return _Syllables.of(self.automaton)

    @property
    def start(self) -> tuple[At, tuple[str, int]]:
        """Where the automaton stands before a syllable that may still grow, and this syllable."""
        return self.automaton.start, _WHOLE

    def kind(self, character: str) -> Kind:
        """Return what a letter is, the automaton's own kind of it alone, and what it makes of all it may join."""
        known, letter = self._syllables, ord(character)
        alone = self.automaton.kind(character)
        if letter in _LEADS:
            return "lead", alone, (known.lead_of[character],)
        if letter in _VOWELS:
            return "vowel", alone, tuple(opens[letter - _VOWELS.start] for _, opens in known.leads)
        if letter in _TAILS:
            return "tail", alone, tuple(closed[letter - _TAILS.start] for _, closed in known.opens)
        return "", alone, ()

    def after(self, state: tuple[At, tuple[str, int]], kind: Kind) -> tuple[At, tuple[str, int]] | None:
        before, (growing, number) = state
        match kind, growing:
            case ("vowel", _, tuple(opens)), "lead":
                return before, ("open", cast(int, opens[number]))
            case ("tail", _, tuple(closed)), "open":
                return self._whole(before, closed[number])
        committed = self._committed(state)
        if committed is None:
            return None
        match kind:
            case ("lead", _, (int(lead),)):
                return committed, ("lead", lead)
            case (_, alone, _):
                return self._whole(committed, alone)
        return None

    def ends(self, state: tuple[At, tuple[str, int]]) -> bool:
        committed = self._committed(state)
        return committed is not None and self.automaton.ends(committed)

    def _whole(self, state: At, kind: Kind) -> tuple[At, tuple[str, int]] | None:
        following = self.automaton.after(state, kind)
        return None if following is None else (following, _WHOLE)

    def _committed(self, state: tuple[At, tuple[str, int]]) -> At | None:
        """Return where the automaton stands once the syllable has grown all it will."""
        before, (growing, number) = state
        match growing:
            case "lead":
                return self.automaton.after(before, self._syllables.leads[number][0])
            case "open":
                return self.automaton.after(before, self._syllables.opens[number][0])
        return before
