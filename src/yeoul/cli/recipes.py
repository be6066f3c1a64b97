"""`yeoul recipes`: list the recipes that come with Yeoul, or show one."""

import tomllib
from typing import Annotated

import typer

from yeoul.cli.options import JsonOption
from yeoul.cli.output import table, tell, tell_json


def recipes(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    from yeoul.recipefile import recipe_names, recipe_text

    if name is not None:
        text = recipe_text(name)
        if as_json:
            tell_json({"name": name, "recipe": tomllib.loads(text)})
        else:
            for line in text.splitlines():
                tell(line)
        return
    listed = [(each, _first_comment(recipe_text(each))) for each in recipe_names()]
    if as_json:
        tell_json([{"name": each, "title": title} for each, title in listed])
        return
    for line in table(listed) if listed else []:
        tell(line)


def _first_comment(text: str) -> str:
    first = text.partition("\n")[0]
    return first.removeprefix("#").strip() if first.startswith("#") else ""
