"""The HTTP interface: what may be asked of which address, documented in `/openapi.json`."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, final

from fastapi import FastAPI, Path, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from yeoul import __version__
from yeoul.errors import UsageError
from yeoul.serve import asking, conversing
from yeoul.serve.access import Door
from yeoul.serve.bodies import Intake
from yeoul.serve.guard import Guard, note
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits
from yeoul.serve.offers import Describer, Foreteller, Narrator, Offer, Predictor
from yeoul.serve.refusals import STATUSES, RefusedError, language_of
from yeoul.serve.replies import json_reply, tell_errors
from yeoul.serve.schemas import Feed, History, Predict, SoFar, Write, WriteOn

_ABOUT = """Runs of Yeoul that answer over HTTP.

Every answer to a request that came with others equals the one that it would get alone. What is refused has a status, a
reason in English or Korean (`Accept-Language`), and for 429 and 503 a `Retry-After`. Where the server was started with
a token, send it as `Authorization: Bearer TOKEN`."""
_REFUSAL = {
    "description": "RefusedError, with the reason.",
    "content": {
        "application/json": {
            "example": {
                "error": {
                    "status": 422,
                    "kind": "not-understood",
                    "message": "this is longer than 64; send less at a time",
                    "where": "texts",
                }
            }
        }
    },
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    status: _REFUSAL for status in STATUSES if status not in (400, 405, 500)
}
PREDICT = "/v1/{model}/predict"
_SHORT = re.compile(r"/v1/(?P<model>[^/]{1,200})/predict")
_SILENT = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
_EXAMPLES: Mapping[str, object] = {
    "predict": {
        "model": "reviews",
        "answers": [
            {"label": "positive", "confidence": 0.97, "probabilities": {"negative": 0.03, "positive": 0.97}}
        ],
    },
    "forecast": {
        "model": "sensor",
        "forecast": [
            {
                "time": "2024-01-01 02:00:00",
                "column": "heat",
                "forecast": 21.4,
                "low_90": 20.1,
                "low_80": 20.4,
                "high_80": 22.3,
                "high_90": 22.6,
            }
        ],
        "left_out": [],
    },
    "generate": {
        "model": "poems",
        "text": "나비야 청산 가자",
        "prompt": "나비야 ",
        "tokens": 5,
        "log_prob": -7.25,
        "outcome": "length",
        "seed": 7,
    },
    "session": {
        "session": "6f1c…",
        "model": "sensor",
        "kind": "forecast",
        "expires_after": 900.0,
        "rows": 48,
    },
    "models": {"models": [{"name": "reviews", "task": "classify", "metric": "accuracy"}]},
}


Model = Annotated[str, Path(max_length=200, description="A name of `/v1/models`.")]
Id = Annotated[str, Path(max_length=80, description="As `sessions` returned it.")]


@final
class Service:
    """The models of a server, and the application that asks them."""

    def __init__(self, offers: Mapping[str, Offer], door: Door, limits: Limits, ledger: Ledger) -> None:
        self.offers = dict(offers)
        self.limits = limits
        self.ledger = ledger
        self.guard = Guard(Shortcut(self, _application(self)), door, Intake(limits), limits, ledger)

    @property
    def ready(self) -> bool:
        """Whether every model answers and the server is not about to stop."""
        return not self.ledger.stopping and all(offer.alive for offer in self.offers.values())

    @property
    def processes(self) -> dict[str, int]:
        """The numbers of the processes that models have for themselves."""
        found = {
            name: offer.model.process for name, offer in self.offers.items() if isinstance(offer, Predictor)
        }
        return {name: number for name, number in found.items() if number is not None}

    def close(self) -> None:
        """Let the models finish what they have begun, and end their threads."""
        for offer in self.offers.values():
            offer.close()

    def offer(self, name: str) -> Offer:
        """Return a model by its name; raise `RefusedError` where there is none."""
        found = self.offers.get(unicodedata.normalize("NFC", name))
        if found is None:
            raise RefusedError(404, UsageError("there is no such model", "/v1/models tells which there are"))
        return found


@final
class Shortcut:
    """Leads to predictions without the layers that lead to every other address."""

    def __init__(self, service: Service, app: ASGIApp) -> None:
        self._service = service
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application would; errors are raised, for the guard to tell."""
        found = _SHORT.fullmatch(scope["path"]) if scope["method"] == "POST" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        offer = self._service.offer(found["model"])
        note(scope, PREDICT, offer.card.name)
        body = (await receive())["body"]  # whole: the guard has received it
        await (await _predicted(offer, body))(scope, receive, send)


def _example(
    name: str, status: int = 200, description: str = "The answer."
) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"description": description, "content": {"application/json": {"example": _EXAMPLES[name]}}},
        **_REFUSALS,
    }


def _application(service: Service) -> FastAPI:
    app = FastAPI(
        title="Yeoul",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_SILENT,  # type: ignore[arg-type]
    )
    tell_errors(app)
    _add_watching(app, service)
    _add_asking(app, service)
    _add_sessions(app, service)
    return app


def _add_watching(app: FastAPI, service: Service) -> None:
    @app.get("/health", summary="Tell that the server runs.", tags=["server"])
    async def health(request: Request) -> Response:
        note(request.scope, "/health")
        return json_reply({"status": "ok", "version": __version__})

    @app.get("/ready", summary="Tell whether the models answer.", tags=["server"], responses={503: _REFUSAL})
    async def ready(request: Request) -> Response:
        note(request.scope, "/ready")
        if not service.ready:
            raise RefusedError(503, UsageError("the server is stopping", "ask again in a moment"))
        return json_reply({"status": "ready"})

    @app.get("/metrics", summary="Count what happens, for Prometheus.", tags=["server"])
    async def metrics(request: Request) -> Response:
        note(request.scope, "/metrics")
        waiting = {name: offer.waiting for name, offer in service.offers.items()}
        sessions = {name: offer.open_sessions for name, offer in service.offers.items()}
        text = service.ledger.text(waiting, sessions, service.processes)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/v1/models", summary="List the models.", tags=["models"], responses=_example("models"))
    async def models(request: Request) -> Response:
        note(request.scope, "/v1/models")
        return json_reply({"models": [offer.card.to_json() for offer in service.offers.values()]})

    @app.get(
        "/v1/{model}",
        summary="Tell what a model answers and how good it was found to be.",
        tags=["models"],
        responses=_REFUSALS,
    )
    async def card(request: Request, model: Model) -> Response:
        return json_reply(_found(service, request, model).card.to_json())


def _found(service: Service, request: Request, model: str) -> Offer:
    """Return the model of an address, and tell the guard of both."""
    offer = service.offer(model)
    note(request.scope, str(request.scope["route"].path), offer.card.name)
    return offer


def _add_asking(app: FastAPI, service: Service) -> None:
    schema = {"application/json": {"schema": Predict.model_json_schema()}}

    @app.post(
        PREDICT,
        summary="Label texts or series, answer texts with texts, or say what is on pictures.",
        tags=["models"],
        responses=_example("predict"),
        openapi_extra={"requestBody": {"required": True, "content": schema}},
    )
    async def predict(request: Request, model: Model) -> Response:
        return await _predicted(_found(service, request, model), await request.body())

    @app.post(
        "/v1/{model}/forecast",
        summary="Say how measurements go on.",
        tags=["models"],
        responses=_example("forecast"),
    )
    async def forecast(request: Request, model: Model, asked: History) -> Response:
        offer = _found(service, request, model)
        if not isinstance(offer, Foreteller):
            raise _other_task(offer)
        return json_reply(await asking.foretold(offer, asked))

    @app.post(
        "/v1/{model}/generate",
        summary="Go on with a text; with `stream` as server-sent events: token …, then end or error.",
        tags=["models"],
        responses=_example("generate"),
    )
    async def generate(request: Request, model: Model, asked: WriteOn) -> Response:
        offer = _found(service, request, model)
        if not isinstance(offer, Narrator):
            raise _other_task(offer)
        if asked.stream:
            return await conversing.streamed(offer, asked, language_of(request.scope["headers"]))
        return json_reply(await conversing.written(offer, asked))


async def _predicted(offer: Offer, body: bytes) -> Response:
    if not isinstance(offer, Predictor | Describer):
        raise _other_task(offer)
    asked = Predict.model_validate_json(body)  # in half of the time that FastAPI takes
    if isinstance(offer, Describer):
        return json_reply(await asking.described(offer, asked))
    return json_reply(await asking.predicted(offer, asked))


def _add_sessions(app: FastAPI, service: Service) -> None:
    place = "/v1/{model}/sessions/{session}"
    told = _example("session")

    @app.post(
        "/v1/{model}/sessions",
        summary="Begin a session, from rows, a text or a snapshot.",
        tags=["sessions"],
        status_code=201,
        responses=_example("session", 201, "The session."),
    )
    async def begin(request: Request, model: Model, sofar: SoFar) -> Response:
        return json_reply(await conversing.begun(_with_sessions(_found(service, request, model)), sofar), 201)

    @app.get(place, summary="Tell of a session.", tags=["sessions"], responses=told)
    async def tell(request: Request, model: Model, session: Id) -> Response:
        return json_reply(conversing.described(_with_sessions(_found(service, request, model)), session))

    @app.get(
        place + "/snapshot",
        summary="Return what the same session can begin from.",
        tags=["sessions"],
        responses=told,
    )
    async def snapshot(request: Request, model: Model, session: Id) -> Response:
        return json_reply(conversing.snapshot(_with_sessions(_found(service, request, model)), session))

    @app.post(
        place + "/feed",
        summary="Give a session its next row, or more text.",
        tags=["sessions"],
        responses=told,
    )
    async def feed(request: Request, model: Model, session: Id, fed: Feed) -> Response:
        return json_reply(await conversing.fed(_with_sessions(_found(service, request, model)), session, fed))

    @app.post(
        place + "/generate",
        summary="Let the model go on with a session's text; its state then holds what was written.",
        tags=["sessions"],
        responses=_example("generate"),
    )
    async def generate(request: Request, model: Model, session: Id, asked: Write) -> Response:
        offer = _found(service, request, model)
        if not isinstance(offer, Narrator):
            raise _other_task(offer)
        if asked.stream:
            return await conversing.streamed(offer, asked, language_of(request.scope["headers"]), session)
        return json_reply(await conversing.written(offer, asked, session))

    @app.delete(place, summary="End a session.", tags=["sessions"], responses=told)
    async def end(request: Request, model: Model, session: Id) -> Response:
        _with_sessions(_found(service, request, model)).sessions.close(session)
        return json_reply({"session": session, "closed": True})


def _with_sessions(offer: Offer) -> Foreteller | Narrator:
    if isinstance(offer, Predictor | Describer):
        raise _other_task(offer)
    return offer


def _other_task(offer: Offer) -> RefusedError:
    verb = {"forecast": "forecast", "generate": "generate"}.get(offer.card.task, "predict")
    values = {"task": offer.card.task, "verb": verb}
    return RefusedError(
        404, UsageError("this model is of the task {task}", "ask it to {verb}", values=values)
    )
