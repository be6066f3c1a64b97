"""The process that serves: its socket, its connections, and how it stops."""

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol, final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from yeoul.errors import UsageError
from yeoul.serve.guard import Guard
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits

_BACKLOG = 1024
_HEADER_BYTES = 16_384
_KEEP_ALIVE_SECONDS = 15
_TICK_SECONDS = 0.05
_LEFT = 130
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n"
    b'\r\n{"error": {"status": 503, "kind": "not-now", "message": "too many connections are open"}}'
)


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
class _Crowd:
    """All connections; those that are not being answered may have to make room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: set[_Connection] = set()
        self.idle: dict[_Connection, None] = {}

    def enter(self, connection: "_Connection") -> bool:
        """Let a connection in, in place of the one that has dawdled longest if need be; tell whether there is room."""
        if len(self._all) >= self._most:
            if not self.idle:
                return False
            next(iter(self.idle)).cut()
        self._all.add(connection)
        return True

    def leave(self, connection: "_Connection") -> None:
        self._all.discard(connection)
        self.idle.pop(connection, None)

    def cut_all(self) -> None:
        for connection in list(self._all):
            connection.cut()


@final
class _Corked(asyncio.Transport):
    """A transport that sends what is written in one turn of the loop at once: head and body of an answer.

    Each sending lets the model's thread take Python's lock, which may take its time to come back.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data:
            if not self._held:
                self._loop.call_soon(self._send)
            self._held.append(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))


@final
class _Connection(asyncio.Protocol):
    """A connection of uvicorn's that must say what it wants within a time."""

    def __init__(self, inner: H11Protocol, crowd: _Crowd, seconds: float) -> None:
        self._inner = inner
        self._crowd = crowd
        self._seconds = seconds
        self._late: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def _answering(self) -> bool:
        cycle = self._inner.cycle
        return cycle is not None and not cycle.response_complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a connection is read and written")
        self._transport = transport
        if not self._crowd.enter(self):
            transport.write(_FULL)
            transport.close()
            return
        self._inner.connection_made(_Corked(transport, asyncio.get_running_loop()))
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._inner.transport is None:
            return  # it was refused
        self._inner.data_received(data)
        self._watch()

    def eof_received(self) -> None:
        self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._crowd.leave(self)
        if self._inner.transport is not None:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def cut(self) -> None:
        """Close the connection now, whatever has not been sent."""
        if self._transport is not None:
            self._transport.abort()
        self._crowd.leave(self)

    def _watch(self) -> None:
        if self._answering:
            self._forget()
        elif self._late is None:
            self._crowd.idle[self] = None
            loop = asyncio.get_running_loop()
            self._late = loop.call_later(self._seconds, self._time_is_up)

    def _forget(self) -> None:
        self._crowd.idle.pop(self, None)
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _time_is_up(self) -> None:
        self._late = None
        if not self._answering:
            self.cut()


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
    state, crowd = ServerState(), _Crowd(service.limits.connections)

    def connected() -> asyncio.Protocol:
        reach: dict[str, Any] = {}
        inner = H11Protocol(config, state, reach, _loop=loop)
        connection = _Connection(inner, crowd, service.limits.header_seconds)
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
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=_HEADER_BYTES,
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
