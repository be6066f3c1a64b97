"""`yeoul train`: train on a recipe or a file, go on with a run, or start from another one's weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from yeoul.cli.durations import parse_duration
from yeoul.cli.jobs import Resumption, Training
from yeoul.cli.options import RUNS, EncodingOption, InputOption
from yeoul.cli.progress import Job, perform, show_end
from yeoul.errors import UsageError
from yeoul.language import say


def train(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="RECIPE|FILE",
            help=say("A recipe, a .toml file, a public set or a data file."),
            show_default=False,
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help=say("Recipe values to change."), show_default=False),
    ] = None,
    inputs: InputOption = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="COL",
            help=say("Column of the labels; columns to forecast, each with a --target of its own."),
            show_default=False,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="NAME",
            help=say("classify, tag, compare, caption, forecast, generate or transduce."),
        ),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option("--horizon", metavar="SPAN", help=say("How far to forecast: 24h, 7d, or rows.")),
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COL", help=say("Column of the times of measurements."))
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="TIME", help=say("Time of the first row, where no column tells it.")),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="SPAN", help=say("From one row to the next: 10min, 1h, 1d.")),
    ] = None,
    encoding: EncodingOption = "auto",
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help=say("Folder for the run's folder."), show_default=True),
    ] = RUNS,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help=say("Go on with a run that was stopped."))
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option("--from", metavar="RUN", help=say("Start a new run with the weights of this one.")),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option("--budget", metavar="TIME", help=say("Train about so long: 90s, 10m, 1h30m.")),
    ] = None,
    device: Annotated[
        str, typer.Option("--device", metavar="NAME", help=say("auto, cpu, cuda or mps."), show_default=False)
    ] = "auto",
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help=say("Seed of all that is random."))
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help=say("Print the final summary as JSON; progress goes to stderr."))
    ] = False,
) -> None:
    measured = {"forecast.time": time, "forecast.start": start, "forecast.every": every}
    forecasting = horizon is not None or any(measured.values()) or _task(source, task) == "forecast"
    given = {
        "task": "forecast" if forecasting else task or _task_of_set(source) or _task_of_file(source),
        "data.inputs": inputs or None,
        **_targets(targets or [], forecasting),
        "forecast.horizon": horizon,
        **measured,
        "data.encoding": None if encoding == "auto" else encoding,
        "seed": seed,
        "training.budget_seconds": None if budget is None else parse_duration(budget, where="--budget"),
    }
    overrides = {key: value for key, value in given.items() if value is not None}
    if resume is not None:
        if source is not None or overrides or start_from is not None or out != RUNS:
            raise UsageError("a resumed run keeps its recipe", "give --resume alone", where="--resume")
        _train(Resumption(resume, device), as_json)
        return
    if source is None:
        raise UsageError(
            "RECIPE or FILE is missing", "name a recipe of `yeoul recipes` or a file: yeoul train reviews.csv"
        )
    overrides |= key_values(values or [])
    _train(Training(source, overrides, out, start_from, device), as_json)


def _task(source: str | None, task: str | None) -> str | None:
    """Return the task that is asked for, by its name or by that of a recipe."""
    from yeoul.recipefile import read_recipe, recipe_names

    if task is None and source is not None and (source in recipe_names() or source.endswith(".toml")):
        return read_recipe(source, {}).recipe.task
    return task


def _task_of_set(source: str | None) -> str | None:
    """Return the task of a public set that has no rows with labels; a recipe of that name has its own."""
    from yeoul.data.catalog import CATALOG
    from yeoul.data.embedded import EMBEDDED
    from yeoul.recipefile import recipe_names

    entry = (
        None if source is None or source in recipe_names() else EMBEDDED.get(source) or CATALOG.get(source)
    )
    return entry.task if entry is not None and entry.task in _UNLABELLED else None


def _task_of_file(source: str | None) -> str | None:
    """Return the task of a file that is named as one of tagged sentences, or of a folder of pictures."""
    from yeoul.data.pictures.checkup import is_album
    from yeoul.data.tags.checkup import known_tagged
    from yeoul.recipefile import recipe_names

    if source is None or source in recipe_names() or source.endswith(".toml"):
        return None
    if is_album(source):
        return "caption"
    return "tag" if known_tagged(source) else None


_UNLABELLED = ("generate", "transduce", "compare", "caption")


def _targets(names: Sequence[str], forecasting: bool) -> dict[str, Any]:
    """Return the recipe values that name the target columns."""
    if forecasting:
        return {"forecast.targets": list(names) or None}
    if len(names) > 1:
        raise UsageError(
            "a row has one column of labels", "give --target once, or add --task forecast", where="--target"
        )
    return {"data.target": names[0] if names else None}


def _train(job: Job, as_json: bool) -> None:
    finished = perform(job, as_json=as_json)
    from yeoul.cli.verdict import SAMPLES, sample_answers, sample_texts

    predictions = finished.path / "evaluation" / "test" / "predictions.csv"
    task = finished.scores["task"]
    answers = SAMPLES.get(task, sample_answers)
    sample = sample_texts(finished.scores) if task == "generate" else answers(predictions)
    show_end(finished, sample, as_json=as_json)


def key_values(words: Sequence[str]) -> dict[str, Any]:
    """Read the words "key=value" of a command line as recipe values."""
    from yeoul.recipefile import parse_value

    values = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError("{came!r} is not KEY=VALUE", "write it as in epochs=3", values={"came": word})
        values[key] = parse_value(value)
    return values
