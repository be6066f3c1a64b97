"""`yeoul data`: the public sets, and what a file of yours is like."""

from typing import TYPE_CHECKING, Annotated

import typer

from yeoul.cli.options import EncodingOption, InputOption, JsonOption
from yeoul.cli.output import one_line, table, tell, tell_json
from yeoul.errors import DataError, UsageError, nearest
from yeoul.language import say

if TYPE_CHECKING:
    from yeoul.data.catalog import CatalogEntry


def list_or_command(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        list_sets()


def list_sets(as_json: JsonOption = False) -> None:
    from yeoul.data.catalog import CATALOG
    from yeoul.data.embedded import CLDR_LANGUAGES, LICENCE, TITLE

    entries = [(CLDR_LANGUAGES, say("built in"), LICENCE, TITLE)]
    entries += [(name, place(entry), entry.licence, entry.title) for name, entry in CATALOG.items()]
    if as_json:
        keys = ("name", "place", "licence", "title")
        tell_json([dict(zip(keys, entry, strict=True)) for entry in entries])
        return
    for line in table([(say("name"), say("place"), say("license"), say("content")), *entries]):
        tell(line)


def place(entry: "CatalogEntry") -> str:
    """Say where a public set is: on this machine, or to be fetched."""
    from yeoul.data.catalog import find

    try:
        files = find(entry)
    except DataError:
        return say("to fetch")
    return str(next(iter(files.values())).parent)


def get_set(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=say("A set of `yeoul data list`."), show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    from yeoul.data.catalog import CATALOG, get
    from yeoul.data.embedded import CLDR_LANGUAGES

    if name == CLDR_LANGUAGES:
        tell(say("{name} is built in: there is nothing to fetch", {"name": name}))
        return
    if name not in CATALOG:
        guess = nearest(name, CATALOG)
        raise UsageError(
            "there is no public set of this name",
            "did you mean {guess}?" if guess else "`yeoul data list` lists them",
            where=name,
            values={"guess": guess},
        )
    entry = CATALOG[name]
    if not as_json:
        megabytes = sum(file.bytes for file in entry.files.values()) / 1e6
        tell(
            say(
                "{title} ({licence}, {size} MB)",
                {"title": entry.title, "licence": entry.licence, "size": f"{megabytes:.1f}"},
            )
        )
    paths = [str(path) for path in get(entry)]
    if as_json:
        tell_json({"name": name, "files": paths})
        return
    for path in paths:
        tell(path)


def check_file(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help=say("A CSV or TSV file, or a public set."), show_default=False),
    ],
    inputs: InputOption = None,
    target: Annotated[
        str, typer.Option("--target", metavar="COL", help=say("Column of the labels."), show_default=False)
    ] = "",
    encoding: EncodingOption = "auto",
    as_json: JsonOption = False,
) -> None:
    from yeoul.data.datasets import load_dataset
    from yeoul.recipe import DataRecipe
    from yeoul.report.records import DataCard

    recipe = DataRecipe(source=file, inputs=tuple(inputs or ()), target=target, encoding=encoding)
    plain = load_dataset(recipe, 42).card.to_json()
    if as_json:
        tell_json(plain)
        return
    from yeoul.cli.cards import card_rows

    card = DataCard.model_validate(plain)
    for line in table(card_rows(card)):
        tell(line)
    tell()
    for sample in card.samples:
        tell(f"{sample.where}  {one_line(sample.target, 20)}  {one_line(sample.text, 60)}")
