"""What stands before the application: lets in who may come in, and lets nobody wait for ever."""

import asyncio
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from yeoul.errors import UsageError
from yeoul.serve.bodies import ClientGoneError
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import Header, RefusedError, language_of, refusal, reply

Line = Callable[[str], None]
_EVENTS = b"text/event-stream"
_SAFE = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(eq=False)
class _Answer:
    """An answer on its way to the client."""

    send: Send
    seconds: float
    """In which a stream must end."""
    deadline: asyncio.Timeout | None = None
    status: int = 0
    ended: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = list(message.get("headers", []))
            names = {name for name, _ in given}
            message = {**message, "headers": [*given, *(one for one in _SAFE if one[0] not in names)]}
            if self.deadline is not None and (b"content-type", _EVENTS) in message["headers"]:
                self.deadline.reschedule(asyncio.get_running_loop().time() + self.seconds)
        elif message["type"] == "http.response.body":
            self.ended = not message.get("more_body", False)
        await self.send(message)


class Admission(Protocol):
    """Who may come in."""

    def check(self, method: str, path: str, headers: Sequence[Header]) -> None:
        """Raise `RefusedError` for a request that may not come in."""
        ...


class Reception(Protocol):
    """Receives bodies."""

    async def body(self, scope: Scope, receive: Receive) -> bytes:
        """Return what the application is given as the body; raise `RefusedError` for one that is not taken."""
        ...


@final
class Guard:
    """An application that passes on what may come in, within its limits, and tells of all that has been."""

    def __init__(
        self, app: ASGIApp, door: Admission, intake: Reception, limits: Limits, ledger: Ledger
    ) -> None:
        self._app = app
        self._door = door
        self._limits = limits
        self._ledger = ledger
        self._intake = intake
        self.on_line: Line = lambda line: None
        self.on_fault: Line = lambda trace: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return  # there are no web sockets here, and nothing to do at start and end
        scope["yeoul"] = told = _Told()
        answer = _Answer(send, self._limits.stream_seconds)
        begun = time.perf_counter()
        try:
            await self._answered(scope, receive, answer)
        except ClientGoneError:
            answer.status = answer.status or 499
        except Exception as error:  # noqa: BLE001  the client gets a reason, the log the rest
            refused = refusal(error)
            if refused.status == 500:
                self.on_fault(traceback.format_exc())
            await self._refuse(scope, refused, answer)
        seconds = time.perf_counter() - begun
        self._ledger.request(told.model, told.route, answer.status, seconds)
        self.on_line(
            f"{scope['method'][:8]} {told.route or '-'} {told.model or '-'} {answer.status} {1000 * seconds:.1f} ms"
        )

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        self._door.check(scope["method"], scope["path"], scope["headers"])
        body = await self._intake.body(scope, receive)
        with self._ledger.open():
            caller = _Caller(receive, body)
            watching: asyncio.Task[None] | None = None
            try:
                async with asyncio.timeout(self._limits.answer_seconds) as deadline:
                    answer.deadline = deadline
                    watching = asyncio.create_task(caller.watch(deadline))
                    await self._app(scope, caller.receive, answer)
            except TimeoutError as error:
                if caller.gone.is_set():
                    raise ClientGoneError from error
                values = {"seconds": f"{self._limits.answer_seconds:g}"}
                late = UsageError(
                    "the answer took longer than {seconds} s", "ask for less at a time", values=values
                )
                raise RefusedError(503, late) from error
            finally:
                if watching is not None:
                    watching.cancel()

    async def _refuse(self, scope: Scope, refused: RefusedError, answer: _Answer) -> None:
        """Tell the client why, where nothing was sent yet; else cut the line, so that nothing looks whole."""
        if not answer.status:
            headers, body = reply(refused, language_of(scope["headers"]))
            await answer({"type": "http.response.start", "status": refused.status, "headers": headers})
            await answer({"type": "http.response.body", "body": body})
        elif not answer.ended:
            cut: Callable[[], None] | None = scope.get("state", {}).get("cut")
            if cut is not None:
                cut()


@final
@dataclass
class _Told:
    """What the application finds out about a request, for the log: only names that the server itself gave."""

    route: str = ""
    model: str = ""


def note(scope: Scope, route: str, model: str = "") -> None:
    """Tell the guard what a request is for."""
    told = scope.get("yeoul")
    if isinstance(told, _Told):
        told.route, told.model = route, model


@final
class _Caller:
    """The client of a request whose body has come already."""

    def __init__(self, receive: Receive, body: bytes) -> None:
        self._receive = receive
        self._body: bytes | None = body
        self.gone = asyncio.Event()

    async def receive(self) -> Message:
        """Return the body, and after it wait until the client goes away."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def watch(self, deadline: asyncio.Timeout) -> None:
        """End the time for an answer as soon as the client goes away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone.set()
        if not deadline.expired():
            deadline.reschedule(asyncio.get_running_loop().time())
