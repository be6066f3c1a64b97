"""Constraints over token ids: forced beginnings, words that must appear, lists to stay inside, least lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

from torch import Tensor

from yeoul.decoding.history import Path
from yeoul.decoding.steps import NEVER, all_but, restricted

_NOWHERE = -1


@final
@dataclass(frozen=True, eq=False)
class Prefixes:
    """Begin each row with its own tokens; a row without tokens is free."""

    tokens: Sequence[Sequence[int]]
    """Those of row 0, of row 1, …"""

    def start(self, row: int) -> int:
        return row

    def after(self, state: int, token: int) -> int:
        return state

    def forbidden(self, state: int, length: int, size: int) -> Tensor | None:
        tokens = self.tokens[state]
        return all_but([tokens[length]], size) if length < len(tokens) else None

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return restricted(logits, history, self)


@final
@dataclass(frozen=True)
class Apart:
    """Say none of some tokens right after a sequence, such as those that would go on with its last word."""

    sequence: Sequence[int]
    joining: Sequence[int]
    at_start: bool = False
    """Only where the sequence begins the row."""

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        size = len(self.sequence)
        after = [
            path.newest(size) == [*self.sequence] and (path.length == size or not self.at_start)
            for path in history
        ]
        if not any(after) or not self.joining:
            return logits
        rows = logits.new_tensor(after).bool()[:, None]  # (B, 1)
        return logits.masked_fill(rows & ~all_but(self.joining, logits.shape[1]).to(logits.device), NEVER)


@final
@dataclass(frozen=True)
class AtLeast:
    """Do not end before so many tokens."""

    count: int
    end_id: int

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        short = logits.new_tensor([path.length < self.count for path in history]).bool()  # (B,)
        if not short.any():
            return logits
        ends = logits.clone()
        ends[short, self.end_id] = float("-inf")
        return ends


@final
@dataclass(frozen=True, eq=False)
class OneOf:
    """Say one of these token sequences and nothing else, such as a word of a list."""

    sequences: Sequence[Sequence[int]]
    end_id: int | None

    @cached_property
    def _children(self) -> list[dict[int, int]]:
        return self._tree[0]

    @cached_property
    def _whole(self) -> set[int]:
        return self._tree[1]

    @cached_property
    def _tree(self) -> tuple[list[dict[int, int]], set[int]]:
        """Return the children of each node by token, and the nodes where a sequence ends."""
        children: list[dict[int, int]] = [{}]
        whole = set()
        for sequence in self.sequences:
            node = 0
            for token in sequence:
                if token not in children[node]:
                    children[node][token] = len(children)
                    children.append({})
                node = children[node][token]
            whole.add(node)
        return children, whole

    def start(self, row: int) -> int:
        return 0

    def after(self, state: int, token: int) -> int:
        return _NOWHERE if state == _NOWHERE else self._children[state].get(token, _NOWHERE)

    def forbidden(self, state: int, length: int, size: int) -> Tensor:
        if state == _NOWHERE:
            return all_but([], size)
        allowed = list(self._children[state])
        if self.end_id is not None and state in self._whole:
            allowed.append(self.end_id)
        return all_but(allowed, size)

    def complete(self, state: int) -> bool:
        """Tell whether a whole sequence has been said that no other goes on from."""
        return state in self._whole and not self._children[state]

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return restricted(logits, history, self)


@final
@dataclass(frozen=True, eq=False)
class MustAppear:
    """Say each of these token sequences before the end, within `max_tokens`, the end itself included.

    Until then the end is forbidden. While there is room the model is free to come to a sequence by itself; when
    there is just room enough for those that are missing, only their tokens are left.
    """

    sequences: Sequence[Sequence[int]]
    end_id: int | None
    max_tokens: int

    def __post_init__(self) -> None:
        if not all(self.sequences):
            raise ValueError("a sequence that must appear has at least one token")

    def start(self, row: int) -> tuple[int, ...]:
        """How many tokens of each sequence have been said at the end of the path; all of them once it is there."""
        return (0,) * len(self.sequences)

    def after(self, state: tuple[int, ...], token: int) -> tuple[int, ...]:
        return tuple(
            said if said == len(sequence) else steps[said].get(token, 0)
            for said, sequence, steps in zip(state, self.sequences, self._steps, strict=True)
        )

    @cached_property
    def _steps(self) -> list[list[dict[int, int]]]:
        """For each sequence and how much of it has been said: how much of it has been said after a token
        (Knuth, Morris & Pratt 1977)."""
        automata = []
        for sequence in self.sequences:
            steps: list[dict[int, int]] = []
            fallback = 0
            for place, token in enumerate(sequence):
                after = dict(steps[fallback]) if place else {}
                if place:
                    fallback = steps[fallback].get(token, 0)
                steps.append({**after, token: place + 1})
            automata.append(steps)
        return automata

    @cached_property
    def tokens(self) -> tuple[int, ...]:
        """All tokens of the sequences, each once."""
        return tuple(dict.fromkeys(token for each in self.sequences for token in each))

    def missing_after(self, path: Path) -> tuple[int, dict[int, int]]:
        """Count the tokens that are still enough to say all: after any token, and after each that brings nearer."""
        state: tuple[int, ...] = path.read(self)
        usual = self._missing(self.after(state, _NOWHERE))
        counts = {token: self._missing(self.after(state, token)) for token in self.tokens}
        return usual, {token: count for token, count in counts.items() if count != usual}

    def _missing(self, state: tuple[int, ...]) -> int:
        """Count the tokens that are enough to say all that is missing, one sequence after another."""
        left = [(said, len(each) - said) for said, each in zip(state, self.sequences) if said < len(each)]
        begun = max((said for said, _ in left), default=0)
        return sum(said + more for said, more in left) - begun

    def forbidden(self, state: tuple[int, ...], length: int, size: int) -> Tensor | None:
        missing = self._missing(state)
        if missing == 0:
            return None
        room = (
            self.max_tokens - length - 1 - (self.end_id is not None)
        )  # after the next token and without the end
        if len(self.sequences) and room >= sum(map(len, self.sequences)):
            return None if self.end_id is None else ~all_but([self.end_id], size)
        useful = set(self.tokens)
        fitting = {token for token in useful if self._missing(self.after(state, token)) <= room}
        if self._missing(self.after(state, _NOWHERE)) > room:
            return all_but(sorted(fitting), size)
        unfit = sorted(useful - fitting) + ([] if self.end_id is None else [self.end_id])
        return ~all_but(unfit, size)

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return restricted(logits, history, self)
