"""Connections: how many there may be, and how long one may dawdle."""

import asyncio
from typing import Any, final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

KEEP_ALIVE_SECONDS = 15
_HEAD_BYTES = 16_384
_LINGER_SECONDS = 1.0
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n"
    b'\r\n{"error": {"status": 503, "kind": "not-now", "message": "too many connections are open"}}'
)


@final
class Crowd:
    """All connections; those that are not being answered may have to make room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._all: set[Connection] = set()
        self.idle: dict[Connection, None] = {}

    def enter(self, connection: "Connection") -> bool:
        """Let a connection in, in place of the one that has dawdled longest if need be; tell whether there is room."""
        if len(self._all) >= self._most:
            if not self.idle:
                return False
            next(iter(self.idle)).cut()
        self._all.add(connection)
        return True

    def leave(self, connection: "Connection") -> None:
        self._all.discard(connection)
        self.idle.pop(connection, None)

    def cut_all(self) -> None:
        for connection in list(self._all):
            connection.cut()


@final
class _Corked(asyncio.Transport):
    """A transport that sends what is written in one turn of the loop at once: head and body of an answer.

    Each sending lets the model's thread take Python's lock, which may take its time to come back. It closes in good
    order: a client that is still sending when it is refused reads why, where a plain close would reset its line.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held: list[bytes | bytearray | memoryview] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data:
            if not self._held:
                self._loop.call_soon(self._send)
            self._held.append(data)

    def close(self) -> None:
        """Say that nothing follows, and hear the client out for a moment."""
        if self.is_closing():
            return
        self._send()
        self._closing = True
        self._transport.resume_reading()
        self._transport.write_eof()
        self._loop.call_later(_LINGER_SECONDS, self._transport.close)

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._closing or self._transport.is_closing()

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
class Reader(HttpToolsProtocol):
    """uvicorn's protocol, which also tells whether it is in the middle of a head."""

    in_head = False

    def on_message_begin(self) -> None:
        self.in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self.in_head = False
        super().on_headers_complete()


@final
class Connection(asyncio.Protocol):
    """A connection of uvicorn's that must say what it wants within a time, and in few words."""

    def __init__(self, inner: Reader, crowd: Crowd, seconds: float) -> None:
        self._inner = inner
        self._crowd = crowd
        self._seconds = seconds
        self._head = 0
        """Bytes of a head that is not at its end."""
        self._until: float | None = None
        """When it must have said something; None while it is answered."""
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
        self._inner.connection_made(_Corked(transport, self._inner.loop))
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._inner.transport is None or self._inner.transport.is_closing():
            return  # it was refused, or has had its last answer
        self._inner.data_received(data)
        self._head = self._head + len(data) if self._inner.in_head else 0
        if self._head > _HEAD_BYTES:
            self.cut()
        else:
            self._watch()

    def eof_received(self) -> None:
        self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        if self._late is not None:
            self._late.cancel()
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
        """Give the client so long to say what it wants, if it does not have less already."""
        if self._answering:
            self._forget()
        elif self._until is None:
            self._crowd.idle[self] = None
            self._until = self._inner.loop.time() + self._seconds
            if self._late is None:
                self._late = self._inner.loop.call_at(self._until, self._time_is_up)

    def _forget(self) -> None:
        """Let the client wait; the timer runs on, for setting one anew at every question would cost more."""
        self._crowd.idle.pop(self, None)
        self._until = None

    def _time_is_up(self) -> None:
        self._late = None
        if self._answering or self._until is None:
            return
        if self._until <= self._inner.loop.time():
            self.cut()
        else:
            self._late = self._inner.loop.call_at(self._until, self._time_is_up)
