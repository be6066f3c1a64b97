"""`yeoul forecast`: how the measurements go on, as a table, CSV, JSON or picture."""

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.options import DeviceOption, EncodingOption, RunArgument
from yeoul.cli.output import complain, one_line, table, tell, tell_json
from yeoul.errors import DataError, UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.tasks.forecasting.forecaster import Forecasts
    from yeoul.tasks.forecasting.stream import ForecastStream

_SHOWN_STEPS = 24


def forecast(
    run: RunArgument,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help=say("Newer measurements with the run's columns; without one, those it was trained on."),
        ),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon", metavar="SPAN", help=say("How far: no farther than the run was trained for.")
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=say("Write a .csv, .json or .png file.")),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="TIME", help=say("Time of the file's first row, where no column tells it.")
        ),
    ] = None,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream", help=say("Read new rows as CSV from the standard input; forecast after each.")
        ),
    ] = False,
    encoding: EncodingOption = "auto",
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help=say("Print JSON."))] = False,
) -> None:
    if out is not None and out.suffix not in (".csv", ".json", ".png"):
        raise UsageError(
            "{came} is no form of a forecast",
            "use .csv, .json or .png",
            where=str(out),
            values={"came": out.suffix or out.name},
        )
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))
    from yeoul.api import load

    opened = load(folder.path, device)
    if stream:
        if out is not None or horizon is not None:
            raise UsageError(
                "--stream prints a line a forecast", "leave --out and --horizon out", where="--stream"
            )
        _follow(opened.stream(file, start=start or "", encoding=encoding))
        return
    found = opened.forecast(file, horizon=horizon, start=start or "", encoding=encoding)
    if found.left_out:
        names = {"names": one_line(", ".join(found.left_out), 100)}
        complain(say("left out, with fewer rows than a forecast reads: {names}", names))
    if out is not None:
        _write(found, out)
        if not as_json:
            tell(say("{steps} steps written to {path}", {"steps": found.answers.shape[1], "path": out}))
            return
    if as_json:
        tell_json(list(found.records()))
        return
    for line in _table(found):
        tell(line)


def _follow(stream: "ForecastStream") -> None:
    """Answer each row of the standard input with a line of JSON."""
    rows = csv.DictReader(sys.stdin)
    for number, row in enumerate(rows, 2):
        given = {name: cell for name, cell in row.items() if name in stream.columns}
        try:
            numbers = {name: float(cell) if cell else None for name, cell in given.items()}
        except ValueError as error:
            raise DataError(
                "the row holds something that is no number: {cells}",
                "write numbers, or nothing where they are missing",
                where=f"stdin:{number}",
                values={"cells": ", ".join(given.values())},
            ) from error
        tell_json({"row": number - 1, "forecast": list(stream.feed(numbers).records())}, indent=None)


def _table(found: "Forecasts") -> Iterator[str]:
    records = list(found.records())
    shown = records[: _SHOWN_STEPS * len(found.targets)]
    named = bool(found.series[0])
    header = (say("series"),) if named else ()
    rows: list[Sequence[str]] = [
        (*header, say("time"), say("column"), say("forecast"), say("80 % interval"), say("90 % interval"))
    ]
    for record in shown:
        rows.append(
            (
                *((str(record["series"]),) if named else ()),
                str(record["time"]),
                str(record["column"]),
                f"{record['forecast']:.6g}",
                f"{record['low_80']:.6g} – {record['high_80']:.6g}",
                f"{record['low_90']:.6g} – {record['high_90']:.6g}",
            )
        )
    yield from table(rows)
    if len(records) > len(shown):
        yield say("… and {count} more: --out FILE writes all", {"count": f"{len(records) - len(shown):,}"})


def _write(found: "Forecasts", out: Path) -> None:
    from yeoul.files import write_bytes, write_text

    if not out.absolute().parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(out.absolute().parent))
    match out.suffix:
        case ".json":
            import json

            write_text(out, json.dumps(list(found.records()), ensure_ascii=False, indent=1) + "\n")
        case ".csv":
            from yeoul.spreadsheets import spreadsheet

            records = list(found.records())
            rows = ([str(cell) for cell in record.values()] for record in records)
            write_bytes(out, spreadsheet(tuple(records[0]), rows))
        case _:
            from yeoul.language import current
            from yeoul.report.fans import draw_forecast

            fans = [found.fan(place) for place in range(len(found.series))]
            write_bytes(out, draw_forecast(fans, current()))
