"""Recipes as a form and as TOML, each following the other; and the command that says the same."""

import copy
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from yeoul.api import recipe_for, training_command
from yeoul.errors import RecipeError, UsageError, YeoulError
from yeoul.recipe.experiment import models_of
from yeoul.recipe.on_files import ON_A_FILE
from yeoul.recipefile import ResolvedRecipe, read_recipe, recipe_names, recipe_text, resolve
from yeoul.runs.folder import slug
from yeoul.serve.refusals import RefusedError
from yeoul.studio.asked import Draft, Edit, Resolve

_FORECAST = ("targets", "time", "horizon", "start", "every")


@cache
def listed() -> list[dict[str, str]]:
    """Return the recipes that come with Yeoul: name, task, and the first line about each."""
    return [told(name) for name in recipe_names()]


def told(name: str) -> dict[str, str]:
    """Return what a recipe is called and is for; raise `RefusedError` where there is none of the name."""
    if name not in recipe_names():
        raise RefusedError(
            404, UsageError("there is no such recipe", "the list of recipes tells which there are")
        )
    text = recipe_text(name)
    first = text.partition("\n")[0]
    title = first.removeprefix("#").strip() if first.startswith("#") else ""
    return {"name": name, "task": str(tomllib.loads(text).get("task", "classify")), "title": title}


def resolved(asked: Resolve) -> dict[str, Any]:
    """Return every value of a recipe with where it came from, and the command that repeats it.

    Raises `RecipeError` with line and key, and `UsageError` where not one of TOML and name is given.
    """
    if (asked.toml is None) == (asked.recipe is None):
        raise UsageError("one of toml and recipe is given", "leave out the other", where="toml")
    if asked.recipe is not None:
        told(asked.recipe)
        found = read_recipe(asked.recipe, dict(asked.values))
        command: str | None = training_command(asked.recipe, asked.values, {})
    else:
        found = resolve(asked.toml or "", asked.name, dict(asked.values))
        command = command_of(found)
    values = dict(_leaves(found.recipe.model_dump(mode="json", exclude_none=True), ""))
    return {
        "name": found.name,
        "task": found.recipe.task,
        "values": {
            key: {"value": value, "origin": found.origins.get(key, "default")}
            for key, value in values.items()
        },
        "resolved_toml": found.to_toml(),
        "command": command,
    }


def training_words(found: ResolvedRecipe) -> list[str] | None:
    """Return what follows `yeoul train` where its words say a recipe and name its runs so; None where they do not."""
    command = command_of(found)
    words = [] if command is None else shlex.split(command)[2:]
    return words if words and slug(recipe_for(words[0], {}).name) == slug(found.name) else None


def command_of(found: ResolvedRecipe) -> str | None:
    """Return the command line that trains by a recipe; None where only a file can say it."""
    source = found.recipe.data.source
    if not source:
        return None
    given = dict(_leaves(tomllib.loads(found.text), ""))
    given |= {key: given.get(key, value) for key, value in _commanded(found).items()}
    given.pop("data.source", None)
    if found.recipe.task == "classify":
        given.pop("task", None)
    usual = dict(_leaves(tomllib.loads(ON_A_FILE.get(found.recipe.task, "")), ""))
    changed = {key: value for key, value in given.items() if key == "task" or usual.get(key) != value}
    for words in (changed, given):
        try:
            if recipe_for(source, dict(words)).recipe == found.recipe:
                return training_command(source, words, {})
        except YeoulError:
            continue  # these words do not say it
    return None


def _commanded(found: ResolvedRecipe) -> dict[str, Any]:
    """Return the values that did not stand in the text."""
    values = dict(_leaves(found.recipe.model_dump(mode="json", exclude_none=True), ""))
    return {
        key: values[key] for key, origin in found.origins.items() if origin == "command" and key in values
    }


def edited(asked: Edit) -> str:
    """Return TOML with some values set and others taken out; comments and order stay.

    Raises `RecipeError` for what is no TOML, and where a value stands in the place of a table.
    """
    try:
        document = tomlkit.parse(asked.toml)
    except TOMLKitError as error:
        raise RecipeError(
            "this is not TOML: {error}", "mend the line", where="draft.toml", values={"error": error}
        ) from error
    for key in asked.unset:
        _take_out(document, key.split("."))
    for key, value in asked.set.items():
        if value is None:
            _take_out(document, key.split("."))
            continue
        *above, last = key.split(".")
        table: Any = document
        for name in above:
            if name not in table:
                table.add(name, tomlkit.table())
            table = table[name]
            if not isinstance(table, dict):
                raise RecipeError("this is a value, not a table", "remove it first", where=key)
        table[last] = value
    return tomlkit.dumps(document)


def drafted(asked: Draft, source: str, advice: str | None) -> ResolvedRecipe:
    """Return a recipe to begin with for a file: the advice of the data doctor, else the usual one of its task.

    Raises `RecipeError` for values that do not go together.
    """
    if not models_of(asked.task):
        raise UsageError("there is no such task", "/v1/studio tells which there are", where="task")
    text = advice or ON_A_FILE.get(asked.task, f'task = "{asked.task}"\n')
    given: dict[str, Any] = {"data.source": source}
    if asked.encoding != "auto":
        given["data.encoding"] = asked.encoding
    if asked.inputs:
        given["data.inputs"] = list(asked.inputs)
    if asked.task == "forecast":
        said = asked.model_dump(include=set(_FORECAST))
        said["targets"] = said["targets"] or ([asked.target] if asked.target else [])
        given |= {f"forecast.{name}": value for name, value in said.items() if value}
    elif asked.target:
        given["data.target"] = asked.target
    written = edited(Edit(toml=text, set=given))
    return resolve(written, "draft", {})


def _take_out(document: Any, path: list[str]) -> None:
    """Take a key out, and the tables that are empty without it."""
    *above, last = path
    tables = [document]
    for name in above:
        below = tables[-1].get(name)
        if not isinstance(below, dict):
            return
        tables.append(below)
    if last in tables[-1]:
        del tables[-1][last]
    for place in reversed(range(1, len(tables))):
        if not tables[place] and isinstance(tables[place], Table):
            del tables[place - 1][above[place - 1]]


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, copy.copy(value)
