"""Rows that a split puts on both sides but for a few letters: copies that a search for equal ones misses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.near import Near, near_texts

MOST_ROWS = 100_000
"""Of more rows near copies are looked for when asked only (`yeoul data check --leaks`), not before each training."""
_MOST_BYTES = 200_000_000
_LEAST_LETTERS = 15
"""Of shorter texts, as names or sums are, many are alike without being copies."""
_PLACES = 3
Ints = npt.NDArray[np.int64]


@final
@dataclass(frozen=True)
class Crossing:
    """Validation and test rows that are training rows but for a few letters."""

    rows: Mapping[str, int] | None
    """By split; nothing where they were not looked for, because there are too many rows."""
    places: tuple[str, ...] = ()
    """The first of them with the training rows: "a.csv:4 ≈ a.csv:17"."""

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"rows": None if self.rows is None else dict(self.rows), "places": list(self.places)}


def crossing_of(
    texts: pa.Array | pa.ChunkedArray,
    parts: Sequence[Ints],
    where: Callable[[int], str],
    answers: Ints | None = None,
) -> Crossing:
    """Count the validation and test rows that nearly repeat a training row; equal ones are counted elsewhere.

    `texts` (N,) are those of all rows, `parts` the rows of train, validation and test. Texts of fewer than 15
    letters are not looked at. Where `answers` (N,) number what the rows are to be answered with, rows with equal ones
    are compared alone: a sentence that is nearly another and means something else tells nothing.
    """
    if sum(map(len, parts)) > MOST_ROWS or texts.nbytes > _MOST_BYTES:
        return Crossing(None)
    train, *others = (part.tolist() for part in parts)
    written = [" ".join(text.split()) for text in texts.to_pylist()]
    asked = [row for part in others for row in part if len(written[row]) >= _LEAST_LETTERS]
    pairs = sorted(
        (row, known)
        for rows, knowns in _shared(train, asked, answers)
        for row, known in _near(written, rows, knowns)
    )
    counts = {
        split: int(np.isin([row for row, _ in pairs], part).sum())
        for split, part in zip(("validation", "test"), parts[1:], strict=True)
    }
    return Crossing(counts, tuple(f"{where(row)} ≈ {where(known)}" for row, known in pairs[:_PLACES]))


def _shared(
    train: Sequence[int], asked: Sequence[int], answers: Ints | None
) -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Yield the rows asked about with the training rows that they are compared with."""
    if answers is None:
        yield asked, train
        return
    rows: dict[int, list[int]] = {}
    for row in asked:
        rows.setdefault(int(answers[row]), []).append(row)
    knowns: dict[int, list[int]] = {}
    for row in train:
        if int(answers[row]) in rows:
            knowns.setdefault(int(answers[row]), []).append(row)
    yield from ((rows[answer], known) for answer, known in knowns.items())


def _near(written: Sequence[str], rows: Sequence[int], knowns: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield each of the rows that is nearly one of the known ones, with that one."""
    found: Sequence[Near] = near_texts([written[row] for row in knowns], [written[row] for row in rows])
    yield from ((rows[near.text], knowns[near.known]) for near in found)
