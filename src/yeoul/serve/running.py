"""The process that serves: its socket, its connections, and how it stops."""

import asyncio
import errno
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol, final

import uvicorn
from uvicorn.server import ServerState

from yeoul.errors import UsageError
from yeoul.serve.connections import KEEP_ALIVE_SECONDS, Connection, Crowd, Reader
from yeoul.serve.guard import Guard
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits

_BACKLOG = 1024
_TICK_SECONDS = 0.05
_LEFT = 130


@dataclass(frozen=True)
class Place:
    """Where a server listens; port 0 asks the system for a free one."""

    host: str
    port: int


class Served(Protocol):
    """What listens to the world."""

    @property
    def guard(self) -> Guard: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def ledger(self) -> Ledger: ...

    def close(self) -> None:
        """End what works behind the scenes."""
        ...


@final
class _Stop:
    """What signals ask for: the first to stop in good order, the second to leave at once."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.number = 0
        self._wake = wake

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            os._exit(_LEFT)
        self.number = number
        self._wake()


def serve(service: Served, place: Place, on_ready: Callable[[int], None]) -> int:
    """Serve until a signal comes, and return its number; `on_ready` is told the port.

    What is being answered then is finished, what comes is refused, and what takes too long is cut. Raises `UsageError`
    where the server cannot listen.
    """
    gc.collect()
    gc.freeze()  # what was loaded stays: to look through all of it again and again would stop every client for a moment
    try:
        return asyncio.run(_served(service, place, on_ready))
    finally:
        service.close()


async def _served(service: Served, place: Place, on_ready: Callable[[int], None]) -> int:
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    stop = _Stop(lambda: _set_soon(loop, asked))
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        async with listening(service, place) as port:
            on_ready(port)
            await asked.wait()
            service.ledger.stopping = True
            await _drained(service)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return stop.number


def _set_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


@asynccontextmanager
async def listening(service: Served, place: Place) -> AsyncIterator[int]:
    """Let a service listen inside of a block, which is told the port; at its end every connection is closed."""
    loop, config = asyncio.get_running_loop(), _config(service)
    state, crowd = ServerState(), Crowd(service.limits.connections)

    def connected() -> asyncio.Protocol:
        reach: dict[str, Any] = {}
        inner = Reader(config, state, reach, _loop=loop)
        connection = Connection(inner, crowd, service.limits.header_seconds)
        reach["cut"] = connection.cut
        return connection

    try:
        server = await loop.create_server(connected, place.host, place.port, backlog=_BACKLOG)
    except OSError as error:
        raise _unheard(error, place) from error
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        tasks = list(state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(state.connections):
            connection.shutdown()
        await asyncio.sleep(_TICK_SECONDS)
        crowd.cut_all()


async def _drained(service: Served) -> None:
    """Wait until nothing is being answered, but not for ever."""
    loop = asyncio.get_running_loop()
    until = loop.time() + service.limits.stop_seconds
    while service.ledger.answering and loop.time() < until:
        await asyncio.sleep(_TICK_SECONDS)


def _config(service: Served) -> uvicorn.Config:
    config = uvicorn.Config(
        service.guard,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    config.load()
    return config


def _unheard(error: OSError, place: Place) -> UsageError:
    values = {"port": place.port, "host": place.host}
    match error.errno:
        case errno.EADDRINUSE:
            return UsageError(
                "the port {port} is taken", "name another with --port", where="--port", values=values
            )
        case errno.EACCES:
            return UsageError(
                "the port {port} is not allowed",
                "name one from 1024 with --port",
                where="--port",
                values=values,
            )
        case _:
            return UsageError(
                "the server cannot listen on {host}",
                "name an address of this machine",
                where="--host",
                values=values,
            )
