"""The addresses of trainings: begin one, watch it, stop it, let it go on."""

import asyncio
from typing import Annotated

from fastapi import FastAPI, Path, Request
from starlette.responses import Response

from yeoul.serve.guard import note
from yeoul.serve.replies import json_reply
from yeoul.studio.asked import Nothing, Start
from yeoul.studio.house import House
from yeoul.studio.jobs import stop_run
from yeoul.studio.run_routes import RunName, found, spoken

JobName = Annotated[str, Path(max_length=40, description="As `/v1/jobs` tells it.")]


def add_jobs(app: FastAPI, house: House) -> None:
    """Add the addresses of trainings."""

    @app.get("/v1/jobs", summary="List the trainings that the studio has started.", tags=["jobs"])
    async def jobs(request: Request) -> Response:
        note(request.scope, "/v1/jobs")
        return json_reply({"jobs": await asyncio.to_thread(house.jobs.all)})

    @app.post(
        "/v1/jobs", summary="Begin a training, in a process of its own.", tags=["jobs"], status_code=202
    )
    async def start(request: Request, asked: Start) -> Response:
        note(request.scope, "/v1/jobs")
        options = [] if asked.device == "auto" else [f"--device={asked.device}"]
        if asked.start_from is not None:
            options.append(f"--from={house.shelf.find(asked.start_from).path}")
        told = await asyncio.to_thread(house.jobs.start, asked, options, spoken(request))
        return json_reply(told, 202)

    @app.get("/v1/jobs/{job}", summary="Tell how a training stands.", tags=["jobs"])
    async def job(request: Request, job: JobName) -> Response:
        note(request.scope, "/v1/jobs/{job}")
        return json_reply(await asyncio.to_thread(lambda: house.jobs.told(house.jobs.find(job))))

    @app.post(
        "/v1/jobs/{job}/stop", summary="Stop a training as Ctrl-C does.", tags=["jobs"], status_code=202
    )
    async def stop(request: Request, job: JobName, asked: Nothing) -> Response:
        note(request.scope, "/v1/jobs/{job}/stop")
        one = house.jobs.find(job)
        await asyncio.to_thread(house.jobs.stop, one)
        return json_reply({"job": one.id, "asked": True}, 202)

    @app.post(
        "/v1/runs/{run}/stop", summary="Let a run pause after its step.", tags=["jobs"], status_code=202
    )
    async def pause(request: Request, run: RunName, asked: Nothing) -> Response:
        folder = found(house, request, run)
        await asyncio.to_thread(stop_run, folder)
        return json_reply({"run": folder.id, "asked": True}, 202)

    @app.post("/v1/runs/{run}/resume", summary="Let a run train on.", tags=["jobs"], status_code=202)
    async def resume(request: Request, run: RunName, asked: Nothing) -> Response:
        folder = found(house, request, run)
        return json_reply(await asyncio.to_thread(house.jobs.resume, folder, spoken(request)), 202)
