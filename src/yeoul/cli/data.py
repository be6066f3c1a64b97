"""`yeoul data`: the public sets, and what a file of yours is like."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from yeoul.cli.options import EncodingOption, InputOption, JsonOption
from yeoul.cli.output import one_line, table, tell, tell_json
from yeoul.errors import DataError, UsageError, nearest
from yeoul.language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from yeoul.data.catalog import CatalogEntry, CatalogFile
    from yeoul.recipe import DataRecipe


def list_or_command(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        list_sets()


def list_sets(as_json: JsonOption = False) -> None:
    from yeoul.data.catalog import CATALOG
    from yeoul.data.embedded import EMBEDDED

    place_of_all = say("built in")
    if as_json:
        built_in = [
            {
                "name": e.name,
                "task": e.task,
                "licence": e.licence,
                "title": e.title,
                "place": place_of_all,
            }
            for e in EMBEDDED.values()
        ]
        tell_json([*built_in, *(described(entry) for entry in CATALOG.values())])
        return
    rows = [(e.name, e.task, place_of_all, e.licence, e.title) for e in EMBEDDED.values()]
    rows += [
        (e.name, e.task, one_line(place(e), 40), one_line(e.licence, 32), e.title) for e in CATALOG.values()
    ]
    for line in table([(say("name"), say("task"), say("place"), say("license"), say("content")), *rows]):
        tell(line)


def described(entry: "CatalogEntry") -> dict[str, object]:
    """Return all that the catalog knows of a set; a checksum or size is null where nobody measured it."""
    return {
        "name": entry.name,
        "task": entry.task,
        "place": place(entry),
        "licence": entry.licence,
        "title": entry.title,
        "home": entry.home,
        "note": entry.note,
        "forms": [
            {
                "splits": dict(form.splits),
                "files": [
                    {
                        "name": file.name,
                        "url": file.url or None,
                        "sha256": file.sha256 or None,
                        "bytes": file.bytes or None,
                    }
                    for file in form.downloads
                ],
            }
            for form in entry.forms
        ],
    }


def place(entry: "CatalogEntry") -> str:
    """Say where a public set is: on this machine, to be fetched, or nowhere that Yeoul can reach."""
    from yeoul.data.catalog import find

    try:
        return str(find(entry).folder)
    except DataError:
        return say("to fetch") if entry.offered else say("by hand")


def get_set(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=say("A set of `yeoul data list`."), show_default=False)
    ],
    as_json: JsonOption = False,
) -> None:
    from yeoul.data.catalog import CATALOG, get
    from yeoul.data.embedded import EMBEDDED

    if name in EMBEDDED:
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
    downloads = () if entry.offered is None else entry.offered.downloads
    if not as_json:
        _announce(entry, downloads)
    paths = [str(path) for path in get(entry)]
    if as_json:
        unknown = [file.name for file in downloads if not file.sha256]
        tell_json({"name": name, "files": paths, "checksum_unknown": unknown})
        return
    for path in paths:
        tell(path)


def _announce(entry: "CatalogEntry", downloads: "Sequence[CatalogFile]") -> None:
    values = {"title": entry.title, "licence": entry.licence}
    if downloads and all(file.bytes for file in downloads):
        megabytes = sum(file.bytes for file in downloads) / 1e6
        tell(say("{title} ({licence}, {size} MB)", {**values, "size": f"{megabytes:.1f}"}))
    else:
        tell(say("{title} ({licence}, of unknown size)", values))
    for file in downloads:
        if not file.sha256:
            tell(say("{file}: checksum unknown: not measured", {"file": file.name}))


def check_file(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help=say("A file, a folder or a public set; - for a pipe."), show_default=False
        ),
    ],
    inputs: InputOption = None,
    target: Annotated[
        str, typer.Option("--target", metavar="COL", help=say("Column of the labels."), show_default=False)
    ] = "",
    encoding: EncodingOption = "auto",
    separator: Annotated[
        str,
        typer.Option(
            "--separator",
            metavar="MARK",
            help=say("What parts the columns: one character, or tab."),
            show_default=False,
        ),
    ] = "auto",
    columns: Annotated[
        str,
        typer.Option(
            "--columns",
            metavar="A,B",
            help=say("Names of the columns of a file without a header: label,text or label,t1..t96."),
            show_default=False,
        ),
    ] = "",
    test: Annotated[
        str,
        typer.Option(
            "--test",
            metavar="FILE",
            help=say("Rows to be scored later; shared texts are counted."),
            show_default=False,
        ),
    ] = "",
    task: Annotated[
        str | None,
        typer.Option(
            "--task",
            metavar="NAME",
            help=say("classify, tag, compare, caption, forecast, generate or transduce."),
        ),
    ] = None,
    start: Annotated[
        str,
        typer.Option("--start", metavar="TIME", help=say("Time of the first row, where no column tells it.")),
    ] = "",
    every: Annotated[
        str, typer.Option("--every", metavar="SPAN", help=say("From one row to the next: 10min, 1h, 1d."))
    ] = "",
    leaks: Annotated[
        Path | None,
        typer.Option(
            "--leaks",
            metavar="FILE",
            help=say("Write the test rows that repeat a training row, or nearly do."),
            show_default=False,
        ),
    ] = None,
    doubts: Annotated[
        Path | None,
        typer.Option(
            "--doubts",
            metavar="FILE",
            help=say("Write the rows whose label is doubtful, to look at first."),
            show_default=False,
        ),
    ] = None,
    cleaned: Annotated[
        Path | None,
        typer.Option(
            "--cleaned",
            metavar="FOLDER",
            help=say("Write train and test files without the training rows that test rows repeat."),
            show_default=False,
        ),
    ] = None,
    together: Annotated[
        str,
        typer.Option(
            "--together",
            metavar="COL",
            help=say("Rows with the same author, source or the like belong on one side of a split."),
            show_default=False,
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    from yeoul.recipe import DataRecipe, Task

    if task is not None and task not in get_args(Task):
        expected = ", ".join(get_args(Task))
        raise UsageError(
            "{came} is not possible here",
            "use {expected}",
            where="--task",
            values={"came": task, "expected": expected},
        )
    recipe = DataRecipe(
        source=file,
        inputs=tuple(inputs or ()),
        target=target,
        encoding=encoding,
        separator=separator,
        columns=tuple(name.strip() for name in columns.split(",") if name.strip()),
    )
    if cleaned is not None:
        from yeoul.cli.corrections import write_cleaned

        if leaks is not None or doubts is not None:
            raise UsageError("--cleaned writes a list of its own", "give it alone", where="--cleaned")
        write_cleaned(recipe, test, together, cleaned, as_json)
        return
    if leaks is not None or doubts is not None:
        from yeoul.cli.suspects import write_suspects

        write_suspects(recipe, test, leaks, doubts, as_json)
        return
    for name, shows in _OTHER_FORMS.items():
        if task in (None, name) and not test and shows(recipe, task == name, as_json):
            return
    if task not in ("classify", "generate") and not test:
        asked = task == "forecast" or bool(start or every)
        if _check_measurements(recipe, target, start, every, asked, as_json):
            return
    from yeoul.data.checkup import check_up

    checkup = check_up(recipe, test, together)
    if as_json:
        tell_json(checkup.to_json())
        return
    from yeoul.cli.checkup import show_checkup

    show_checkup(checkup)


def _check_pairs(recipe: "DataRecipe", asked: bool, as_json: bool) -> bool:
    """Show what pairs hold; return whether they are `asked` for, or the source is a set of pairs."""
    from yeoul.data.pairs.checkup import check_pairs, known_pairs

    if not asked and not known_pairs(recipe):
        return False
    card = check_pairs(recipe)
    if as_json:
        tell_json(card.to_json())
        return True
    from yeoul.cli.pair_cards import show_pairs
    from yeoul.report.pair_records import PairsCard

    show_pairs(PairsCard.model_validate(card.to_json()), recipe.columns)
    return True


def _check_likeness(recipe: "DataRecipe", asked: bool, as_json: bool) -> bool:
    """Show what pairs to compare hold; return whether they are `asked` for, or the source is a set of such."""
    from yeoul.data.comparisons.checkup import check_comparisons, known_comparisons

    if not asked and not known_comparisons(recipe):
        return False
    card = check_comparisons(recipe)
    if as_json:
        tell_json(card.to_json())
        return True
    from yeoul.cli.likeness_cards import show_likeness
    from yeoul.report.likeness_records import LikenessCard

    show_likeness(LikenessCard.model_validate(card.to_json()), recipe.columns)
    return True


def _check_tags(recipe: "DataRecipe", asked: bool, as_json: bool) -> bool:
    """Show what tagged sentences hold; return whether they are `asked` for, or the source holds such."""
    from yeoul.data.tags.checkup import check_tagged, known_tagged, looks_tagged

    named = bool(recipe.inputs or recipe.columns)
    if not asked and not known_tagged(recipe.source) and (named or not looks_tagged(recipe.source)):
        return False
    card = check_tagged(recipe)
    if as_json:
        tell_json(card.to_json())
        return True
    from yeoul.cli.tag_cards import show_tags
    from yeoul.report.tag_records import TagsCard

    show_tags(TagsCard.model_validate(card.to_json()))
    return True


def _check_text(recipe: "DataRecipe", asked: bool, as_json: bool) -> bool:
    """Show what a text holds; return whether it is one, or `asked` to be taken for one."""
    from yeoul.data.corpora.checkup import check_text, looks_like_prose
    from yeoul.data.corpora.sources import known_text

    if not asked and not known_text(recipe):
        named = bool(recipe.inputs or recipe.target)
        if named or recipe.source == "-" or is_public(recipe.source) or not looks_like_prose(recipe):
            return False
    found = check_text(recipe)
    if as_json:
        tell_json(found.to_json())
        return True
    from yeoul.cli.text_cards import show_text

    show_text(found)
    return True


def _check_captions(recipe: "DataRecipe", asked: bool, as_json: bool) -> bool:
    """Show what pictures with captions hold; return whether they are `asked` for, or the source holds such."""
    from yeoul.data.pictures.checkup import check_captions, known_captions, looks_captioned

    if not asked and not known_captions(recipe) and not looks_captioned(recipe):
        return False
    card = check_captions(recipe)
    if as_json:
        tell_json(card.to_json())
        return True
    from yeoul.cli.caption_cards import show_captions
    from yeoul.report.caption_records import CaptionsCard

    show_captions(CaptionsCard.model_validate(card.to_json()), recipe.columns)
    return True


_OTHER_FORMS: "Mapping[str, Callable[[DataRecipe, bool, bool], bool]]" = {
    "caption": _check_captions,
    "compare": _check_likeness,
    "transduce": _check_pairs,
    "tag": _check_tags,
    "generate": _check_text,
}
"""What shows the data of a task, where it is of that form or asked for."""


def is_public(source: str) -> bool:
    """Whether a source is a public set, or one that is built in."""
    from yeoul.data.catalog import CATALOG
    from yeoul.data.embedded import EMBEDDED

    return source in CATALOG or source in EMBEDDED


def _check_measurements(
    recipe: "DataRecipe", target: str, start: str, every: str, asked: bool, as_json: bool
) -> bool:
    """Show what a table of measurements holds; return whether it is one."""
    from yeoul.data.measured.checkup import check_measurements
    from yeoul.recipe import ForecastRecipe

    targets = (target,) if target else ()
    forecast = ForecastRecipe(targets=targets, start=start, every=every)
    found = check_measurements(recipe.model_copy(update={"target": ""}), forecast, asked)
    if found is None:
        return False
    if as_json:
        tell_json(found.to_json())
        return True
    from yeoul.cli.measurement_cards import show_measurements

    show_measurements(found)
    return True
