"""`yeoul runs`: list, show, compare and remove run folders."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yeoul.cli.figures import clock, compact, count
from yeoul.cli.options import RUNS, JsonOption, OutOption, RunArgument
from yeoul.cli.output import one_line, shell_word, table, tell, tell_json
from yeoul.cli.scores import is_error, score_interval, score_name
from yeoul.cli.verdict import outcome_word, scoreboard, short_name, verdict_line
from yeoul.errors import RunError, UsageError, nearest
from yeoul.language import current, say
from yeoul.runs.folder import RunFolder, list_runs, open_run, read_json
from yeoul.runs.index import entries
from yeoul.runs.removal import check_removable, remove_run

if TYPE_CHECKING:
    from yeoul.report.compared import Comparison

MOST_COMPARED = 20


def list_or_command(ctx: typer.Context, out: OutOption = RUNS, as_json: JsonOption = False) -> None:
    ctx.obj = out
    if ctx.invoked_subcommand is not None:
        return
    found = entries(out)
    if as_json:
        tell_json(found)
        return
    if not found:
        tell(say("no runs below {path}; begin with: yeoul demo", {"path": f"{out}/"}))
        return
    header = (say("run"), say("status"), say("task"), say("model"), say("score"), say("verdict"))
    for line in table([header, *(_row(one) for one in found)]):
        tell(line)


def show(ctx: typer.Context, run: RunArgument, as_json: JsonOption = False) -> None:
    folder = find_run(run, ctx.obj)
    record, scores = folder.record(), folder.scores("test")
    status = folder.status()
    if as_json:
        tell_json({**record, "status": status, "test": scores})
        return
    if scores is not None:
        tell(verdict_line(scores))
        tell()
        for line in scoreboard(scores):
            tell(f"  {line}")
        tell()
    for line in table(_facts(folder, record, status)):
        tell(line)
    if status in ("created", "paused", "interrupted", "failed"):
        tell()
        tell(say("go on with: yeoul train --resume {run}", {"run": shell_word(folder.path)}))


def compare(
    ctx: typer.Context,
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN RUN…", help=say("Two or more runs."), show_default=False)
    ],
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help=say("Write one offline page with table and plots."),
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    folders = _compared(runs, ctx.obj)
    from yeoul.cli.comparison import comparison_lines
    from yeoul.report.compared import compare_runs

    found = compare_runs(folders)
    if html is not None:
        _write_page(found, html)
    if as_json:
        tell_json({**found.to_json(), **({"page": str(html)} if html is not None else {})})
        return
    for line in comparison_lines(found):
        tell(line)
    if html is not None:
        tell()
        tell(say("page     {path}", {"path": html}))


def _compared(runs: Sequence[str], out: Path) -> list[RunFolder]:
    """Open the runs that a comparison names."""
    if len(runs) < 2:
        raise UsageError("a comparison needs two runs or more", "name another one")
    if len(runs) > MOST_COMPARED:
        raise UsageError(
            "a comparison takes {most} runs at most, not {count}",
            "name fewer",
            values={"most": MOST_COMPARED, "count": len(runs)},
        )
    folders = [find_run(run, out) for run in runs]
    names = [folder.id for folder in folders]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise UsageError("two of the runs are called {name}", "name each once", values={"name": name})
    return folders


def _write_page(found: "Comparison", path: Path) -> None:
    if not path.parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(path.parent))
    if path.is_dir():
        raise UsageError("this is a folder", "name a file, such as comparison.html", where=str(path))
    from yeoul.report.comparison_page import write_comparison

    write_comparison(found, path, current())


def remove(
    ctx: typer.Context,
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=say("Do not ask."))] = False,
    as_json: JsonOption = False,
) -> None:
    folder = find_run(run, ctx.obj)
    check_removable(folder)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("removing needs a yes", "say it with --yes", where=folder.id)
        if not typer.confirm(say("remove {path} with its model and report?", {"path": folder.path})):
            raise typer.Exit(1)
    remove_run(folder)
    if as_json:
        tell_json({"removed": str(folder.path)})
    else:
        tell(say("removed {path}", {"path": folder.path}))


def find_run(name: str, out: Path) -> RunFolder:
    """Open a run by its name below `out` or by its folder; raise `RunError` with the nearest name."""
    inside = out / name
    if (inside / "run.json").is_file():
        return open_run(inside)
    if out == RUNS:
        return open_run(Path(name))
    guess = nearest(name, [folder.id for folder in list_runs(out)])
    raise RunError(
        "there is no run of this name",
        "did you mean {guess}?" if guess else "`yeoul runs --out DIR` lists the runs of a folder",
        where=str(inside),
        values={"guess": guess},
    )


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    verdict = one["verdict"]
    outcome = ""
    if verdict:
        outcome = f"{outcome_word(verdict['outcome'])} ({short_name(verdict['against'])})"
    return (
        one_line(one["id"], 40),
        status_word(one["status"]),
        one["task"] or "",
        one_line(one["model"] or "", 40),
        _score(one["metric"], one["score"]) if one["score"] else "",
        outcome,
    )


def _score(metric: str, score: Mapping[str, Any]) -> str:
    """Write a score; an error with its name, for a share of right answers needs none."""
    told = score_interval(metric, score)
    return f"{score_name(metric)} {told}" if is_error(metric) else told


def status_word(status: str) -> str:
    """Name how a run stands."""
    match status:
        case "created":
            return say("created")
        case "running":
            return say("running")
        case "paused":
            return say("paused")
        case "interrupted":
            return say("interrupted")
        case "done":
            return say("done")
        case "failed":
            return say("failed")
        case _:
            return say("damaged")


def _facts(folder: RunFolder, record: Mapping[str, Any], status: str) -> list[tuple[str, str]]:
    model, cost, data = (record.get(key) or {} for key in ("model", "cost", "data"))
    facts = [
        (say("run"), str(folder.path)),
        (say("status"), status_word(status)),
        (say("command"), str(record.get("command") or "")),
        (say("data"), f"{data.get('source', '')}  {str(data.get('fingerprint', ''))[:8]}"),
        (say("model"), str(model.get("description") or "")),
    ]
    facts += [(say("windows"), line) for line in _windows(folder, record)]
    facts += [(say("member"), line) for line in _members(folder)]
    if "parameters" in model:
        facts.append((say("parameters"), compact(model["parameters"])))
    facts += [(say("seed"), str(record.get("seed", ""))), (say("begun"), str(record.get("created", "")))]
    if "finished" in record:
        facts.append((say("ended"), str(record["finished"])))
    if "train_seconds" in cost:
        facts.append((say("training time"), clock(cost["train_seconds"])))
    if "peak_memory_mb" in cost:
        facts.append((say("peak memory"), f"{count(cost['peak_memory_mb'])} MB"))
    if (folder.path / "report.html").is_file():
        facts.append((say("report"), str(folder.path / "report.html")))
    return facts


def _windows(folder: RunFolder, record: Mapping[str, Any]) -> list[str]:
    """Describe what a run of forecasts is asked, in a line."""
    path = folder.path / "data.json"
    if record.get("task") != "forecast" or not path.is_file():
        return []
    from yeoul.cli.measurement_cards import windows_line
    from yeoul.report.contents import read_piece
    from yeoul.report.measurement_records import MeasurementsCard

    card = read_piece(MeasurementsCard, path)
    return [windows_line(card)] if card is not None else []


def _members(folder: RunFolder) -> list[str]:
    """Describe each member of a mixture in a line: its weight and its score on the test rows."""
    path = folder.path / "members.json"
    if not path.is_file():
        return []
    found, metric = read_json(path), (folder.record().get("verdict") or {}).get("metric", "accuracy")
    lines = []
    for member in found["members"]:
        score = _score(metric, member["test"].get(metric, {}))
        best = " · " + say("best single network") if member["name"] == found["best_network"] else ""
        lines.append(f"{member['name']} × {member['weight']:.2f} · {member['description']} · {score}{best}")
    return lines
