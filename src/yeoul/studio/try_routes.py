"""The addresses of a run's model: what it answers, why, and what happens inside."""

import asyncio
from typing import Annotated, Literal, final

from fastapi import FastAPI, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from yeoul.errors import UsageError
from yeoul.serve import asking, conversing
from yeoul.serve.offers import Foreteller, Narrator, Predictor
from yeoul.serve.refusals import RefusedError
from yeoul.serve.replies import json_reply
from yeoul.serve.schemas import History, Predict, WriteOn
from yeoul.studio.asked import Beams, Explain, LookInside, TwoTexts
from yeoul.studio.bench import Bench, Opened
from yeoul.studio.house import House
from yeoul.studio.inside import look
from yeoul.studio.maps import embedding_map
from yeoul.studio.reception import arrived
from yeoul.studio.run_routes import RunName, found, spoken
from yeoul.studio.trying import TRIALS, beams, captioned, compared, explained, history, trial


@final
class _Held(Response):
    """An answer that comes bit by bit, while its model stays open."""

    def __init__(self, answer: Response, bench: Bench, one: Opened) -> None:
        self.status_code = answer.status_code
        self.background = None
        self._answer = answer
        self._bench = bench
        self._one = one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and give the model back."""
        try:
            await self._answer(scope, receive, send)
        finally:
            self._bench.leave(self._one)


def add_trying(app: FastAPI, house: House) -> None:
    """Add the addresses of models."""
    _add_answers(app, house)
    _add_series(app, house)
    _add_inside(app, house)


def _other(one: Opened) -> RefusedError:
    values = {"task": one.task}
    return RefusedError(
        404, UsageError("this is not asked of the task {task}", "its card tells what is", values=values)
    )


def _add_answers(app: FastAPI, house: House) -> None:
    @app.get("/v1/runs/{run}/try", summary="Tell what may be asked of a run.", tags=["try"])
    async def card(request: Request, run: RunName) -> Response:
        return json_reply(await asyncio.to_thread(trial, found(house, request, run)))

    @app.post("/v1/runs/{run}/predict", summary="Answer texts or series.", tags=["try"])
    async def predict(request: Request, run: RunName, asked: Predict) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if not isinstance(one.offer, Predictor):
                raise _other(one)
            return json_reply(await asking.predicted(one.offer, asked))

    @app.post("/v1/runs/{run}/generate", summary="Go on with a text, as it comes.", tags=["try"])
    async def generate(request: Request, run: RunName, asked: WriteOn) -> Response:
        one = await house.bench.take(found(house, request, run))
        try:
            if not isinstance(one.offer, Narrator):
                raise _other(one)
            if asked.stream:
                answer: Response = await conversing.streamed(one.offer, asked, spoken(request))
            else:
                answer = json_reply(await conversing.written(one.offer, asked))
        except BaseException:
            house.bench.leave(one)
            raise
        return _Held(answer, house.bench, one)

    @app.post("/v1/runs/{run}/beams", summary="Show how an answer was searched for.", tags=["try"])
    async def tree(request: Request, run: RunName, asked: Beams) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if one.task != "transduce":
                raise _other(one)
            return json_reply(await one.ask(lambda: beams(one.run.translator, asked.text, asked.beam)))

    @app.post("/v1/runs/{run}/explain", summary="Tell what speaks for an answer.", tags=["try"])
    async def explain(request: Request, run: RunName, asked: Explain) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if "explain" not in TRIALS[one.task].asks:
                raise _other(one)
            return json_reply(await one.ask(lambda: explained(one.run, asked, spoken(request))))

    @app.post("/v1/runs/{run}/similarity", summary="Compare two texts or series.", tags=["try"])
    async def similarity(request: Request, run: RunName, asked: TwoTexts) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if one.task != "compare":
                raise _other(one)
            return json_reply(await one.ask(lambda: compared(one.run, asked)))

    @app.post("/v1/runs/{run}/caption", summary="Say what is on a picture.", tags=["try"])
    async def caption(request: Request, run: RunName) -> Response:
        picture = arrived(request.scope)
        try:
            content = await asyncio.to_thread(picture.read_bytes)
        finally:
            picture.unlink()
        async with house.bench.opened(found(house, request, run)) as one:
            if one.task != "caption":
                raise _other(one)
            return json_reply(await one.ask(lambda: captioned(one.run, content)))


def _add_series(app: FastAPI, house: House) -> None:
    @app.get("/v1/runs/{run}/history", summary="Show the newest measurements of the training.", tags=["try"])
    async def past(
        request: Request,
        run: RunName,
        rows: Annotated[int, Query(ge=1, le=5000)] = 200,
        series: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if not isinstance(one.offer, Foreteller):
                raise _other(one)
            return json_reply(await one.ask(lambda: history(one.run, rows, series)))

    @app.post("/v1/runs/{run}/forecast", summary="Say how measurements go on.", tags=["try"])
    async def forecast(request: Request, run: RunName, asked: History) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            if not isinstance(one.offer, Foreteller):
                raise _other(one)
            return json_reply(await asking.foretold(one.offer, asked))


def _add_inside(app: FastAPI, house: House) -> None:
    @app.post(
        "/v1/runs/{run}/inside", summary="Show what a layer keeps, writes and lets out.", tags=["inside"]
    )
    async def inside(request: Request, run: RunName, asked: LookInside) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            return json_reply(await one.ask(lambda: look(one.run, asked)))

    @app.get("/v1/runs/{run}/embedding", summary="Put the tokens of a model on a plane.", tags=["inside"])
    async def embedding(
        request: Request,
        run: RunName,
        count: Annotated[int, Query(ge=3, le=2000)] = 300,
        method: Literal["pca", "tsne"] = "pca",
    ) -> Response:
        async with house.bench.opened(found(house, request, run)) as one:
            return json_reply(await one.ask(lambda: embedding_map(one.run, count, method)))
