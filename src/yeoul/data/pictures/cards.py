"""The data card of pictures with captions: what a screen or a report shows of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from yeoul.data.cards import DataFile, Sample, cut_text, whole_quantiles
from yeoul.data.columns import Columns
from yeoul.data.pictures.captioned import Captioned
from yeoul.data.pictures.likeness import seen_before, sketches
from yeoul.data.pictures.opening import CaptionOrigin
from yeoul.data.pictures.reading import Reason

_SAMPLES = 5
_NAMED = 10
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CaptionSplit:
    """How pictures became train, validation and test; equal ones stand on one side of a split made here."""

    official_test: bool
    official_validation: bool
    test: float | None
    """Share of all pictures; none with an official test."""
    validation: float
    """Share of the pictures that are not test, where it is not official."""
    seed: int


@dataclass(frozen=True)
class CaptionsCard:
    """What the pictures and their captions are, and what is strange about them."""

    source: str
    title: str
    licence: str
    files: tuple[DataFile, ...]
    columns: Columns
    encoding: str
    encoding_detected: bool
    rows: int
    """Pictures that are used."""
    sizes: Mapping[str, int]
    """Pictures of each split."""
    captions: Mapping[str, int]
    """Captions of each split."""
    blank_rows: int
    """Rows without a picture or a caption."""
    unlisted: int
    """Pictures in no official part, which were left out."""
    unusable: Mapping[str, int]
    """Pictures that were left out, by reason: missing, empty, kind, large, damaged, lost."""
    unusable_names: tuple[str, ...]
    """Some of them."""
    sides: Mapping[str, Mapping[str, int]]
    """Quantiles of "width" and "height" in pixels, as the files have them; nothing where pictures are drawn."""
    captions_each: Mapping[str, int]
    """Quantiles of the captions of a picture."""
    characters: Mapping[str, int]
    """Quantiles of the characters of a caption."""
    words: Mapping[str, int]
    """Quantiles of what spaces part in a caption."""
    repeated: int
    """Captions that occur earlier, of whatever picture."""
    duplicates: int
    """Pictures that are equal to an earlier one, pixel by pixel."""
    leaks: Mapping[str, Mapping[str, int]]
    """Of validation and test pictures: those of which an "equal" or an "alike" one is among those learned from."""
    non_nfc: int
    """Captions that had to be composed."""
    split: CaptionSplit
    samples: tuple[Sample, ...]
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain dictionaries, lists, strings and numbers: `data.json`."""
        return {
            "task": "caption",
            "source": self.source,
            "title": self.title,
            "licence": self.licence,
            "files": [asdict(file) for file in self.files],
            "inputs": list(self.columns.inputs),
            "target": self.columns.target,
            "guessed": {"inputs": self.columns.guessed_inputs, "target": self.columns.guessed_target},
            "encoding": {"name": self.encoding, "detected": self.encoding_detected},
            "rows": self.rows,
            "sizes": dict(self.sizes),
            "captions": dict(self.captions),
            "blank_rows": self.blank_rows,
            "unlisted": self.unlisted,
            "unusable": dict(self.unusable),
            "unusable_names": list(self.unusable_names),
            "sides": {side: dict(lengths) for side, lengths in self.sides.items()},
            "captions_each": dict(self.captions_each),
            "characters": dict(self.characters),
            "words": dict(self.words),
            "repeated": self.repeated,
            "duplicates": self.duplicates,
            "overlap": self.leaks["test"]["equal"],
            "leaks": {split: dict(counts) for split, counts in self.leaks.items()},
            "non_nfc": self.non_nfc,
            "split": asdict(self.split),
            "samples": [asdict(sample) for sample in self.samples],
            "fingerprint": self.fingerprint,
        }


@dataclass(frozen=True, eq=False)
class CaptionFindings:
    """What was read: all usable pictures in the order of the captions, and why others are not."""

    pictures: Captioned
    same: Ints
    """(N,) equal numbers of equal pictures."""
    sides: Ints
    """(N, 2) width and height, 0 of what is drawn."""
    unusable: Mapping[str, Reason]


def captions_card(
    origin: CaptionOrigin,
    findings: CaptionFindings,
    parts: Mapping[str, Ints],
    split: CaptionSplit,
    fingerprint: str,
) -> CaptionsCard:
    """Count what a `CaptionsCard` tells; `parts` are the pictures of each split."""
    pictures, described = findings.pictures, origin.described
    counts = np.diff(pictures.offsets)
    texts = pictures.captions
    spaces = pc.list_value_length(pc.utf8_split_whitespace(texts))
    reasons = list(findings.unusable.values())
    return CaptionsCard(
        source=origin.source,
        title=origin.title,
        licence=origin.licence,
        files=(*origin.files, *(() if origin.folder is None else (origin.pictures,))),
        columns=described.columns,
        encoding=described.encoding.name,
        encoding_detected=described.encoding.detected,
        rows=len(pictures),
        sizes={name: len(part) for name, part in parts.items()},
        captions={name: int(counts[part].sum()) for name, part in parts.items()},
        blank_rows=described.blank,
        unlisted=described.unlisted,
        unusable={reason: reasons.count(reason) for reason in sorted(set(reasons))},
        unusable_names=tuple(sorted(findings.unusable)[:_NAMED]),
        sides={
            side: whole_quantiles(findings.sides[:, column])
            for column, side in enumerate(("width", "height"))
            if findings.sides.all()
        },
        captions_each=whole_quantiles(counts),
        characters=whole_quantiles(_numbers(pc.utf8_length(texts))),
        words=whole_quantiles(_numbers(spaces)),
        repeated=len(texts) - pc.count_distinct(texts).as_py(),
        duplicates=len(pictures) - len(np.unique(findings.same)),
        leaks=_leaks(findings, parts),
        non_nfc=described.non_nfc,
        split=split,
        samples=_samples(pictures, parts["train"]),
        fingerprint=fingerprint,
    )


def _numbers(column: Any) -> Ints:
    numbers: Ints = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _leaks(findings: CaptionFindings, parts: Mapping[str, Ints]) -> dict[str, dict[str, int]]:
    pictures = findings.pictures
    gray = sketches(pictures.frames)[pictures.places]
    leaks: dict[str, dict[str, int]] = {}
    for split, before in (("validation", ("train",)), ("test", ("train", "validation"))):
        learned = np.concatenate([parts[one] for one in before])
        equal = np.isin(findings.same[parts[split]], findings.same[learned])
        alike = seen_before(gray[parts[split]], gray[learned])
        leaks[split] = {"equal": int(equal.sum()), "alike": int((alike | equal).sum())}
    return leaks


def _samples(pictures: Captioned, train: Ints) -> tuple[Sample, ...]:
    """Take pictures at even distances, with the first caption of each."""
    places = np.unique(np.linspace(0, len(train) - 1, min(_SAMPLES, len(train))).astype(np.int64))
    drawn = pictures.select(train[places])
    return tuple(
        Sample(drawn.where(row), drawn.name(row), cut_text(texts[0]))
        for row, texts in enumerate(drawn.references())
    )
