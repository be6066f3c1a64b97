"""Server-sent events: an answer that a client reads as it comes."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any, final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def event(name: str, value: object, place: str = "") -> bytes:
    """Write one event; its JSON is one line, whatever a text holds. `place` is where a client may go on later."""
    data = json.dumps(value, ensure_ascii=False, allow_nan=False)
    for separator in ("\u2028", "\u2029", "\x85"):
        data = data.replace(separator, f"\\u{ord(separator):04x}")
    mark = f"id: {place}\n" if place else ""
    return f"{mark}event: {name}\ndata: {data}\n\n".encode()


@final
class Events(Response):
    """Sends events; `leave` is called at the end, however it comes."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], leave: Callable[[], None]) -> None:
        self.status_code = 200
        self.background = None
        self._events = events
        self._leave = leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events as they come."""
        headers = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no")]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            async for part in self._events:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._leave()


def told_piece(text: str, token: str, log_prob: float) -> dict[str, Any]:
    """Return one token as JSON."""
    return {"text": text, "token": token, "log_prob": round(log_prob, 6)}
