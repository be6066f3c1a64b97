"""What word vectors are tested with, pairs of words that people compared and analogies, and how a table fares.

| file | form |
|---|---|
| similarities | a table of three columns: two words and a number, the larger the more alike (WordSim-353) |
| analogies | a line of four words "a b c d": a is to b as c is to d; a line that begins with ":" begins a section |
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yeoul.data.catalog import CATALOG, find
from yeoul.data.encodings import detect, read_utf8
from yeoul.data.opening import existing_file, shown_name
from yeoul.data.readers import read_table
from yeoul.errors import DataError
from yeoul.metrics.intervals import RESAMPLES, Interval, bootstrap, spread
from yeoul.text.vectortables import Answered, VectorTable

Pair = tuple[str, str, float]
Section = tuple[str, list[tuple[str, ...]]]
_KOREAN = "korean_words"
_REMEDY = "write two words and a number a row, or four words a line"


@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlation of cosines with what people said, over the pairs whose words have vectors."""

    spearman: Interval | None
    known: int
    asked: int
    held: int
    """Pairs both of whose words stand in the dictionary; the others of `known` are put together from letters."""


def score_similarities(table: VectorTable, pairs: Sequence[Pair], seed: int = 42) -> Agreement:
    """Compare cosines with what people said of pairs of words; raise `ValueError` for no pairs.

    The 95 % interval is drawn over the pairs. There is none where too few are known to rank them.
    """
    from scipy.stats import rankdata  # slow to import

    if not pairs:
        raise ValueError("there are no pairs to compare")
    cosines = table.similarities([(first, second) for first, second, _ in pairs])
    known = np.flatnonzero(np.isfinite(cosines))
    held = sum(first in table and second in table for first, second, _ in pairs)
    ours, said = cosines[known], np.array([said for _, _, said in pairs], np.float64)[known]
    if len(set(ours.tolist())) < 2 or len(set(said.tolist())) < 2:
        return Agreement(None, len(known), len(pairs), held)
    value = float(np.corrcoef(rankdata(ours), rankdata(said))[0, 1])
    drawn = np.random.default_rng(seed).integers(0, len(known), (RESAMPLES, len(known)))
    first, second = rankdata(ours[drawn], axis=1), rankdata(said[drawn], axis=1)
    first, second = (one - one.mean(axis=1, keepdims=True) for one in (first, second))
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    scores = (first * second).sum(axis=1) / np.where(scale > 0, scale, np.nan)
    return Agreement(spread(value, scores, len(known)), len(known), len(pairs), held)


def accuracy(answered: Answered, seed: int = 42) -> Interval | None:
    """Return the share of right answers to the analogies all of whose words are held, with its interval."""
    if not answered.known:
        return None
    counts = [answered.right, answered.known - answered.right]
    return bootstrap(counts, lambda cells: cells[:, 0] / cells.sum(axis=1), added=[2, 2], seed=seed)


def vector_tests(
    paths: Sequence[str], encoding: str = "auto"
) -> list[tuple[str, list[Pair] | list[Section]]]:
    """Read what vectors are to be tested with, by name: files, or without any the Korean ones of `korean_words`."""
    if paths:
        return [
            (unicodedata.normalize("NFC", Path(path).name), read_tests(Path(path), encoding))
            for path in paths
        ]
    found = find(CATALOG[_KOREAN]).paths
    return [(found[part].name, read_tests(found[part])) for part in ("similarities", "analogies")]


def read_tests(path: Path, encoding: str = "auto") -> list[Pair] | list[Section]:
    """Read pairs of words with their likeness, or sections of analogies; raise `DataError`, with the line."""
    path = existing_file(path)
    name = shown_name(path)
    text = bytes(read_utf8(path, detect(path, encoding))).decode("utf-8").removeprefix("\ufeff")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise DataError("the file holds no text", "name another file", where=name)
    first = lines[0][1]
    if first.startswith(":") or (len(first.split()) == 4 and not any(mark in first for mark in ",\t;")):
        return _analogies(lines, name)
    return _similarities(path, name, encoding)


def _analogies(lines: Sequence[tuple[int, str]], name: str) -> list[Section]:
    sections = list[Section]()
    for number, line in lines:
        if line.startswith(":"):
            sections.append((line.removeprefix(":").strip(), []))
            continue
        words = tuple(line.split())
        if len(words) != 4:
            raise DataError(
                "the line holds {came} words, expected {wanted}",
                _REMEDY,
                where=f"{name}:{number}",
                values={"came": len(words), "wanted": 4},
            )
        if not sections:
            sections.append(("", []))
        sections[-1][1].append(words)
    return [section for section in sections if section[1]]


def _similarities(path: Path, name: str, encoding: str) -> list[Pair]:
    table = read_table(path, encoding=encoding)
    columns = list(table.columns)
    if len(columns) != 3:
        raise DataError(
            "the line has {came} columns, expected {wanted}",
            _REMEDY,
            where=name,
            values={"came": len(columns), "wanted": 3},
        )
    cells = [table.columns[column].to_pylist() for column in columns]
    rows = list(zip(*cells, strict=True))
    for number, row in zip(table.numbers.tolist(), rows, strict=True):
        if not _is_number(row[2]):
            raise DataError(
                "{came} is no number", _REMEDY, where=f"{name}:{number}", values={"came": repr(row[2])}
            )
    if _is_number(columns[2]):  # there is no header
        rows.insert(0, tuple(columns))
    return [(first.strip(), second.strip(), float(said)) for first, second, said in rows]


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
