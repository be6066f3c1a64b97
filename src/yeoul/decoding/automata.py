"""Automata over the characters of a text: words of a list, lines with given beginnings, letters of syllables, and
several of these at once."""

from collections import Counter
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, cast, final

Kind = Hashable
"""Characters of one kind are alike to an automaton."""
At = TypeVar("At", bound=Hashable)
_MOST_KNOWN = 1000


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

    def outlook(self, state: At) -> Hashable:
        """Return what of a state tells whether some text leads from it to an end."""
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
        return state == 0 or self.is_word(state)

    def outlook(self, state: int) -> Hashable:
        return state

    def is_word(self, state: int) -> bool:
        """Tell whether the characters since the last separator are a word."""
        return state in self._tree[1]

    def step(self, node: int, character: str) -> int:
        """Return the node that follows one of the tree of words, whose root is 0."""
        return self._tree[0][node][character]

    @cached_property
    def following(self) -> Sequence[Set[int]]:
        """The nodes that follow each."""
        return [frozenset(children.values()) for children in self._tree[0]]


@final
@dataclass(frozen=True, eq=False)
class Once:
    """Texts of a lexicon none of whose words comes twice; the last word has no separator behind it."""

    lexicon: Lexicon

    @cached_property
    def _ways(self) -> dict[int, tuple[int, ...]]:
        """Return the nodes on the way to each word, by its own, the last of them."""
        ways = {}
        for word in self.lexicon.words:
            nodes = [0]
            for character in word:
                nodes.append(self.lexicon.step(nodes[-1], character))
            ways[nodes[-1]] = tuple(nodes)
        return ways

    @cached_property
    def _below(self) -> Counter[int]:
        """Return how many words each node leads to."""
        return Counter(node for way in self._ways.values() for node in way)

    @cached_property
    def _known(self) -> dict[frozenset[int], frozenset[int]]:
        return {}

    def _spent(self, said: frozenset[int]) -> frozenset[int]:
        """Return the nodes all of whose words have been said."""
        if said not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            counts = Counter(node for word in said for node in self._ways[word])
            self._known[said] = frozenset(node for node in counts if counts[node] == self._below[node])
        return self._known[said]

    @property
    def start(self) -> tuple[int, frozenset[int]]:
        """Where the lexicon stands, and the words that have been said."""
        return 0, frozenset()

    def kind(self, character: str) -> str:
        return self.lexicon.kind(character)

    def after(self, state: tuple[int, frozenset[int]], kind: Kind) -> tuple[int, frozenset[int]] | None:
        node, said = state
        following = self.lexicon.after(node, kind)
        if following is None:
            return None
        if following == 0 and self.lexicon.is_word(node):
            if node in said:
                return None
            said |= {node}
        return None if following in self._spent(said) else (following, said)

    def ends(self, state: tuple[int, frozenset[int]]) -> bool:
        node, said = state
        return self.lexicon.ends(node) and node not in said

    def outlook(self, state: tuple[int, frozenset[int]]) -> Hashable:
        node, said = state
        return node, node in said, self._spent(said) & self.lexicon.following[node]


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

    def outlook(self, state: tuple[int, int]) -> Hashable:
        return state


@final
@dataclass(frozen=True, eq=False)
class Together:
    """Texts that each of several automata reads to an end."""

    automata: Sequence[Automaton[Any]]

    @property
    def start(self) -> tuple[Hashable, ...]:
        """Where each of them stands."""
        return tuple(each.start for each in self.automata)

    def kind(self, character: str) -> Kind:
        return tuple(each.kind(character) for each in self.automata)

    def after(self, state: tuple[Hashable, ...], kind: Kind) -> tuple[Hashable, ...] | None:
        reached = list[Hashable]()
        for each, here, own in zip(self.automata, state, cast(tuple[Kind, ...], kind), strict=True):
            following = each.after(here, own)
            if following is None:
                return None
            reached.append(following)
        return tuple(reached)

    def ends(self, state: tuple[Hashable, ...]) -> bool:
        return all(each.ends(here) for each, here in zip(self.automata, state, strict=True))

    def outlook(self, state: tuple[Hashable, ...]) -> Hashable:
        return tuple(each.outlook(here) for each, here in zip(self.automata, state, strict=True))


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

    @cached_property
    def of_open(self) -> list[Set[Kind]]:
        """The kinds of what each open syllable may become."""
        return [frozenset([first, *closed]) for first, closed in self.opens]

    @cached_property
    def of_lead(self) -> list[Set[Kind]]:
        """The kinds of what each leading consonant may become."""
        return [
            frozenset([alone]).union(*(self.of_open[one] for one in grown)) for alone, grown in self.leads
        ]

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
                opened = cast(int, opens[number])
                return (
                    (before, ("open", opened)) if self._any(before, self._syllables.of_open[opened]) else None
                )
            case ("tail", _, tuple(closed)), "open":
                return self._whole(before, closed[number])
        committed = self._committed(state)
        if committed is None:
            return None
        match kind:
            case ("lead", _, (int(lead),)):
                some = self._any(committed, self._syllables.of_lead[lead])
                return (committed, ("lead", lead)) if some else None
            case (_, alone, _):
                return self._whole(committed, alone)
        return None

    def ends(self, state: tuple[At, tuple[str, int]]) -> bool:
        committed = self._committed(state)
        return committed is not None and self.automaton.ends(committed)

    def outlook(self, state: tuple[At, tuple[str, int]]) -> Hashable:
        return self.automaton.outlook(state[0]), state[1]

    def _any(self, state: At, kinds: Set[Kind]) -> bool:
        """Tell whether a character of one of these kinds may follow."""
        return any(self.automaton.after(state, kind) is not None for kind in kinds)

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
