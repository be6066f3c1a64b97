"""How far each method can be trusted with a model: its deletion curves over many rows against random orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from yeoul.explain.explanation import Explanation, MethodName
from yeoul.metrics.intervals import Interval, bootstrap_rows


@final
@dataclass(frozen=True)
class Reliability:
    """One method over N rows."""

    method: MethodName
    rows: int
    area: float
    """Below the deletion curve, on the mean; less is better."""
    random_area: float
    lead: Interval
    """By how much the area is smaller than that of random orders, row by row."""
    trusted: float
    """Share of the rows on which it does better than nineteen in twenty random orders."""

    @property
    def beats_random(self) -> bool:
        return self.lead.low > 0

    def to_json(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "rows": self.rows,
            "area": self.area,
            "random_area": self.random_area,
            "lead": self.lead.to_json(),
            "trusted": self.trusted,
            "beats_random": self.beats_random,
        }


def measure(explanations: Iterable[Explanation], seed: int = 0) -> tuple[Reliability, ...]:
    """Sum up explanations of many rows, method by method; rows of a single part are left out."""
    found: dict[MethodName, list[tuple[float, float, bool]]] = {}
    for one in explanations:
        for each in one.attributions:
            curve = each.deletion
            if len(one.parts) > 1:
                found.setdefault(each.method, []).append((curve.area, curve.random_area, each.trusted))
    return tuple(_reliability(method, rows, seed) for method, rows in found.items())


def _reliability(method: MethodName, rows: list[tuple[float, float, bool]], seed: int) -> Reliability:
    told = np.array(rows, np.float64)
    leads = np.stack([told[:, 1] - told[:, 0], np.ones(len(told))], axis=1)
    area, random_area, trusted = told.mean(axis=0).tolist()
    lead = bootstrap_rows(leads, lambda sums: sums[:, 0] / sums[:, 1], seed=seed)
    return Reliability(method, len(told), area, random_area, lead, trusted)


def to_json(found: Iterable[Reliability]) -> Mapping[str, Any]:
    return {"methods": [one.to_json() for one in found]}
