"""`yeoul serve`: let runs answer over HTTP."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.options import DeviceOption
from yeoul.cli.output import complain, one_line, tell, tell_json
from yeoul.errors import DataError, UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.serve.application import Service

_TOKEN = "YEOUL_TOKEN"
_INTERRUPTED = 130
_TOKEN_BYTES = 4096


def serve(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN", help=say("Runs, or NAME=RUN for a name of your own."), show_default=False
        ),
    ],
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help=say("0 takes a free one."))
    ] = 8100,
    host: Annotated[
        str,
        typer.Option(
            "--host", metavar="ADDRESS", help=say("Where to listen; beyond this machine only with a token.")
        ),
    ] = "127.0.0.1",
    allowed: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help=say("A name by which clients may call the server; may be given more than once."),
            show_default=False,
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help=say("File with the token that clients must send; or set YEOUL_TOKEN."),
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help=say("Do not print a line a request."))] = False,
    device: DeviceOption = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help=say("Print address and models as JSON when ready."))
    ] = False,
) -> None:
    from yeoul.runs.folder import open_run

    for word in runs:  # what is wrong with a run is said before torch is loaded
        open_run(Path(word if (Path(word) / "run.json").is_file() else word.partition("=")[2] or word))
    from yeoul.serve.access import door_of
    from yeoul.serve.apart import Apart
    from yeoul.serve.limits import Limits
    from yeoul.serve.opening import open_service
    from yeoul.serve.running import Place
    from yeoul.serve.running import serve as run_server

    door = door_of(host, allowed or (), _token(token_file))
    service = open_service(runs, device, door, Limits(), Apart)
    service.guard.on_fault = complain if "--debug" in sys.argv else _fault
    if not quiet:
        service.guard.on_line = _log

    def ready(found: int) -> None:
        shown = f"[{host}]" if ":" in host else host
        _tell_ready(service, f"http://{shown}:{found}", as_json)

    number = run_server(service, Place(host, port), ready)
    complain(say("stopped"))
    if number == signal.SIGINT:
        raise typer.Exit(_INTERRUPTED)


def _token(path: Path | None) -> str | None:
    """Read the token that is asked of clients: from a file, else from the environment."""
    if path is None:
        return os.environ.get(_TOKEN) or None
    with path.open("rb") as file:
        data = file.read(_TOKEN_BYTES + 1)
    try:
        words = data.decode("ascii").split()
    except UnicodeDecodeError as error:
        raise DataError(
            "the file holds no token", "write one line of ASCII into it", where=str(path)
        ) from error
    if len(words) != 1 or len(data) > _TOKEN_BYTES:
        raise UsageError("the file holds no token", "write one line of ASCII into it", where=str(path))
    return words[0]


def _tell_ready(service: "Service", address: str, as_json: bool) -> None:
    cards = [offer.card for offer in service.offers.values()]
    if as_json:
        tell_json({"address": address, "models": [card.to_json() for card in cards]}, indent=None)
        return
    for card in cards:
        tell(f"{address}/v1/{one_line(card.name)}   {card.task}")
    tell(say("Ctrl-C stops; {address}/openapi.json tells what may be asked", {"address": address}))


def _log(line: str) -> None:
    complain(f"{datetime.now().astimezone():%H:%M:%S} {one_line(line)}")


def _fault(trace: str) -> None:
    complain(
        say(
            "error: {kind}: {message}; this is a fault of Yeoul, please report it with the output of --debug",
            {"kind": "serve", "message": one_line(trace.strip().splitlines()[-1], 300)},
        )
    )
