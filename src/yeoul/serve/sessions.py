"""Sessions: what a model has read so far, kept for a client under a name that nobody guesses."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar, final

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError

Kept = TypeVar("Kept")


@dataclass(eq=False)
class Session(Generic[Kept]):
    """One client's state; it changes only inside of `Sessions.turn`."""

    id: str
    kept: Kept
    used: float
    busy: bool = False


@final
class Sessions(Generic[Kept]):
    """The sessions of one model: at most so many, each for so long as it is used."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._open: dict[str, Session[Kept]] = {}

    def __len__(self) -> int:
        self._expire()
        return len(self._open)

    @property
    def seconds(self) -> float:
        """How long a session is kept that is not used."""
        return self._limits.session_seconds

    @property
    def most_tokens(self) -> int:
        """How many tokens one session may read and write."""
        return self._limits.session_tokens

    def refuse_more(self) -> None:
        """Raise `RefusedError` where no session can be opened now."""
        self._expire()
        if len(self._open) >= self._limits.sessions:
            raise RefusedError(
                429, UsageError("too many sessions are open", "close one, or wait until one expires")
            )

    def open(self, kept: Kept) -> Session[Kept]:
        """Begin a session; raise `RefusedError` where too many are open."""
        self.refuse_more()
        session = Session(secrets.token_hex(16), kept, self._clock())
        self._open[session.id] = session
        return session

    @contextmanager
    def turn(self, name: str) -> Iterator[Session[Kept]]:
        """Use a session, alone; raise `RefusedError` where there is none of that name, or it is in use."""
        session = self.found(name)
        if session.busy:
            raise RefusedError(409, UsageError("the session is answering already", "wait for its answer"))
        session.busy = True
        try:
            yield session
        finally:
            session.busy = False
            session.used = self._clock()

    def found(self, name: str) -> Session[Kept]:
        """Return a session without using it; raise `RefusedError` where there is none of that name."""
        self._expire()
        session = self._open.get(name)
        if session is None:
            raise RefusedError(
                404, UsageError("there is no such session", "it may have expired: begin another")
            )
        return session

    def close(self, name: str) -> None:
        """End a session; raise `RefusedError` where there is none of that name."""
        del self._open[self.found(name).id]

    def _expire(self) -> None:
        oldest = self._clock() - self._limits.session_seconds
        for name in [one.id for one in self._open.values() if one.used < oldest and not one.busy]:
            del self._open[name]
