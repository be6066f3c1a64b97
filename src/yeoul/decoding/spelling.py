"""Constraints over the text that tokens spell: an automaton to follow, lines or words never said twice."""

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from typing import Generic, final

from torch import Tensor

from yeoul.decoding.automata import At, Automaton, Kind
from yeoul.decoding.history import Path
from yeoul.decoding.steps import all_but, restricted

_NEAR = 24
"""So many tokens before the greatest length a text is led to its end."""
_MOST_KEPT = 1 << 25
"""So many tokens are remembered in all of the places where a text stood, a vocabulary for each."""


@dataclass
class _Node:
    """Tokens whose texts begin alike to an automaton."""

    children: dict[Kind, "_Node"] = field(default_factory=dict)
    tokens: list[int] = field(default_factory=list)


@final
@dataclass(frozen=True, eq=False)
class Spelled(Generic[At]):
    """Say only what an automaton reads to an end, such as a `Pattern`, a `Lexicon` or `LineStarts`.

    A token may come if some way leads on from it, over tokens there are, to where the text may end; the end token
    may come there alone. So only the greatest length cuts a text short, or another step in its way. A token without
    a text never comes.
    """

    texts: Sequence[str]
    """What each token stands for."""
    automaton: Automaton[At]
    end_id: int | None
    max_tokens: int | None = None
    """With it, the last tokens are those that bring the text to an end in time, where any do."""

    @cached_property
    def _root(self) -> _Node:
        root = _Node()
        kinds = {character: self.automaton.kind(character) for text in self.texts for character in text}
        for token, text in enumerate(self.texts):
            if text and token != self.end_id:
                node = root
                for character in text:
                    node = node.children.setdefault(kinds[character], _Node())
                node.tokens.append(token)
        return root

    @cached_property
    def _following(self) -> dict[At, dict[At, list[int]]]:
        return {}

    @cached_property
    def _alive(self) -> dict[Hashable, bool]:
        return {}

    @cached_property
    def _forbidden(self) -> dict[tuple[At | None, int], Tensor]:
        return {}

    @cached_property
    def _ways(self) -> dict[At, int]:
        return {}

    def start(self, row: int) -> At | None:
        return self.automaton.start

    def after(self, state: At | None, token: int) -> At | None:
        if token == self.end_id:
            return state
        for character in self.texts[token]:
            if state is not None:
                state = self.automaton.after(state, self.automaton.kind(character))
        return state

    def forbidden(self, state: At | None, length: int, size: int) -> Tensor:
        if len(self._following) * size > _MOST_KEPT:
            for known in (self._following, self._forbidden, self._ways):
                known.clear()
        if state is not None and self.max_tokens is not None:
            room = self.max_tokens - length - 1 - (self.end_id is not None)  # after the next token
            if room <= _NEAR and (fitting := self._in_time(state, room)):
                return all_but(fitting, size)
        if (state, size) not in self._forbidden:
            self._forbidden[state, size] = all_but(self._allowed(state), size)
        return self._forbidden[state, size]

    def possible(self, state: At | None) -> bool:
        """Tell whether some token may come and lead to an end."""
        return state is not None and bool(self._onward(state))

    def complete(self, state: At | None) -> bool:
        """Tell whether the text may end here and cannot go on."""
        return state is not None and self.automaton.ends(state) and not self._onward(state)

    def complete_after(self, state: At | None, length: int) -> bool:
        """Tell whether the text may end here and cannot go on, or not to an end within `max_tokens`."""
        if state is None or not self.automaton.ends(state):
            return False
        room = _NEAR + 1 if self.max_tokens is None else self.max_tokens - length - 1
        return self.complete(state) or (room <= _NEAR and not self._in_time(state, room))

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return restricted(logits, history, self)

    def _allowed(self, state: At | None) -> list[int]:
        if state is None:
            return []
        allowed = self._onward(state)
        if self.end_id is not None and self.automaton.ends(state):
            allowed.append(self.end_id)
        return allowed

    def _onward(self, state: At) -> list[int]:
        """Return the tokens from which some way leads to an end."""
        nexts = self._nexts(state)
        return [token for following, tokens in nexts.items() if self._leads_on(following) for token in tokens]

    def _in_time(self, state: At, room: int) -> list[int]:
        """Return the allowed tokens after which at most `room` more bring the text to an end."""
        ended = [self.end_id] if self.end_id is not None and self.automaton.ends(state) else []
        fitting = [
            token
            for following, tokens in self._nexts(state).items()
            if self._leads_on(following) and self._way(following, room)
            for token in tokens
        ]
        return fitting + ended

    def _way(self, state: At, room: int) -> bool:
        """Tell whether at most `room` tokens lead from a state to where a text may end."""
        if state in self._ways:
            return self._ways[state] <= room
        seen, front = {state}, [state]
        for count in range(room + 1):
            if any(self.automaton.ends(here) for here in front):
                self._ways[state] = count
                return True
            front = list({to for here in front for to in self._nexts(here)} - seen)
            seen.update(front)
        return False

    def _nexts(self, state: At) -> dict[At, list[int]]:
        """Return where the tokens lead from a state, and which lead there."""
        if state not in self._following:
            found: dict[At, list[int]] = {}
            ahead = [(self._root, state)]
            while ahead:
                node, here = ahead.pop()
                if node.tokens:
                    found.setdefault(here, []).extend(node.tokens)
                for kind, child in node.children.items():
                    there = self.automaton.after(here, kind)
                    if there is not None:
                        ahead.append((child, there))
            self._following[state] = found
        return self._following[state]

    def _leads_on(self, state: At) -> bool:
        """Tell whether some way leads from a state to where a text may end."""
        alive, outlook = self._alive, self.automaton.outlook
        if (known := alive.get(outlook(state))) is not None:
            return known
        came_from: dict[At, At | None] = {state: None}
        ahead, turns = deque([state]), cycle([deque[At].pop, deque[At].popleft])
        # deep and wide by turns: an end is far, or behind the one way that a deep search takes last
        while ahead:
            here: At | None = next(turns)(ahead)
            if here is None or alive.get(outlook(here)) is False:
                continue
            if alive.get(outlook(here)) or self.automaton.ends(here):
                while here is not None:
                    alive[outlook(here)] = True
                    here = came_from[here]
                return True
            for following in self._nexts(here):
                if following not in came_from:
                    came_from[following] = here
                    ahead.append(following)
        alive.update((outlook(each), False) for each in came_from)
        return False


@final
@dataclass(frozen=True, eq=False)
class InTime(Generic[At]):
    """Stop where nothing may follow that comes to an end before the greatest length; without an end token."""

    spelled: Spelled[At]

    def __call__(self, path: Path) -> bool:
        return self.spelled.complete_after(path.read(self.spelled), path.length)


Said = tuple[str, "Said"] | None
"""The segments that are whole, the newest first."""


@final
@dataclass(frozen=True, eq=False)
class NoRepeats:
    """Never say a line, or with a space among the separators a word, a second time; empty ones do not count.

    Beside another constraint it may lead to a dead end: a word that has been said and that no other goes on from.
    Words of a list that do not come twice are those of `Once`.
    """

    texts: Sequence[str]
    """What each token stands for."""
    end_id: int | None
    separators: str = "\n"
    whole: bool = False
    """Whether a token that begins a segment is all of it, so that a known one must not even begin."""

    def start(self, row: int) -> tuple[Said, str]:
        """The segments so far and the one that has begun."""
        return None, ""

    def after(self, state: tuple[Said, str], token: int) -> tuple[Said, str]:
        if token == self.end_id:
            return state
        said, begun = state
        *whole, begun = self._segments(begun + self.texts[token])
        for segment in whole:
            said = (segment, said) if segment else said
        return said, begun

    def forbidden(self, state: tuple[Said, str], length: int, size: int) -> Tensor | None:
        said, begun = state
        known = set()
        while said is not None:
            segment, said = said
            known.add(segment)
        closing = [
            token
            for (head, *inner), tokens in self._closing.items()
            if _twice([begun + head, *inner], known)
            for token in tokens
        ]
        if self.end_id is not None and begun in known:
            closing.append(self.end_id)
        if self.whole:
            closing += [token for word in {*known, begun} for token in self._opening.get(word, ())]
        return ~all_but(closing, size) if closing else None

    @cached_property
    def _closing(self) -> dict[tuple[str, ...], list[int]]:
        """Tokens by the segments that they bring to an end, the first of which may have begun before."""
        closing: dict[tuple[str, ...], list[int]] = {}
        for token, text in enumerate(self.texts):
            *whole, _ = self._segments(text)
            if whole and token != self.end_id:
                closing.setdefault(tuple(whole), []).append(token)
        return closing

    @cached_property
    def _opening(self) -> dict[str, list[int]]:
        """Tokens by the segment that they begin behind others."""
        opening: dict[str, list[int]] = {}
        for token, text in enumerate(self.texts):
            *whole, begun = self._segments(text)
            if whole and begun:
                opening.setdefault(begun, []).append(token)
        return opening

    def _segments(self, text: str) -> list[str]:
        for separator in self.separators[1:]:
            text = text.replace(separator, self.separators[0])
        return text.split(self.separators[0])

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return restricted(logits, history, self)


def _twice(segments: Sequence[str], known: set[str]) -> bool:
    """Tell whether a segment is known or comes twice."""
    named = [segment for segment in segments if segment]
    return len(set(named)) < len(named) or not known.isdisjoint(named)
