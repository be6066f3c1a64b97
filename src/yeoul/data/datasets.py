"""From a recipe's `[data]` to labelled rows in three splits, with a card that tells all about them."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from yeoul.data import catalog, embedded
from yeoul.data.cards import DataCard, DataFile, Findings, Origin, SplitPlan, make_card
from yeoul.data.columns import Columns, choose_columns
from yeoul.data.examples import TEXT, Examples, compose
from yeoul.data.opening import existing_file, shown_name
from yeoul.data.readers import read_table
from yeoul.data.splits import duplicate_groups, stratified_split
from yeoul.errors import DataError, RecipeError
from yeoul.files import sha256
from yeoul.recipe import DataRecipe

DEFAULT_TEST = 0.1
_LEAST_ROWS_OF_A_CLASS = 3
_FEW_CLASSES = 20
_MANY_NUMBERS = 100
_ROWS_PER_CLASS = 10
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled rows in three splits; `fingerprint` is equal for equal rows in equal splits."""

    name: str
    train: Examples
    validation: Examples
    test: Examples
    labels: tuple[str, ...]
    card: DataCard
    fingerprint: str

    @property
    def splits(self) -> dict[str, Examples]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_dataset(recipe: DataRecipe, seed: int) -> Dataset:
    """Read, check and split the data that `recipe` names.

    The source is a public set, the embedded set or a file. The official test set of a public one is kept as
    it is, unless `recipe.test` asks for another: then all rows are pooled and split anew. Rows with equal
    texts never straddle a split made here; those that the official split divides are counted in the card.

    Raises `DataError` for data that cannot be used as it is, and `RecipeError` when no source is named.
    """
    origin = _open(recipe)
    official = len(origin.tables) > 1 and recipe.test is None
    composed = compose(origin.tables, origin.columns)
    examples = composed.examples
    ids, labels = _labels(examples, origin)
    groups = duplicate_groups(examples.inputs[TEXT])
    test = DEFAULT_TEST if recipe.test is None else recipe.test
    plan = SplitPlan(official, None if official else test, recipe.validation, seed)
    parts = _split(ids, groups, examples.file_index, plan)
    train, validation, tested = (examples.select(part) for part in parts)
    for name, part in (("train", train), ("validation", validation), ("test", tested)):
        if not len(part):
            raise DataError(
                "{rows} rows are too few: no row is left for {split}",
                "add rows with other texts",
                where=origin.name,
                values={"rows": len(examples), "split": name},
            )
    fingerprint = _fingerprint((train, validation, tested))
    findings = Findings(examples, groups, composed.non_nfc)
    card = make_card(origin, findings, parts, labels, plan, fingerprint)
    return Dataset(origin.name, train, validation, tested, labels, card, fingerprint)


def _open(recipe: DataRecipe) -> Origin:
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source == embedded.CLDR_LANGUAGES:
        return _open_embedded(recipe)
    entry = catalog.CATALOG.get(recipe.source)
    return _open_file(recipe) if entry is None else _open_public(entry, recipe)


def _open_embedded(recipe: DataRecipe) -> Origin:
    table = embedded.language_names()
    columns = choose_columns(table, recipe.inputs or ("text",), recipe.target or "language")
    title = f"{embedded.TITLE}, {embedded.version()}"
    return Origin(table.name, recipe.source, title, embedded.LICENCE, (), (table,), columns)


def _open_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> Origin:
    paths = catalog.find(entry)
    files = tuple(
        DataFile(file.name, catalog.check(file, paths[split]), file.bytes)
        for split, file in entry.files.items()
    )
    tables = tuple(
        read_table(paths[split], encoding=recipe.encoding, separator=recipe.separator)
        for split in entry.files
    )
    inputs, target = recipe.inputs or entry.inputs, recipe.target or entry.target
    columns = [choose_columns(table, inputs, target) for table in tables]
    return Origin(entry.name, recipe.source, entry.title, entry.licence, files, tables, columns[0])


def _open_file(recipe: DataRecipe) -> Origin:
    path = existing_file(Path(recipe.source), known=(*catalog.CATALOG, embedded.CLDR_LANGUAGES))
    table = read_table(path, encoding=recipe.encoding, separator=recipe.separator)
    columns = choose_columns(table, recipe.inputs, recipe.target)
    file = DataFile(shown_name(path), sha256(path), path.stat().st_size)
    name = Path(table.name.removesuffix(".gz")).stem
    return Origin(name, recipe.source, "", "", (file,), (table,), columns)


def _labels(examples: Examples, origin: Origin) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Return the class of each row and the sorted labels, numbers by their value."""
    encoded = examples.targets.dictionary_encode()
    found: list[str] = encoded.dictionary.to_pylist()
    indices = encoded.indices.to_numpy(zero_copy_only=False)
    numeric = all(_NUMBER.fullmatch(label) for label in found)
    labels = sorted(found, key=lambda label: (float(label) if numeric else 0.0, label))
    counts = dict(zip(found, np.bincount(indices, minlength=len(found)).tolist()))
    _check_classes(counts, numeric, len(examples), origin.columns, origin.tables[0].name)
    rank = {label: index for index, label in enumerate(labels)}
    return np.array([rank[label] for label in found], np.int64)[indices], tuple(labels)


def _check_classes(counts: dict[str, int], numeric: bool, rows: int, columns: Columns, where: str) -> None:
    values = {"column": columns.target, "count": f"{len(counts):,}", "rows": f"{rows:,}"}
    if len(counts) == 1:
        raise DataError(
            "all rows have the same label {label}, so there is nothing to learn",
            "name another column with --target, or add rows of another class",
            where=where,
            values={**values, "label": next(iter(counts))},
        )
    if columns.target in counts:
        raise DataError(
            "the first row looks like data, not like the names of columns: {column} is also a label",
            "put a row with the names of the columns above it",
            where=where,
            values=values,
        )
    many = len(counts) > max(_FEW_CLASSES, rows // _ROWS_PER_CLASS) or (
        numeric and len(counts) > _MANY_NUMBERS
    )
    if many:
        raise DataError(
            "the column {column} has {count} values in {rows} rows: a number or a name, not a class",
            "name the column of the labels with --target",
            where=where,
            values=values,
        )
    rare = sorted((count, label) for label, count in counts.items() if count < _LEAST_ROWS_OF_A_CLASS)
    if rare:
        raise DataError(
            "the label {label} has {count} of the {least} rows that a class needs ({classes} such labels)",
            "add rows, or give these rows another label",
            where=where,
            values={
                "label": rare[0][1],
                "count": rare[0][0],
                "least": _LEAST_ROWS_OF_A_CLASS,
                "classes": len(rare),
            },
        )


def _split(
    ids: npt.NDArray[np.int64],
    groups: npt.NDArray[np.int64],
    file_index: npt.NDArray[np.int16],
    plan: SplitPlan,
) -> list[npt.NDArray[np.int64]]:
    """Return the rows of train, validation and test."""
    if plan.test is not None:
        rest = 1 - plan.test
        validation = rest * plan.validation
        return stratified_split(ids, groups, (rest - validation, validation, plan.test), plan.seed)
    own = np.flatnonzero(file_index == 0)
    shares = (1 - plan.validation, plan.validation)
    train, validation_rows = stratified_split(ids[own], groups[own], shares, plan.seed)
    return [own[train], own[validation_rows], np.flatnonzero(file_index == 1)]


def _fingerprint(parts: Sequence[Examples]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"rows {len(part)}\n".encode())
        for column in (part.inputs[TEXT], part.targets):
            lengths = pc.binary_length(column).to_numpy(zero_copy_only=False)
            digest.update(lengths.astype("<i8").tobytes())
            digest.update("".join(column.to_pylist()).encode("utf-8"))
    return digest.hexdigest()
