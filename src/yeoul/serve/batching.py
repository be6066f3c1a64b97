"""Answer requests together that came together: one thread a model, and what waits is its next batch."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Generic, TypeVar, final

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True)
class Answered:
    """One batch, as the metrics see it."""

    requests: int
    inputs: int
    seconds: float


@dataclass(eq=False)
class _Waiting(Generic[Asked, Told]):
    """A request on its way to the model."""

    asked: Asked
    size: int
    since: float
    future: "asyncio.Future[Told]"


@final
class Batcher(Generic[Asked, Told]):
    """Hands a model what has come since it last answered.

    While the model computes, requests gather, so batches grow with the load by themselves. Where a batch had company,
    the next also waits a moment for more; a client that is alone never waits.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Asked]], Sequence[Told]],
        limits: Limits,
        on_batch: Callable[[Answered], None] = lambda answered: None,
    ) -> None:
        self._answer = answer
        self._limits = limits
        self._on_batch = on_batch
        self._line: deque[_Waiting[Asked, Told]] = deque()
        self._size = 0
        self._closed = False
        self._wake = Condition()
        self._thread = Thread(target=self._work, name="yeoul-batches", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many inputs wait."""
        return self._size

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    async def ask(self, asked: Asked, size: int = 1) -> Told:
        """Return the model's answer to a request of so many inputs.

        A caller who is cancelled takes the request back. Raises what the model raised for this request by itself,
        and `RefusedError` where too much waits already or the server stops.
        """
        waiting = _Waiting[Asked, Told](
            asked, size, time.monotonic(), asyncio.get_running_loop().create_future()
        )
        with self._wake:
            if self._closed:
                raise RefusedError(503, UsageError("the server is stopping", "ask again in a moment"))
            if self._line and self._size + size > self._limits.waiting:
                raise RefusedError(
                    429, UsageError("too many requests wait for this model", "ask again in a moment")
                )
            self._line.append(waiting)
            self._size += size
            if len(self._line) == 1 or self._size >= self._limits.batch:
                self._wake.notify()
        try:
            return await waiting.future
        except asyncio.CancelledError:
            self._take_back(waiting)
            raise

    def close(self) -> None:
        """Answer what waits, then end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _take_back(self, waiting: _Waiting[Asked, Told]) -> None:
        with self._wake:
            if waiting in self._line:
                self._line.remove(waiting)
                self._size -= waiting.size

    def _work(self) -> None:
        company = False
        while batch := self._next(company):
            company = len(batch) > 1
            begun = time.perf_counter()
            told = self._told(batch)
            answered = Answered(len(batch), sum(each.size for each in batch), time.perf_counter() - begun)
            with contextlib.suppress(RuntimeError):  # the loop is closed: all callers are gone
                batch[0].future.get_loop().call_soon_threadsafe(self._deliver, batch, told, answered)

    def _next(self, company: bool) -> list[_Waiting[Asked, Told]]:
        """Wait for requests and return those that are answered together; none once all is closed."""
        batch, size = list[_Waiting[Asked, Told]](), 0
        with self._wake:
            while not batch:
                while not self._line:
                    if self._closed:
                        return []
                    self._wake.wait()
                if company:
                    self._linger(self._line[0].since + self._limits.linger_seconds)
                while self._line and (not batch or size + self._line[0].size <= self._limits.batch):
                    batch.append(self._line.popleft())
                    size += batch[-1].size
                self._size -= sum(each.size for each in batch)
        return batch

    def _linger(self, until: float) -> None:
        while 0 < self._size < self._limits.batch and not self._closed:
            left = until - time.monotonic()
            if left <= 0 or not self._wake.wait(left):
                return

    def _told(self, batch: Sequence[_Waiting[Asked, Told]]) -> list[Told | Exception]:
        """Answer all at once; where that fails, each by itself, so that nobody suffers from another's input."""
        try:
            return list(self._answer([each.asked for each in batch]))
        except Exception as error:  # noqa: BLE001  whoever asked is told
            if len(batch) == 1:
                return [error]
        return [told for each in batch for told in self._told([each])]

    def _deliver(
        self,
        batch: Sequence[_Waiting[Asked, Told]],
        told: Sequence[Told | Exception],
        answered: Answered,
    ) -> None:
        for waiting, each in zip(batch, told, strict=True):
            if waiting.future.done():
                continue  # its caller is gone
            if isinstance(each, Exception):
                waiting.future.set_exception(each)
            else:
                waiting.future.set_result(each)
        self._on_batch(answered)
