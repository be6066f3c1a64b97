"""`yeoul evaluate`: the scoreboard of a run, on its test rows or on a new file."""

from pathlib import Path
from typing import Annotated

import typer

from yeoul.cli.options import DeviceOption, EncodingOption, JsonOption, RunArgument
from yeoul.cli.output import one_line, tell, tell_json
from yeoul.errors import UsageError
from yeoul.language import say


def evaluate(
    run: RunArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help=say("A labeled file with the run's columns; without one, the run's test rows."),
            show_default=False,
        ),
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            "--start", metavar="TIME", help=say("Time of the file's first row, where no column tells it.")
        ),
    ] = "",
    risk: Annotated[
        float | None,
        typer.Option(
            "--risk",
            metavar="SHARE",
            help=say("Tell from which confidence on at most this share of the answers is wrong."),
            show_default=False,
        ),
    ] = None,
    cache: Annotated[
        bool,
        typer.Option("--cache", help=say("Of a text model: also with a cache of the newest tokens.")),
    ] = False,
    dynamic: Annotated[
        bool,
        typer.Option("--dynamic", help=say("Of a text model: also learning on while it reads.")),
    ] = False,
    encoding: EncodingOption = "auto",
    device: DeviceOption = "auto",
    as_json: JsonOption = False,
) -> None:
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    if risk is not None:
        if file is not None:
            raise UsageError("--risk tells of the run's own test rows", "leave out the file")
        from yeoul.cli.abstaining import show_abstaining

        show_abstaining(folder.path, risk, as_json)
        return
    if file is not None and (cache or dynamic):
        raise UsageError("--cache and --dynamic tell of the run's own test text", "leave out the file")
    from yeoul.api import load
    from yeoul.cli.verdict import scoreboard, short_name, verdict_line
    from yeoul.cli.weak_spots import weak_line

    opened = load(folder.path, device)
    if cache or dynamic:
        scores = opened.reread(cache=cache, dynamic=dynamic)
    else:
        scores = opened.evaluate(file, encoding=encoding, start=start)
    if as_json:
        tell_json({"run": str(folder.path), **scores})
        return
    if scores.get("holds_training_rows"):
        tell(say("caution: the run was trained on rows of this file, so these scores are too good"))
    tell(verdict_line(scores))
    tell()
    for line in scoreboard(scores):
        tell(f"  {line}")
    if scores.get("missing"):
        names = ", ".join(map(short_name, scores["missing"]))
        told = {"names": names, "reason": scores["why_missing"]}
        tell(say("without {names}, for which the training data is needed: {reason}", told))
    if file is None and (weak := weak_line(folder.path)):
        tell()
        tell(one_line(weak))
