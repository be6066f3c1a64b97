"""Leave out the answers that a model is not sure of, so that no more of the others are wrong than is allowed.

The limit is chosen on validation rows: from the surest answer downwards it is lowered for as long as, with 95 %
confidence, at most the allowed share of the answers above it is wrong (an exact binomial bound, Clopper & Pearson
1934, at limits in a fixed order: Bates et al. 2021). So it holds for other rows of the same kind, not just for these.
"""

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats, Interval
from yeoul.metrics.sureness import Calibration, Sureness

Bools = npt.NDArray[np.bool_]
_CONFIDENCE = 0.95
_LIMITS = 200
_FEWEST_WRONG = 8
"""So many wrong answers are expected above the first limit that is tried: fewer answers tell nothing of the risk."""


@final
@dataclass(frozen=True)
class Abstaining:
    """What comes of answering only the rows whose confidence reaches a limit."""

    risk: float
    """The share of wrong answers that is allowed."""
    limit: float | None
    """The least confidence; None where no limit is strict enough."""
    rows: int
    answered: int
    wrong: Interval
    """Share of the answers that are wrong."""
    wrong_of_all: float
    """The same without leaving any out."""

    @property
    def coverage(self) -> float:
        """Share of the rows that are answered."""
        return self.answered / self.rows if self.rows else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "risk": self.risk,
            "limit": self.limit,
            "rows": self.rows,
            "answered": self.answered,
            "coverage": self.coverage,
            "wrong": self.wrong.to_json(),
            "wrong_of_all": self.wrong_of_all,
        }


@final
@dataclass(frozen=True)
class Honesty:
    """How honest confidences are on test rows, as they are and after a curve through those of the validation rows."""

    calibration: Calibration
    before: Sureness
    after: Sureness

    @classmethod
    def of(cls, sure: Floats, right: Bools, test_sure: Floats, test_right: Bools) -> "Honesty":
        """Fit the curve to validation answers (N,) and try it on test answers (M,)."""
        curve = Calibration.fit(_log(sure), right)
        after = Sureness.of(curve(_log(test_sure)), test_right)
        return cls(curve, Sureness.of(test_sure, test_right), after)

    def to_json(self) -> dict[str, Any]:
        return {
            "slope": self.calibration.slope,
            "offset": self.calibration.offset,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


def confidence_limit(sure: npt.ArrayLike, right: npt.ArrayLike, risk: float) -> float | None:
    """Return the least confidence at which answers (N,) may be trusted; None where even the surest are too often wrong.

    Raises `ValueError` for a risk that is no share.
    """
    if not 0.0 < risk < 1.0:
        raise ValueError(f"risk is {risk}, expected a share between 0 and 1")
    held, truth = np.asarray(sure, np.float64), np.asarray(right, np.bool_)
    order = np.argsort(-held, kind="stable")
    wrong = np.cumsum(~truth[order])
    ends = np.flatnonzero(np.append(np.diff(held[order]) != 0, True)) + 1  # equal confidences go together
    ends = ends[ends >= min(_FEWEST_WRONG / risk, len(held))]
    tried = (
        np.unique(ends[np.linspace(0, len(ends) - 1, min(_LIMITS, len(ends))).astype(np.int64)])
        if len(ends)
        else ends
    )
    found = None
    for count in tried.tolist():
        if upper_bound(int(wrong[count - 1]), count) > risk:
            break
        found = float(held[order][count - 1])
    return found


def abstain(limit: float | None, sure: npt.ArrayLike, right: npt.ArrayLike, risk: float) -> Abstaining:
    """Return what a limit does on other answers (M,)."""
    held, truth = np.asarray(sure, np.float64), np.asarray(right, np.bool_)
    kept = held >= limit if limit is not None else np.zeros(len(held), bool)
    answered, wrong = int(kept.sum()), int((~truth[kept]).sum())
    share = wrong / answered if answered else 0.0
    low = 1.0 - upper_bound(answered - wrong, answered, 0.975) if answered else 0.0
    high = upper_bound(wrong, answered, 0.975) if answered else 1.0
    of_all = float((~truth).mean()) if len(truth) else 0.0
    return Abstaining(risk, limit, len(held), answered, Interval(share, low, high), of_all)


def upper_bound(wrong: int, rows: int, confidence: float = _CONFIDENCE) -> float:
    """Return the share above which, with this confidence, the true share of wrong rows does not lie.

    >>> round(upper_bound(0, 59), 3)                      # the rule of three: 3 / 59
    0.05
    """
    from scipy.special import betaincinv  # slow to import

    return 1.0 if wrong >= rows else float(betaincinv(wrong + 1, rows - wrong, confidence))


def _log(sure: Floats) -> Floats:
    logs: Floats = np.log(np.maximum(np.asarray(sure, np.float64), np.finfo(np.float64).tiny))
    return logs
