"""How fast an answer falls when what spoke for it is taken away, against taking parts away at random.

The parts are taken away from the one that speaks most for the answer to the one that speaks least, some at a time,
and the model is asked again each time. The area below that curve is small where a method has found what mattered
(Samek et al. 2017). It is set against random orders of the same parts: a method is trusted where at most one in
twenty orders does as well, itself counted, and not to be trusted where it is no better than they are on the mean.
Between the two it cannot be told: of few parts, too many orders are good ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from yeoul.explain.units import Kept

Doubles = npt.NDArray[np.float64]
Trust = Literal["trusted", "untrusted", "open"]
Ask = Callable[[Kept], Doubles]
"""From the parts that are kept (N, U) to what the model says of the answer (N,)."""

ORDERS = 39
_STEPS = 10
_FIRST = 3
_LEVEL = 0.05


@final
@dataclass(frozen=True, eq=False)
class Baseline:
    """What random orders reach: `curves` (R, K + 1)."""

    counts: npt.NDArray[np.int64]  # (K + 1,) parts taken away
    curves: Doubles

    @property
    def areas(self) -> Doubles:
        """(R,)."""
        return np.array([_area(self.counts, curve) for curve in self.curves])


@final
@dataclass(frozen=True)
class Deletion:
    """One method's curve beside those of random orders."""

    shares: tuple[float, ...]
    values: tuple[float, ...]
    random: tuple[float, ...]
    """The mean of the random orders."""
    area: float
    random_area: float
    low: float
    high: float
    """95 % of the random orders' areas lie between."""
    orders: int
    trust: Trust

    def to_json(self) -> dict[str, Any]:
        return {
            "shares": [round(share, 4) for share in self.shares],
            "values": [round(value, 6) for value in self.values],
            "random": [round(value, 6) for value in self.random],
            "area": self.area,
            "random_area": self.random_area,
            "low": self.low,
            "high": self.high,
            "orders": self.orders,
        }


def random_orders(ask: Ask, parts: int, seed: int = 0, orders: int = ORDERS) -> Baseline:
    """Ask the model along random orders of the parts."""
    random = np.random.default_rng(seed)
    counts = _counts(parts)
    curves = _curves(ask, [random.permutation(parts) for _ in range(orders)], counts)
    return Baseline(counts, curves)


def deletion(ask: Ask, scores: Doubles, baseline: Baseline) -> Deletion:
    """Take away the parts with the highest scores (U,) first."""
    counts = baseline.counts
    curve = _curves(ask, [np.argsort(-scores, kind="stable")], counts)[0]
    areas, area = baseline.areas, _area(counts, curve)
    as_good = (1 + int(np.count_nonzero(areas <= area))) / (1 + len(areas))
    trust: Trust = "trusted" if as_good <= _LEVEL else "open" if area < areas.mean() else "untrusted"
    low, high = np.quantile(areas, (0.025, 0.975)).tolist()
    return Deletion(
        tuple((counts / max(1, len(scores))).tolist()),
        tuple(curve.tolist()),
        tuple(baseline.curves.mean(axis=0).tolist()),
        area,
        float(areas.mean()),
        low,
        high,
        len(areas),
        trust,
    )


def _counts(parts: int) -> npt.NDArray[np.int64]:
    """Return after how many parts (K + 1,) the model is asked, from none to all: the first ones one by one."""
    even = np.linspace(0, parts, min(parts, _STEPS) + 1).round().astype(np.int64)
    first = np.arange(1 + min(parts, _FIRST))
    return np.unique(np.concatenate([first, even]))


def _curves(ask: Ask, orders: list[npt.NDArray[np.int64]], counts: npt.NDArray[np.int64]) -> Doubles:
    """Ask along orders of the parts; equal sets of parts are asked about once."""
    kept = np.ones((len(orders), len(counts), len(orders[0])), bool)
    for row, order in enumerate(orders):
        for place, count in enumerate(counts.tolist()):
            kept[row, place, order[:count]] = False
    flat = kept.reshape(-1, kept.shape[2])
    different, back = np.unique(flat, axis=0, return_inverse=True)
    return ask(different)[back.reshape(-1)].reshape(len(orders), len(counts))


def _area(counts: npt.NDArray[np.int64], curve: Doubles) -> float:
    if len(counts) < 2:
        return float(curve.mean())
    return float(np.trapezoid(curve, counts / counts[-1]))
