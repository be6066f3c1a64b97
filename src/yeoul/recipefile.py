"""Read and write recipes as TOML, with every value's origin and errors that name key and line.

A recipe is put together in layers: the defaults, the file, then the words of the command or call. Overrides
may use a key's full name (`training.epochs`) or its last part where that is unique (`epochs`).
"""

import re
import tomllib
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import tomlkit
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from yeoul.errors import RecipeError, nearest
from yeoul.recipe import ModelRecipe, Recipe
from yeoul.recipe.experiment import models_of, tables_of_others
from yeoul.recipe.nodes import UnfitError
from yeoul.recipe.on_files import ON_A_FILE

Values = dict[str, Any]


@dataclass(frozen=True)
class ResolvedRecipe:
    """A recipe with where each of its values came from (dotted key → origin; unlisted keys are defaults)."""

    name: str
    text: str
    recipe: Recipe
    origins: Mapping[str, str]

    def with_values(self, values: Mapping[str, Any], origin: str) -> "ResolvedRecipe":
        """Return the recipe with some dotted keys set, for instance by a guess or a calibration."""
        tree = self.recipe.model_dump(exclude_none=True)
        for key, value in values.items():
            _set(tree, key, value)
        return replace(
            self,
            recipe=_validated(tree, self.name, "", self.origins),
            origins={**self.origins, **dict.fromkeys(values, origin)},
        )

    def to_toml(self) -> str:
        """Write every value out, its origin behind it."""
        document = tomlkit.document()
        _fill(document, self.recipe.model_dump(exclude_none=True), "", self.origins)
        return tomlkit.dumps(document)


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with Yeoul."""
    folder = resources.files("yeoul").joinpath("recipes")
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def recipe_text(name: str) -> str:
    """Return the TOML of a recipe that comes with Yeoul, or of a recipe file."""
    if name in recipe_names():
        return resources.files("yeoul").joinpath(f"recipes/{name}.toml").read_text("utf-8")
    path = Path(name)
    if path.suffix != ".toml":
        raise RecipeError(
            "there is no recipe of this name",
            "did you mean {guess}? `yeoul recipes` lists them" if nearest(name, recipe_names()) else _LIST,
            where=name,
            values={"guess": nearest(name, recipe_names())},
        )
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise RecipeError("there is no such file", _LIST, where=name) from None
    except (UnicodeDecodeError, OSError) as error:
        raise RecipeError(
            "the recipe cannot be read: {error}", where=name, values={"error": error}
        ) from error


_LIST = "`yeoul recipes` lists the recipes"


def read_recipe(name: str, overrides: Mapping[str, Any]) -> ResolvedRecipe:
    """Read a recipe by name or path and apply `overrides`; raise `RecipeError` with key and line."""
    return resolve(recipe_text(name), Path(name).stem if name.endswith(".toml") else name, overrides)


def resolve(text: str, name: str, overrides: Mapping[str, Any]) -> ResolvedRecipe:
    """Turn TOML and overrides into a recipe."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(
            "this is not TOML: {error}", "mend the line", where=f"{name}.toml", values={"error": error}
        ) from error
    origins = {key: "recipe" for key, _ in leaves(tree)}
    task = str(overrides.get("task", tree.get("task", "classify")))
    for given, value in overrides.items():
        key = full_key(given, task)
        _set(tree, key, value)
        origins[key] = "command"
    return ResolvedRecipe(name, text, _validated(tree, name, text, origins), origins)


def parse_value(text: str) -> Any:
    """Read a value as TOML reads it; what is not TOML is a plain string.

    >>> parse_value("3"), parse_value("true"), parse_value("gru"), parse_value("[2, 3]")
    (3, True, 'gru', [2, 3])
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def recipe_for(data_or_recipe: str, overrides: dict[str, Any]) -> ResolvedRecipe:
    """Return the recipe of a name or a .toml file; anything else is data for the default recipe of its task."""
    if data_or_recipe in recipe_names() or data_or_recipe.endswith(".toml"):
        return read_recipe(data_or_recipe, overrides)
    name = "stdin" if data_or_recipe == "-" else source_name(data_or_recipe)
    task = str(overrides.get("task", "classify"))
    overrides = {full_key(key, task): value for key, value in overrides.items()}
    text = ON_A_FILE.get(task, ON_A_FILE["classify"])
    if task != "classify" and {"model.kind", "model.strategy", "model.output"} & overrides.keys():
        text = f'task = "{task}"\n'  # what suits the default model may not suit another
    return resolve(text, name, {"data.source": data_or_recipe, **overrides})


def source_name(source: str) -> str:
    """Name data after its file or folder; where * stands for anything, after what is left of the name, or the folder.

    >>> source_name("texts/one.txt"), source_name("texts/2024-*.txt"), source_name("texts/*.txt")
    ('one', '2024', 'texts')
    """
    path = Path(source)
    if "*" not in source:
        return path.stem or source
    left = [
        part.replace("*", "").strip("-_. ") for part in (path.stem, *(each.name for each in path.parents))
    ]
    return next(filter(None, left), source)


def full_key(key: str, task: str) -> str:
    """Return the full name of a key given in full or by its last part.

    That names one of the task's own tables first, and a table before what lies deeper in others.
    """
    known = known_keys()
    if key in known:
        return key
    found = [name for name in known if name.rpartition(".")[2] == key]
    found = [name for name in found if name in _keys_of(task)] or found
    found = _outermost(found)
    if len(found) == 1:
        return found[0]
    if found:
        raise RecipeError(
            "this key is not unique", "say which: {keys}", where=key, values={"keys": ", ".join(found)}
        )
    guess = nearest(key, known) or nearest(key, [name.rpartition(".")[2] for name in known])
    raise _unknown(key, guess, known)


@cache
def known_keys() -> tuple[str, ...]:
    """Return the dotted name of every value that some recipe may hold."""
    return tuple(dict.fromkeys(_names(Recipe, "")))


def _outermost(found: Sequence[str]) -> list[str]:
    """Leave out keys that lie deeper than one of another of the recipe's tables."""
    least = min((name.count(".") for name in found), default=0)
    near = {name.partition(".")[0] for name in found if name.count(".") == least}
    return [name for name in found if name.count(".") == least or name.partition(".")[0] in near]


@cache
def _keys_of(task: str) -> frozenset[str]:
    """Return the dotted name of every value that a recipe of this task may hold."""
    kinds = models_of(task)
    models = {
        model for model in _models(ModelRecipe) if get_args(model.model_fields["kind"].annotation)[0] in kinds
    }
    own = {name for model in models for name in _names(model, "model.")}
    shut = tables_of_others(task)
    rest = {name for name in known_keys() if name.partition(".")[0] not in {"model", *shut}}
    return frozenset(own | rest)


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        members = list(_models(field.annotation))
        if not members:
            yield prefix + name
        for member in members:
            yield from _names(member, f"{prefix}{name}.")


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if get_origin(annotation) in (Union, types.UnionType, Annotated):
        for part in get_args(annotation):
            yield from _models(part)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _entries(annotation: Any) -> Iterator[type[BaseModel]]:
    """Return the tables that a value may be, or one entry of a list of tables."""
    yield from _models(get_args(annotation)[0] if get_origin(annotation) is tuple else annotation)


def _validated(tree: Values, name: str, text: str, origins: Mapping[str, str]) -> Recipe:
    """Return the recipe; a kind from the command line takes the recipe's place, with what only that kind knew."""
    while True:
        try:
            return Recipe.model_validate(tree)
        except ValidationError as error:
            first = error.errors()[0]
            table, _, last = _key_of(first).rpartition(".")
            another_kind = first["type"] == "extra_forbidden" and origins.get(f"{table}.kind") == "command"
            of_a_kind = another_kind and last in _siblings(f"{table}.{last}")  # what no kind knows is a slip
            if not of_a_kind or "command" in _origins_below(f"{table}.{last}", origins):
                raise _translated(first, name, text, origins) from error
            tree = _without(tree, [*table.split("."), last])


def _origins_below(key: str, origins: Mapping[str, str]) -> set[str]:
    return {origin for each, origin in origins.items() if each == key or each.startswith(f"{key}.")}


def _without(tree: Values, path: Sequence[str]) -> Values:
    first, *rest = path
    if rest:
        return {**tree, first: _without(tree[first], rest)}
    return {name: value for name, value in tree.items() if name != first}


def _key_of(error: ErrorDetails) -> str:
    """Return the dotted key; where a table may be of several kinds, an error's path has the chosen one after it."""
    key = list[str]()
    tables: list[type[BaseModel]] = [Recipe]
    for part in map(str, error["loc"]):
        if len(tables) > 1:
            tables = [table for table in tables if part in get_args(table.model_fields["kind"].annotation)]
            continue
        key.append(part)
        if not part.isdigit():
            field = tables[0].model_fields.get(part) if tables else None
            tables = list(_entries(field.annotation)) if field else []
    return ".".join(key)


def _translated(error: ErrorDetails, name: str, text: str, origins: Mapping[str, str]) -> RecipeError:
    path = _key_of(error).split(".")
    if error["type"] == "union_tag_invalid":
        path.append("kind")
    key = ".".join(filter(None, path))
    line = 0 if "command" in _origins_below(key, origins) else _line_of(key, text)
    where = f"{name}.toml:{line}: {key}" if line else key or name
    context = error.get("ctx", {})
    came = repr(error["input"])
    values: Values = {"came": came if len(came) < 60 else came[:57] + "…", **context}
    limited = values | {"limit": next((context[name] for name in _LIMITS if name in context), "")}
    match error["type"]:
        case "extra_forbidden":
            siblings = _siblings(key)
            if path[-1] in siblings:
                return RecipeError("this key has no effect with this kind", "remove it", where=where)
            return _unknown(where, nearest(path[-1], siblings), siblings)
        case "literal_error":
            return RecipeError("{came} is not possible here", "use {expected}", where=where, values=values)
        case "union_tag_invalid":
            values["came"] = repr(context["tag"])
            values["expected"] = context["expected_tags"]
            return RecipeError("{came} is not possible here", "use {expected}", where=where, values=values)
        case "union_tag_not_found":
            return RecipeError("the kind is missing", 'write kind = "…" in this table', where=where)
        case "greater_than":
            return RecipeError(
                "{came} is too small", "expected more than {limit}", where=where, values=limited
            )
        case "greater_than_equal":
            return RecipeError("{came} is too small", "the limit is {limit}", where=where, values=limited)
        case "less_than":
            return RecipeError(
                "{came} is too large", "expected less than {limit}", where=where, values=limited
            )
        case "less_than_equal":
            return RecipeError("{came} is too large", "the limit is {limit}", where=where, values=limited)
        case "value_error":
            unfit = context["error"]
            if not isinstance(unfit, UnfitError):
                raise TypeError("a recipe raises UnfitError alone") from unfit
            return RecipeError(unfit.problem, unfit.remedy, where=where, values=unfit.values)
        case _:
            return RecipeError(
                "{came} does not fit: {message}",
                where=where,
                values=values | {"message": error["msg"].lower()},
            )


_LIMITS = ("gt", "ge", "lt", "le")
_MEMBER = re.compile(r"^model\.members\.\d+\.")  # a member's tables are those of a recipe


def _siblings(key: str) -> tuple[str, ...]:
    """Return the names that may stand in the table of a dotted key."""
    table = _MEMBER.sub("", key).rpartition(".")[0]
    prefix = f"{table}." if table else ""
    below = (known.removeprefix(prefix) for known in known_keys() if known.startswith(prefix))
    return tuple(dict.fromkeys(name.partition(".")[0] for name in below))


def _unknown(where: str, guess: str, known: tuple[str, ...]) -> RecipeError:
    if guess:
        return RecipeError("unknown key", "did you mean {guess}?", where=where, values={"guess": guess})
    return RecipeError(
        "unknown key", "known keys: {keys}", where=where, values={"keys": ", ".join(known) or "none"}
    )


def _line_of(key: str, text: str) -> int:
    """Return the line (from 1) on which a dotted key stands in TOML, or 0."""
    table, array, place = "", "", -1
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*(\[?)\[([^\[\]]+)\]", line)
        if header:
            table = header[2].replace(" ", "")
            if header[1]:
                place = place + 1 if table == array else 0
                array, table = table, f"{table}.{place}"
            elif array and table.startswith(f"{array}."):
                table = f"{array}.{place}.{table.removeprefix(array + '.')}"
            if table == key:
                return number
        name = re.match(r"\s*([\w.\-\"]+)\s*=", line)
        if name and ".".join(filter(None, (table, name[1].strip('"')))) == key:
            return number
    return 0


def leaves(tree: Values, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a recipe by their dotted keys, those of tables in a list by their places."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for place, entry in enumerate(value):
                yield from leaves(entry, f"{prefix}{name}.{place}.")
        else:
            yield prefix + name, value


def _set(tree: Values, key: str, value: Any) -> None:
    *tables, name = key.split(".")
    for table in tables:
        tree = tree.setdefault(table, {})
        if not isinstance(tree, dict):
            raise RecipeError(
                "{came!r} is not a table", "write [{table}]", where=key, values={"came": tree, "table": table}
            )
    tree[name] = value


def _fill(table: Any, tree: Values, prefix: str, origins: Mapping[str, str]) -> None:
    for name, value in tree.items():
        if isinstance(value, dict):
            branch = tomlkit.table()
            _fill(branch, value, f"{prefix}{name}.", origins)
            table.add(name, branch)
        elif isinstance(value, tuple) and value and isinstance(value[0], dict):
            tables = tomlkit.aot()
            for place, entry in enumerate(value):
                branch = tomlkit.table()
                _fill(branch, entry, f"{prefix}{name}.{place}.", origins)
                tables.append(branch)
            table.add(name, tables)
        else:
            item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
            item.comment(origins.get(prefix + name, "default"))
            table.add(name, item)
