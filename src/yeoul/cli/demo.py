"""`yeoul demo`: train on data that comes with Yeoul, and try the model on what it has not seen."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from yeoul.cli.jobs import Training
from yeoul.cli.options import RUNS, JsonOption, OutOption
from yeoul.cli.output import tell
from yeoul.cli.progress import perform, show_end
from yeoul.errors import UsageError, nearest
from yeoul.language import say

_PREFIX = "demo-"
NEW_NAMES = {
    "languages": (
        ("Uudenmaan maakunta", "Finnish"),
        ("Puolustusministeriö", "Finnish"),
        ("Województwo mazowieckie", "Polish"),
        ("Székesfehérvári járás", "Hungarian"),
        ("Ministère de l'Éducation nationale", "French"),
        ("Bundesministerium der Finanzen", "German"),
        ("Universidad Autónoma de Madrid", "Spanish"),
        ("Repubblica Ligure", "Italian"),
    )
}
"""Names that are in no training data, with the language of each, by demo."""


PROMPTS = {
    "generate": (
        "어제 동생은 ",
        "어제 할머니께서는 ",
        "내일 형이 ",
        "내일 선생님께서 ",
        "날마다 어머니께서 ",
    ),
}
"""Beginnings that the model goes on with, by demo."""


def demo(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help=say("Which demo."), show_default=False)
    ] = "languages",
    out: OutOption = RUNS,
    as_json: JsonOption = False,
) -> None:
    from yeoul.recipefile import recipe_names

    names = [each.removeprefix(_PREFIX) for each in recipe_names() if each.startswith(_PREFIX)]
    if name not in names:
        guess = nearest(name, names)
        raise UsageError(
            "there is no demo of this name",
            "did you mean {guess}?" if guess else "there are: {names}",
            where=name,
            values={"guess": guess, "names": ", ".join(names)},
        )
    if not as_json:
        tell(_about(name))
    finished = perform(Training(_PREFIX + name, {}, out, None, "auto"), as_json=as_json)
    tried = _TRIED.get(name, answers_for_new_names)
    show_end(finished, [] if as_json else tried(finished.path, name), as_json=as_json)


def _about(name: str) -> str:
    """Say what a demo is about."""
    if name == "generate":
        return say(
            "can letters alone teach that a verb agrees with the time and the person? sentences made up"
        )
    if name == "caption":
        return say("what is on the picture? drawn scenes, joined in the test as no training scene is")
    return say("which language is this name written in? 13 languages, names of the Unicode CLDR")


def continued_prompts(run: Path, demo_name: str) -> list[str]:
    """Show how the fresh model goes on with beginnings, as lines."""
    from yeoul.api import load
    from yeoul.tasks.generation.manner import Manner

    writer = load(run)
    told = [writer.generate(prompt, Manner(temperature=0.7), seed=1).text for prompt in PROMPTS[demo_name]]
    return [say("how it goes on:"), *(f"  {text.strip()}" for text in told)]


def described_scenes(run: Path, demo_name: str) -> list[str]:
    """Show what the fresh model said of scenes of the test, as lines."""
    from yeoul.cli.verdict import sample_captions

    shown = sample_captions(run / "evaluation" / "test" / "predictions.csv", number=6)
    return [say("scenes of a kind that it has never seen; the report shows where it looked:"), *shown]


def answers_for_new_names(run: Path, demo_name: str) -> list[str]:
    """Show what the fresh model says about names that are in no training data, as lines."""
    from yeoul.api import load
    from yeoul.cli.verdict import answer_table

    rows = NEW_NAMES[demo_name]
    answers = load(run).predict([text for text, _ in rows])
    shown = [(*row, answer.shown, answer.confidence) for row, answer in zip(rows, answers, strict=True)]
    return [say("names that it has never seen:"), *answer_table(shown)]


_TRIED: Mapping[str, Callable[[Path, str], list[str]]] = {
    "caption": described_scenes,
    "generate": continued_prompts,
    "languages": answers_for_new_names,
}
"""What a fresh model is tried on, by demo."""
