"""`yeoul verify`: the laws, measured on the model of a run."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from yeoul.cli.figures import NOTHING
from yeoul.cli.options import DeviceOption, JsonOption, RunArgument
from yeoul.cli.output import one_line, table, tell, tell_json
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.verify.laws import Example
    from yeoul.verify.run import VerifiedRun
    from yeoul.verify.subject import LawName, Reason
    from yeoul.verify.verified import Outcome

_ROW_COLUMNS = 72


def verify(run: RunArgument, device: DeviceOption = "auto", as_json: JsonOption = False) -> None:
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))  # what is wrong with the run is said before torch is loaded
    from yeoul.verify.run import verify_run

    found = verify_run(folder.path, device)
    if as_json:
        tell_json(found.to_json())
    else:
        for line in _lines(found):
            tell(line)
    if not found.found.ok:
        raise typer.Exit(1)


def _lines(found: "VerifiedRun") -> Iterator[str]:
    broken = len(found.found.broken)
    measured = sum(one.state != "none" for one in found.found.outcomes)
    if broken:
        yield say("{broken} of {measured} laws are broken", {"broken": broken, "measured": measured})
    else:
        yield say("all {measured} laws hold", {"measured": measured})
    rows = {"rows": found.rows}
    yield (
        say("measured on {rows} rows of the run's data, edge cases among them", rows)
        if found.source == "data"
        else say("measured on {rows} made-up rows: the run's data is not there any more", rows)
    )
    yield ""
    cells = [(say("law"), say("state"), say("largest gap"), say("allowed"), "")]
    cells += [_cells(one) for one in found.found.outcomes]
    yield from table(cells)
    for one in found.found.outcomes:
        if one.example is not None:
            yield ""
            yield from _example(one, one.example)


def _cells(one: "Outcome") -> tuple[str, str, str, str, str]:
    if one.reason is not None:
        return _law(one.law), NOTHING, NOTHING, NOTHING, _reason(one.reason)
    state = say("kept") if one.state == "holds" else say("broken")
    return _law(one.law), state, _number(one.deviation), _number(one.tolerance), ""


def _example(one: "Outcome", example: "Example") -> Iterator[str]:
    law = {"law": _law(one.law), "part": example.subject}
    yield say("the smallest example found against “{law}” ({part}):", law)
    for row, length in zip(example.rows, example.lengths, strict=True):
        yield f"  {length:>4}  {one_line(row, _ROW_COLUMNS) or NOTHING}"
    told = {"steps": example.extra, "at": example.at, "far": _number(example.deviation)}
    if example.extra:
        yield "  " + say("with {steps} steps of padding", told)
    if example.at:
        yield "  " + say("where something changes from step {at} on", told)
    if example.note:
        yield "  " + one_line(example.note, _ROW_COLUMNS)
    else:
        yield "  " + say("the answer moves by {far}", told)


def _number(value: float) -> str:
    return f"{value:.1e}" if math.isfinite(value) and value else "0" if not value else "∞"


def _law(name: "LawName") -> str:
    """Name a law by what must not matter."""
    match name:
        case "repeat":
            return say("asked twice, the same")
        case "finite":
            return say("finite numbers")
        case "padding":
            return say("padding")
        case "mates":
            return say("batch mates")
        case "order":
            return say("order of the rows")
        case "single":
            return say("alone = in a batch")
        case "future":
            return say("the future leaks not into the past")
        case "chunks":
            return say("in pieces = at once")
        case "threads":
            return say("one thread = two")
        case "saved":
            return say("saved = loaded")


def _reason(reason: "Reason") -> str:
    """Say why a law tells nothing of a model."""
    match reason:
        case "texts":
            return say("the model reads texts as they are, without padding")
        case "fixed":
            return say("all rows that the model reads are of one length")
        case "whole":
            return say("the model answers only after the end of a row")
        case "pieces":
            return say("the model reads no row piece by piece")
        case "alone":
            return say("the model answers one row at a time")
        case "inside":
            return say("the model pads its rows itself: see “alone = in a batch”")
        case "unsaved" | "elsewhere":
            return say("does not apply")
