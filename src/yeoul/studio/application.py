"""The studio's HTTP interface: the page, the way in, and everything that the page asks of `/v1/`."""

import re
from pathlib import Path
from typing import Annotated, final

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from yeoul import __version__
from yeoul.errors import RecipeError, YeoulError
from yeoul.kernels.devices import choose_device
from yeoul.language import current
from yeoul.serve.access import door_of
from yeoul.serve.guard import Guard, note
from yeoul.serve.ledger import Ledger
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError, language_of, reply, told
from yeoul.serve.replies import json_reply, tell_errors
from yeoul.studio.access import ENTER, Entrance
from yeoul.studio.bench import Bench
from yeoul.studio.data_routes import add_data
from yeoul.studio.drawer import Drawer
from yeoul.studio.house import House
from yeoul.studio.job_routes import add_jobs
from yeoul.studio.jobs import Jobs
from yeoul.studio.page import FILES, PageFile
from yeoul.studio.reception import FILE_BYTES, Arrivals
from yeoul.studio.recipe_routes import add_recipes
from yeoul.studio.removal import Removals
from yeoul.studio.run_routes import add_runs
from yeoul.studio.shelf import MOST_COMPARED, Shelf
from yeoul.studio.try_routes import add_trying
from yeoul.tasks.table import TASKS

_ABOUT = """The studio of Yeoul: everything that its page does, a program can do by these addresses.

Send `Authorization: Bearer TOKEN` with the token that `yeoul studio --json` prints. What is refused has a status and a
reason in English or Korean (`Accept-Language`)."""
_SILENT = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}
_PLACE = re.compile(r"[^:]*\.toml(?::(?P<line>\d+))?(?:: (?P<key>.+))?")
_TOML_LINE = re.compile(r"\(at line (\d+)")


@final
class Studio:
    """The studio of one folder of runs, with the application that answers for it."""

    def __init__(self, runs: Path, data: Path, device: str = "auto", token: str | None = None) -> None:
        self.limits = Limits(answer_seconds=300.0, requests=64)
        self.ledger = Ledger(self.limits)
        self.house = House(
            entrance=Entrance(door_of("127.0.0.1", (), None), token),
            shelf=Shelf(runs),
            drawer=Drawer(data, runs),
            jobs=Jobs(runs),
            bench=Bench(device, self.limits),
            arrivals=Arrivals(self.limits),
            removals=Removals(),
            limits=self.limits,
            ledger=self.ledger,
            device=device,
        )
        application = _application(self.house)
        self.guard = Guard(application, self.house.entrance, self.house.arrivals, self.limits, self.ledger)

    def close(self) -> None:
        """Close the open models; what is being trained goes on."""
        self.house.bench.close()
        self.house.arrivals.close()


def _application(house: House) -> FastAPI:
    app = FastAPI(
        title="Yeoul studio",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        telemetry=_SILENT,  # type: ignore[arg-type]
    )
    tell_errors(app)
    app.add_exception_handler(YeoulError, _tell_mendable)
    _add_page(app, house)
    add_runs(app, house)
    add_data(app, house)
    add_recipes(app, house)
    add_jobs(app, house)
    add_trying(app, house)
    return app


def _tell_mendable(request: Request, error: Exception) -> Response:
    """Tell a person's own studio what is wrong with a run, a recipe or the disk, as a command would."""
    mendable = error if isinstance(error, YeoulError) else YeoulError(str(error))
    language = language_of(request.scope["headers"])
    if not isinstance(mendable, RecipeError):
        headers, body = reply(RefusedError(409, mendable), language)
        return Response(body, 409, {name.decode(): value.decode() for name, value in headers})
    said = told(RefusedError(422, mendable), language)
    found, broken = _PLACE.fullmatch(mendable.where), _TOML_LINE.search(str(mendable.values.get("error", "")))
    line = broken[1] if broken else found["line"] if found else None
    said["error"]["line"] = None if line is None else int(line)
    said["error"]["key"] = found["key"] if found else mendable.where or None
    return json_reply(said, 422)


def _add_page(app: FastAPI, house: House) -> None:
    async def page(request: Request) -> Response:
        note(request.scope, request.scope["path"])
        return PageFile(request.scope["path"])

    for address in FILES:
        app.add_api_route(address, page, methods=["GET"], include_in_schema=False)

    @app.get(ENTER, include_in_schema=False)
    async def enter(request: Request, token: Annotated[str, Query(max_length=200)] = "") -> Response:
        note(request.scope, ENTER)
        cookie = house.entrance.enter(token)
        return Response(status_code=303, headers={"location": "/", "set-cookie": cookie})

    @app.get("/v1/studio", summary="Tell what this studio is.", tags=["studio"])
    async def studio(request: Request) -> Response:
        note(request.scope, "/v1/studio")
        chosen = choose_device(house.device)
        return json_reply(
            {
                "version": __version__,
                "language": current(),
                "runs": str(house.shelf.folder),
                "data": str(house.drawer.folder),
                "device": str(chosen.torch),
                "device_reason": chosen.reason,
                "tasks": list(TASKS),
                "limits": {
                    "upload_bytes": FILE_BYTES,
                    "compared": MOST_COMPARED,
                    "characters": house.limits.characters,
                    "tokens": house.limits.tokens,
                },
            }
        )
