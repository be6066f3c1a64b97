"""From a recipe's `[data]` to pairs to compare in three splits, with a card that tells all about them.

Texts that are tied by matching pairs say the same in other words: one of them in training would tell of the others in
the test. So they stand on one side of a split together, and a pair whose sides would part is left out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import named_column
from yeoul.data.comparisons.cards import (
    ComparedFindings,
    ComparedSplit,
    ComparisonsCard,
    Together,
    comparisons_card,
)
from yeoul.data.comparisons.comparisons import Comparisons, Ints, Links, Writing
from yeoul.data.comparisons.opening import SideColumns, choose_sides, open_comparisons
from yeoul.data.composition import composed
from yeoul.data.crossing import Crossing, crossing_of
from yeoul.data.datasets import DEFAULT_TEST, data_path, read_source
from yeoul.data.numbers import not_a_number, numbers_of
from yeoul.data.series_cells import series_of
from yeoul.data.splits import stratified_split
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import ComparingRecipe, DataRecipe, Truth

_SPLITS = ("train", "validation", "test")
_LOOKED_AT = 20
_REMEDY = "add rows with other texts, or let texts be on both sides of the split: comparing.keep_together"


@dataclass(frozen=True, eq=False)
class ComparedDataset:
    """Pairs in three splits; `fingerprint` is equal for equal rows in equal splits."""

    name: str
    train: Comparisons
    validation: Comparisons
    test: Comparisons
    truth: Truth
    card: ComparisonsCard
    fingerprint: str
    writings: Mapping[str, tuple[Writing, ...]] = field(default_factory=dict)
    """The documents of each split, where rows are sentences of such."""

    @property
    def splits(self) -> dict[str, Comparisons]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def load_comparisons(
    recipe: DataRecipe, comparing: ComparingRecipe, seed: int, *, series: bool
) -> ComparedDataset:
    """Read, check and split the pairs that `recipe` names; with `series` every cell holds a list of numbers.

    An official test set is kept as it is, unless `recipe.test` asks for another. Rows without a side are left out and
    counted, as are those whose sides the split parts. Raises `DataError` for data that cannot be used as it is, and
    `RecipeError` when no source is named.
    """
    origin = open_comparisons(recipe)
    tables = list(origin.tables.values())
    findings = _compose(tables, origin.columns, recipe.slices, comparing.truth)
    if series:
        check_series(findings.comparisons)
    official = recipe.test is None and "test" in origin.tables
    split = ComparedSplit(
        official_test=official,
        official_validation=official and "validation" in origin.tables,
        test=None if official else (DEFAULT_TEST if recipe.test is None else recipe.test),
        validation=recipe.validation,
        keep_together=comparing.keep_together,
        seed=seed,
    )
    parts = _split(findings.comparisons, tuple(origin.tables), split)
    for name, part in parts.items():
        if not len(part):
            raise DataError(
                "{rows} rows are too few: no row is left for {split}",
                _REMEDY,
                where=origin.name,
                values={"rows": len(findings.comparisons), "split": name},
            )
    splits = {name: findings.comparisons.select(part) for name, part in parts.items()}
    if findings.truth == "match":
        _refuse_one_kind(splits, origin.name)
    fingerprint = fingerprint_of(splits, findings.truth)
    near = None if series else _crossing(findings.comparisons, parts)
    card = comparisons_card(origin, findings, splits, split, fingerprint, near=near, series=series)
    return ComparedDataset(
        origin.name,
        splits["train"],
        splits["validation"],
        splits["test"],
        findings.truth,
        card,
        fingerprint,
    )


def read_new_comparisons(recipe: DataRecipe, columns: Mapping[str, str], truth: Truth) -> Comparisons:
    """Read all pairs of `recipe.source` as those of a training were read.

    The names of its `columns` "left", "right" and "truth" are known. Raises `DataError` for a file without them, or
    without a row that has both sides.
    """
    table = read_source(data_path(recipe.source), recipe)
    named = recipe.model_copy(
        update={"inputs": (columns["left"], columns["right"]), "target": columns["truth"]}
    )
    asked = choose_sides(table, named, ())
    found = _compose([table], asked, recipe.slices, truth).comparisons
    if not len(found):
        raise DataError("the file has no row with both sides", "add rows", where=table.name)
    return found


def _crossing(comparisons: Comparisons, parts: Mapping[str, Ints]) -> Crossing:
    both = pc.binary_join_element_wise(comparisons.lefts, comparisons.rights, "\n")
    return crossing_of(both, tuple(parts.values()), comparisons.where)


def check_series(comparisons: Comparisons) -> None:
    """Raise `DataError` at the first cell of either side that holds no numbers."""
    for side in (comparisons.lefts, comparisons.rights):
        series_of({"side": side}, comparisons.where)


def _compose(
    tables: Sequence[Table],
    columns: SideColumns,
    slices: Sequence[str],
    asked: str,
) -> ComparedFindings:
    """Put the rows of several tables one after another, composed (NFC), trimmed, and without those that lack a side."""
    lefts, changed = _side(tables, columns.left)
    rights, also_changed = _side(tables, columns.right)
    files = tuple(table.name for table in tables)
    file_index = np.repeat(np.arange(len(tables), dtype=np.int16), [table.rows for table in tables])
    numbers = np.concatenate([table.numbers for table in tables])
    further = {name: _column(tables, name) for name in slices}
    every = np.ones(len(lefts))
    pairs = Comparisons(lefts, rights, every, every > 0, files, file_index, numbers, further)
    both = pc.and_(pc.not_equal(lefts, ""), pc.not_equal(rights, "")).to_numpy(zero_copy_only=False)
    kept = np.flatnonzero(both)
    truth: Truth = "none"
    if columns.truth and asked != "none":
        values = _numbers(tables, columns.truth, pairs, kept)
        truth = _kind(values[kept], asked, columns.truth, files[0])
        pairs = replace(pairs, truth=values, matching=(values == 1.0) & (truth == "match"))
    elif asked in ("match", "degree"):
        raise DataError(
            "no column says how close the two of a row are",
            "name it with --target, or leave comparing.truth out",
            where=files[0],
        )
    return ComparedFindings(pairs.select(kept), truth, len(pairs) - len(kept), changed + also_changed)


def _side(tables: Sequence[Table], name: str) -> tuple[pa.Array, int]:
    """Return one side of all tables as one array, and how many texts had to be composed."""
    made, changed = [], 0
    for table in tables:
        for chunk in table.columns[named_column(table, name)].chunks:
            new = composed(chunk)
            changed += 0 if new is chunk else pc.sum(pc.not_equal(chunk, new)).as_py()
            made.append(pc.utf8_trim_whitespace(new))
    return (pa.concat_arrays(made) if made else pa.array([], pa.string())), changed


def _column(tables: Sequence[Table], name: str) -> pa.Array:
    chunks = [chunk for table in tables for chunk in table.columns[named_column(table, name)].chunks]
    return pa.chunked_array(chunks, pa.string()).combine_chunks()


def _numbers(tables: Sequence[Table], name: str, pairs: Comparisons, kept: Ints) -> npt.NDArray[np.float64]:
    """Return the truth of each row (N,); raise `DataError` at the first of the rows `kept` without a number."""
    cells = _column(tables, name)
    values = numbers_of(cells)
    bad = kept[~np.isfinite(values[kept])]
    if len(bad):
        row = int(bad[0])
        raise not_a_number(cells[row].as_py(), pairs.where(row), name)
    return values


def _kind(values: npt.NDArray[np.float64], asked: str, name: str, where: str) -> Truth:
    """Return what the numbers say: "match" where all are zeros and ones, else "degree"."""
    binary = bool(np.isin(values, (0.0, 1.0)).all())
    if asked == "match" and not binary:
        raise DataError(
            "the column {column} holds other numbers than 0 and 1",
            "write 1 for pairs that match and 0 for others, or leave comparing.truth out",
            where=where,
            values={"column": name},
        )
    return "match" if binary and asked != "degree" else "degree"


def _refuse_one_kind(splits: Mapping[str, Comparisons], where: str) -> None:
    for name, split in splits.items():
        if split.matching.all() or not split.matching.any():
            raise DataError(
                "all {rows} rows of {split} are of one kind: {kind}",
                _REMEDY,
                where=where,
                values={"rows": len(split), "split": name, "kind": int(split.truth[0])},
            )


def _split(comparisons: Comparisons, given: Sequence[str], split: ComparedSplit) -> dict[str, Ints]:
    """Return the rows of train, validation and test; those whose sides are parted are in none.

    The tables that were read are `given` by the names of their splits.
    """
    own = {name: np.flatnonzero(comparisons.file_index == place) for place, name in enumerate(given)}
    if split.official_validation:
        return {name: own[name] for name in _SPLITS}
    rest = 1.0 if split.test is None else 1 - split.test
    shares = (rest * (1 - split.validation), rest * split.validation)
    if split.test is not None:
        return dict(zip(_SPLITS, _cut(comparisons, (*shares, split.test), split)))
    train, validation = _cut(comparisons.select(own["train"]), shares, split)
    return {"train": own["train"][train], "validation": own["train"][validation], "test": own["test"]}


def _cut(comparisons: Comparisons, shares: tuple[float, ...], split: ComparedSplit) -> list[Ints]:
    """Cut rows into parts of about these shares, tied texts always together."""
    if split.keep_together == "none":
        rows = np.arange(len(comparisons))
        return stratified_split(comparisons.matching, rows, shares, split.seed)
    links = _links(comparisons, split.keep_together)
    used = np.bincount(np.concatenate([links.left, links.right]), minlength=len(links.group_of))
    by_use = np.repeat(np.arange(len(used)), used)  # a text counts as often as it stands in a row
    side = np.empty(len(used), np.int64)
    for place, part in enumerate(
        stratified_split(np.zeros(len(by_use), np.int8), links.group_of[by_use], shares, split.seed)
    ):
        side[by_use[part]] = place
    own, other = side[links.left], side[links.right]
    return [np.flatnonzero((own == place) & (other == place)) for place in range(len(shares))]


def _links(comparisons: Comparisons, together: Together) -> Links:
    """Tie what must not be parted; a text of one row that matches nothing goes where its partner goes."""
    tied = np.ones(len(comparisons), np.bool_)
    if together == "matching":
        links = comparisons.links
        uses = np.bincount(np.concatenate([links.left, links.right]))
        tied = comparisons.matching | (uses[links.left] == 1) | (uses[links.right] == 1)
    return Links.of(comparisons.lefts, comparisons.rights, tied)


def fingerprint_of(splits: Mapping[str, Comparisons], truth: Truth) -> str:
    """Return a checksum that is equal for equal rows in equal splits."""
    digest = hashlib.sha256(f"compare {truth}\n".encode())
    for part in splits.values():
        digest.update(f"rows {len(part)}\n".encode())
        digest.update(part.truth.astype("<f8").tobytes())
        for side in (part.lefts, part.rights):
            lengths = pc.binary_length(side).to_numpy(zero_copy_only=False)
            digest.update(lengths.astype("<i8").tobytes())
            digest.update("".join(side.to_pylist()).encode("utf-8"))
    return digest.hexdigest()


def reads_as_series(recipe: DataRecipe) -> bool:
    """Tell whether the first sides of the pairs are lists of numbers."""
    origin = open_comparisons(recipe)
    table = next(iter(origin.tables.values()))
    first = table.columns[named_column(table, origin.columns.left)].slice(0, _LOOKED_AT)
    lists = pc.match_substring_regex(
        first, r"^\s*\[?\s*[-+]?\d[\d.eE+-]*([\s,]+[-+]?\d[\d.eE+-]*)+\s*\]?\s*$"
    )
    return len(first) > 0 and bool(pc.all(lists).as_py())
