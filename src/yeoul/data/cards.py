"""The data card: everything about the rows that a screen or a report shows."""

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.columns import Columns
from yeoul.data.crossing import Crossing, crossing_of
from yeoul.data.examples import Examples
from yeoul.data.folders import source_files
from yeoul.data.mapped import by_block
from yeoul.data.opening import shown_name
from yeoul.data.tables import Table
from yeoul.data.targets import TargetKind, encode_targets
from yeoul.files import sha256

SPLITS = ("train", "validation", "test")
_SAMPLES = 5
_SAMPLE_CHARACTERS = 120
_QUANTILES = {"min": 0.0, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "max": 1.0}


@dataclass(frozen=True)
class DataFile:
    """One file that rows came from, or one folder: its checksum is that of its files' names and checksums."""

    name: str
    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path) -> "DataFile":
        """Read the checksum and the size of a file or folder."""
        if not path.is_dir():
            return cls(shown_name(path), sha256(path), path.stat().st_size)
        digest, size = hashlib.sha256(), 0
        for file in source_files(path):
            name = unicodedata.normalize("NFC", file.relative_to(path).as_posix())
            digest.update(f"{sha256(file)}  {name}\n".encode())
            size += file.stat().st_size
        return cls(shown_name(path.absolute()), digest.hexdigest(), size)


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
class Steps:
    """What series are like: the numbers of each step, and the steps of each row (N,)."""

    channels: int
    lengths: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Findings:
    """What was counted in the rows as a whole.

    `examples` stand in file order, `texts` are what they read as (the columns of a series joined), `groups`
    (N,) number equal ones.
    """

    examples: Examples
    kind: TargetKind
    texts: pa.Array
    groups: npt.NDArray[np.int64]
    non_nfc: int
    steps: Steps | None = None
    """Nothing for texts."""


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
    target_kind: TargetKind
    sizes: Mapping[str, int]
    """Rows of each split."""
    classes: Mapping[str, Mapping[str, int]]
    """Rows of each label in each split; a row with several labels counts for each, numbers have none."""
    unlabelled: Mapping[str, int]
    """Rows without any label in each split, where rows may have several."""
    target_quantiles: Mapping[str, Mapping[str, float]]
    """Of the numbers of each split: min, p5, p25, p50, p75, p95, max; nothing for labels."""
    empty_texts: Mapping[str, int]
    """Rows without any text in each split."""
    duplicates: Mapping[str, int]
    """Rows whose text occurs earlier, by file."""
    duplicates_overall: int
    """Rows whose text occurs earlier, in this file or in one before it."""
    overlap: int
    """Test rows whose text is also in train or validation."""
    near: Crossing | None
    """Validation and test rows that nearly repeat a training row; nothing for series."""
    conflicting: int
    """Rows whose text occurs with several labels."""
    characters: Mapping[str, int] | None
    """Quantiles of the characters of a text: min, p5, p25, p50, p75, p95, max; nothing for series."""
    channels: int | None
    """Numbers at each step of a series; nothing for texts."""
    steps: Mapping[str, int] | None
    """Quantiles of the steps of a series; nothing for texts."""
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
            "target_kind": self.target_kind,
            "sizes": dict(self.sizes),
            "unlabelled": dict(self.unlabelled),
            "target_quantiles": {split: dict(them) for split, them in self.target_quantiles.items()},
            "classes": {label: dict(counts) for label, counts in self.classes.items()},
            "empty_texts": dict(self.empty_texts),
            "duplicates": self.duplicates_overall,
            "duplicates_by_file": dict(self.duplicates),
            "overlap": self.overlap,
            "near": None if self.near is None else self.near.to_json(),
            "conflicting": self.conflicting,
            "characters": None if self.characters is None else dict(self.characters),
            "channels": self.channels,
            "steps": None if self.steps is None else dict(self.steps),
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
    examples, groups, texts = findings.examples, findings.groups, findings.texts
    first, steps = origin.tables[0], findings.steps
    targets = encode_targets(examples, findings.kind, labels)
    empty = by_block(texts, lambda block: pc.equal(pc.utf8_trim_whitespace(block), ""))
    learned = np.concatenate(parts[:2])
    several = findings.kind == "labels"
    numbers = findings.kind == "number"
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
        target_kind=findings.kind,
        sizes={split: len(part) for split, part in zip(SPLITS, parts)},
        classes=_rows_of_labels(targets, parts, labels),
        unlabelled={s: int((targets[p].sum(axis=1) == 0).sum()) for s, p in zip(SPLITS, parts) if several},
        target_quantiles={s: quantiles(targets[p]) for s, p in zip(SPLITS, parts) if numbers},
        empty_texts={split: int(empty[part].sum()) for split, part in zip(SPLITS, parts)},
        duplicates={
            name: _repeats(groups[examples.file_index == index]) for index, name in enumerate(examples.files)
        },
        duplicates_overall=_repeats(groups),
        overlap=int(np.isin(groups[parts[2]], groups[learned]).sum()),
        near=None if steps else crossing_of(texts, parts, examples.where),
        conflicting=int(conflicting_truths(groups, examples.targets).sum()),
        characters=None if steps else whole_quantiles(by_block(texts, pc.utf8_length)),
        channels=None if steps is None else steps.channels,
        steps=None if steps is None else whole_quantiles(steps.lengths),
        non_nfc=findings.non_nfc,
        plan=plan,
        samples=_samples(examples, texts, parts[0]),
        fingerprint=fingerprint,
    )


def _repeats(groups: npt.NDArray[np.int64]) -> int:
    return len(groups) - len(np.unique(groups))


def conflicting_truths(groups: npt.NDArray[np.int64], targets: pa.Array) -> npt.NDArray[np.bool_]:
    """Tell of each row (N,) whether its text occurs with several targets."""
    ids = targets.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    span = int(groups.max()) + 1
    several = np.bincount(np.unique(ids * span + groups) % span, minlength=span) > 1
    truths: npt.NDArray[np.bool_] = several[groups]
    return truths


def _rows_of_labels(
    targets: npt.NDArray[Any], parts: Sequence[npt.NDArray[np.int64]], labels: Sequence[str]
) -> dict[str, dict[str, int]]:
    counts = [
        np.bincount(targets[part], minlength=len(labels)) if targets.ndim == 1 else targets[part].sum(axis=0)
        for part in parts
        if labels
    ]
    return {
        label: {split: int(count[index]) for split, count in zip(SPLITS, counts)}
        for index, label in enumerate(labels)
    }


def quantiles(numbers: npt.NDArray[np.float64]) -> dict[str, float]:
    """Return min, p5, p25, p50, p75, p95 and max, each a number that is there."""
    found = np.quantile(numbers, list(_QUANTILES.values()), method="inverted_cdf")
    return {name: float(value) for name, value in zip(_QUANTILES, found)}


def whole_quantiles(lengths: npt.NDArray[np.int64]) -> dict[str, int]:
    """Return `quantiles` of whole numbers."""
    return {name: int(value) for name, value in quantiles(lengths.astype(np.float64)).items()}


def _samples(examples: Examples, texts: pa.Array, train: npt.NDArray[np.int64]) -> tuple[Sample, ...]:
    """Take rows at even distances."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64))
    rows = [int(train[place]) for place in places]
    return tuple(
        Sample(examples.where(row), cut_text(texts[row].as_py()), examples.targets[row].as_py())
        for row in rows
    )


def cut_text(text: str) -> str:
    """Return the beginning of a long text, as a sample shows it."""
    return text if len(text) <= _SAMPLE_CHARACTERS else text[: _SAMPLE_CHARACTERS - 1] + "…"
