"""The addresses of recipes: those that come along, the form of a task, TOML and values each from the other."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from starlette.responses import Response

from yeoul.recipefile import recipe_text
from yeoul.serve.guard import note
from yeoul.serve.replies import json_reply
from yeoul.studio.asked import Edit, Resolve
from yeoul.studio.drafts import edited, listed, resolved, told
from yeoul.studio.forms import form
from yeoul.studio.house import House
from yeoul.studio.run_routes import spoken

RecipeName = Annotated[str, Path(max_length=100, description="As `/v1/recipes` tells it.")]


def add_recipes(app: FastAPI, house: House) -> None:
    """Add the addresses of recipes."""

    @app.get("/v1/recipes", summary="List the recipes.", tags=["recipes"])
    async def recipes(request: Request) -> Response:
        note(request.scope, "/v1/recipes")
        return json_reply({"recipes": await asyncio.to_thread(listed)})

    @app.get("/v1/recipes/schema", summary="Tell every key of a task's recipe.", tags=["recipes"])
    async def schema(request: Request, task: Annotated[str, Query(max_length=40)] = "classify") -> Response:
        note(request.scope, "/v1/recipes/schema")
        return json_reply({"task": task, "fields": form(task, spoken(request))})

    @app.post("/v1/recipes/resolution", summary="Understand a recipe.", tags=["recipes"])
    async def resolution(request: Request, asked: Resolve) -> Response:
        note(request.scope, "/v1/recipes/resolution")
        return json_reply(await asyncio.to_thread(resolved, asked))

    @app.post("/v1/recipes/edit", summary="Set values in a recipe's TOML.", tags=["recipes"])
    async def edit(request: Request, asked: Edit) -> Response:
        note(request.scope, "/v1/recipes/edit")
        return json_reply({"toml": await asyncio.to_thread(edited, asked)})

    @app.get("/v1/recipes/{name}", summary="Show a recipe.", tags=["recipes"])
    async def recipe(request: Request, name: RecipeName) -> Response:
        note(request.scope, "/v1/recipes/{name}")
        return json_reply({**told(name), "toml": recipe_text(name)})
