"""Find and read the tagged sentences that a recipe names: a file, a folder, a public set, a built-in one.

A file is of one of the forms of `yeoul.data.tagged`, or a table with a row a sentence: its words in one column and
their tags in another, both between spaces or as lists in JSON.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.columns import choose_columns
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.folders import source_files
from yeoul.data.opening import shown_name
from yeoul.data.tables import Table
from yeoul.data.tagged import TaggedTexts, read_tagged
from yeoul.data.tagging import composed_words
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

TABLES = (".csv", ".jsonl", ".ndjson", ".parquet")
ALL = "all"
_SPLITS = ("train", "validation", "test")
_CALLED: Mapping[str, tuple[str, ...]] = {
    "test": ("test", "eval"),
    "validation": ("validation", "valid", "dev"),
    "train": ("train",),
}


@dataclass(frozen=True, eq=False)
class TagOrigin:
    """What is known about tagged sentences before they are split."""

    name: str
    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    parts: Mapping[str, tuple[TaggedTexts, ...]]
    """By split where there are official ones, else "all"."""


def open_tagged(recipe: DataRecipe) -> TagOrigin:
    """Read the sentences that `recipe` names; raise `DataError` for what holds none."""
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        _refuse_untagged(made.name, made.task)
        table = made.table()
        texts = tagged_table(table, made.inputs[0], made.target)
        return TagOrigin(table.name, recipe.source, made.title, made.licence, (), {ALL: (texts,)})
    entry = catalog.CATALOG.get(recipe.source)
    if entry is not None:
        _refuse_untagged(entry.name, entry.task)
        found = catalog.find(entry)
        for file in found.form.files:
            catalog.check(file, found.folder / file.name)
        paths = {split: (path,) for split, path in found.paths.items()}
        return _origin(recipe, entry.name, paths, entry.title, entry.licence)
    path = data_path(recipe.source)
    name = shown_name(path.absolute())
    if path.is_dir():
        return _origin(recipe, name, _by_split(path))
    return _origin(recipe, Path(name.removesuffix(".gz")).stem, {ALL: (path,)})


def read_any(path: Path, recipe: DataRecipe) -> TaggedTexts:
    """Read one file of any form, a table as `recipe` names its columns."""
    if not (recipe.inputs or path.name.lower().removesuffix(".gz").endswith(TABLES)):
        return read_tagged(path, encoding=recipe.encoding)
    table = read_source(path, recipe)
    columns = choose_columns(table, recipe.inputs, recipe.target)
    return tagged_table(table, columns.inputs[0], columns.target)


def tagged_table(table: Table, words: str, tags: str) -> TaggedTexts:
    """Read a row a sentence, its words and their tags each between spaces or as a list in JSON.

    Raises `DataError` for a row that has not as many tags as words.
    """
    flat: list[str] = []
    given: list[str] = []
    lengths: list[int] = []
    lines: list[int] = []
    cells = zip(table.columns[words].to_pylist(), table.columns[tags].to_pylist(), table.numbers.tolist())
    for text, told, number in cells:
        own, theirs = _listed(text), _listed(told)
        if len(own) != len(theirs):
            raise DataError(
                "the row has {words} words and {tags} tags",
                "give every word a tag: both columns between spaces, or as lists in JSON",
                where=f"{table.name}:{number}",
                values={"words": len(own), "tags": len(theirs)},
            )
        if own:
            flat += composed_words(own)
            given += composed_words(theirs)
            lengths.append(len(own))
            lines.append(number)
    if not flat:
        raise DataError("the table has no row with words and tags", "add rows", where=table.name)
    return TaggedTexts(
        flat,
        {tags: given},
        np.array(lengths, np.int64),
        np.array(lines, np.int64),
        table.name,
        "table",
        table.encoding,
    )


def _listed(cell: str) -> list[str]:
    """Return the words of a cell."""
    if cell.lstrip().startswith("["):
        try:
            found = json.loads(cell)
        except ValueError:
            return cell.split()
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return [one.strip() for one in found]
    return cell.split()


def _origin(
    recipe: DataRecipe,
    name: str,
    paths: Mapping[str, Sequence[Path]],
    title: str = "",
    licence: str = "",
) -> TagOrigin:
    files = tuple(DataFile.of(path) for own in paths.values() for path in own)
    parts = {split: tuple(read_any(path, recipe) for path in own) for split, own in paths.items()}
    return TagOrigin(name, recipe.source, title, licence, files, parts)


def _by_split(folder: Path) -> dict[str, tuple[Path, ...]]:
    """Tell the files of a folder apart by the split that their names tell; all are one where none does."""
    told: dict[str, list[Path]] = {}
    inside = list(source_files(folder))
    treebank = [file for file in inside if file.suffix == ".conllu"]  # raw texts may stand beside it
    for file in treebank or inside:
        stem = shown_name(file).lower()
        split = next((split for split, words in _CALLED.items() if any(word in stem for word in words)), ALL)
        told.setdefault(split, []).append(file)
    named = {split: tuple(told[split]) for split in _SPLITS if split in told}
    if "train" in named and "test" in named:
        return named
    files = tuple(file for own in told.values() for file in own)
    if not files:
        raise DataError("the folder is empty", "put tagged sentences into it", where=shown_name(folder))
    return {ALL: tuple(sorted(files))}


def _refuse_untagged(name: str, task: str) -> None:
    if task != "tag":
        raise DataError(
            "the public set {name} holds no tagged sentences: it is for the task {task}",
            "`yeoul data list` tells which sets are for tag",
            where=name,
            values={"name": name, "task": task},
        )
