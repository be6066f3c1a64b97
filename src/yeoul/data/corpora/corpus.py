"""From a recipe's `[data]` to the three parts of a long text, divided in order, with a card that tells of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import DataFile, cut_text
from yeoul.data.corpora.lines import SOUND, Document, memory_of, slices, whole_lines, with_ends, without_ends
from yeoul.data.corpora.sources import Source, open_corpus
from yeoul.data.datasets import DEFAULT_TEST
from yeoul.data.mapped import gathered, taken, walked
from yeoul.data.splits import duplicate_groups, parts_in_order, stratified_split
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

PARTS = ("train", "validation", "test")
_SAMPLES = 5
_COMPARED_BYTES = 1 << 30
Lines = Mapping[str, pa.ChunkedArray]


@dataclass(frozen=True)
class Reading:
    """How a text is taken apart before it is divided."""

    closed: bool
    """Every line, or row, is a document that an end token closes; else lines keep their ends."""
    independent: bool
    """Documents have nothing to do with their neighbors."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """The lines of a text in three parts: whole with their ends or, where they are closed, without."""

    about: Source
    reading: Reading
    parts: Lines
    documents: Mapping[str, int]
    split: Mapping[str, Any]
    blank: int
    """Documents without a letter that were left out."""

    @property
    def source(self) -> str:
        return self.about.source

    @property
    def licence(self) -> str:
        return self.about.licence

    @property
    def files(self) -> Sequence[DataFile]:
        return self.about.files

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the lines in their parts."""
        digest = hashlib.sha256(f"closed {self.reading.closed}\n".encode())
        for name in PARTS:
            digest.update(f"{name} {len(self.parts[name])}\n".encode())
            for chunk in walked(slices(self.parts[name])):
                sizes, content = memory_of(chunk)
                digest.update(sizes.astype("<i8").tobytes())
                digest.update(content)
        return digest.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return what a screen or a report shows of the data."""
        first = next(iter(self.about.parts.values()))[0]
        return {
            "task": "generate",
            "source": self.source,
            "title": self.about.title,
            "licence": self.licence,
            "files": [vars(file) for file in self.files],
            "encoding": {"name": first.encoding, "detected": first.detected},
            "lines": self.reading.closed,
            "stream": not self.reading.independent,
            "split": dict(self.split),
            "blank": self.blank,
            "parts": {name: self._told(name) for name in PARTS},
            "samples": self._samples(),
            "fingerprint": self.fingerprint,
        }

    @property
    def _is_sound(self) -> bool:
        return next(iter(self.about.parts.values()))[0].encoding == SOUND

    def _told(self, name: str) -> dict[str, int | None]:
        lines = self.parts[name]
        known = {} if name == "train" else {"known_lines": self._known_lines(name)}
        closed = len(lines) if self.reading.closed else 0
        letters = sum(int(pc.sum(pc.utf8_length(chunk)).as_py() or 0) for chunk in walked(slices(lines)))
        size = sum(int(pc.sum(pc.binary_length(chunk)).as_py() or 0) for chunk in walked(slices(lines)))
        return {
            "documents": self.documents[name],
            "lines": len(lines),
            "characters": letters + closed,
            "bytes": size + closed,
            **known,
        }

    def _known_lines(self, name: str) -> int | None:
        """Count the lines of a held-out part that stand in training, too; not of a sound, nor of a very large text."""
        own, training = self.parts[name], self.parts["train"]
        if self._is_sound or own.nbytes + training.nbytes > _COMPARED_BYTES:
            return None
        own = own.filter(pc.not_equal(pc.utf8_trim_whitespace(own), ""))
        wanted = pc.unique(own)
        found = [pc.unique(chunk.filter(pc.is_in(chunk, wanted))) for chunk in walked(slices(training))]
        return int(pc.sum(pc.is_in(own, pa.chunked_array(found, own.type).combine_chunks())).as_py() or 0)

    def _samples(self) -> list[dict[str, str]]:
        """Return training lines at even distances, none of a sound."""
        if self._is_sound:
            return []
        lines = self.parts["train"]
        places = np.unique(np.linspace(0, len(lines) - 1, 4 * _SAMPLES).astype(np.int64))
        texts = [(place, lines[place].as_py().strip()) for place in places.tolist()]
        some = [(place, text) for place, text in texts if text][:: max(1, len(texts) // _SAMPLES)]
        return [{"where": str(place + 1), "text": cut_text(text), "target": ""} for place, text in some]


def load_corpus(recipe: DataRecipe, reading: Reading, seed: int) -> Corpus:
    """Read the text that `recipe` names, and divide it.

    Official parts stay as they are, unless `recipe.test` asks for others. Else the end is for the test: of many texts
    the last ones, whole; of few the end of each, cut after a line. Documents that have nothing to do with their
    neighbors are drawn, equal ones together. Raises `DataError` for data that cannot be used as it is.
    """
    source = open_corpus(recipe)
    official = "test" in source.parts and recipe.test is None
    test = None if official else (recipe.test or DEFAULT_TEST)
    shares = _shares(test, recipe.validation, official_validation=official and "validation" in source.parts)
    pooled = {
        name: documents
        for name, documents in source.parts.items()
        if official and name in PARTS and name not in shares
    }
    rest = [one for name, documents in source.parts.items() if name not in pooled for one in documents]
    parts = {name: _as_read(source, _joined(documents), reading) for name, documents in pooled.items()}
    if reading.independent:
        divided = _drawn(_as_read(source, _joined(rest), reading), shares, seed)
        parts |= divided.lines
    else:
        divided = _in_order(source, rest, shares)
        parts |= {name: _as_read(source, lines, reading) for name, lines in divided.lines.items()}
    counts = {name: len(documents) for name, documents in pooled.items()} | dict(divided.documents)
    blank = 0
    if reading.independent:
        sizes = {name: len(lines) for name, lines in parts.items()}
        parts = {name: _written(lines) for name, lines in parts.items()}
        counts = {name: len(lines) for name, lines in parts.items()}
        blank = sum(sizes.values()) - sum(counts.values())
    for name in PARTS:
        if name not in parts or not len(parts[name]):
            raise _too_short(source, name)
    split = {
        "official_test": official,
        "test": test,
        "validation": recipe.validation,
        "seed": seed,
        "how": "official" if not shares else divided.how,
    }
    return Corpus(source, reading, {name: parts[name] for name in PARTS}, counts, split, blank)


def whole_text(recipe: DataRecipe, reading: Reading) -> pa.ChunkedArray:
    """Return the lines of all texts that `recipe` names, undivided; raise `DataError` for what cannot be read."""
    source = open_corpus(recipe)
    lines = _joined([one for documents in source.parts.values() for one in documents])
    lines = _as_read(source, lines, reading)
    return _written(lines) if reading.independent else lines


@dataclass(frozen=True, eq=False)
class _Divided:
    lines: Lines
    documents: Mapping[str, int]
    how: str


def _shares(test: float | None, validation: float, *, official_validation: bool) -> dict[str, float]:
    """Return the parts that are to be made, with their shares."""
    if test is not None:
        rest = 1.0 - test
        return {"train": rest * (1.0 - validation), "validation": rest * validation, "test": test}
    return {} if official_validation else {"train": 1.0 - validation, "validation": validation}


def _in_order(source: Source, documents: Sequence[Document], shares: Mapping[str, float]) -> _Divided:
    if not shares:
        return _Divided({}, {}, "")
    totals = np.array([int(one.sizes.sum()) for one in documents], np.int64)
    if totals.max() > min(shares.values()) * totals.sum():
        divided = _cut(documents, shares)
        if all(divided.documents.values()):
            return divided
    try:
        cut = parts_in_order(totals, shares)
    except ValueError:
        raise _too_short(source, list(shares)[-1]) from None
    chosen = {name: documents[part] for name, part in cut.items()}
    lines = {name: _joined(own) for name, own in chosen.items()}
    return _Divided(lines, {name: len(own) for name, own in chosen.items()}, "documents")


def _cut(documents: Sequence[Document], shares: Mapping[str, float]) -> _Divided:
    """Cut each text at the ends of lines; one that is too short for that is for training."""
    kept: dict[str, list[pa.ChunkedArray]] = {name: [] for name in shares}
    for one in documents:
        try:
            cut = parts_in_order(one.sizes, shares)
        except ValueError:
            cut = {"train": slice(0, len(one.lines))}
        for name, part in cut.items():
            kept[name].append(one.lines[part])
    lines = {name: _end_to_end(parts) for name, parts in kept.items()}
    return _Divided(lines, {name: len(parts) for name, parts in kept.items()}, "lines")


def _drawn(lines: pa.ChunkedArray, shares: Mapping[str, float], seed: int) -> _Divided:
    if not shares:
        return _Divided({}, {}, "")
    groups = duplicate_groups(lines)
    drawn = stratified_split(np.zeros(len(lines)), groups, tuple(shares.values()), seed)
    random = np.random.default_rng(
        seed
    )  # sorted lines, such as names by language, would be neighbors after all
    parts = {
        name: gathered(taken(lines, random.permutation(rows)), pa.large_string())
        for name, rows in zip(shares, drawn, strict=True)
    }
    return _Divided(parts, {name: len(part) for name, part in parts.items()}, "drawn")


def _joined(documents: Sequence[Document]) -> pa.ChunkedArray:
    return _end_to_end([one.lines for one in documents])


def _end_to_end(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.large_string())


def _as_read(source: Source, lines: pa.ChunkedArray, reading: Reading) -> pa.ChunkedArray:
    """Return lines without their ends where they are closed, and rows of a table with an end where they are not."""
    if source.rows:
        return lines if reading.closed else with_ends(lines)
    if not reading.closed:
        return lines
    return without_ends(pa.chunked_array([whole_lines(chunk) for chunk in lines.chunks], pa.large_string()))


def _written(lines: pa.ChunkedArray) -> pa.ChunkedArray:
    """Leave out lines without a letter."""
    return lines.filter(pc.not_equal(pc.utf8_trim_whitespace(lines), ""))


def _too_short(source: Source, split: str) -> DataError:
    return DataError(
        "the text is too short: no line is left for {split}",
        "add text, or ask for other shares with data.validation and data.test",
        where=source.place,
        values={"split": split},
    )
