"""What a model says about one row, for people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, final


class Answer(Protocol):
    """One row's answer."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        ...

    @property
    def confidence(self) -> float | None:
        """How probable the model holds what it says; None where it does not say."""
        ...

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Of the model's labels (V,); none for a number."""
        ...

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """Return plain values; `labels` names the probabilities."""
        ...


@final
@dataclass(frozen=True)
class LabelAnswer:
    """The likeliest class; `probabilities` (V,) follow the model's labels."""

    label: str
    confidence: float
    probabilities: tuple[float, ...]

    @property
    def shown(self) -> str:
        return self.label

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        probabilities = dict(zip(labels, self.probabilities, strict=True))
        return {"label": self.label, "confidence": self.confidence, "probabilities": probabilities}


@final
@dataclass(frozen=True)
class LabelsAnswer:
    """The labels that a row is given, maybe none; `probabilities` (V,) follow the model's labels."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def shown(self) -> str:
        return ", ".join(self.labels)

    @property
    def confidence(self) -> float | None:
        return None

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        return {
            "labels": list(self.labels),
            "probabilities": dict(zip(labels, self.probabilities, strict=True)),
        }


@final
@dataclass(frozen=True)
class NumberAnswer:
    """A number, in the unit of the training rows."""

    value: float

    @property
    def shown(self) -> str:
        return f"{self.value:.6g}"

    @property
    def probabilities(self) -> tuple[float, ...]:
        return ()

    @property
    def confidence(self) -> float | None:
        return None

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        return {"value": self.value}
