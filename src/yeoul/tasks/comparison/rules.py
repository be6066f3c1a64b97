"""From scores to what is said of a pair: whether it matches, and with which chance; or how close it is in degrees."""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from yeoul.metrics.likeness import best_threshold
from yeoul.metrics.sureness import Calibration
from yeoul.recipe import Truth
from yeoul.tasks.comparison.answers import PairAnswer

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class MatchRule(BaseModel):
    """A pair matches from a score on; its chance is a logistic curve through the scores of validation rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: Literal["match"] = "match"
    threshold: float = 0.0
    spread: Annotated[float, Field(gt=0.0)] = 1.0
    """Deviation of the scores of validation rows."""
    slope: Annotated[float, Field(ge=0.0)] = 1.0
    offset: float = 0.0

    @classmethod
    def fit(cls, scores: Floats, truth: Bools) -> "MatchRule":
        """Learn from the scores (N,) of validation rows, and whether each matches."""
        threshold, spread = best_threshold(scores, truth), float(scores.std())
        spread = spread if spread > 0 else 1.0
        curve = Calibration.fit(_log_chances((scores - threshold) / spread), truth)
        return cls(threshold=threshold, spread=spread, slope=curve.slope, offset=curve.offset)

    def matches(self, scores: Floats) -> Bools:
        """Tell of each score (N,) whether its pair matches."""
        return np.asarray(scores >= self.threshold)

    def chances(self, scores: Floats) -> Floats:
        """Return the chance (N,) that each pair matches."""
        odds = (scores - self.threshold) / self.spread
        return Calibration(self.slope, self.offset)(_log_chances(odds))

    def respond(self, scores: Floats) -> list[PairAnswer]:
        """Say what scores (N,) mean."""
        told = zip(scores.tolist(), self.matches(scores).tolist(), self.chances(scores).tolist(), strict=True)
        return [PairAnswer(score, matches, chance) for score, matches, chance in told]


class DegreeRule(BaseModel):
    """A degree is a straight line of the score."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    kind: Literal["degree"] = "degree"
    slope: float = 1.0
    offset: float = 0.0

    @classmethod
    def fit(cls, scores: Floats, truth: Floats) -> "DegreeRule":
        """Learn the line of least squares from the scores (N,) of validation rows and their degrees."""
        spread = float(scores.var())
        slope = float(np.mean((scores - scores.mean()) * truth)) / spread if spread > 1e-24 else 0.0
        return cls(slope=slope, offset=float(truth.mean() - slope * scores.mean()))

    def degrees(self, scores: Floats) -> Floats:
        """Return the degree (N,) of each score."""
        return self.slope * scores + self.offset

    def respond(self, scores: Floats) -> list[PairAnswer]:
        """Say what scores (N,) mean."""
        degrees = self.degrees(scores).tolist()
        return [
            PairAnswer(score, degree=degree) for score, degree in zip(scores.tolist(), degrees, strict=True)
        ]


class OrderRule(BaseModel):
    """Scores that say which pair is closer and no more."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["order"] = "order"

    def respond(self, scores: Floats) -> list[PairAnswer]:
        """Say what scores (N,) mean."""
        return [PairAnswer(score) for score in scores.tolist()]


Rule: TypeAlias = MatchRule | DegreeRule | OrderRule


def learned_rule(truth: Truth, scores: Floats, known: Floats) -> Rule:
    """Learn from the scores (N,) of a simple model on validation rows, and what is known of these."""
    match truth:
        case "match":
            return MatchRule.fit(scores, known == 1.0)
        case "degree":
            return DegreeRule.fit(scores, known)
        case "none":
            return OrderRule()


def own_rule(truth: Truth, scores: Sequence[float] | Floats, known: Floats) -> Rule:
    """Learn the same for a network, which says degrees in their own unit."""
    return DegreeRule() if truth == "degree" else learned_rule(truth, np.asarray(scores, np.float64), known)


def _log_chances(odds: Floats) -> Floats:
    return np.asarray(-np.logaddexp(0.0, -odds))
