"""When a hypothesis is whole: an end token, a text, a number of lines, or that nothing may follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, final

from yeoul.decoding.history import Path, Read, Rule

Outcome = Literal["ended", "length", "stuck"]
"""How a hypothesis came to its end: by an end token or a stop; by the greatest length; where no token may come."""


class Stop(Protocol):
    """Tells whether a path is whole. Its newest token belongs to it."""

    def __call__(self, path: Path) -> bool: ...


@final
@dataclass(frozen=True)
class Limits:
    """Where every hypothesis ends."""

    max_tokens: int
    """The most tokens, the end token included."""
    end_id: int | None = None
    stops: tuple[Stop, ...] = ()

    def __post_init__(self) -> None:
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens is {self.max_tokens}, expected at least 1")


@final
@dataclass(frozen=True, eq=False)
class Lines:
    """Stop after so many ends of lines."""

    count: int
    texts: Sequence[str]
    """What each token stands for."""
    newline: str = "\n"

    def start(self, row: int) -> int:
        return 0

    def after(self, state: int, token: int) -> int:
        return state + self.texts[token].count(self.newline)

    def __call__(self, path: Path) -> bool:
        return path.read(self) >= self.count


@final
@dataclass(frozen=True, eq=False)
class StopTexts:
    """Stop as soon as one of these texts has been said, over however many tokens."""

    stops: tuple[str, ...]
    texts: Sequence[str]
    """What each token stands for."""

    def __post_init__(self) -> None:
        if not all(self.stops):
            raise ValueError("a text to stop at has at least one character")

    def start(self, row: int) -> tuple[bool, str]:
        """Whether one has been said, and the newest characters, as many as may be the beginning of one."""
        return False, ""

    def after(self, state: tuple[bool, str], token: int) -> tuple[bool, str]:
        found, tail = state
        text = tail + self.texts[token]
        kept = max((len(stop) for stop in self.stops), default=1) - 1
        return found or any(stop in text for stop in self.stops), text[-kept:] if kept else ""

    def __call__(self, path: Path) -> bool:
        return path.read(self)[0]


class Completing(Rule[Read], Protocol[Read]):
    """A constraint that knows when nothing may follow."""

    def complete(self, state: Read) -> bool: ...


@final
@dataclass(frozen=True, eq=False)
class Complete(Generic[Read]):
    """Stop where a constraint is fulfilled and lets nothing follow; for vocabularies without an end token."""

    constraint: Completing[Read]

    def __call__(self, path: Path) -> bool:
        return self.constraint.complete(path.read(self.constraint))
