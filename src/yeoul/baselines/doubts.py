"""Rows whose label is probably wrong, by models that did not learn from them (confident learning).

The rows are cut into folds; a linear model learns from all folds but one and says of that one's rows how probable
each class is. A class counts as said of a row when its probability reaches what the rows labelled with it have on the
mean. A row is doubted where another class than its label is said of it, and by how much more probable that class is
(Northcutt, Jiang & Chuang 2021).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.baselines.text import LinearText
from yeoul.recipe import LinearRecipe

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FOLDS = 4
_RECIPE = LinearRecipe(unit="character", ngrams=(1, 3), min_count=2)


@final
@dataclass(frozen=True)
class Doubt:
    """A row, by its place, with the class that others would have given it."""

    row: int
    label: int
    said: int
    lead: float
    """How much more probable the class that is said is than the label, from 0 to 1."""


def doubted(
    texts: Sequence[str], classes: npt.ArrayLike, outputs: int, *, folds: int = FOLDS, seed: int = 0
) -> list[Doubt]:
    """Return the rows to look at first, the most doubtful first.

    Takes N texts and their classes (N,), of so many. Equal texts are in one fold, so that none tells of another.
    Raises `ValueError` for fewer rows than folds.
    """
    truth = np.asarray(classes, np.int64)
    if len(truth) < folds:
        raise ValueError(f"{len(truth)} rows for {folds} folds")
    return rank(_probabilities(texts, truth, outputs, folds, seed), truth)


def rank(probabilities: Floats, truth: Ints) -> list[Doubt]:
    """Return the doubted rows of probabilities (N, V) and labels (N,), the most doubtful first."""
    rows, outputs = probabilities.shape
    usual = np.array(
        [
            probabilities[truth == one, one].mean() if (truth == one).any() else np.inf
            for one in range(outputs)
        ]
    )
    mine = probabilities[np.arange(rows), truth]
    reached = np.where(probabilities >= usual, probabilities, -1.0)
    reached[np.arange(rows), truth] = -1.0
    said = reached.argmax(axis=1)
    leads = reached[np.arange(rows), said] - mine
    doubtful = np.flatnonzero((reached.max(axis=1) > 0) & (leads > 0))
    order = doubtful[np.argsort(-leads[doubtful], kind="stable")]
    return [Doubt(row, int(truth[row]), int(said[row]), float(leads[row])) for row in order.tolist()]


def _probabilities(texts: Sequence[str], truth: Ints, outputs: int, folds: int, seed: int) -> Floats:
    """Return what models that did not learn from a row say of it (N, V)."""
    _, groups = np.unique([" ".join(text.split()) for text in texts], return_inverse=True)
    fold_of = np.random.default_rng(seed).permutation(int(groups.max(initial=0)) + 1)[groups] % folds
    told = np.empty((len(truth), outputs))
    for fold in range(folds):
        left, asked = ((fold_of != fold).nonzero()[0].tolist(), (fold_of == fold).nonzero()[0].tolist())
        model = LinearText.fit(_RECIPE, [texts[row] for row in left], truth[left], "class", outputs)
        told[asked] = np.exp(model.answers([texts[row] for row in asked]).astype(np.float64))
    return told
