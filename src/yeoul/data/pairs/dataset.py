"""From a recipe's `[data]` to pairs in three splits, with a card that tells all about them."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import Columns, named_column
from yeoul.data.composition import composed
from yeoul.data.datasets import DEFAULT_TEST, data_path
from yeoul.data.examples import joined_columns
from yeoul.data.pairs.cards import PairFindings, PairsCard, PairSplit, pairs_card
from yeoul.data.pairs.grouping import Ints, Together, together_groups
from yeoul.data.pairs.opening import open_pairs, read_files, same_side_file
from yeoul.data.pairs.pairs import Pairs
from yeoul.data.splits import duplicate_groups, stratified_split
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

_SMALL_BYTES = 1 << 30  # columns above it get 64-bit offsets


@dataclass(frozen=True, eq=False)
class PairDataset:
    """Pairs in three splits; `fingerprint` is equal for equal rows in equal splits."""

    name: str
    train: Pairs
    validation: Pairs
    test: Pairs
    card: PairsCard
    fingerprint: str
    seen: npt.NDArray[np.bool_]
    """(N,) test rows whose source is among the training or validation rows too."""

    @property
    def splits(self) -> dict[str, Pairs]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_pairs(recipe: DataRecipe, together: Together, seed: int) -> PairDataset:
    """Read, check and split the pairs that `recipe` names.

    Official splits are kept as they are, unless `recipe.test` asks for another: then all rows are pooled and split
    anew. Rows that share what `together` says never straddle a split made here. Rows without a source or a target
    are left out and counted. Raises `DataError` for data that cannot be used as it is, and `RecipeError` when no
    source is named.
    """
    origin = open_pairs(recipe)
    tables = list(origin.tables.values())
    findings, part_of_row = _compose(tables, origin.columns, recipe.slices)
    official = recipe.test is None and "test" in origin.tables
    split = PairSplit(
        official_test=official,
        official_validation=official and "validation" in origin.tables,
        test=None if official else (DEFAULT_TEST if recipe.test is None else recipe.test),
        validation=recipe.validation,
        keep_together=together,
        seed=seed,
    )
    groups = together_groups(findings.pairs.sources, findings.pairs.targets, together)
    places = {name: np.flatnonzero(part_of_row == place) for place, name in enumerate(origin.tables)}
    parts = _split(places, groups, split)
    for name, part in parts.items():
        if not len(part):
            raise DataError(
                "{rows} rows are too few: no row is left for {split}",
                "add rows with other texts",
                where=origin.name,
                values={"rows": len(findings.pairs), "split": name},
            )
    pairs = {name: findings.pairs.select(part) for name, part in parts.items()}
    fingerprint = _fingerprint(pairs.values())
    card = pairs_card(origin, findings, parts, split, fingerprint)
    sources = duplicate_groups(findings.pairs.sources)
    learned = sources[np.concatenate([parts["train"], parts["validation"]])]
    seen = np.isin(sources[parts["test"]], learned)
    return PairDataset(
        origin.name, pairs["train"], pairs["validation"], pairs["test"], card, fingerprint, seen
    )


def read_new_pairs(recipe: DataRecipe, columns: Columns) -> PairFindings:
    """Read all pairs of `recipe.source` as those of a training were read, whose `columns` are known.

    Beside a file of sources named for its side, as test.en, the targets may stand in one named for theirs, test.de.
    """
    path = data_path(recipe.source)
    _, table = read_files(recipe, path, same_side_file(path, columns))
    inputs = tuple(named_column(table, name) for name in columns.inputs)
    named = replace(columns, inputs=inputs, target=named_column(table, columns.target))
    return _compose([table], named, recipe.slices)[0]


def _compose(tables: Sequence[Table], columns: Columns, slices: Sequence[str]) -> tuple[PairFindings, Ints]:
    """Put the rows of several tables one after another, composed (NFC) and without spaces around them.

    Returns them without the rows that lack a side, with the table (N,) of each.
    """
    sources, changed = _sides([joined_columns(table, columns.inputs) for table in tables])
    targets, also_changed = _sides([table.columns[columns.target] for table in tables])
    pairs = Pairs(
        sources,
        targets,
        tuple(table.name for table in tables),
        np.repeat(np.arange(len(tables), dtype=np.int16), [table.rows for table in tables]),
        np.concatenate([table.numbers for table in tables]),
        {name: _column(tables, name) for name in slices},
    )
    whole = pc.and_(pc.not_equal(sources, ""), pc.not_equal(targets, ""))
    places = np.flatnonzero(whole.to_numpy(zero_copy_only=False))
    kept = pairs if len(places) == len(pairs) else pairs.select(places)
    findings = PairFindings(kept, len(pairs) - len(places), changed + also_changed)
    return findings, kept.file_index.astype(np.int64)


def _sides(columns: Sequence[pa.ChunkedArray]) -> tuple[pa.Array, int]:
    """Return one side of all tables as one array, and how many texts had to be composed."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    large = sum(chunk.nbytes for chunk in chunks) > _SMALL_BYTES
    kind, made, changed = pa.large_string() if large else pa.string(), [], 0
    for chunk in chunks:
        new = composed(chunk)
        changed += 0 if new is chunk else pc.sum(pc.not_equal(chunk, new)).as_py()
        made.append(pc.utf8_trim_whitespace(new).cast(kind))
    return (pa.concat_arrays(made) if made else pa.array([], kind)), changed


def _column(tables: Sequence[Table], name: str) -> pa.Array:
    chunks = [chunk for table in tables for chunk in table.columns[named_column(table, name)].chunks]
    return pa.chunked_array(chunks, pa.string()).combine_chunks()


def _split(places: Mapping[str, Ints], groups: Ints, split: PairSplit) -> dict[str, Ints]:
    """Return the rows of train, validation and test."""
    if split.test is not None:
        rest = 1 - split.test
        validation = rest * split.validation
        rows = np.sort(np.concatenate(list(places.values())))
        shares = (rest - validation, validation, split.test)
        return dict(zip(("train", "validation", "test"), _cut(rows, groups, shares, split.seed)))
    if split.official_validation:
        return {name: places[name] for name in ("train", "validation", "test")}
    learned = (1 - split.validation, split.validation)
    train, validation_rows = _cut(places["train"], groups, learned, split.seed)
    return {"train": train, "validation": validation_rows, "test": places["test"]}


def _cut(rows: Ints, groups: Ints, shares: tuple[float, ...], seed: int) -> list[Ints]:
    """Cut rows into parts of these shares, equal groups (all rows) always together."""
    parts = stratified_split(np.zeros(len(rows), np.int8), groups[rows], shares, seed)
    return [rows[part] for part in parts]


def _fingerprint(parts: Iterable[Pairs]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"rows {len(part)}\n".encode())
        for side in (part.sources, part.targets):
            lengths = pc.binary_length(side).to_numpy(zero_copy_only=False)
            digest.update(lengths.astype("<i8").tobytes())
            digest.update("".join(side.to_pylist()).encode("utf-8"))
    return digest.hexdigest()
