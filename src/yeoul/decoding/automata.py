"""Automata over the characters of a text: words of a list, lines with given beginnings, letters of syllables."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, Protocol, TypeVar, final

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

    @property
    def start(self) -> int:
        return 0

    def kind(self, character: str) -> str:
        return self.separators[0] if character in self.separators else character

    def after(self, state: int, kind: Kind) -> int | None:
        children, whole = self._tree
        following = children[state].get(kind) if isinstance(kind, str) else None
        if following is None and kind == self.separators[:1] and (state == 0 or state in whole):
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
_FIRST_SYLLABLE, _TAIL_COUNT = 0xAC00, 28


@final
@dataclass(frozen=True, eq=False)
class Composed(Generic[At]):
    """Reads Hangul written in single letters (NFD) as an automaton over syllables would read it written whole.

    A syllable counts only when it can grow no more: 가 may still become 각.
    """

    automaton: Automaton[At]

    @property
    def start(self) -> tuple[At, str]:
        """Where the automaton stands before a syllable that may still grow, and this syllable."""
        return self.automaton.start, ""

    def kind(self, character: str) -> Kind:
        """Return a letter as it is, and anything else as a pair with the automaton's own kind."""
        letter = ord(character)
        if letter in _LEADS or letter in _VOWELS or letter in _TAILS:
            return character
        return ("", self.automaton.kind(character))

    def after(self, state: tuple[At, str], kind: Kind) -> tuple[At, str] | None:
        before, growing = state
        if isinstance(kind, str) and (grown := _grown(growing, kind)):
            return before, grown
        committed = self._committed(state)
        if committed is None:
            return None
        if isinstance(kind, str):
            return committed, kind
        following = self.automaton.after(committed, kind[1]) if isinstance(kind, tuple) else None
        return None if following is None else (following, "")

    def ends(self, state: tuple[At, str]) -> bool:
        committed = self._committed(state)
        return committed is not None and self.automaton.ends(committed)

    def _committed(self, state: tuple[At, str]) -> At | None:
        before, growing = state
        return self.automaton.after(before, self.automaton.kind(growing)) if growing else before


def _grown(syllable: str, letter: str) -> str:
    """Join a letter to what stands before it, or return "" if it does not join."""
    if not syllable:
        return ""
    last, new = ord(syllable), ord(letter)
    if last in _LEADS and new in _VOWELS:
        leads, vowels = last - _LEADS.start, new - _VOWELS.start
        return chr(_FIRST_SYLLABLE + (leads * len(_VOWELS) + vowels) * _TAIL_COUNT)
    open_syllable = last >= _FIRST_SYLLABLE and (last - _FIRST_SYLLABLE) % _TAIL_COUNT == 0
    if open_syllable and new in _TAILS:
        return chr(last + new - _TAILS.start + 1)
    return ""
