"""Find the texts that a recipe names: a file, several, a folder, a column of a table, a public set, an embedded one."""

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.columns import likely_columns
from yeoul.data.composition import composed
from yeoul.data.corpora.lines import Document, read_document
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import joined_columns
from yeoul.data.folders import source_files
from yeoul.data.formats import HEAD_BYTES, PARQUET, is_json
from yeoul.data.mapped import gathered
from yeoul.data.opening import PIPE, existing_source, open_bytes
from yeoul.data.public import public_tables
from yeoul.data.sounds import is_sound_file
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe
from yeoul.recipefile import source_name

_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet")
_PATTERN = "*"
_OFFICIAL = ("train", "validation", "test")
ALL = "all"


@dataclass(frozen=True, eq=False)
class Source:
    """The texts of a source, by official part where it has such, else all together."""

    name: str
    source: str
    parts: Mapping[str, tuple[Document, ...]]
    rows: bool = False
    """Whether a document is a column whose lines are rows of a table, without ends."""
    title: str = ""
    licence: str = ""
    files: tuple[DataFile, ...] = ()

    @property
    def place(self) -> str:
        """What an error calls the source: the one file that was read, else what was named."""
        if self.name == self.source:
            return self.name
        documents = [one for part in self.parts.values() for one in part]
        return documents[0].name if len(documents) == 1 else self.source


def open_corpus(recipe: DataRecipe) -> Source:
    """Read the texts that `recipe` names.

    Raises `RecipeError` where none is named, and `DataError` for what is missing or no text.
    """
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        column = _column(made.table(), recipe.inputs or made.inputs)
        return Source(
            made.name, made.name, {ALL: (column,)}, rows=True, title=made.title, licence=made.licence
        )
    entry = catalog.CATALOG.get(recipe.source)
    return _opened_files(recipe) if entry is None else _opened_public(entry, recipe)


def known_text(recipe: DataRecipe) -> bool:
    """Tell whether a source is a public or embedded set of texts to be continued."""
    entry = EMBEDDED.get(recipe.source) or catalog.CATALOG.get(recipe.source)
    return entry is not None and entry.task == "generate"


def is_plain_text(path: Path, recipe: DataRecipe) -> bool:
    """Tell whether a file is a text, and not a table of which a column is one."""
    if recipe.inputs or recipe.columns or recipe.separator != "auto":
        return False
    if Path(path.name.lower().removesuffix(".gz")).suffix in _TABLES:
        return False
    if is_sound_file(path):
        return True
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    return not head.startswith(PARQUET) and not is_json(path, head.decode("utf-8", "ignore"))


def _opened_files(recipe: DataRecipe) -> Source:
    paths = _named(recipe.source)
    if len(paths) == 1 and paths[0].is_file() and not is_plain_text(paths[0], recipe):
        table = read_source(paths[0], recipe)
        column = _column(table, recipe.inputs)
        name = Path(table.name.removesuffix(".gz")).stem
        return Source(name, recipe.source, {ALL: (column,)}, rows=True, files=(DataFile.of(paths[0]),))
    texts = [file for path in paths for file in source_files(path)]
    documents = [read_document(file, recipe.encoding, closed=len(texts) > 1) for file in texts]
    if not documents:
        raise DataError("the folder holds no texts", "name a folder with texts in it", where=recipe.source)
    name = "stdin" if recipe.source == PIPE else source_name(recipe.source)
    return Source(
        name, recipe.source, {ALL: tuple(documents)}, files=tuple(DataFile.of(path) for path in paths)
    )


def _named(source: str) -> list[Path]:
    """Return the files or the folder of a name, in which * may stand for anything."""
    if source == PIPE:
        return [existing_source(Path(source))]
    if _PATTERN not in source:
        return [data_path(source)]
    pattern = _PATTERN.join(glob.escape(part) for part in source.split(_PATTERN))
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True)) if Path(name).is_file()]
    if not found:
        raise DataError("no file has such a name", "look at the place of the *", where=source)
    return found


def _opened_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> Source:
    found = catalog.find(entry)
    about = Source(entry.name, entry.name, {}, title=entry.title, licence=entry.licence)
    if found.form.inputs or found.form.target:
        files, tables = public_tables(found, recipe)
        named = ("train", "test") if len(tables) > 1 else (ALL,)
        columns = [_column(table, recipe.inputs or found.form.inputs) for table in tables]
        whole = {name: (column,) for name, column in zip(named, columns, strict=True)}
        return replace(about, parts=whole, rows=True, files=files)
    for file in found.form.files:
        catalog.check(file, found.folder / file.name)
    paths, encoding = found.paths, recipe.encoding if recipe.encoding != "auto" else found.form.encoding
    unknown = [name for name in recipe.inputs if name not in paths]
    if unknown:
        raise DataError(
            "the public set has no part {name}; its parts are {parts}",
            "name one of them with --input",
            where=entry.name,
            values={"name": unknown[0], "parts": ", ".join(paths)},
        )
    official = not recipe.inputs and set(paths) <= set(_OFFICIAL)
    chosen = recipe.inputs or tuple(paths)
    asked = {name: list(source_files(path)) for name, path in paths.items() if name in chosen}
    several = sum(map(len, asked.values())) > 1
    parts = dict[str, tuple[Document, ...]]()
    for split, own in asked.items():
        read = tuple(read_document(file, encoding, closed=several) for file in own)
        parts[split if official else ALL] = (*parts.get(split if official else ALL, ()), *read)
    files = tuple(DataFile.of(paths[name]) for name in asked)
    return replace(about, parts=parts, files=files)


def _column(table: Table, inputs: Sequence[str]) -> Document:
    """Return the texts of a table, one a row."""
    names = likely_columns(table, tuple(inputs), "").inputs
    if not names and len(table.columns) == 1:
        names = tuple(table.columns)
    if not names:
        raise DataError(
            "which column holds the texts cannot be told; the columns are {columns}",
            "name the column of the texts with --input",
            where=table.name,
            values={"columns": ", ".join(table.columns)},
        )
    chunks = (composed(chunk.cast(pa.large_string())) for chunk in joined_columns(table, names).chunks)
    return Document(
        table.name, gathered(chunks, pa.large_string()), table.encoding.name, table.encoding.detected
    )
