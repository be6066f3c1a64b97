"""`yeoul data check --cleaned` and `yeoul data correct`: files that are better than those that were read."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.cards import split_name
from yeoul.cli.figures import count
from yeoul.cli.options import EncodingOption, InputOption, JsonOption
from yeoul.cli.output import tell, tell_json
from yeoul.errors import UsageError
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.data.cleaning import Cleaned
    from yeoul.recipe import DataRecipe


def write_cleaned(recipe: "DataRecipe", test: str, together: str, folder: Path, as_json: bool) -> None:
    """Write the rows of each split without those that are known beforehand, and say what was left out and why."""
    from yeoul.data.cleaning import clean

    refuse_no_folder(folder)
    cleaned = clean(recipe, test, together)
    cleaned.write(folder)
    if as_json:
        counts = {"folder": str(folder), "rows": cleaned.sizes, "left_out": cleaned.counts}
        tell_json({"cleaned": counts})
        return
    sizes = " · ".join(f"{split_name(split)} {count(size)}" for split, size in cleaned.sizes.items())
    tell(say("{sizes}; written to {path}", {"sizes": sizes, "path": folder}))
    for line in _reasons(cleaned, together):
        tell(line)
    command = shlex.join(["yeoul", "train", str(folder / "train.csv")])
    tell(
        say(
            "to go on: {command}, then yeoul evaluate RUN {test}",
            {"command": command, "test": shlex.quote(str(folder / "test.csv"))},
        )
    )


def _reasons(cleaned: "Cleaned", together: str) -> list[str]:
    from yeoul.data.cleaning import LIST

    lines = []
    for split, counts in cleaned.counts.items():
        values = {rule: count(rows) for rule, rows in counts.items()} | {
            "split": split_name(split),
            "all": count(sum(counts.values())),
            "file": LIST,
            "column": together,
        }
        if together:
            lines.append(
                say(
                    "left out of {split}: {all} rows, {copied} with a text of rows held out, {near} nearly so,"
                    " {together} with the same {column}; listed in {file}",
                    values,
                )
            )
        else:
            lines.append(
                say(
                    "left out of {split}: {all} rows, {copied} with a text of rows held out, {near} nearly so;"
                    " listed in {file}",
                    values,
                )
            )
    return lines


def correct(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help=say("The file whose labels are doubtful."), show_default=False),
    ],
    doubts: Annotated[
        Path,
        typer.Argument(
            metavar="DOUBTS",
            help=say("The list of `yeoul data check --doubts`, with labels in its column corrected."),
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE", help=say("Where the corrected rows go."), show_default=False),
    ],
    inputs: InputOption = None,
    target: Annotated[
        str, typer.Option("--target", metavar="COL", help=say("Column of the labels."), show_default=False)
    ] = "",
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    from yeoul.data.corrections import correct as corrected
    from yeoul.recipe import DataRecipe

    refuse_no_folder(out)
    recipe = DataRecipe(source=file, inputs=tuple(inputs or ()), target=target, encoding=encoding)
    found = corrected(recipe, doubts)
    found.write(out)
    if as_json:
        told = {"file": str(out), "rows": found.table.rows, "changed": found.changed}
        tell_json(
            {**told, "confirmed": found.confirmed, "unfilled": found.unfilled, "elsewhere": found.elsewhere}
        )
        return
    values = {"changed": count(found.changed), "rows": count(found.table.rows), "path": out}
    tell(say("{changed} of {rows} labels set right; written to {path}", values))
    left = {
        "confirmed": count(found.confirmed),
        "unfilled": count(found.unfilled),
        "elsewhere": count(found.elsewhere),
    }
    tell(
        say(
            "of the list, {confirmed} rows keep their label, {unfilled} are not filled in,"
            " {elsewhere} are of other files",
            left,
        )
    )


def refuse_no_folder(path: Path) -> None:
    """Raise `UsageError` where the folder that a file is to be written to is not there."""
    if not path.absolute().parent.is_dir():
        raise UsageError("there is no such folder", "make it first", where=str(path.absolute().parent))
