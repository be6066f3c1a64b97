"""Automata around others: for texts in bytes, for the space before a word, for one space at a time."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, NamedTuple, final

from yeoul.decoding.automata import At, Automaton, Kind

_MORE = 64
"""What a byte after the first may be."""
_BEYOND = 0x20000
"""No text is led to characters from here on, which are but rare Han characters."""
_LEADS = {1: (0xC0, 0xE0, 0x80), 2: (0xE0, 0xF0, 0x800), 3: (0xF0, 0xF8, 0x10000)}
"""By the bytes that follow: the first leading byte, the one after the last, the first character."""
_SURROGATES = range(0xD800, 0xE000)


class _Node(NamedTuple):
    """A character of which some bytes are known: what each of the 64 next bytes makes of it."""

    last: bool
    """Whether the next byte is the last: then there are kinds of characters, None for none; else nodes."""
    children: tuple[Kind | None, ...]


@final
@dataclass(frozen=True, eq=False)
class InBytes(Generic[At]):
    """Reads UTF-8, one character (U+0000 to U+00FF) a byte, as an automaton would read the text."""

    automaton: Automaton[At]

    @cached_property
    def _opened(self) -> dict[int, int]:
        """Return the node that each leading byte opens."""
        opened = {}
        for more, (first, end, least) in _LEADS.items():
            for place in range(end - first):
                node = self._node(place * _MORE**more, more, least)
                if node is not None:
                    opened[first + place] = node
        return opened

    @cached_property
    def _numbers(self) -> dict[_Node, int]:
        return {}

    @cached_property
    def _nodes(self) -> list[_Node]:
        return list(self._numbers) if self._opened else []

    def _node(self, first: int, more: int, least: int) -> int | None:
        """Number the node of the characters from `first` on that so many more bytes tell apart; alike are one."""
        step = _MORE ** (more - 1)
        if first + _MORE * step <= least or first >= _BEYOND:
            return None
        codes = range(first, first + _MORE * step, step)
        children: list[Kind | None]
        if more == 1:
            children = [None if code in _SURROGATES else self.automaton.kind(chr(code)) for code in codes]
        else:
            children = [self._node(code, more - 1, least) for code in codes]
        return self._numbers.setdefault(_Node(more == 1, tuple(children)), len(self._numbers))

    @property
    def start(self) -> tuple[At, int | None]:
        """Where the automaton stands, and the node of a character that has begun."""
        return self.automaton.start, None

    def kind(self, character: str) -> Kind:
        byte = ord(character)
        if byte < 0x80:
            return "one", self.automaton.kind(character)
        if byte < 0xC0:
            return "more", byte - 0x80
        return "lead", self._opened.get(byte)

    def after(self, state: tuple[At, int | None], kind: Kind) -> tuple[At, int | None] | None:
        before, node = state
        match kind, node:
            case ("one", alone), None:
                return self._read(before, alone)
            case ("lead", int(opened)), None:
                return before, opened
            case ("more", int(byte)), int():
                match self._nodes[node]:
                    case _Node(True, children):
                        return None if children[byte] is None else self._read(before, children[byte])
                    case _Node(False, children) if isinstance(child := children[byte], int):
                        return before, child
        return None

    def ends(self, state: tuple[At, int | None]) -> bool:
        before, node = state
        return node is None and self.automaton.ends(before)

    def outlook(self, state: tuple[At, int | None]) -> Hashable:
        return self.automaton.outlook(state[0]), state[1]

    def _read(self, before: At, kind: Hashable) -> tuple[At, int | None] | None:
        following = self.automaton.after(before, kind)
        return None if following is None else (following, None)


@final
@dataclass(frozen=True, eq=False)
class Unspaced(Generic[At]):
    """Reads lines as an automaton would that does not see the spaces before their first words."""

    automaton: Automaton[At]
    space: str = " "
    newline: str = "\n"

    @property
    def start(self) -> tuple[At, bool]:
        """Where the automaton stands, and whether a line begins."""
        return self.automaton.start, True

    def kind(self, character: str) -> Kind:
        place = "space" if character == self.space else "newline" if character == self.newline else ""
        return place, self.automaton.kind(character)

    def after(self, state: tuple[At, bool], kind: Kind) -> tuple[At, bool] | None:
        before, fresh = state
        match kind:
            case ("space", _) if fresh:
                return state
            case (str(place), inner):
                following = self.automaton.after(before, inner)
                return None if following is None else (following, place == "newline")
        return None

    def ends(self, state: tuple[At, bool]) -> bool:
        return self.automaton.ends(state[0])

    def outlook(self, state: tuple[At, bool]) -> Hashable:
        return self.automaton.outlook(state[0]), state[1]


@final
@dataclass(frozen=True, eq=False)
class Single(Generic[At]):
    """Reads what an automaton reads, but for separators at the beginning and after one another."""

    automaton: Automaton[At]
    separators: str = " \n"

    @property
    def start(self) -> tuple[At, bool]:
        """Where the automaton stands, and whether a separator may come."""
        return self.automaton.start, False

    def kind(self, character: str) -> Kind:
        return character in self.separators, self.automaton.kind(character)

    def after(self, state: tuple[At, bool], kind: Kind) -> tuple[At, bool] | None:
        before, divisible = state
        match kind:
            case (bool(separator), inner) if divisible or not separator:
                following = self.automaton.after(before, inner)
                return None if following is None else (following, not separator)
        return None

    def ends(self, state: tuple[At, bool]) -> bool:
        return self.automaton.ends(state[0])

    def outlook(self, state: tuple[At, bool]) -> Hashable:
        return self.automaton.outlook(state[0]), state[1]
