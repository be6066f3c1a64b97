"""The addresses of runs: all of them, one, its report and what happens in it, several compared."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from starlette.responses import Response

from yeoul.errors import UsageError
from yeoul.language import Language
from yeoul.runs.folder import RunFolder
from yeoul.serve.events import Events
from yeoul.serve.guard import note
from yeoul.serve.refusals import RefusedError, language_of
from yeoul.serve.replies import json_reply
from yeoul.studio.asked import Compare, Nothing, Rewrite
from yeoul.studio.house import House
from yeoul.studio.live import events
from yeoul.studio.page import ReportPage

RunName = Annotated[str, Path(max_length=200, description="As `/v1/runs` tells it.")]


def found(house: House, request: Request, run: str) -> RunFolder:
    """Return the run of an address, and tell the guard of it."""
    folder = house.shelf.find(run)
    note(request.scope, str(request.scope["route"].path), folder.id)
    return folder


def spoken(request: Request) -> Language:
    """Return the language that an answer is said in."""
    return language_of(request.scope["headers"])


def add_runs(app: FastAPI, house: House) -> None:
    """Add the addresses of runs."""

    @app.get("/v1/runs", summary="List the runs.", tags=["runs"])
    async def runs(request: Request) -> Response:
        note(request.scope, "/v1/runs")
        return json_reply({"runs": await asyncio.to_thread(house.shelf.rows, spoken(request))})

    @app.post("/v1/comparison", summary="Set up to ten runs side by side.", tags=["runs"])
    async def comparison(request: Request, asked: Compare) -> Response:
        note(request.scope, "/v1/comparison")
        return json_reply(await asyncio.to_thread(house.shelf.compared, asked.runs, spoken(request)))

    @app.get("/v1/runs/{run}", summary="Tell all of a run.", tags=["runs"])
    async def run(request: Request, run: RunName) -> Response:
        folder = found(house, request, run)
        return json_reply(await asyncio.to_thread(house.shelf.whole, folder, spoken(request)))

    @app.get("/v1/runs/{run}/report", summary="Show a run's report.", tags=["runs"])
    async def report(request: Request, run: RunName) -> Response:
        path = found(house, request, run).path / "report.html"
        if not path.is_file():
            raise RefusedError(404, UsageError("the run has no report yet", "write one, or let it train on"))
        return ReportPage(await asyncio.to_thread(path.read_bytes))

    @app.post("/v1/runs/{run}/report", summary="Write a run's report anew.", tags=["runs"])
    async def rewrite(request: Request, run: RunName, asked: Rewrite) -> Response:
        from yeoul.report.page import write_report  # slow to import

        folder = found(house, request, run)
        await asyncio.to_thread(write_report, folder.path, asked.language)
        return json_reply({"run": folder.id})

    @app.get("/v1/runs/{run}/events", summary="Tell what happens in a run, as it happens.", tags=["runs"])
    async def watch(request: Request, run: RunName) -> Response:
        folder = found(house, request, run)
        came = request.headers.get("last-event-id", "")
        told = events(house.shelf, folder, came, spoken(request), lambda: house.ledger.stopping)
        return Events(told, lambda: None)

    @app.post("/v1/runs/{run}/removal", summary="Ask for the word that removes a run.", tags=["runs"])
    async def removal(request: Request, run: RunName, asked: Nothing) -> Response:
        folder = found(house, request, run)
        return json_reply(await asyncio.to_thread(house.removals.ask, folder, spoken(request)))

    @app.delete("/v1/runs/{run}", summary="Remove a run.", tags=["runs"])
    async def remove(
        request: Request, run: RunName, confirm: Annotated[str, Query(max_length=100)] = ""
    ) -> Response:
        folder = found(house, request, run)
        await house.bench.forget(folder)
        await asyncio.to_thread(house.removals.remove, folder, confirm)
        return json_reply({"removed": folder.id})
