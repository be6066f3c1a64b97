"""The table of commands. Import it after the language is chosen: help texts are said on import."""

from typing import Annotated

import typer

from yeoul.cli import (
    backtest,
    chat,
    corrections,
    data,
    demo,
    doctor,
    evaluate,
    explain,
    forecast,
    generate,
    predict,
    recipes,
    report,
    runs,
    serve,
    studio,
    train,
    vector_training,
    vectors,
    verify,
)
from yeoul.cli.output import tell
from yeoul.language import say

_SETTINGS = {"help_option_names": ["-h", "--help"]}


def _app() -> typer.Typer:
    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings=_SETTINGS,
    )


def _version(wanted: bool) -> None:
    if wanted:
        from yeoul import __version__

        tell(f"yeoul {__version__}")
        raise typer.Exit


app = _app()


@app.callback(help=say("Train, check and explain sequence models on the machine at hand."))
def _globals(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=say("Print the version."))
    ] = False,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang", metavar="en|ko", help=say("Language of messages; stands anywhere in the line.")
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help=say("Show tracebacks; stands anywhere in the line."))
    ] = False,
) -> None:
    """Hold the options of every command; `main` has taken --lang and --debug out of the line already."""


app.command("demo", help=say("Train on data that comes with Yeoul, in a minute."))(demo.demo)
app.command("recipes", help=say("List the recipes, or show one."))(recipes.recipes)
app.command("train", help=say("Train on a recipe or a file of labeled texts."))(train.train)
app.command("evaluate", help=say("Score a run, on its test rows or on a new file."))(evaluate.evaluate)
app.command("predict", help=say("Label or answer texts, a file, a pipe, or what you type."))(predict.predict)
app.command("explain", help=say("Say why a model answers so, and whether that can be trusted."))(
    explain.explain
)
app.command("verify", help=say("Measure on a run's model what must never change an answer."))(verify.verify)
app.command("chat", help=say("Talk with a model that answers a text with a text."))(chat.chat)
app.command("generate", help=say("Let a model go on with a text, as it comes."))(generate.generate)
app.command("forecast", help=say("Say how measurements go on, with intervals."))(forecast.forecast)
app.command("serve", help=say("Let runs answer over HTTP."))(serve.serve)
app.command("studio", help=say("Open the local page: train, watch, try, compare."))(studio.studio)
app.command("backtest", help=say("Test a forecast on several stretches of time."))(backtest.backtest)

_runs = _app()
_runs.callback(invoke_without_command=True, help=say("List runs; show, compare or remove them."))(
    runs.list_or_command
)
_runs.command("show", help=say("Show one run: verdict, scores, facts."))(runs.show)
_runs.command("compare", help=say("Set runs side by side."))(runs.compare)
_runs.command("rm", help=say("Remove a run's folder."))(runs.remove)
app.add_typer(_runs, name="runs")

app.command("report", help=say("Write a run's report anew and print its path."))(report.report)

_data = _app()
_data.callback(invoke_without_command=True, help=say("Public sets by name; what a file of yours is like."))(
    data.list_or_command
)
_data.command("list", help=say("List the public sets."))(data.list_sets)
_data.command("get", help=say("Fetch a public set into the cache."))(data.get_set)
_data.command("check", help=say("Tell what a file holds, and what is odd in it."))(data.check_file)
_data.command("correct", help=say("Take corrected labels over into a file."))(corrections.correct)
app.add_typer(_data, name="data")

_vectors = _app()
_vectors.callback(help=say("Word vectors: train them, ask them, draw them."))(lambda: None)
_vectors.command("train", help=say("Train vectors of words on texts."))(vector_training.train)
_vectors.command("neighbors", help=say("Show the words nearest to a word."))(vectors.neighbors)
_vectors.command("analogy", help=say("A is to B as C is to which word?"))(vectors.analogy)
_vectors.command("evaluate", help=say("Test vectors with pairs that people compared, and analogies."))(
    vectors.evaluate
)
_vectors.command("coverage", help=say("Tell how many words of texts have a vector."))(vectors.coverage)
_vectors.command("map", help=say("Draw words on a plane: a page and a picture."))(vectors.draw)
_vectors.command("documents", help=say("Train vectors of whole texts; find texts like another."))(
    vector_training.documents
)
app.add_typer(_vectors, name="vectors")

app.command("doctor", help=say("Show versions, device, kernels, fonts and folders."))(doctor.doctor)
