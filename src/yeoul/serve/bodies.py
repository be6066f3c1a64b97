"""Receive the body of a request: no more than is allowed, in no more time, and no deeper."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import final

from starlette.types import Receive, Scope

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import Header, RefusedError

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)
_OPENING, _CLOSING = (b"[", b"{"), (b"]", b"}")


class ClientGoneError(Exception):
    """Nobody waits for the answer any more."""


@final
class Intake:
    """Receives bodies, and knows how much of them it holds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held = 0

    async def body(self, scope: Scope, receive: Receive) -> bytes:
        """Return a whole body.

        Raises `RefusedError` for one that is too large, too slow, too deep or packed, and `ClientGoneError`.
        """
        refuse_packed(scope["headers"])
        if declared_bytes(scope["headers"]) > self._limits.body_bytes:
            raise self._too_large()
        with self._holding() as hold:
            try:
                async with asyncio.timeout(self._limits.body_seconds):
                    body = await self._received(receive, hold)
            except TimeoutError as error:
                values = {"seconds": f"{self._limits.body_seconds:g}"}
                slow = UsageError(
                    "the body did not arrive within {seconds} s", "send it faster", values=values
                )
                raise RefusedError(408, slow) from error
        if depth_beyond(body, self._limits.depth):
            most = {"most": self._limits.depth}
            raise RefusedError(
                422, UsageError("the body is nested deeper than {most}", "flatten it", values=most)
            )
        return body

    async def _received(self, receive: Receive, hold: "_Hold") -> bytes:
        parts, size = list[bytes](), 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._limits.body_bytes:
                raise self._too_large()
            hold.add(len(part))
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    def _too_large(self) -> RefusedError:
        values = {"most": f"{self._limits.body_bytes:,}"}
        return RefusedError(
            413, UsageError("the body is larger than {most} bytes", "send less at a time", values=values)
        )

    @contextmanager
    def _holding(self) -> Iterator["_Hold"]:
        hold = _Hold(self)
        try:
            yield hold
        finally:
            self._held -= hold.size

    def take(self, size: int) -> None:
        """Count bytes that have come; raise `RefusedError` where all bodies together are too large."""
        self._held += size
        if self._held > self._limits.held_bytes:
            raise RefusedError(503, UsageError("too much is being received at once", "ask again in a moment"))


@final
class _Hold:
    """The bytes of one body."""

    def __init__(self, intake: Intake) -> None:
        self.size = 0
        self._intake = intake

    def add(self, size: int) -> None:
        self.size += size
        self._intake.take(size)


def declared_bytes(headers: Sequence[Header]) -> int:
    """Return the size that a body is said to have; 0 where nothing is said."""
    return max((int(value) for name, value in headers if name == b"content-length"), default=0)


def refuse_packed(headers: Sequence[Header]) -> None:
    """Raise `RefusedError` for a body that would have to be unpacked."""
    for name, value in headers:
        if name == b"content-encoding" and value.strip().lower() != b"identity":
            raise RefusedError(415, UsageError("the body is compressed", "send it as plain JSON"))


def depth_beyond(body: bytes, most: int) -> bool:
    """Tell whether lists and objects lie deeper within each other than `most`, wherever the JSON may be broken.

    >>> depth_beyond(b'[[["[[["]]]', 3), depth_beyond(b"[[[[", 3)
    (False, True)
    """
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    depth = 0
    for token in _TOKENS.finditer(body):
        sign = token[0]
        if sign in _OPENING:
            depth += 1
            if depth > most:
                return True
        elif sign in _CLOSING:
            depth -= 1
    return False
