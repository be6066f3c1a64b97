"""What measuring the laws has found."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, final

from yeoul.verify.laws import LAWS, TOLERANCE, Example, Finding, find, scale_of
from yeoul.verify.subject import LawName, Reason, Subject

State = Literal["holds", "broken", "none"]


@final
@dataclass(frozen=True)
class Outcome:
    """One law: the largest deviation of all that was asked."""

    law: LawName
    state: State
    deviation: float
    tolerance: float
    reason: Reason | None = None
    """Why the law says nothing of this model."""
    example: Example | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values; an infinite deviation is null."""
        example = self.example
        return {
            "law": self.law,
            "state": self.state,
            "deviation": self.deviation if math.isfinite(self.deviation) else None,
            "tolerance": self.tolerance,
            "reason": self.reason or "",
            "example": None
            if example is None
            else {
                "subject": example.subject,
                "rows": list(example.rows),
                "lengths": list(example.lengths),
                "extra": example.extra,
                "at": example.at,
                "deviation": example.deviation if math.isfinite(example.deviation) else None,
                "note": example.note,
            },
        }


@final
@dataclass(frozen=True)
class Verified:
    """All laws, in their order."""

    outcomes: tuple[Outcome, ...]

    @property
    def ok(self) -> bool:
        """Whether no law is broken."""
        return not self.broken

    @property
    def broken(self) -> tuple[LawName, ...]:
        return tuple(one.law for one in self.outcomes if one.state == "broken")

    def of(self, law: LawName) -> Outcome:
        return next(one for one in self.outcomes if one.law == law)

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "laws": [one.to_json() for one in self.outcomes]}


def verified(subjects: Sequence[Subject[Any]], tolerance: float = TOLERANCE) -> Verified:
    """Put every subject to every law that speaks of it.

    Raises whatever a subject raises when it is asked about all its rows at once.
    """
    scales = [scale_of(subject) for subject in subjects]
    found: dict[LawName, list[Finding]] = {law: [] for law in LAWS}
    for subject, scale in zip(subjects, scales, strict=True):
        for law in LAWS:
            if law not in subject.exempt:
                found[law].append(find(subject, law, tolerance, scale))
    return Verified(tuple(_outcome(law, found[law], subjects) for law in LAWS))


def _outcome(law: LawName, found: Sequence[Finding], subjects: Sequence[Subject[Any]]) -> Outcome:
    if not found:
        return Outcome(law, "none", 0.0, 0.0, _reason(law, [subject.exempt for subject in subjects]))
    worst = max(found, key=lambda one: (not one.holds, one.deviation))
    state: State = "holds" if worst.holds else "broken"
    return Outcome(law, state, worst.deviation, worst.tolerance, example=worst.example)


def _reason(law: LawName, exempt: Sequence[Mapping[LawName, Reason]]) -> Reason:
    """Return the first reason that is more than that another subject is asked."""
    reasons = [each[law] for each in exempt if law in each]
    return next((one for one in reasons if one != "elsewhere"), reasons[0])
