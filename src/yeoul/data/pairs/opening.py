"""Open the pairs that a recipe names: a table, two files side by side, a public set or a made-up one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.compute as pc

from yeoul.data import catalog
from yeoul.data.cards import DataFile
from yeoul.data.columns import Columns, expanded_names, named_column
from yeoul.data.datasets import data_path
from yeoul.data.embedded import EMBEDDED
from yeoul.data.opening import existing_source, locate
from yeoul.data.pairs.lines import STORY, is_listing, parallel_table, read_pair_table
from yeoul.data.tables import Table
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

SOURCE_NAMES = (
    *("source", "src", "input", "question", "q", "prompt", "query", "text", "sentence", "document", "body"),
    *("english", "en", "원문", "질문", "질의", "문제", "식", "입력", "문장", "본문", "영어"),
)
"""Usual names of source columns, the likeliest first."""
TARGET_NAMES = (
    *("target", "tgt", "output", "answer", "a", "response", "reply", "translation", "summary", "title"),
    *("번역", "번역문", "답변", "답", "응답", "대답", "정답", "출력", "요약", "제목", "한국어"),
)
"""Usual names of target columns, the likeliest first."""
_TABLES = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".gz")
"""Endings of files whose targets are columns, whatever these are called."""
_SPLITS = ("all", "train", "validation", "test")
_CALLED = {"val": "validation", "dev": "validation", "test_2016": "test"}


@dataclass(frozen=True, eq=False)
class PairOrigin:
    """What is known about pairs before their rows are split."""

    name: str
    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    tables: Mapping[str, Table]
    """By split where the set has official ones, else "all"."""
    columns: Columns


def open_pairs(recipe: DataRecipe) -> PairOrigin:
    """Read the tables that `recipe` names.

    The source is a public or built-in set, or a file. A target that names a file, as it is or beside the source, is
    the other one of two files that belong together line by line. Raises `DataError` for what holds no pairs, and
    `RecipeError` when no source is named.
    """
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        _refuse_without_pairs(made.name, made.task, made.task == "transduce")
        table = made.table()
        columns = _chosen(table, recipe, (*made.inputs, made.target))
        return PairOrigin(table.name, recipe.source, made.title, made.licence, (), {"all": table}, columns)
    entry = catalog.CATALOG.get(recipe.source)
    return _open_file(recipe) if entry is None else _open_public(entry, recipe)


def read_files(recipe: DataRecipe, path: Path, other: Path | None) -> tuple[tuple[Path, ...], Table]:
    """Return the rows of a file, or of two files side by side, and the files."""
    if other is None:
        columns = expanded_names(recipe.columns)
        table = read_pair_table(path, encoding=recipe.encoding, separator=recipe.separator, columns=columns)
        return (path,), table
    names = sides_of(path, other)
    return (path, other), parallel_table(dict(zip(names, (path, other))), recipe.encoding)


def read_sources(recipe: DataRecipe, path: Path, names: tuple[str, ...]) -> tuple[Table, tuple[str, ...]]:
    """Return the rows of a file that holds sources, and the columns that make one up.

    Each line is a source where no column is named, because the training read a file of sources, and of a file that
    is named as no table is and does not have the one column. Else the columns are those named, of a file of any form.
    """
    path = existing_source(path)
    plain = path.is_file() and path.suffix.lower() not in _TABLES
    if not names or (plain and len(names) == 1 and is_listing(path, names[0], recipe.encoding)):
        name = names[0] if names else "source"
        return parallel_table({name: path}, recipe.encoding), (name,)
    columns = expanded_names(recipe.columns)
    return read_pair_table(path, encoding=recipe.encoding, separator=recipe.separator, columns=columns), names


def same_side_file(path: Path, columns: Columns) -> Path | None:
    """Return the file beside `path` with the other side of its lines, test.de of test.en; None without one."""
    name = path.name.removesuffix(".gz")
    if len(columns.inputs) != 1 or Path(name).suffix != f".{columns.inputs[0]}":
        return None
    stem = Path(name).stem
    places = (path.with_name(f"{stem}.{columns.target}{packed}") for packed in ("", ".gz"))
    return next((found for place in places if (found := locate(place)) and found.is_file()), None)


def other_file(path: Path, target: str) -> Path | None:
    """Return the file that a target names, as it is or beside the file of the sources; None where it names none."""
    if not target or path.is_dir():
        return None
    places = (Path(target), path.parent / target)
    return next((found for place in places if (found := locate(place)) and found.is_file()), None)


def sides_of(source: Path, target: Path) -> tuple[str, str]:
    """Return the names of the columns of two files: their endings where these differ, as in train.en and train.de."""
    endings = tuple(Path(path.name.removesuffix(".gz")).suffix.removeprefix(".") for path in (source, target))
    return (endings[0], endings[1]) if all(endings) and endings[0] != endings[1] else ("source", "target")


def _open_file(recipe: DataRecipe) -> PairOrigin:
    path = data_path(recipe.source)
    other = other_file(path, recipe.target)
    if other is None and Path(recipe.target).suffix and path.suffix.lower() not in _TABLES:
        other = existing_source(path.parent / recipe.target)  # says that it is not there, and what is
    paths, table = read_files(recipe, path, other)
    name = Path(table.name.removesuffix(".gz")).stem
    if len(paths) > 1:
        given = tuple(table.columns)
        columns = Columns(given[:1], given[1], guessed_inputs=False, guessed_target=False)
    else:
        columns = _chosen(table, recipe, ())
    return PairOrigin(name, recipe.source, "", "", tuple(map(DataFile.of, paths)), {"all": table}, columns)


def _open_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> PairOrigin:
    found = catalog.find(entry)
    form = found.form
    _refuse_without_pairs(entry.name, entry.task, bool(form.pair))
    for file in form.files:
        catalog.check(file, found.folder / file.name)
    encoding = form.encoding if recipe.encoding == "auto" else recipe.encoding
    separator = form.separator if recipe.separator == "auto" else recipe.separator
    names = expanded_names(recipe.columns or form.columns)
    paths: list[Path] = []
    tables: dict[str, Table] = {}
    for split, files in _by_split(found.paths).items():
        paths += files.values()
        if "" in files:
            table = read_pair_table(files[""], encoding=encoding, separator=separator, columns=names)
        else:
            asked = (*(recipe.inputs or form.pair[:-1]), recipe.target or form.pair[-1])
            chosen = {name: files[name] for name in asked if name in files}
            table = parallel_table(chosen if len(chosen) == len(asked) else files, encoding)
        tables[split] = _kept(table, form.only)
    columns = _chosen(next(iter(tables.values())), recipe, form.pair)
    return PairOrigin(
        entry.name, recipe.source, entry.title, entry.licence, tuple(map(DataFile.of, paths)), tables, columns
    )


def _by_split(paths: Mapping[str, Path]) -> dict[str, dict[str, Path]]:
    """Return the files of each split: one without a name, or one for each column ("train-en", "train-de")."""
    splits: dict[str, dict[str, Path]] = {}
    for name, path in paths.items():
        split, _, column = name.partition("-")
        split = _CALLED.get(split, split)
        if split in _SPLITS:
            splits.setdefault(split, {})[column] = path
    return {split: splits[split] for split in _SPLITS if split in splits}


def _kept(table: Table, only: Mapping[str, str]) -> Table:
    """Return the rows whose columns have these values."""
    for name, value in only.items():
        kept = pc.equal(table.columns[name], value)
        columns = {each: column.filter(kept) for each, column in table.columns.items()}
        numbers = table.numbers[kept.to_numpy()]
        table = replace(table, columns=columns, rows=len(numbers), numbers=numbers)
    return table


def _chosen(table: Table, recipe: DataRecipe, known: tuple[str, ...]) -> Columns:
    """Return the columns that are named, else those that the set is known for, else those with usual names."""
    inputs = tuple(named_column(table, name) for name in expanded_names(recipe.inputs) or known[:-1])
    target = recipe.target or (known[-1] if known else "")
    target = named_column(table, target) if target else ""
    columns = _guessed(table, inputs, target, named=bool(recipe.columns))
    if columns.target in columns.inputs:
        raise DataError(
            "the column {column} is both input and target",
            "name two different columns",
            where=table.name,
            values={"column": columns.target},
        )
    return columns


def _guessed(table: Table, inputs: tuple[str, ...], target: str, *, named: bool) -> Columns:
    """Guess what is not named: by usual names, else the only columns left.

    Where nothing is `named` and no name is a usual one, the first row may well be no header.
    """
    names = list(table.columns)
    if not inputs and not target and tuple(names) == STORY:
        return Columns(STORY[:-1], STORY[-1], guessed_inputs=True, guessed_target=True)
    found_target = target or _usual((name for name in names if name not in inputs), TARGET_NAMES)
    found_inputs = inputs or tuple(
        filter(None, [_usual((name for name in names if name != found_target), SOURCE_NAMES)])
    )
    rest = [name for name in names if name not in found_inputs and name != found_target]
    known = named or bool(found_inputs or found_target) or table.kind != "csv"
    if known and not found_inputs and rest and len(rest) <= 2:
        found_inputs, rest = (rest[0],), rest[1:]
    if known and not found_target and len(rest) == 1:
        found_target = rest[0]
    if not found_inputs or not found_target:
        raise DataError(
            "no columns are known to be source and target; the columns are {columns}",
            "name them with --input and --target; without a header, name all columns with data.columns"
            if table.kind == "csv"
            else "name them with --input and --target",
            where=table.name,
            values={"columns": ", ".join(names[:12])},
        )
    return Columns(found_inputs, found_target, guessed_inputs=not inputs, guessed_target=not target)


def _usual(names: Iterable[str], known: tuple[str, ...]) -> str:
    by_lower = {name.lower(): name for name in reversed(list(names))}
    return next((by_lower[name] for name in known if name in by_lower), "")


def _refuse_without_pairs(name: str, task: str, has_pairs: bool) -> None:
    if not has_pairs:
        raise DataError(
            "the public set {name} holds no pairs: it is for the task {task}",
            "`yeoul data list` tells which sets are for transduce",
            where=name,
            values={"name": name, "task": task},
        )
