"""Set several runs side by side: scores, cost, and the recipe values in which they differ."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from yeoul.cli.figures import NOTHING, clock, compact, interval, signed_points
from yeoul.cli.output import one_line
from yeoul.cli.verdict import outcome_word, short_name
from yeoul.language import say
from yeoul.runs.folder import RunFolder

_VALUE_COLUMNS = 36


def comparison_rows(
    folders: Sequence[RunFolder], records: Sequence[Mapping[str, Any]]
) -> list[tuple[str, ...]]:
    """Return a table with a column for each run; its first row holds their names."""
    rows = [
        ("", *(folder.id for folder in folders)),
        (say("model"), *(str(_part(record, "model").get("description") or NOTHING) for record in records)),
        (say("parameters"), *(_parameters(record) for record in records)),
        (say("data"), *(str(_part(record, "data").get("fingerprint") or NOTHING)[:8] for record in records)),
        (say("accuracy"), *(_score(record, "accuracy") for record in records)),
        (say("macro-F1"), *(_score(record, "macro_f1") for record in records)),
        (say("verdict"), *(_verdict(record) for record in records)),
        (say("lead in points"), *(_lead(record) for record in records)),
        (say("training time"), *(_time(record) for record in records)),
    ]
    return rows + _differing([_leaves_of(folder.path / "resolved.toml") for folder in folders])


def _differing(recipes: Sequence[Mapping[str, str]]) -> list[tuple[str, ...]]:
    keys = dict.fromkeys(key for recipe in recipes for key in recipe)
    rows = [
        (key, *(one_line(recipe.get(key, NOTHING), _VALUE_COLUMNS) for recipe in recipes)) for key in keys
    ]
    return [row for row in rows if len(set(row[1:])) > 1]


def _leaves_of(path: Path) -> dict[str, str]:
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(_leaves(tree, ""))


def _leaves(tree: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value)


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part: Mapping[str, Any] = record.get(name) or {}
    return part


def _parameters(record: Mapping[str, Any]) -> str:
    parameters = _part(record, "model").get("parameters")
    return NOTHING if parameters is None else compact(parameters)


def _score(record: Mapping[str, Any], metric: str) -> str:
    score = _part(record, "scores").get(metric)
    return interval(score) if score else NOTHING


def _verdict(record: Mapping[str, Any]) -> str:
    verdict = _part(record, "verdict")
    return f"{outcome_word(verdict['outcome'])} ({short_name(verdict['against'])})" if verdict else NOTHING


def _lead(record: Mapping[str, Any]) -> str:
    verdict = _part(record, "verdict")
    return signed_points(verdict["difference"]) if verdict else NOTHING


def _time(record: Mapping[str, Any]) -> str:
    seconds = _part(record, "cost").get("train_seconds")
    return NOTHING if seconds is None else clock(seconds)
