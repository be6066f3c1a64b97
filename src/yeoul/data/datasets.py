"""From a recipe's `[data]` to labelled rows in three splits, with a card that tells all about them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data import catalog
from yeoul.data.cards import DataCard, DataFile, Findings, Origin, SplitPlan, Steps, make_card
from yeoul.data.columns import choose_columns, expanded_names, named_column
from yeoul.data.embedded import EMBEDDED, EmbeddedSet
from yeoul.data.examples import TEXT, Examples, compose, compose_apart
from yeoul.data.opening import existing_source
from yeoul.data.public import public_tables
from yeoul.data.readers import read_table
from yeoul.data.refusals import are_numbers, check_targets
from yeoul.data.series_cells import series_of
from yeoul.data.splits import duplicate_groups, stratified_split
from yeoul.data.tables import Table
from yeoul.data.targets import TargetKind, labels_of, strata, with_targets
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

DEFAULT_TEST = 0.1


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled rows in three splits; `fingerprint` is equal for equal rows in equal splits."""

    name: str
    train: Examples
    validation: Examples
    test: Examples
    labels: tuple[str, ...]
    """Sorted, numbers by their value; none where the targets are numbers."""
    card: DataCard
    fingerprint: str
    seen: npt.NDArray[np.bool_]
    """(N,) test rows whose text is among the training or validation rows too."""

    @property
    def splits(self) -> dict[str, Examples]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_dataset(recipe: DataRecipe, seed: int, series: bool = False) -> Dataset:
    """Read, check and split the data that `recipe` names.

    The source is a public set, the embedded set, a file or a folder. The official test set of a public one is
    kept as it is, unless `recipe.test` asks for another: then all rows are pooled and split anew. Rows with
    equal texts never straddle a split made here; those that the official split divides are counted in the
    card. With `series` the input columns stay apart, by name, and every cell of them must hold numbers.

    Raises `DataError` for data that cannot be used as it is, and `RecipeError` when no source is named.
    """
    origin = _open(recipe, series)
    official = len(origin.tables) > 1 and recipe.test is None
    findings = _sliced(_read(origin, recipe, series), origin, recipe.slices)
    examples = findings.examples
    counts = labels_of(examples, recipe.target_kind)
    check_targets(counts, recipe.target_kind, examples, origin.columns.target, origin.tables[0].name)
    labels = _sorted(counts)
    ids = strata(examples, recipe.target_kind, counts)
    test = DEFAULT_TEST if recipe.test is None else recipe.test
    plan = SplitPlan(official, None if official else test, recipe.validation, seed)
    parts = _split(ids, findings.groups, examples.file_index, plan)
    parts[0] = _limited(parts[0], ids, recipe.training_rows, seed)
    train, validation, tested = (examples.select(part) for part in parts)
    for name, part in (("train", train), ("validation", validation), ("test", tested)):
        if not len(part):
            raise DataError(
                "{rows} rows are too few: no row is left for {split}",
                "add rows with other texts",
                where=origin.name,
                values={"rows": len(examples), "split": name},
            )
    fingerprint = _fingerprint((train, validation, tested), recipe.target_kind)
    card = make_card(origin, findings, parts, labels, plan, fingerprint)
    seen = np.isin(findings.groups[parts[2]], findings.groups[np.concatenate(parts[:2])])
    return Dataset(origin.name, train, validation, tested, labels, card, fingerprint, seen)


def _open(recipe: DataRecipe, series: bool) -> Origin:
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    if recipe.source in EMBEDDED:
        return _open_embedded(EMBEDDED[recipe.source], recipe)
    entry = catalog.CATALOG.get(recipe.source)
    return _open_file(recipe, series) if entry is None else _open_public(entry, recipe)


def _open_embedded(entry: EmbeddedSet, recipe: DataRecipe) -> Origin:
    table = entry.table()
    columns = choose_columns(table, recipe.inputs or entry.inputs, recipe.target or entry.target)
    return Origin(table.name, recipe.source, entry.title, entry.licence, (), (table,), columns)


def _open_public(entry: catalog.CatalogEntry, recipe: DataRecipe) -> Origin:
    found = catalog.find(entry)
    inputs, target = recipe.inputs or found.form.inputs, recipe.target or found.form.target
    if not target:
        raise DataError(
            "the public set {name} has no label a row: it is for the task {task}",
            "`yeoul data list` tells which sets are for classify",
            where=entry.name,
            values={"name": entry.name, "task": entry.task},
        )
    files, tables = public_tables(found, recipe)
    columns = [choose_columns(table, inputs, target) for table in tables]
    return Origin(entry.name, recipe.source, entry.title, entry.licence, files, tables, columns[0])


def _open_file(recipe: DataRecipe, series: bool) -> Origin:
    path = data_path(recipe.source)
    table = read_source(path, recipe)
    columns = choose_columns(table, recipe.inputs, recipe.target, "series" if series else "text")
    name = Path(table.name.removesuffix(".gz")).stem
    return Origin(name, recipe.source, "", "", (DataFile.of(path),), (table,), columns)


def data_path(source: str) -> Path:
    """Return the file or folder of that name; raise `DataError` with the nearest name when there is none."""
    return existing_source(Path(source), known=(*catalog.CATALOG, *EMBEDDED))


def read_source(path: Path, recipe: DataRecipe) -> Table:
    """Read a file or folder as `recipe` says: its encoding, separator and, without a header, its columns."""
    names = expanded_names(recipe.columns)
    return read_table(path, encoding=recipe.encoding, separator=recipe.separator, columns=names)


def _read(origin: Origin, recipe: DataRecipe, series: bool) -> Findings:
    """Put the tables one after another, targets checked; series are checked number for number."""
    columns, kind = origin.columns, recipe.target_kind
    tables = [with_targets(table, columns.target, kind, recipe.label_separator) for table in origin.tables]
    if not series:
        composed = compose(tables, columns)
        texts = composed.examples.inputs[TEXT]
        return Findings(composed.examples, kind, texts, duplicate_groups(texts), composed.non_nfc)
    examples = compose_apart(tables, columns)
    flat, lengths = series_of(examples.inputs, examples.where)
    texts = pc.binary_join_element_wise(*examples.inputs.values(), "\n")
    steps = Steps(flat.shape[1], lengths)
    return Findings(examples, kind, texts, duplicate_groups(texts), 0, steps)


def _sliced(findings: Findings, origin: Origin, names: Sequence[str]) -> Findings:
    """Keep the columns of these names with the rows."""
    named = {name: [named_column(table, name) for table in origin.tables] for name in names}
    slices = {
        name: pa.chunked_array(
            [chunk for table, own in zip(origin.tables, columns) for chunk in table.columns[own].chunks],
            pa.string(),
        ).combine_chunks()
        for name, columns in named.items()
    }
    return replace(findings, examples=replace(findings.examples, slices=slices))


def _sorted(labels: Mapping[str, int]) -> tuple[str, ...]:
    """Sort labels, numbers by their value."""
    numeric = are_numbers(labels)
    return tuple(sorted(labels, key=lambda label: (float(label) if numeric else 0.0, label)))


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


def _limited(
    rows: npt.NDArray[np.int64], ids: npt.NDArray[np.int64], most: int | None, seed: int
) -> npt.NDArray[np.int64]:
    """Draw so many rows, every class in proportion; fewer of them are among more, whatever the numbers."""
    if most is None:
        return rows
    if most > len(rows):
        raise RecipeError(
            "{asked} training rows are asked for, there are {rows}",
            "ask for fewer, or remove the key",
            where="data.training_rows",
            values={"asked": most, "rows": len(rows)},
        )
    drawn = np.random.default_rng(seed).permutation(rows)
    kinds = ids[drawn]
    by_kind = np.argsort(kinds, kind="stable")
    sizes = np.bincount(np.unique(kinds, return_inverse=True)[1])
    rank = np.empty(len(drawn))
    rank[by_kind] = np.concatenate([np.arange(size) / size for size in sizes])
    return np.sort(drawn[np.argsort(rank, kind="stable")[:most]])


def _fingerprint(parts: Sequence[Examples], kind: TargetKind) -> str:
    digest = hashlib.sha256()
    if kind != "class":
        digest.update(f"targets {kind}\n".encode())
    for part in parts:
        digest.update(f"rows {len(part)}\n".encode())
        for name in part.inputs:
            if name != TEXT:
                digest.update(f"input {name}\n".encode())
            _add(digest, part.blocks(name), part.blocks(name))
        _add(digest, (part.targets,), (part.targets,))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", blocks: Iterable[pa.Array], again: Iterable[pa.Array]) -> None:
    """Put a column into a checksum, block by block: first all lengths, then all bytes."""
    for block in blocks:
        lengths = pc.binary_length(block).to_numpy(zero_copy_only=False)
        digest.update(lengths.astype("<i8").tobytes())
    for block in again:
        digest.update("".join(block.to_pylist()).encode("utf-8"))
