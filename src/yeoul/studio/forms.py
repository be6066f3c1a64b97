"""What a form asks for a recipe: every key of a task with its kind, bounds, usual value and sentence."""

import ast
import inspect
import textwrap
import tomllib
import types
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from yeoul.errors import UsageError
from yeoul.language import Language
from yeoul.recipe import Recipe
from yeoul.recipe.experiment import models_of, tables_of_others

Field = dict[str, Any]
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "text"}


def form(task: str, language: Language = "en") -> list[Field]:
    """Return the fields of a task's recipe, tables within tables, their sentences in a language.

    Raises `UsageError` for an unknown task.
    """
    kinds = models_of(task)
    if not kinds:
        raise UsageError("there is no such task", "/v1/studio tells which there are", where="task")
    shut = tables_of_others(task)
    fields = [one for one in _fields(Recipe, "") if one["name"] not in shut]
    for one in fields:
        if one["name"] == "task":
            one |= {"default": task, "choices": [task]}
        if one["name"] == "model":
            one["variants"] = {kind: one["variants"][kind] for kind in kinds if kind in one["variants"]}
            one["default"] = kinds[0]
    return [_said_in(one, korean_sentences()) for one in fields] if language == "ko" else fields


@cache
def korean_sentences() -> Mapping[str, str]:
    """Return the Korean of the sentences that stand below the keys in the source, by the English ones."""
    text = resources.files("yeoul").joinpath("locale/recipe-ko.toml").read_text("utf-8")
    return {english: said for table in tomllib.loads(text).values() for english, said in table.items()}


def _said_in(field: Field, words: Mapping[str, str]) -> Field:
    told = field | {"doc": words.get(field["doc"], field["doc"])}
    if "fields" in field:
        told["fields"] = [_said_in(one, words) for one in field["fields"]]
    if "variants" in field:
        told["variants"] = {
            kind: [_said_in(one, words) for one in inner] for kind, inner in field["variants"].items()
        }
    return told


def _fields(model: type[BaseModel], prefix: str) -> list[Field]:
    docs = _sentences(model)
    return [
        _field(prefix + name, info, docs.get(name, ""))
        for name, info in model.model_fields.items()
        if name != "kind"
    ]


def _field(key: str, info: FieldInfo, doc: str) -> Field:
    default = None if info.default is PydanticUndefined else info.default
    optional = type(None) in _members(info.annotation)
    told: Field = {
        "key": key,
        "name": key.rpartition(".")[2],
        "doc": doc,
        "optional": optional,
        **_bounds([*info.metadata, *_metadata(info.annotation)]),
        "choices": None,
    }
    tables = [each for each in _members(info.annotation) if _is_table(each)]
    if get_origin(info.annotation) is tuple and any(_is_table(each) for each in _items(info.annotation)):
        return told | {"type": "tables", "default": None}
    if len(tables) > 1 or (tables and "kind" in tables[0].model_fields):
        variants = {kind: _fields(each, f"{key}.") for each in tables for kind in _kinds(each)}
        usual = getattr(default, "kind", None)
        return told | {"type": "union", "default": usual, "variants": variants}
    if tables:
        return told | {"type": "table", "default": None, "fields": _fields(tables[0], f"{key}.")}
    return (
        told | _plain(info.annotation) | {"default": list(default) if isinstance(default, tuple) else default}
    )


def _plain(annotation: Any) -> Field:
    """Say what kind of value stands in a key."""
    parts = [each for each in _members(annotation) if each is not type(None)]
    choices = [value for each in parts if get_origin(each) is Literal for value in get_args(each)]
    if choices:
        return {"type": "choice", "choices": choices}
    lists = [each for each in parts if get_origin(each) in (tuple, list)]
    if lists:
        return {"type": "list", "of": _plain(_items(lists[0])[0])["type"]}
    for kind, name in _KINDS.items():
        if kind in parts and not (kind is int and float in parts):
            return {"type": name}
    return {"type": "text"}


def _members(annotation: Any) -> list[Any]:
    """Return the types that an annotation allows, without what is said about them."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [each for part in get_args(annotation) for each in _members(part)]
    return [annotation]


def _metadata(annotation: Any) -> list[Any]:
    """Return what is said about the values within an annotation of one type, or of one and None."""
    if get_origin(annotation) is Annotated:
        first, *rest = get_args(annotation)
        return [*(part for each in rest for part in _said(each)), *_metadata(first)]
    if get_origin(annotation) in (Union, types.UnionType):
        return [each for part in get_args(annotation) for each in _metadata(part)]
    return []


def _said(part: Any) -> Sequence[Any]:
    return part.metadata if isinstance(part, FieldInfo) else (part,)


def _items(annotation: Any) -> list[Any]:
    return [item for each in get_args(annotation) if each is not Ellipsis for item in _members(each)] or [str]


def _bounds(metadata: Sequence[Any]) -> Field:
    told: Field = {"minimum": None, "maximum": None, "above": None, "below": None}
    for each in metadata:
        match each:
            case Ge(ge=limit):
                told["minimum"] = limit
            case Le(le=limit):
                told["maximum"] = limit
            case Gt(gt=limit):
                told["above"] = limit
            case Lt(lt=limit):
                told["below"] = limit
    return told


def _is_table(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _kinds(model: type[BaseModel]) -> tuple[str, ...]:
    return get_args(model.model_fields["kind"].annotation)


@cache
def _sentences(model: type[BaseModel]) -> Mapping[str, str]:
    """Return the sentence that stands below each key in the source of a table."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if _is_table(each) and each is not BaseModel:
            found |= _in_source(each)
    return found


def _in_source(model: type) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):
        return {}  # a package without its source
    (tree,) = ast.parse(source).body
    if not isinstance(tree, ast.ClassDef):
        return {}
    found: dict[str, str] = {}
    for above, below in pairwise(tree.body):
        match above, below:
            case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(sentence))):
                found[key] = " ".join(sentence.split())
    return found
