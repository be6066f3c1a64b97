"""`yeoul studio`: a local page on which to train, watch, try and compare."""

import os
import signal
import sys
import time
import webbrowser
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.options import RUNS, DeviceOption
from yeoul.cli.output import complain, one_line, tell, tell_json
from yeoul.errors import UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.studio.application import Studio

_TOKEN = "YEOUL_TOKEN"
_INTERRUPTED = 130
_HOST = "127.0.0.1"
_PORT = 8123
_CALM_SECONDS = 5.0


def studio(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=say("Folder that holds the runs."), show_default=True)
    ] = RUNS,
    data: Annotated[
        Path,
        typer.Option("--data", metavar="DIR", help=say("Folder with your files; uploads go below it.")),
    ] = Path(),
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help=say("0 takes a free one."), show_default=False
        ),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help=say("Do not open a browser."))] = False,
    device: DeviceOption = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("Print address, link and token as JSON when ready."))
    ] = False,
) -> None:
    if not data.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(data))
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is not a folder", "name the folder of the runs", where=str(folder))
    complain(say("loading …"))
    from yeoul.kernels.devices import choose_device
    from yeoul.serve.access import LEAST_TOKEN
    from yeoul.serve.running import Place
    from yeoul.serve.running import serve as run_server
    from yeoul.studio.application import Studio

    choose_device(device)  # what is not there is said now
    token = os.environ.get(_TOKEN) or None
    if token is not None and (len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable()):
        raise UsageError(
            "a token has at least {least} letters, digits and signs of ASCII",
            'make one with python -c "import secrets; print(secrets.token_urlsafe())"',
            where=_TOKEN,
            values={"least": LEAST_TOKEN},
        )

    def served(place: int) -> int:
        made = Studio(folder, data, device, token)
        made.guard.on_fault = complain if "--debug" in sys.argv else _fault

        def ready(found: int) -> None:
            made.house.entrance.port = found
            _tell_ready(made, found, as_json, not no_browser)

        return run_server(made, Place(_HOST, place), ready)

    try:
        number = served(_PORT if port is None else port)
    except UsageError:
        if port is not None:
            raise
        number = served(0)
    complain(say("the studio is closed; trainings go on"))
    if number == signal.SIGINT:
        raise typer.Exit(_INTERRUPTED)


def _tell_ready(made: "Studio", port: int, as_json: bool, browser: bool) -> None:
    address = f"http://{_HOST}:{port}"
    entrance = made.house.entrance
    link = address + entrance.link()
    if as_json:
        tell_json({"address": address, "link": link, "token": entrance.token}, indent=None)
    else:
        tell(say("studio   {link}", {"link": link}))
        tell(say("Ctrl-C closes it; what is being trained goes on"))
    shown = [time.monotonic()]

    def show_again() -> None:
        if time.monotonic() - shown[0] > _CALM_SECONDS:
            shown[0] = time.monotonic()
            complain(
                say("a browser without a key came; a fresh link: {link}", {"link": address + entrance.link()})
            )

    entrance.on_stranger = show_again
    if browser and not as_json:
        Thread(target=webbrowser.open, args=(link,), daemon=True).start()


def _fault(trace: str) -> None:
    complain(
        say(
            "error: {kind}: {message}; this is a fault of Yeoul, please report it with the output of --debug",
            {"kind": "studio", "message": one_line(trace.strip().splitlines()[-1], 300)},
        )
    )
