"""What a model says about two sequences, for people and programs."""

from dataclasses import dataclass
from typing import Any, final


@final
@dataclass(frozen=True)
class PairAnswer:
    """How close two sequences are."""

    score: float
    """What rows are ranked by, the larger the closer: a cosine, log-odds, or a degree."""
    matches: bool | None = None
    """Whether the two belong together; None for models of degrees, and where nobody said what does not match."""
    probability: float | None = None
    """The chance that they do, as the validation rows tell of such scores."""
    degree: float | None = None
    """In the unit of the training rows, for models of degrees."""

    @property
    def shown(self) -> str:
        """What a person reads."""
        return f"{self.score if self.degree is None else self.degree:.4g}"

    def to_json(self) -> dict[str, Any]:
        """Return plain values, without what the model does not say."""
        said = {"matches": self.matches, "probability": self.probability, "degree": self.degree}
        return {"score": self.score, **{name: value for name, value in said.items() if value is not None}}


@final
@dataclass(frozen=True)
class Found:
    """One of a pool, and how close it is to what was asked for."""

    place: int
    """In the pool, from 0."""
    score: float

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"place": self.place, "score": self.score}
