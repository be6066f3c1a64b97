"""Token ids with the lengths of film reviews: the real ones where the data is at hand, else drawn like them.

Real ones are those that the recipe `imdb-lstm` trains on, cut and numbered by Yeoul. Id 0 is padding.
"""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

LENGTHS = (
    1,
    61,
    84,
    108,
    118,
    126,
    133,
    141,
    151,
    162,
    175,
    192,
    208,
    229,
    254,
    291,
    333,
    391,
    482,
    500,
    500,
)
"""Words of an IMDB review, cut at 500: the quantiles 0, 0.05, … 1 of 6,000 training rows."""
_FREQUENCY = (2.7, 1.15)
"""Word number r has a share in proportion to (r + 2.7)**-1.15: 128 reviews have about 4,100 distinct words."""
CACHE = Path("build/benchmarks/imdb.npz")


def token_rows(rows: int, steps: int, vocabulary: int, seed: int) -> tuple[Array, Array]:
    """Return ids (B, T), zeros beyond the lengths, and lengths (B,), the longest of which is T."""
    random = np.random.default_rng(seed)
    if CACHE.exists() and os.environ.get("YEOUL_DATA") and steps >= LENGTHS[-1]:
        ids, lengths = _real()
        places = random.choice(np.flatnonzero(lengths), rows, replace=False)
        return np.where(ids[places] < vocabulary, ids[places], 1), lengths[places]
    quantiles = np.interp(random.random(rows), np.linspace(0, 1, len(LENGTHS)), LENGTHS)
    lengths = np.clip(quantiles * steps / LENGTHS[-1], 1, steps).astype(np.int64)
    lengths[0] = steps
    offset, power = _FREQUENCY
    share = (np.arange(vocabulary - 1) + offset) ** -power
    ids = 1 + random.choice(vocabulary - 1, (rows, steps), p=share / share.sum())
    return np.where(np.arange(steps) < lengths[:, None], ids, 0), lengths


@cache
def _real() -> tuple[Array, Array]:
    with np.load(CACHE) as arrays:
        return arrays["train_ids"], arrays["train_lengths"]


def prepare() -> bool:
    """Number the reviews once, by Yeoul, into `CACHE`; say whether they are there."""
    if not os.environ.get("YEOUL_DATA"):
        return False
    if not CACHE.exists():
        from yeoul.recipefile import read_recipe
        from yeoul.tasks import classify
        from yeoul.tasks.classification.inputs import inputs_of

        recipe = read_recipe("imdb-lstm", {}).recipe
        dataset = classify.load(recipe)
        prepared = classify.prepare(recipe, dataset, None)
        arrays = {}
        for name, examples in dataset.splits.items():
            rows = prepared.vectorizer(inputs_of(examples, False))
            ids = np.zeros((len(rows.lengths), LENGTHS[-1]), np.int32)
            ids[np.arange(LENGTHS[-1]) < rows.lengths[:, None]] = rows.ids + 1
            arrays |= {f"{name}_ids": ids, f"{name}_lengths": rows.lengths}
            arrays[f"{name}_labels"] = prepared.target.encode(examples)
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        np.savez(CACHE, **arrays)
    return True


if __name__ == "__main__":
    sys.exit(0 if prepare() else 1)
