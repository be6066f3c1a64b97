"""Several texts written at once by one model: each gets a token in turn, on the one thread of the model."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Generic, Protocol, TypeVar, final

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError

Part = TypeVar("Part")
Whole = TypeVar("Whole")
Coming = TypeVar("Coming", covariant=True)
Finished = TypeVar("Finished", covariant=True)


class Unfolding(Protocol[Coming, Finished]):
    """What comes part by part, and is something whole in the end."""

    def __next__(self) -> Coming: ...

    def finish(self) -> Finished:
        """Return the whole, after the last part."""
        ...


@dataclass(frozen=True)
class _End(Generic[Whole]):
    whole: Whole


@dataclass(eq=False)
class _Turn:
    """One unfolding, from the side of the thread."""

    begin: Callable[[], Unfolding[Any, Any]]
    loop: asyncio.AbstractEventLoop
    arrived: "asyncio.Queue[Any]"
    left: bool = False
    """Nobody listens any more."""
    running: Unfolding[Any, Any] | None = field(default=None)

    def tell(self, item: object) -> None:
        self.loop.call_soon_threadsafe(self.arrived.put_nowait, item)


@final
class Turns:
    """Lets a model unfold several things, a part of each in turn."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._line: deque[_Turn] = deque()
        self._running: deque[_Turn] = deque()
        self._closed = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name="yeoul-turns", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many wait for their first turn."""
        return len(self._line)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def open(self, begin: Callable[[], Unfolding[Part, Whole]]) -> "Unfolded[Part, Whole]":
        """Enter something into the turns; `begin` and all that follows run on the model's thread.

        Raises `RefusedError` where too many wait already or the server stops.
        """
        turn = _Turn(begin, asyncio.get_running_loop(), asyncio.Queue())
        with self._wake:
            if self._closed:
                raise RefusedError(503, UsageError("the server is stopping", "ask again in a moment"))
            if len(self._line) >= self._limits.waiting_streams:
                raise RefusedError(
                    429, UsageError("too many requests wait for this model", "ask again in a moment")
                )
            self._line.append(turn)
            self._wake.notify()
        return Unfolded(turn)

    def close(self) -> None:
        """Finish what is asked for, then end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while turn := self._next():
            if self._goes_on(turn):
                self._running.append(turn)

    def _next(self) -> _Turn | None:
        with self._wake:
            while not self._line and not self._running:
                if self._closed:
                    return None
                self._wake.wait()
            while self._line and len(self._running) < self._limits.streams:
                self._running.append(self._line.popleft())
            return self._running.popleft()

    def _goes_on(self, turn: _Turn) -> bool:
        """Take one step and tell whether there is another."""
        if turn.left:
            return False
        try:
            if turn.running is None:
                turn.running = turn.begin()
            turn.tell(next(turn.running))
        except StopIteration:
            turn.tell(self._end(turn))
            return False
        except Exception as error:  # noqa: BLE001  whoever asked is told
            turn.tell(error)
            return False
        return True

    def _end(self, turn: _Turn) -> "_End[Any] | Exception":
        try:
            return _End(None if turn.running is None else turn.running.finish())
        except Exception as error:  # noqa: BLE001  whoever asked is told
            return error


@final
class Unfolded(Generic[Part, Whole]):
    """What arrives of something in the turns; leave it with `close`, wherever it stands."""

    def __init__(self, turn: _Turn) -> None:
        self._turn = turn
        self._whole: _End[Whole] | None = None

    async def parts(self) -> AsyncIterator[Part]:
        """Yield the parts as they come; raise what the model raised."""
        while self._whole is None:
            item = await self._turn.arrived.get()
            if isinstance(item, _End):
                self._whole = item
            elif isinstance(item, Exception):
                raise item
            else:
                yield item

    async def whole(self) -> Whole:
        """Wait for the end and return the whole."""
        async for _ in self.parts():
            pass
        if self._whole is None:
            raise RuntimeError("the parts have been left")
        return self._whole.whole

    def close(self) -> None:
        """Listen no more: what is left is not computed."""
        self._turn.left = True
