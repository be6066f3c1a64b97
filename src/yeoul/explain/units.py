"""What an input is taken apart into: words, characters or time steps, with their places in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
import numpy.typing as npt

from yeoul.text.normalization import Span

Unit = Literal["word", "character", "step", "place"]
Kept = npt.NDArray[np.bool_]

_FEW_WORDS = 4
_SPACES = re.compile(r"\s*")


@final
@dataclass(frozen=True)
class Part:
    """One word, character or stretch of steps: from `start` to before `end`."""

    text: str
    start: int
    end: int
    column: str = ""
    """Whose steps they are, where a series has named columns."""

    def to_json(self) -> dict[str, str | int]:
        told: dict[str, str | int] = {"text": self.text, "start": self.start, "end": self.end}
        return {**told, "column": self.column} if self.column else told


def text_parts(text: str, unit: Unit | None, most: int) -> tuple[Unit, tuple[Part, ...]]:
    """Take a text apart by words, or by characters where words are few; neighbours are joined beyond `most` parts.

    >>> text_parts("참 좋다", "word", 10)[1]
    (Part(text='참', start=0, end=1), Part(text='좋다', start=2, end=4))
    """
    words = [match.span() for match in re.finditer(r"\S+", text)]
    if unit is None:
        unit = "word" if len(words) >= _FEW_WORDS else "character"
    spans = words if unit == "word" else [match.span() for match in re.finditer(r"\S", text)]
    joined = _joined(spans, most)
    return unit, tuple(Part(text[start:end], start, end) for start, end in joined)


def step_parts(steps: int, most: int) -> tuple[Part, ...]:
    """Take a series apart into stretches of steps."""
    joined = _joined([(step, step + 1) for step in range(steps)], most)
    return tuple(
        Part(str(start) if end == start + 1 else f"{start}–{end - 1}", start, end) for start, end in joined
    )


def without(text: str, parts: Sequence[Part], kept: Kept) -> str:
    """Return a text without the parts that are not kept, and without the spaces after them."""
    written, place = list[str](), 0
    for part, stays in zip(parts, kept.tolist(), strict=True):
        if stays:
            continue
        written.append(text[place : part.start])
        spaces = _SPACES.match(text, part.end)
        place = part.end if spaces is None else spaces.end()
    return "".join([*written, text[place:]]).rstrip() if not kept.all() else text


def shares_of(spans: Sequence[Span], parts: Sequence[Part]) -> npt.NDArray[np.float64]:
    """Return how much of each token (T) each part (U) holds: (T, U), one in sum.

    A token between two parts belongs to the next one; one beyond the last to the last.
    """
    shares = np.zeros((len(spans), len(parts)))
    if not parts:
        return shares
    starts = np.array([part.start for part in parts])
    ends = np.array([part.end for part in parts])
    for place, (first, last) in enumerate(spans):
        common = np.clip(np.minimum(ends, last) - np.maximum(starts, first), 0, None)
        if common.sum() > 0:
            shares[place] = common / common.sum()
        else:
            shares[place, min(int(np.searchsorted(ends, first, side="right")), len(parts) - 1)] = 1.0
    return shares


def _joined(spans: Sequence[Span], most: int) -> list[Span]:
    """Join neighbours so that at most so many are left."""
    together = -(-len(spans) // most) if spans else 1
    groups = [spans[first : first + together] for first in range(0, len(spans), together)]
    return [(group[0][0], group[-1][1]) for group in groups]
