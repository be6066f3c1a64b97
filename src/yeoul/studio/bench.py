"""The models that lie open: each opened on its first question, the one that rested longest put away for the next."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar, final

from yeoul.api import Run, load
from yeoul.errors import RunError, UsageError
from yeoul.runs.folder import RunFolder
from yeoul.serve.batching import Answered
from yeoul.serve.limits import Limits
from yeoul.serve.offers import Offer, offer_of
from yeoul.serve.refusals import RefusedError

_MOST = 3
_SERVED = ("classify", "transduce", "tag", "forecast", "generate")
_LOADED: Mapping[str, Callable[[Run], object]] = {
    "compare": lambda run: run.comparer,
    "caption": lambda run: run.captioner,
}
"""How the model of a task is opened that has no thread of its own."""
Told = TypeVar("Told")


@final
@dataclass(eq=False)
class Opened:
    """One run with its model, and how many questions it is answering."""

    run: Run
    task: str
    offer: Offer | None
    """What answers many questions together; None for a task whose questions are answered one by one."""
    state: tuple[int, int]
    users: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, question: Callable[[], Told]) -> Told:
        """Answer a question away from the loop, after those that came before."""
        async with self.turn:
            return await asyncio.to_thread(question)

    def close(self) -> None:
        """End what answers."""
        if self.offer is not None:
            self.offer.close()


@final
class Bench:
    """At most so many open models."""

    def __init__(self, device: str, limits: Limits, most: int = _MOST) -> None:
        self._device = device
        self._limits = limits
        self._most = most
        self._opened: dict[str, Opened] = {}
        """The one that was asked last comes last."""
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def opened(self, folder: RunFolder) -> AsyncIterator[Opened]:
        """Hold a run's model open inside of the block.

        Raises `RefusedError` for a run without a model, and where all open models are answering.
        """
        one = await self.take(folder)
        try:
            yield one
        finally:
            self.leave(one)

    async def take(self, folder: RunFolder) -> Opened:
        """Open a run's model, or take the open one; `leave` gives it back."""
        async with self._turn:
            state = _state(folder)
            known = self._opened.pop(folder.id, None)
            if known is not None and known.state != state and not known.users:
                await asyncio.to_thread(known.close)  # it has been trained on since
                known = None
            if known is None:
                await self._make_room()
                known = await asyncio.to_thread(self._open, folder, state)
            self._opened[folder.id] = known
            known.users += 1
            return known

    def leave(self, one: Opened) -> None:
        """Give back what `take` gave."""
        one.users -= 1

    async def forget(self, folder: RunFolder) -> None:
        """Close a run's model; raise `RefusedError` where it is answering."""
        async with self._turn:
            known = self._opened.get(folder.id)
            if known is None:
                return
            if known.users:
                raise RefusedError(409, UsageError("the model is answering", "ask again in a moment"))
            del self._opened[folder.id]
            await asyncio.to_thread(known.close)

    def close(self) -> None:
        """Close all models."""
        for one in self._opened.values():
            one.close()
        self._opened.clear()

    async def _make_room(self) -> None:
        while len(self._opened) >= self._most:
            resting = next((name for name, one in self._opened.items() if not one.users), None)
            if resting is None:
                raise RefusedError(429, UsageError("too many models are answering", "ask again in a moment"))
            await asyncio.to_thread(self._opened.pop(resting).close)

    def _open(self, folder: RunFolder, state: tuple[int, int]) -> Opened:
        run = load(folder.path, self._device)
        task = str(run.record["task"])
        if task in _LOADED:
            _LOADED[task](run)
            return Opened(run, task, None, state)
        if task not in _SERVED:
            raise RunError("runs of the task {task} are not served yet", where=run.id, values={"task": task})
        return Opened(run, task, offer_of(folder.id, run, self._limits, _uncounted), state)


def _uncounted(model: str, answered: Answered) -> None:
    """Leave batches uncounted: a studio serves one person."""


def _state(folder: RunFolder) -> tuple[int, int]:
    """Return by which a model is known again; raise `RefusedError` for a run without one."""
    try:
        found = (folder.model / "model.json").stat()
    except OSError as error:
        missing = RunError("no model has been saved yet", "train on with --resume", where=folder.id)
        raise RefusedError(409, missing) from error
    return found.st_mtime_ns, found.st_ino
