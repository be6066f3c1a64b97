"""The data card of pairs: what a screen or a report shows of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import DataFile, Sample, conflicting_truths, cut_text, whole_quantiles
from yeoul.data.columns import Columns
from yeoul.data.crossing import Crossing, crossing_of
from yeoul.data.pairs.grouping import Ints, Together, leaks, pair_groups
from yeoul.data.pairs.opening import PairOrigin
from yeoul.data.pairs.pairs import Pairs
from yeoul.data.splits import duplicate_groups

_SAMPLES = 5


@dataclass(frozen=True)
class PairSplit:
    """How pairs became train, validation and test."""

    official_test: bool
    """The test rows are those of the set's makers."""
    official_validation: bool
    test: float | None
    """Share of all rows; none with an official test."""
    validation: float
    """Share of the rows that are not test, where it is not official."""
    keep_together: Together
    """What rows on one side of a split made here share; it moves no row of an official one."""
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class PairsCard:
    """What the pairs are, and what is strange about them."""

    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    columns: Columns
    encoding: str
    encoding_detected: bool
    separator: str
    rows: int
    """Those that are used."""
    blank_rows: int
    """Wholly empty rows of the files."""
    one_sided: int
    """Rows without a source or without a target, which were left out."""
    sizes: Mapping[str, int]
    duplicates: Mapping[str, int]
    """Rows whose "source", "target" or whole "pair" occurs earlier."""
    several_targets: int
    """Rows whose source occurs with several targets."""
    leaks: Mapping[str, Mapping[str, int]]
    """Of validation and test rows: whose "source", "target" or whole "pair" is among the rows learned from."""
    near: Crossing
    """Validation and test rows whose source nearly repeats that of a training row with the same target."""
    same: int
    """Rows whose target is their source."""
    characters: Mapping[str, Mapping[str, int]]
    """Quantiles of the characters of "source" and "target"."""
    non_nfc: int
    """Texts that had to be composed."""
    split: PairSplit
    samples: tuple[Sample, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain dictionaries, lists, strings and numbers: `data.json`."""
        return {
            "task": "transduce",
            "source": self.source,
            "title": self.title,
            "licence": self.licence,
            "files": [asdict(file) for file in self.files],
            "inputs": list(self.columns.inputs),
            "target": self.columns.target,
            "guessed": {
                "inputs": self.columns.guessed_inputs,
                "target": self.columns.guessed_target,
            },
            "encoding": {"name": self.encoding, "detected": self.encoding_detected},
            "separator": self.separator,
            "rows": self.rows,
            "blank_rows": self.blank_rows,
            "one_sided": self.one_sided,
            "sizes": dict(self.sizes),
            "duplicates": self.duplicates["pair"],
            "repeated": dict(self.duplicates),
            "conflicting": self.several_targets,
            "overlap": self.leaks["source"]["test"],
            "leaks": {name: dict(counts) for name, counts in self.leaks.items()},
            "near": self.near.to_json(),
            "same": self.same,
            "characters": dict(self.characters["source"]),
            "target_characters": dict(self.characters["target"]),
            "non_nfc": self.non_nfc,
            "split": self.split.to_json(),
            "samples": [asdict(sample) for sample in self.samples],
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, eq=False)
class PairFindings:
    """What was read: all pairs in file order, and what was left out or changed on the way."""

    pairs: Pairs
    one_sided: int
    non_nfc: int


def pairs_card(
    origin: PairOrigin, findings: PairFindings, parts: Mapping[str, Ints], split: PairSplit, fingerprint: str
) -> PairsCard:
    """Count what a `PairsCard` tells; `parts` are the rows of each split."""
    pairs, first = findings.pairs, next(iter(origin.tables.values()))
    groups = {"source": duplicate_groups(pairs.sources), "target": duplicate_groups(pairs.targets)}
    groups["pair"] = pair_groups(groups["source"], groups["target"])
    return PairsCard(
        source=origin.source,
        title=origin.title,
        licence=origin.licence,
        files=origin.files,
        columns=origin.columns,
        encoding=first.encoding.name,
        encoding_detected=first.encoding.detected,
        separator=first.separator,
        rows=len(pairs),
        blank_rows=sum(table.blank for table in origin.tables.values()),
        one_sided=findings.one_sided,
        sizes={name: len(part) for name, part in parts.items()},
        duplicates={name: len(own) - len(np.unique(own)) for name, own in groups.items()},
        several_targets=int(conflicting_truths(groups["source"], pairs.targets).sum()),
        leaks={name: leaks(own, parts) for name, own in groups.items()},
        near=crossing_of(pairs.sources, tuple(parts.values()), pairs.where, groups["target"]),
        same=int(pc.sum(pc.equal(pairs.sources, pairs.targets)).as_py() or 0),
        characters={"source": _lengths(pairs.sources), "target": _lengths(pairs.targets)},
        non_nfc=findings.non_nfc,
        split=split,
        samples=_samples(pairs, parts["train"]),
        fingerprint=fingerprint,
    )


def _lengths(texts: pa.Array) -> dict[str, int]:
    return whole_quantiles(pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(np.int64))


def _samples(pairs: Pairs, train: Ints) -> tuple[Sample, ...]:
    """Take rows at even distances."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64))
    rows = (pairs[int(train[place])] for place in places)
    return tuple(Sample(row.where, cut_text(row.source), cut_text(row.target)) for row in rows)
