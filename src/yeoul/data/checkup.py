"""The data doctor: what a file holds, what is odd in it, and which recipe to begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data import catalog
from yeoul.data.advice import SAMPLED, Advice, advise, advise_series
from yeoul.data.cards import Sample, cut_text, quantiles, whole_quantiles
from yeoul.data.columns import Columns, likely_columns
from yeoul.data.datasets import data_path, read_source
from yeoul.data.embedded import EMBEDDED
from yeoul.data.examples import joined_columns
from yeoul.data.labelling import count_labels, guess_kind, pooled_texts, scan_labels, scan_rows
from yeoul.data.leaks import Leak, leaks_of
from yeoul.data.mapped import by_block
from yeoul.data.numbers import numbers_of
from yeoul.data.oddities import PLACES, Oddity, place_of, scan_columns, scan_texts, scan_values
from yeoul.data.oddity_sentences import said
from yeoul.data.profiles import Profile, profile
from yeoul.data.public import public_tables
from yeoul.data.splits import duplicate_groups
from yeoul.data.tables import Table
from yeoul.data.targets import TargetKind
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe

_SAMPLES = 5
_SERIES_COLUMNS = 8  # so many columns of numbers, and no text, are taken for the steps of a series


@dataclass(frozen=True)
class CheckedFile:
    """One file as it was read."""

    name: str
    split: str
    rows: int
    blank_rows: int
    encoding: str
    encoding_detected: bool
    separator: str


@dataclass(frozen=True)
class Checkup:
    """What the doctor found."""

    source: str
    note: str
    """What the catalog knows about a public set."""
    files: tuple[CheckedFile, ...]
    profiles: Mapping[str, Profile]
    columns: Columns
    """Empty names where nothing was named and nothing could be guessed."""
    target_kind: TargetKind
    classes: Mapping[str, Mapping[str, int]]
    """Rows of each label in each split."""
    unlabelled: Mapping[str, int]
    """Rows without a label in each split."""
    target_quantiles: Mapping[str, float] | None
    characters: Mapping[str, int] | None
    oddities: tuple[Oddity, ...]
    samples: tuple[Sample, ...]
    advice: Advice | None
    """Nothing without a target."""

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain dictionaries, lists, strings and numbers."""
        return {
            "source": self.source,
            "note": self.note,
            "rows": self.rows,
            "files": [asdict(file) for file in self.files],
            "columns": {name: asdict(each) for name, each in self.profiles.items()},
            "inputs": list(self.columns.inputs),
            "target": self.columns.target,
            "guessed": {"inputs": self.columns.guessed_inputs, "target": self.columns.guessed_target},
            "target_kind": self.target_kind,
            "classes": {label: dict(counts) for label, counts in self.classes.items()},
            "unlabelled": dict(self.unlabelled),
            "target_quantiles": self.target_quantiles,
            "characters": self.characters,
            "findings": [
                {**asdict(each), "places": list(each.places), "says": said(each)} for each in self.oddities
            ],
            "samples": [asdict(sample) for sample in self.samples],
            "advice": None if self.advice is None else asdict(self.advice),
        }


def check_up(recipe: DataRecipe, test: str = "") -> Checkup:
    """Examine the file, folder or public set that `recipe` names, with or without labels.

    `test` names a file whose rows are to be scored later: its texts must not be among the others. Raises
    `DataError` for a file that cannot be read and for columns that are named and not there.
    """
    recipe, note, tables = _opened(recipe, test)
    first = next(iter(tables.values()))
    profiles = {name: profile(first, name) for name in first.columns}
    columns = likely_columns(first, recipe.inputs, recipe.target)
    kind, separator = _kind(recipe, first, columns, profiles)
    numeric = not columns.inputs and _numeric(profiles, columns.target) >= _SERIES_COLUMNS
    series = numeric and bool(columns.target) and (kind == "class" or not columns.guessed_target)
    if series:
        found = likely_columns(first, recipe.inputs, columns.target, "series")
        columns = replace(found, guessed_target=columns.guessed_target)
    elif not columns.inputs and columns.guessed_target:
        columns, kind = replace(columns, target=""), "class"
    by_split = {
        split: count_labels(table, columns.target, kind, separator) if columns.target else {}
        for split, table in tables.items()
    }
    counts = _summed(by_split)
    texts = pooled_texts(tables, columns.inputs) if columns.inputs else None
    plain = recipe.model_copy(
        update={
            "inputs": () if series else columns.inputs,
            "target": columns.target,
            "target_kind": kind,
            "label_separator": separator,
        }
    )
    return Checkup(
        source=recipe.source,
        note=note,
        files=tuple(_checked(split, table) for split, table in tables.items()),
        profiles=profiles,
        columns=columns,
        target_kind=kind,
        classes={
            label: {split: by_split[split].get(label, 0) for split in by_split} for label in counts if label
        },
        unlabelled={split: each.get("", 0) for split, each in by_split.items()},
        target_quantiles=_numbers(tables, columns.target) if kind == "number" else None,
        characters=None if series or texts is None else whole_quantiles(by_block(texts, pc.utf8_length)),
        oddities=(
            *scan_labels(tables, columns.target, kind, counts),
            *(() if texts is None else scan_rows(tables, texts, columns.target)),
            *_merged(_of_cells(tables, profiles, columns, series)),
        ),
        samples=_samples(first, columns),
        advice=_advice(plain, texts, series, first.rows),
    )


def find_leaks(recipe: DataRecipe, test: str = "") -> list[Leak]:
    """Return the test rows of a public set, or of the file `test`, that repeat a training row or nearly do.

    Raises `DataError` where there are no test rows, and where it is not known what the texts are.
    """
    recipe, _, tables = _opened(recipe, test)
    columns = likely_columns(next(iter(tables.values())), recipe.inputs, recipe.target)
    if "test" not in tables:
        raise DataError("there are no test rows", "name them with --test FILE", where=recipe.source)
    if not columns.inputs:
        raise DataError("no text column was found", "name it with --input", where=recipe.source)
    texts = pooled_texts(tables, columns.inputs)
    return leaks_of(tables, texts, duplicate_groups(texts))


def _opened(recipe: DataRecipe, test: str) -> tuple[DataRecipe, str, dict[str, Table]]:
    """Return the recipe with the columns of a public set, what the catalog knows, and the tables by split."""
    if not recipe.source:
        raise RecipeError(
            "no data is named", "name a file, or a public set of `yeoul data list`", where="data.source"
        )
    entry = catalog.CATALOG.get(recipe.source)
    known: tuple[tuple[str, ...], str] = ((), "")
    note = ""
    if recipe.source in EMBEDDED:
        made = EMBEDDED[recipe.source]
        known, note = (made.inputs, made.target), made.title
        tables = {"all": made.table()}
    elif entry is not None:
        found = catalog.find(entry)
        known, note = (found.form.inputs, found.form.target), entry.note
        _, read = public_tables(found, recipe)
        if not read:
            raise DataError(
                "the public set {name} is no table of rows: it is for the task {task}",
                "give the path of one of its files in {folder}",
                where=entry.name,
                values={"name": entry.name, "task": entry.task, "folder": found.folder},
            )
        tables = dict(zip(("train", "test") if len(read) > 1 else ("all",), read))
    else:
        tables = {"all": read_source(data_path(recipe.source), recipe)}
    if test:
        tables = {"train" if split == "all" else split: table for split, table in tables.items()}
        tables["test"] = read_source(data_path(test), recipe)
    named = {"inputs": recipe.inputs or known[0], "target": recipe.target or known[1]}
    return recipe.model_copy(update=named), note, tables


def _kind(
    recipe: DataRecipe, table: Table, columns: Columns, profiles: Mapping[str, Profile]
) -> tuple[TargetKind, str]:
    if recipe.target_kind != "class" or not columns.target:
        return recipe.target_kind, recipe.label_separator
    return guess_kind(table, columns.target, profiles[columns.target])


def _checked(split: str, table: Table) -> CheckedFile:
    return CheckedFile(
        name=table.name,
        split=split,
        rows=table.rows,
        blank_rows=table.blank,
        encoding=table.encoding.name,
        encoding_detected=table.encoding.detected,
        separator=table.separator,
    )


def _numeric(profiles: Mapping[str, Profile], target: str) -> int:
    return sum(each.kind in ("integer", "number") for name, each in profiles.items() if name != target)


def _summed(by_split: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Add up the rows of each label, the most frequent label first."""
    totals: dict[str, int] = {}
    for counts in by_split.values():
        for label, count in counts.items():
            totals[label] = totals.get(label, 0) + count
    return dict(sorted(totals.items(), key=lambda entry: (-entry[1], entry[0])))


def _numbers(tables: Mapping[str, Table], target: str) -> dict[str, float] | None:
    numbers = np.concatenate(
        [numbers_of(table.columns[target].combine_chunks()) for table in tables.values()]
    )
    finite = numbers[np.isfinite(numbers)]
    return quantiles(finite) if len(finite) else None


def _of_cells(
    tables: Mapping[str, Table], profiles: Mapping[str, Profile], columns: Columns, series: bool
) -> Iterator[Oddity]:
    looked_at = [name for name in (*columns.inputs, columns.target) if name and not series]
    for table in tables.values():
        yield from scan_texts(table, tuple(name for name in looked_at if name in table.columns))
        shared = {name: each for name, each in profiles.items() if name in table.columns}
        yield from scan_values(table, shared)
        yield from scan_columns(table, shared, columns.inputs, columns.target)


def _merged(oddities: Iterator[Oddity]) -> list[Oddity]:
    """Add up what was found in several files of one set."""
    merged: dict[tuple[str, str, str], Oddity] = {}
    for each in oddities:
        key = (each.kind, each.column, str(each.values.get("number", "")))
        before = merged.get(key)
        if before is not None:
            places = (*before.places, *each.places)[:PLACES]
            each = replace(before, count=before.count + each.count, places=places)
        merged[key] = each
    return list(merged.values())


def _samples(table: Table, columns: Columns) -> tuple[Sample, ...]:
    """Take rows at even distances."""
    rows = np.unique(np.linspace(0, table.rows - 1, min(_SAMPLES, table.rows)).astype(np.int64))
    texts = joined_columns(table, columns.inputs or tuple(table.columns)).take(pa.array(rows)).to_pylist()
    targets = [table.columns[columns.target][int(row)].as_py() if columns.target else "" for row in rows]
    return tuple(
        Sample(place_of(table, int(row)), cut_text(text), target)
        for row, text, target in zip(rows, texts, targets)
    )


def _advice(recipe: DataRecipe, texts: pa.ChunkedArray | None, series: bool, rows: int) -> Advice | None:
    if not recipe.target or texts is None:
        return None
    if series:
        return advise_series(recipe)
    sampled = np.unique(np.linspace(0, rows - 1, min(SAMPLED, rows)).astype(np.int64))
    sample = [text for text in texts.take(pa.array(sampled)).to_pylist() if text.strip()]
    return advise(recipe, sample, rows) if sample else None
