"""The data card of pairs to compare: what a screen or a report shows of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import DataFile, cut_text, quantiles, whole_quantiles
from yeoul.data.comparisons.comparisons import BEGINNING, END, Comparisons
from yeoul.data.comparisons.opening import ComparedOrigin, SideColumns
from yeoul.data.crossing import Crossing
from yeoul.recipe import Truth

Together = Literal["matching", "all", "none"]
_SAMPLES = 6


@dataclass(frozen=True)
class ComparedSplit:
    """How pairs became train, validation and test."""

    official_test: bool
    official_validation: bool
    test: float | None
    """Share of all texts; none with an official test."""
    validation: float
    """Share of the texts that are not test."""
    keep_together: Together
    seed: int

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class ComparedSample:
    """A pair to look at; long texts are cut."""

    where: str
    left: str
    right: str
    truth: float


@dataclass(frozen=True)
class ComparisonsCard:
    """What the pairs are, and what is strange about them."""

    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    columns: SideColumns
    truth: Truth
    encoding: str
    encoding_detected: bool
    separator: str
    rows: int
    """Those with both sides."""
    blank_rows: int
    one_sided: int
    """Rows without one of the sides, which were left out."""
    astride: int
    """Rows whose sides the split parts, which were left out."""
    sizes: Mapping[str, int]
    matching: Mapping[str, int]
    """Rows of each split that match."""
    degrees: Mapping[str, Mapping[str, float]]
    """Quantiles of the truth of each split, where it is a degree."""
    texts: int
    """Different texts, or series, of both sides."""
    groups: int
    """Groups of texts that matching rows tie together."""
    duplicates: int
    """Rows whose two sides occur together earlier."""
    same: int
    """Rows whose sides are equal."""
    seen: int
    """Test rows with a side that training or validation rows have too."""
    near: Crossing | None
    """Validation and test rows both of whose sides nearly repeat a training row's; nothing for series."""
    lengths: Mapping[str, Mapping[str, int]]
    """Quantiles of the characters of "left" and "right"; of the steps where these are series."""
    series: bool
    non_nfc: int
    split: ComparedSplit
    samples: tuple[ComparedSample, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain dictionaries, lists, strings and numbers: `data.json`."""
        return {
            "task": "compare",
            "source": self.source,
            "title": self.title,
            "licence": self.licence,
            "files": [asdict(file) for file in self.files],
            "inputs": [self.columns.left, self.columns.right],
            "target": self.columns.truth if self.truth != "none" else "",
            "guessed": {"inputs": self.columns.guessed_sides, "target": self.columns.guessed_truth},
            "truth": self.truth,
            "encoding": {"name": self.encoding, "detected": self.encoding_detected},
            "separator": self.separator,
            "rows": self.rows,
            "blank_rows": self.blank_rows,
            "one_sided": self.one_sided,
            "astride": self.astride,
            "sizes": dict(self.sizes),
            "matching": dict(self.matching),
            "degrees": {split: dict(them) for split, them in self.degrees.items()},
            "texts": self.texts,
            "groups": self.groups,
            "duplicates": self.duplicates,
            "same": self.same,
            "overlap": self.seen,
            "near": None if self.near is None else self.near.to_json(),
            "series": self.series,
            "lengths": {side: dict(them) for side, them in self.lengths.items()},
            "non_nfc": self.non_nfc,
            "split": self.split.to_json(),
            "samples": [asdict(sample) for sample in self.samples],
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, eq=False)
class ComparedFindings:
    """What was read: all pairs in file order, and what was left out or changed on the way."""

    comparisons: Comparisons
    truth: Truth
    one_sided: int
    non_nfc: int


def comparisons_card(
    origin: ComparedOrigin,
    findings: ComparedFindings,
    splits: Mapping[str, Comparisons],
    split: ComparedSplit,
    fingerprint: str,
    *,
    near: Crossing | None,
    series: bool,
) -> ComparisonsCard:
    """Count what a `ComparisonsCard` tells."""
    pairs, first = findings.comparisons, next(iter(origin.tables.values()))
    links, sizes = pairs.links, {name: len(part) for name, part in splits.items()}
    both = links.left * (len(links.group_of) + 1) + links.right
    degrees = findings.truth == "degree"
    return ComparisonsCard(
        source=origin.source,
        title=origin.title,
        licence=origin.licence,
        files=origin.files,
        columns=origin.columns,
        truth=findings.truth,
        encoding=first.encoding.name,
        encoding_detected=first.encoding.detected,
        separator=first.separator,
        rows=len(pairs),
        blank_rows=sum(table.blank for table in origin.tables.values()),
        one_sided=findings.one_sided,
        astride=len(pairs) - sum(sizes.values()),
        sizes=sizes,
        matching={} if degrees else {name: int(part.matching.sum()) for name, part in splits.items()},
        degrees={name: quantiles(part.truth) for name, part in splits.items() if degrees},
        texts=len(links.group_of),
        groups=len(np.unique(links.group_of if pairs.documents is None else pairs.documents)),
        duplicates=len(both) - len(np.unique(both)),
        same=int((links.left == links.right).sum()),
        seen=_seen(splits),
        near=near,
        lengths={
            "left": whole_quantiles(_lengths(pairs.lefts, series)),
            "right": whole_quantiles(_lengths(pairs.rights, series)),
        },
        series=series,
        non_nfc=findings.non_nfc,
        split=split,
        samples=_samples(splits["train"]),
        fingerprint=fingerprint,
    )


def _seen(splits: Mapping[str, Comparisons]) -> int:
    """Count the test rows with a side that stands on either side of a row learned from."""
    learned = pa.chunked_array(
        [side for name in ("train", "validation") for side in (splits[name].lefts, splits[name].rights)]
    )
    marks = pa.array([BEGINNING, END])
    known = [
        pc.and_not(pc.is_in(side, value_set=learned), pc.is_in(side, value_set=marks))
        for side in (splits["test"].lefts, splits["test"].rights)
    ]
    return int(pc.sum(pc.or_(*known)).as_py() or 0)


def _lengths(cells: pa.Array, series: bool) -> npt.NDArray[np.int64]:
    """Return the characters of each cell (N,), or how many numbers it lists."""
    if series:
        marks = pc.count_substring_regex(cells, r"[^\s,\[\]]+")
        return np.asarray(marks.to_numpy(zero_copy_only=False), np.int64)
    return np.asarray(pc.utf8_length(cells).to_numpy(zero_copy_only=False), np.int64)


def _samples(train: Comparisons) -> tuple[ComparedSample, ...]:
    """Take rows at even distances."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64))
    rows = (train[int(place)] for place in places)
    return tuple(
        ComparedSample(row.where, cut_text(row.left), cut_text(row.right), row.truth) for row in rows
    )
