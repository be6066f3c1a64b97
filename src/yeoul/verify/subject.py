"""A model as the laws see it: rows, and what it answers to them in any company."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.padded import Padded

Numbers = npt.NDArray[np.float64]
Array = npt.NDArray[Any]
Row = TypeVar("Row")

LawName = Literal[
    "repeat", "finite", "padding", "mates", "order", "single", "future", "chunks", "threads", "saved"
]
Reason = Literal["texts", "fixed", "whole", "pieces", "unsaved", "alone", "inside", "elsewhere"]
"""Why a law says nothing of a model: it reads no padded rows, all its rows are of one length, it answers only after it
has read a row to its end, it reads no row piece by piece, nobody told how it is saved, it answers rows one at a time,
it pads its rows itself, another subject is asked."""


class Subject(ABC, Generic[Row]):
    """Rows, and answers to them: an array for each row, or one with an entry for each of its steps."""

    name: str
    rows: tuple[Row, ...]
    exempt: Mapping[LawName, Reason]

    @abstractmethod
    def answers(self, rows: Sequence[Row], extra: int = 0, seed: int = 0) -> list[Numbers]:
        """Answer rows in one batch.

        With `extra` as many steps of padding stand beyond the longest row, and all padding is drawn by `seed`.
        """

    @abstractmethod
    def length(self, row: Row) -> int:
        """Return the steps of a row."""

    @abstractmethod
    def cut(self, row: Row, first: int, last: int) -> Row:
        """Return some steps of a row."""

    @abstractmethod
    def changed(self, row: Row, first: int, seed: int) -> Row:
        """Return a row of the same length whose steps from `first` on are others."""

    @abstractmethod
    def show(self, row: Row) -> str:
        """Write a row for a person."""

    def seen(self, row: Row) -> int | None:
        """Return the steps that an answer to a whole row may follow from; None where it has an entry for each step."""
        return None

    def pieces(self, row: Row, cuts: Sequence[int]) -> Numbers:
        """Return the answers (T, …) to a row that is read in pieces, which end before the steps `cuts`."""
        raise TypeError("this model reads no row piece by piece")

    def reloaded(self) -> "Subject[Row]":
        """Return the model as it is after being saved and loaded."""
        raise TypeError("this model is not saved")


_FAR = 30.0


@final
@dataclass(frozen=True)
class Filler:
    """Draws steps: ids from `first_id` to below `num_ids`, or numbers of about a given spread."""

    num_ids: int | None = None
    shape: tuple[int, ...] = ()
    """Of a step."""
    spread: float = 1.0
    first_id: int = 0
    zeros: bool = False
    """Whether padding is zeros, by which the model knows it."""

    @classmethod
    def like(cls, rows: Sequence[Array], zeros: bool = False) -> "Filler":
        """Draw steps as those of given rows."""
        steps = np.concatenate([row for row in rows if len(row)] or list(rows))
        if np.issubdtype(steps.dtype, np.integer):
            highest = int(steps.max(initial=0))
            first = min(int(steps.min(initial=highest)), highest)
            return cls(highest + 1, steps.shape[1:], first_id=first, zeros=zeros)
        return cls(None, steps.shape[1:], float(np.abs(steps).max(initial=0.0)) or 1.0, zeros=zeros)

    def draw(self, steps: int, seed: int) -> Array:
        """Draw so many steps."""
        random = np.random.default_rng([seed, steps])
        if self.num_ids is not None:
            return random.integers(self.first_id, self.num_ids, (steps, *self.shape))
        return random.normal(0.0, self.spread, (steps, *self.shape))

    def pad(self, steps: int, seed: int | None) -> Array:
        """Return what stands beyond a row: zeros without a seed, else other ids or far larger numbers."""
        if seed is None or self.zeros:
            return np.zeros((steps, *self.shape))
        drawn = self.draw(steps, seed)
        return drawn if self.num_ids is not None else drawn * _FAR


_SHOWN_STEPS = 12

Ask = Callable[[Padded], Padded | Tensor]
"""From rows of steps (B, T, …) to answers (B, …), or to those of all steps (B, T, …)."""
Pieces = Callable[[Sequence[Tensor]], Tensor]
"""From the parts (1, t, …) of one row, in turn, to the answers (T, …) of all its steps."""


@final
@dataclass(frozen=True, eq=False)
class Arrays(Subject[Array]):
    """Rows of ids (T,) or numbers (T, …), side by side with padding."""

    name: str
    rows: tuple[Array, ...]
    ask: Ask = field(repr=False)
    filler: Filler
    exempt: Mapping[LawName, Reason]
    spell: Callable[[Array], str] | None = field(default=None, repr=False)
    sees: int | None = None
    """Steps that an answer to a whole row may follow from, where it must not follow from later ones."""
    in_pieces: Pieces | None = field(default=None, repr=False)
    reload: Callable[[], "Subject[Array]"] | None = field(default=None, repr=False)

    def answers(self, rows: Sequence[Array], extra: int = 0, seed: int = 0) -> list[Numbers]:
        lengths = [len(row) for row in rows]
        width = max(lengths) + extra
        filled = [
            np.concatenate([row, self._padding(width - len(row), seed + place if extra else None, row)])
            for place, row in enumerate(rows)
        ]
        with torch.no_grad():
            told = self.ask(Padded(torch.from_numpy(np.stack(filled)), torch.tensor(lengths)))
        match told:
            case Padded(values=values, lengths=ends):
                counts = ends.tolist()
                return [_numbers(each[:count]) for each, count in zip(values, counts, strict=True)]
            case _:
                if len(told) != len(rows):
                    raise ValueError(f"{len(told)} answers came for {len(rows)} rows")
                return [_numbers(each) for each in told]

    def _padding(self, steps: int, seed: int | None, row: Array) -> Array:
        padding: Array = self.filler.pad(steps, seed).astype(row.dtype)
        return padding

    def length(self, row: Array) -> int:
        return len(row)

    def cut(self, row: Array, first: int, last: int) -> Array:
        return row[first:last]

    def changed(self, row: Array, first: int, seed: int) -> Array:
        drawn = self.filler.draw(len(row) - first, seed).astype(row.dtype)
        return np.concatenate([row[:first], drawn])

    def seen(self, row: Array) -> int | None:
        return self.sees

    def show(self, row: Array) -> str:
        if self.spell is not None:
            return self.spell(row)
        shown = np.round(row[:_SHOWN_STEPS].astype(np.float64), 3).tolist()
        return f"{shown}" + (" …" if len(row) > _SHOWN_STEPS else "")

    def pieces(self, row: Array, cuts: Sequence[int]) -> Numbers:
        if self.in_pieces is None:
            raise TypeError("this model reads no row piece by piece")
        ends = [*cuts, len(row)]
        starts = [0, *cuts]
        parts = [
            torch.from_numpy(row[None, start:end].copy()) for start, end in zip(starts, ends, strict=True)
        ]
        with torch.no_grad():
            return _numbers(self.in_pieces([part for part in parts if part.shape[1]]))

    def reloaded(self) -> Subject[Array]:
        if self.reload is None:
            raise TypeError("this model is not saved")
        return self.reload()


_LETTERS = "가나다라마바사아자차카타파하 abcdefghij klmnop 0123456789 .,!?ㅋㅎ漢字é😀"


@final
@dataclass(frozen=True, eq=False)
class Texts(Subject[str]):
    """Texts, asked as people ask them."""

    name: str
    rows: tuple[str, ...]
    ask: Callable[[Sequence[str]], Iterable[Array]] = field(repr=False)
    exempt: Mapping[LawName, Reason]
    reload: Callable[[], "Subject[str]"] | None = field(default=None, repr=False)

    def answers(self, rows: Sequence[str], extra: int = 0, seed: int = 0) -> list[Numbers]:
        if extra:
            raise TypeError("texts have no padding")
        return [np.asarray(each, np.float64) for each in self.ask(list(rows))]

    def length(self, row: str) -> int:
        return len(row)

    def cut(self, row: str, first: int, last: int) -> str:
        return row[first:last]

    def changed(self, row: str, first: int, seed: int) -> str:
        random = np.random.default_rng([seed, len(row)])
        drawn = random.choice(list(_LETTERS), max(0, len(row) - first))
        return row[:first] + "".join(drawn.tolist())

    def show(self, row: str) -> str:
        return row

    def reloaded(self) -> Subject[str]:
        if self.reload is None:
            raise TypeError("this model is not saved")
        return self.reload()


def _numbers(values: Tensor) -> Numbers:
    numbers: Numbers = values.detach().cpu().double().numpy()
    return numbers
