"""The data card: everything about the rows that a screen or a report shows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import Columns
from yeoul.data.examples import TEXT, Example, Examples
from yeoul.data.readers import Table

SPLITS = ("train", "validation", "test")
_SAMPLES = 5
_SAMPLE_CHARACTERS = 120
_QUANTILES = {"min": 0.0, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}


@dataclass(frozen=True)
class DataFile:
    """One file that rows came from."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Sample:
    """A row to look at; a long text is cut."""

    where: str
    text: str
    target: str


@dataclass(frozen=True)
class SplitPlan:
    """How rows became train, validation and test."""

    official_test: bool
    """The test rows are those of the set's own test file."""
    test: float | None
    """Share of all rows; none with an official test."""
    validation: float
    """Share of the rows that are not test."""
    seed: int


@dataclass(frozen=True)
class Origin:
    """What is known about a data set before its rows are split."""

    name: str
    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    tables: tuple[Table, ...]
    columns: Columns


@dataclass(frozen=True)
class Findings:
    """What was counted in the rows as a whole: `examples` in file order, and their text groups (N,)."""

    examples: Examples
    groups: npt.NDArray[np.int64]
    non_nfc: int


@dataclass(frozen=True)
class DataCard:
    """What the data is, and what is strange about it.

    Two texts are the same when they are after NFC and with white space made single: see
    `splits.duplicate_groups`.
    """

    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    rows: int
    blank_rows: int
    """Wholly empty rows, which were left out."""
    encoding: str
    encoding_detected: bool
    separator: str
    inputs: tuple[str, ...]
    target: str
    guessed_inputs: bool
    guessed_target: bool
    classes: Mapping[str, Mapping[str, int]]
    """Rows of each label in each split."""
    empty_texts: Mapping[str, int]
    """Rows without any text in each split."""
    duplicates: Mapping[str, int]
    """Rows whose text occurs earlier, by file."""
    duplicates_overall: int
    """Rows whose text occurs earlier, in this file or in one before it."""
    overlap: int
    """Test rows whose text is also in train or validation."""
    conflicting: int
    """Rows whose text occurs with several labels."""
    characters: Mapping[str, int]
    """Quantiles of the characters of a text: min, p5, p25, p50, p75, p95, max."""
    non_nfc: int
    """Texts that had to be composed."""
    plan: SplitPlan
    samples: tuple[Sample, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain dictionaries, lists, strings and numbers: `data.json`."""
        return {
            "source": self.source,
            "title": self.title,
            "licence": self.licence,
            "files": [asdict(file) for file in self.files],
            "rows": self.rows,
            "blank_rows": self.blank_rows,
            "encoding": {"name": self.encoding, "detected": self.encoding_detected},
            "separator": self.separator,
            "inputs": list(self.inputs),
            "target": self.target,
            "guessed": {"inputs": self.guessed_inputs, "target": self.guessed_target},
            "classes": {label: dict(counts) for label, counts in self.classes.items()},
            "empty_texts": dict(self.empty_texts),
            "duplicates": self.duplicates_overall,
            "duplicates_by_file": dict(self.duplicates),
            "overlap": self.overlap,
            "conflicting": self.conflicting,
            "characters": dict(self.characters),
            "non_nfc": self.non_nfc,
            "split": asdict(self.plan),
            "samples": [asdict(sample) for sample in self.samples],
            "fingerprint": self.fingerprint,
        }


def make_card(
    origin: Origin,
    findings: Findings,
    parts: Sequence[npt.NDArray[np.int64]],
    labels: Sequence[str],
    plan: SplitPlan,
    fingerprint: str,
) -> DataCard:
    """Count what a `DataCard` tells; `parts` are the rows of train, validation and test."""
    examples, groups = findings.examples, findings.groups
    texts, first = examples.inputs[TEXT], origin.tables[0]
    ids = pc.index_in(examples.targets, pa.array(labels, examples.targets.type)).to_numpy(
        zero_copy_only=False
    )
    lengths = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    empty = pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
    counts = [np.bincount(ids[part], minlength=len(labels)) for part in parts]
    learned = np.concatenate(parts[:2])
    return DataCard(
        source=origin.source,
        title=origin.title,
        licence=origin.licence,
        files=origin.files,
        rows=len(examples),
        blank_rows=sum(table.blank for table in origin.tables),
        encoding=first.encoding.name,
        encoding_detected=first.encoding.detected,
        separator=first.separator,
        inputs=origin.columns.inputs,
        target=origin.columns.target,
        guessed_inputs=origin.columns.guessed_inputs,
        guessed_target=origin.columns.guessed_target,
        classes={
            label: {split: int(count[index]) for split, count in zip(SPLITS, counts)}
            for index, label in enumerate(labels)
        },
        empty_texts={split: int(empty[part].sum()) for split, part in zip(SPLITS, parts)},
        duplicates={
            name: _repeats(groups[examples.file_index == index]) for index, name in enumerate(examples.files)
        },
        duplicates_overall=_repeats(groups),
        overlap=int(np.isin(groups[parts[2]], groups[learned]).sum()),
        conflicting=_conflicting(groups, ids),
        characters={
            name: int(value)
            for name, value in zip(
                _QUANTILES, np.quantile(lengths, list(_QUANTILES.values()), method="inverted_cdf")
            )
        },
        non_nfc=findings.non_nfc,
        plan=plan,
        samples=_samples(examples.select(parts[0])),
        fingerprint=fingerprint,
    )


def _repeats(groups: npt.NDArray[np.int64]) -> int:
    return len(groups) - len(np.unique(groups))


def _conflicting(groups: npt.NDArray[np.int64], ids: npt.NDArray[np.int64]) -> int:
    span = int(groups.max()) + 1
    several = np.bincount(np.unique(ids.astype(np.int64) * span + groups) % span, minlength=span) > 1
    return int(several[groups].sum())


def _samples(train: Examples) -> tuple[Sample, ...]:
    """Take rows at even distances."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64))
    return tuple(_sample(train[int(place)]) for place in places)


def _sample(example: Example) -> Sample:
    text = example.inputs[TEXT]
    cut = text if len(text) <= _SAMPLE_CHARACTERS else text[: _SAMPLE_CHARACTERS - 1] + "…"
    return Sample(example.where, cut, example.target)
