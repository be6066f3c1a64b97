"""The data doctor: what a file holds, what is odd in it, and which recipe to begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.advice import SAMPLED, Advice, advise, advise_series
from yeoul.data.cards import Sample, cut_text, quantiles, whole_quantiles
from yeoul.data.columns import Columns, likely_columns
from yeoul.data.examining import opened_tables, pooled_texts
from yeoul.data.examples import joined_columns
from yeoul.data.giveaways import scan_answers
from yeoul.data.labelling import count_labels, guess_kind, scan_labels, scan_owners, scan_rows
from yeoul.data.mapped import by_block
from yeoul.data.numbers import numbers_of
from yeoul.data.oddities import PLACES, Oddity, place_of, scan_columns, scan_texts, scan_values
from yeoul.data.oddity_sentences import said
from yeoul.data.profiles import Profile, profile
from yeoul.data.shared_steps import scan_series
from yeoul.data.tables import Table
from yeoul.data.targets import TargetKind
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


def check_up(recipe: DataRecipe, test: str = "", together: str = "") -> Checkup:
    """Examine the file, folder or public set that `recipe` names, with or without labels.

    `test` names a file whose rows are to be scored later: its texts must not be among the others, nor what stands in
    its column `together`. Raises `DataError` for a file that cannot be read and for columns that are named and not
    there.
    """
    recipe, note, tables = opened_tables(recipe, test)
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
    labelled = {split: table for split, table in tables.items() if columns.target in table.columns}
    by_split = {
        split: count_labels(table, columns.target, kind, separator) if split in labelled else {}
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
        target_quantiles=_numbers(labelled, columns.target) if kind == "number" else None,
        characters=None if series or texts is None else whole_quantiles(by_block(texts, pc.utf8_length)),
        oddities=(
            *scan_labels(labelled, columns.target, kind, counts),
            *(
                ()
                if texts is None
                else scan_rows(tables, texts, columns.target if labelled == tables else "")
            ),
            *scan_owners(tables, together),
            *(scan_series(tables, columns.inputs) if series else ()),
            *(() if texts is None or series or kind != "class" else _answers(first, texts, columns.target)),
            *_merged(_of_cells(tables, profiles, columns, series)),
        ),
        samples=_samples(first, columns),
        advice=_advice(plain, texts, series, first.rows),
    )


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
        target = columns.target if columns.target in table.columns else ""
        yield from scan_columns(table, shared, columns.inputs, target)


def _answers(table: Table, texts: pa.ChunkedArray, target: str) -> Iterator[Oddity]:
    return scan_answers(table, texts.slice(0, table.rows), target) if target else iter(())


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
