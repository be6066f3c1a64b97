"""What an explanation says, for people and programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, final

from yeoul.explain.deletion import Deletion
from yeoul.explain.units import Part, Unit

MethodName = Literal["occlusion", "gradient", "integrated", "attention", "weights"]


@final
@dataclass(frozen=True)
class Attribution:
    """How much each part speaks for the answer by one method: below zero it speaks against it."""

    method: MethodName
    scores: tuple[float, ...]
    deletion: Deletion

    @property
    def trusted(self) -> bool:
        """Whether taking away what scores most does more than taking away parts at random."""
        return self.deletion.trust == "trusted"

    def to_json(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "scores": list(self.scores),
            "trust": self.deletion.trust,
            "trusted": self.trusted,
            "deletion": self.deletion.to_json(),
        }


@final
@dataclass(frozen=True)
class Neighbor:
    """A training row that has to do with an answer."""

    where: str
    text: str
    label: str
    value: float
    """How similar it is, from -1 to 1, or how much training on it moved the model towards the answer."""

    def to_json(self) -> dict[str, Any]:
        return {"where": self.where, "text": self.text, "label": self.label, "value": self.value}


@final
@dataclass(frozen=True)
class Examples:
    """Training rows for an answer, the strongest first."""

    rows_seen: int
    """Training rows that were looked at."""
    similar: tuple[Neighbor, ...]
    supporting: tuple[Neighbor, ...]
    opposing: tuple[Neighbor, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "rows_seen": self.rows_seen,
            "similar": [one.to_json() for one in self.similar],
            "supporting": [one.to_json() for one in self.supporting],
            "opposing": [one.to_json() for one in self.opposing],
        }


def by_column(scores: Sequence[float], parts: Sequence[Part]) -> dict[str, float]:
    """Return the share that each column has in all that moved a forecast, the largest first."""
    sums: dict[str, float] = {}
    for score, part in zip(scores, parts, strict=True):
        sums[part.column] = sums.get(part.column, 0.0) + abs(score)
    whole = sum(sums.values()) or 1.0
    return dict(sorted(((name, value / whole) for name, value in sums.items()), key=lambda one: -one[1]))


@final
@dataclass(frozen=True)
class Explanation:
    """An answer with what speaks for it."""

    task: str
    text: str
    """The input as it was read; of a series its numbers."""
    shown: str
    """The answer as a person reads it."""
    answer: Mapping[str, Any]
    target: str
    """What is explained: a class, a label, a text; nothing for a number."""
    value: float
    """The probability of the target, or the number."""
    unit: Unit
    parts: tuple[Part, ...]
    attributions: tuple[Attribution, ...]
    examples: Examples | None = None

    @property
    def best(self) -> Attribution | None:
        """The trusted method under which the answer falls fastest."""
        trusted = [one for one in self.attributions if one.trusted]
        return min(trusted, key=lambda one: one.deletion.area) if trusted else None

    def beside(self, examples: Examples) -> "Explanation":
        """Return the explanation with training rows."""
        return replace(self, examples=examples)

    def to_json(self) -> dict[str, Any]:
        best = self.best
        return {
            "task": self.task,
            "text": self.text,
            "shown": self.shown,
            "answer": dict(self.answer),
            "target": self.target,
            "value": self.value,
            "unit": self.unit,
            "tokens": [part.to_json() for part in self.parts],
            "methods": [one.to_json() for one in self.attributions],
            "best": "" if best is None else best.method,
            "examples": None if self.examples is None else self.examples.to_json(),
        }
