"""The addresses of data: what there is, what a file holds, and which recipe to begin with."""

import asyncio
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from starlette.responses import Response

from yeoul.errors import DataError
from yeoul.language import Language
from yeoul.serve.guard import note
from yeoul.serve.refusals import RefusedError
from yeoul.serve.replies import json_reply
from yeoul.studio.asked import Draft
from yeoul.studio.commands import answer_of
from yeoul.studio.drafts import command_of, drafted
from yeoul.studio.house import House
from yeoul.studio.reception import arrived
from yeoul.studio.run_routes import spoken
from yeoul.studio.samples import first_rows

_KINDS = {"classify": "table", "generate": "text", "transduce": "pairs", "forecast": "measurements"}
DataName = Annotated[str, Path(max_length=100, description="An id of `/v1/data`.")]
Word = Annotated[str, Query(max_length=200)]
Words = Annotated[list[Annotated[str, Query(max_length=200)]], Query(max_length=1000)]


def add_data(app: FastAPI, house: House) -> None:
    """Add the addresses of data."""

    @app.get("/v1/data", summary="List the files and the public sets.", tags=["data"])
    async def data(request: Request) -> Response:
        note(request.scope, "/v1/data")
        files, more = await asyncio.to_thread(house.drawer.files)
        sets = await asyncio.to_thread(house.drawer.sets)
        told = [one.to_json() for one in files]
        return json_reply({"folder": str(house.drawer.folder), "files": told, "more": more, "sets": sets})

    @app.post("/v1/data/files", summary="Upload a file.", tags=["data"], status_code=201)
    async def upload(request: Request, name: Annotated[str, Query(min_length=1, max_length=300)]) -> Response:
        note(request.scope, "/v1/data/files")
        kept = await asyncio.to_thread(house.drawer.keep, arrived(request.scope), name)
        return json_reply(kept.to_json(), 201)

    @app.get("/v1/data/{data}/rows", summary="Show the first rows.", tags=["data"])
    async def rows(
        request: Request,
        data: DataName,
        count: Annotated[int, Query(ge=1, le=200)] = 20,
        encoding: Word = "auto",
        separator: Word = "auto",
    ) -> Response:
        note(request.scope, "/v1/data/{data}/rows")
        source = await asyncio.to_thread(house.drawer.source, data)
        if FilePath(source).is_dir():
            raise RefusedError(404, DataError("a folder has no rows to show", "its card tells what it holds"))
        return json_reply(await asyncio.to_thread(first_rows, source, count, encoding, separator))

    @app.get("/v1/data/{data}/card", summary="Tell what a file holds and what is odd in it.", tags=["data"])
    async def card(
        request: Request,
        data: DataName,
        input: Words = [],  # noqa: B006  the name that a program writes; never changed
        target: Word = "",
        task: Word = "",
        encoding: Word = "auto",
        separator: Word = "auto",
        start: Word = "",
        every: Word = "",
    ) -> Response:
        note(request.scope, "/v1/data/{data}/card")
        options = [("--input", each) for each in input]
        options += [("--target", target), ("--task", task), ("--start", start), ("--every", every)]
        options += [
            (name, value)
            for name, value in (("--encoding", encoding), ("--separator", separator))
            if value != "auto"
        ]
        words = [f"{name}={value}" for name, value in options if value]
        source = await asyncio.to_thread(house.drawer.source, data)
        async with house.checks:
            found = await asyncio.to_thread(_checked, source, words, spoken(request))
        return json_reply({"kind": _kind(found), "card": found})

    @app.post("/v1/data/{data}/recipe", summary="Draft a recipe for a file.", tags=["data"])
    async def recipe(request: Request, data: DataName, asked: Draft) -> Response:
        note(request.scope, "/v1/data/{data}/recipe")
        source = await asyncio.to_thread(house.drawer.source, data)
        async with house.checks:
            return json_reply(await asyncio.to_thread(_draft, source, asked, spoken(request)))


def _checked(source: str, words: list[str], language: Language) -> dict[str, Any]:
    found: dict[str, Any] = answer_of(["data", "check", "--json", *words, "--", source], language)
    return found


def _kind(card: Mapping[str, Any]) -> str:
    """Name what a card is about."""
    task = str(card.get("task", "classify"))
    return _KINDS.get(task, task)


def _draft(source: str, asked: Draft, language: Language) -> dict[str, Any]:
    advice = None
    if asked.task == "classify":
        words = [f"--input={each}" for each in asked.inputs] + (
            [f"--target={asked.target}"] if asked.target else []
        )
        words += [f"--encoding={asked.encoding}"] if asked.encoding != "auto" else []
        advised = _checked(source, ["--task=classify", *words], language).get("advice")
        advice = None if advised is None else str(advised["recipe"])
    found = drafted(asked, source, advice)
    return {"toml": found.text, "name": FilePath(source).stem, "command": command_of(found)}
