"""Pairs of curves: the same one warped, shifted and noisy, or two that have nothing to do with one another.

A curve is a sum of a few bumps of random place, width and height. Its partner is the same curve begun elsewhere (what
leaves at one end comes in at the other), run through at a changing speed, scaled, lifted and with noise of its own. The
partner of a pair that does not match is made in the same way of another curve, so that only the shape tells.
"""

import numpy as np
import numpy.typing as npt

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table

CURVES = "curves"
CURVES_TITLE = "pairs of curves: the same one warped, shifted and noisy, or another (made up)"
_ROWS = 2400
_SEED = 61
_FINE = 512
_BUMPS = (3, 6)
_SHIFT = 0.15
_NOISE = 0.15
_LENGTHS = (48, 97)

Floats = npt.NDArray[np.float64]


def curves() -> Table:
    """Return the columns `left` and `right`, lists of 48 to 96 numbers, and `same`, 1 or 0.

    No two rows show the same curve.
    """
    random = np.random.default_rng(_SEED)
    lefts, rights = list[str](), list[str]()
    for row in range(_ROWS):
        shape = _shape(random)
        partner = _shape(random) if row % 2 else shape
        lefts.append(_cell(shape, random))
        rights.append(_cell(partner, random))
    return made_table(CURVES, {"left": lefts, "right": rights, "same": ["1", "0"] * (_ROWS // 2)})


def _shape(random: np.random.Generator) -> Floats:
    """Return a periodic curve at 512 places, of mean 0 and deviation 1."""
    places = np.arange(_FINE) / _FINE
    curve = np.zeros(_FINE)
    for _ in range(int(random.integers(*_BUMPS))):
        center, width, height = random.random(), random.uniform(0.03, 0.12), random.normal()
        distance = np.abs(places - center)
        curve += height * np.exp(-0.5 * (np.minimum(distance, 1 - distance) / width) ** 2)
    curve -= curve.mean()
    return np.asarray(curve / max(curve.std(), 1e-9))


def _cell(shape: Floats, random: np.random.Generator) -> str:
    """Return the curve as it was seen this time."""
    steps = int(random.integers(*_LENGTHS))
    speed = np.interp(np.arange(steps), np.linspace(0, steps, 5), random.uniform(0.6, 1.4, 5))
    turns = (np.cumsum(speed) / speed.sum() + random.uniform(-_SHIFT, _SHIFT)) % 1.0
    seen = np.interp(turns * _FINE, np.arange(_FINE + 1), np.append(shape, shape[0]))
    seen = random.uniform(0.5, 2.0) * (seen + _NOISE * random.standard_normal(steps)) + random.normal()
    return " ".join(f"{value:.3f}" for value in seen)
