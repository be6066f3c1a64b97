"""`yeoul backtest`: train a run's recipe anew before several test blocks, and judge it over all of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from yeoul.cli.figures import NOTHING, count
from yeoul.cli.options import DeviceOption, RunArgument
from yeoul.cli.output import padded, tell, tell_json
from yeoul.cli.scores import score_interval, score_name
from yeoul.cli.verdict import outcome_word, short_name
from yeoul.language import say

_COLUMNS = (5, 34, 9, 26, 34, 18)


def backtest(
    run: RunArgument,
    folds: Annotated[
        int, typer.Option("--folds", min=2, max=100, help=say("Test blocks, each with what came before it."))
    ] = 4,
    test: Annotated[
        float | None,
        typer.Option(
            "--test", min=0.01, max=0.9, help=say("Share of the rows that the blocks hold together.")
        ),
    ] = None,
    device: DeviceOption = "auto",
    as_json: Annotated[bool, typer.Option("--json", help=say("Print JSON."))] = False,
) -> None:
    from yeoul.runs.folder import open_run

    folder = open_run(Path(run))
    from yeoul.session.backtest import FoldEnded, backtest

    whole: Mapping[str, Any] = {}
    for event in backtest(folder, folds, test, device):
        if not isinstance(event, FoldEnded):
            whole = event.told
        elif not as_json:
            if event.told["fold"] == 1:
                tell(_row(_header(event.told["metric"])))
            tell(_row(_cells(event.told)))
    if as_json:
        tell_json(whole)
        return
    tell()
    metric = whole["metric"]
    for name, verdict in whole["verdicts"].items():
        label = say("the best simple model of each fold") if name == "best" else short_name(name)
        tell(
            f"  {say('against {name}', {'name': label})}: {outcome_word(verdict['outcome'])}, {_gain(verdict)}"
        )
    tell()
    values = {"metric": score_name(metric), "score": score_interval(metric, whole["scores"][metric])}
    tell(say("over all folds: {metric} {score}", values))


def _header(metric: str) -> tuple[str, ...]:
    return (
        say("fold"),
        say("test rows"),
        say("windows"),
        score_name(metric),
        say("against"),
        say("smaller by"),
    )


def _cells(fold: Mapping[str, Any]) -> tuple[str, ...]:
    metric, against = fold["metric"], fold["against"]
    times = (fold["test"]["from"], fold["test"]["to"])
    span = " – ".join(time[:10] for time in times if time) or NOTHING
    theirs = fold["baselines"][against][metric]["value"]
    return (
        str(fold["fold"]),
        span,
        count(fold["windows"]),
        score_interval(metric, fold["scores"][metric]),
        f"{short_name(against)} {theirs:.4g}",
        _gain(fold),
    )


def _gain(verdict: Mapping[str, Any]) -> str:
    gain = verdict["gain"]
    if not gain or gain.get("value") is None:
        return NOTHING
    span = f" ({gain['low']:+.1f} – {gain['high']:+.1f})" if gain.get("low") is not None else ""
    return f"{gain['value']:+.1f} %{span}"


def _row(cells: tuple[str, ...]) -> str:
    return "  ".join(padded(cell, columns) for cell, columns in zip(cells, _COLUMNS, strict=True)).rstrip()
