"""Suggest a recipe for a table: unit, length and model, measured on a sample of its texts."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tomlkit

from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import DataRecipe, TextRecipe

SAMPLED = 2000
_FEW_ROWS = 3000  # below it the linear model is ahead of networks on most tables
_SHORT_NAMES = 24
_SHORTEST, _LONGEST, _STEP = 16, 400, 8
_MANY = 1_000_000
_WORDS_OF_AN_ARTICLE = 30
_PLAIN = re.compile(r"[\w@%+=:,./-]+")  # what no shell reads otherwise, Hangul among it


@dataclass(frozen=True)
class Advice:
    """A recipe that `yeoul train` accepts as it is, and the command that says the same."""

    recipe: str
    command: str
    tokens: Mapping[str, int] | None
    """Quantiles p50, p95, max of the tokens of the sampled texts; nothing for series."""
    truncated_rows: float | None
    """Share of the sampled texts that lose tokens at the suggested length, where there is one."""
    truncated_tokens: float | None
    """Share of the sampled tokens that are lost."""


def advise(recipe: DataRecipe, texts: Sequence[str], rows: int) -> Advice:
    """Suggest a recipe for `rows` rows of which `texts` are a sample; `recipe` names source and columns."""
    text = _text_recipe(texts)
    encoded = TextVectorizer.fit(text, texts)(texts)
    lengths = encoded.lengths + encoded.lost
    longest = -(-int(np.quantile(lengths, 0.99)) // _STEP) * _STEP
    limit = min(_LONGEST, max(_SHORTEST, longest))
    tables: dict[str, dict[str, Any]] = {"text": {"unit": text.unit, "max_length": limit}}
    if text.min_count != TextRecipe().min_count:
        tables["text"]["min_count"] = text.min_count
    linear = rows < _FEW_ROWS
    if linear:
        tables = {"model": {"kind": "linear", **_ngrams(texts)}}
    lost = np.maximum(lengths - limit, 0)
    return Advice(
        recipe=_toml(recipe, tables),
        command=_command(recipe, tables),
        tokens={
            name: int(np.quantile(lengths, at)) for name, at in (("p50", 0.5), ("p95", 0.95), ("max", 1))
        },
        truncated_rows=None if linear else float(np.mean(lost > 0)),
        truncated_tokens=None if linear else float(lost.sum() / max(1, lengths.sum())),
    )


def advise_series(recipe: DataRecipe) -> Advice:
    """Suggest a recipe for rows of numbers over time."""
    tables: dict[str, dict[str, Any]] = {
        "series": {"standardize": "series"},
        "model": {"encoder": {"kind": "cnn"}},
    }
    return Advice(_toml(recipe, tables), _command(recipe, tables), None, None, None)


def _text_recipe(texts: Sequence[str]) -> TextRecipe:
    """Letters for names and other short words, sub-words for the rest."""
    single = np.mean([" " not in text.strip() for text in texts])
    if single > 0.5 and np.median([len(text) for text in texts]) <= _SHORT_NAMES:
        return TextRecipe(unit="character", min_count=1, max_length=_MANY)
    return TextRecipe(unit="subword", min_count=2, max_length=_MANY)


def _ngrams(texts: Sequence[str]) -> dict[str, Any]:
    letters = [letter for text in texts[:200] for letter in text if letter.isalpha()]
    latin = np.mean([letter < "\u0250" for letter in letters]) if letters else 0.0
    words = np.median([len(text.split()) for text in texts])
    return {"unit": "word", "ngrams": [1, 3]} if latin > 0.8 and words >= _WORDS_OF_AN_ARTICLE else {}


def _given(recipe: DataRecipe) -> dict[str, Any]:
    """Return the values that are not the usual ones."""
    usual = DataRecipe()
    fields = ("inputs", "target", "target_kind", "label_separator", "columns", "encoding", "separator")
    values = {name: getattr(recipe, name) for name in fields if getattr(recipe, name) != getattr(usual, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _toml(recipe: DataRecipe, tables: Mapping[str, Any]) -> str:
    return tomlkit.dumps({"task": "classify", "data": {"source": recipe.source, **_given(recipe)}, **tables})


def _command(recipe: DataRecipe, tables: Mapping[str, Any]) -> str:
    words = ["yeoul", "train", recipe.source]
    given = _given(recipe)
    for name in given.pop("inputs", ()):
        words += ["--input", name]
    if "target" in given:
        words += ["--target", given.pop("target")]
    words += [f"data.{key}={_written(value)}" for key, value in given.items()]
    for table, values in tables.items():
        words += _settings(table, values)
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)


def _settings(table: str, values: Mapping[str, Any]) -> list[str]:
    words: list[str] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            words += _settings(f"{table}.{key}", value)
        else:
            words.append(f"{table}.{key}={_written(value)}")
    return words


def _written(value: object) -> str:
    return value if isinstance(value, str) else tomlkit.item(value).as_string()
