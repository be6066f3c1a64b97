"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from yeoul.language import say

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help=say("A run's folder or its name."), show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help=say("Print JSON."))]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="DIR", help=say("Folder that holds the runs."), show_default=True)
]
DeviceOption = Annotated[
    str, typer.Option("--device", metavar="NAME", help=say("auto, cpu, cuda or mps."), show_default=False)
]
InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="COL",
        help=say("Text column; may be given more than once."),
        show_default=False,
    ),
]
EncodingOption = Annotated[
    str,
    typer.Option(
        "--encoding", metavar="NAME", help=say("auto, utf-8, cp949, utf-16, latin-1 …"), show_default=False
    ),
]
RUNS = Path("runs")
