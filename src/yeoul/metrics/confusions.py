"""Which classes are taken for which, and the rows where the model was surest of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.metrics.intervals import Floats
from yeoul.metrics.labels import Ints


@dataclass(frozen=True)
class Confusion:
    """Rows of class `target` that were answered with `predicted`, both by number.

    `share` is of the rows of the true class; `examples` are places of rows, the surest mistake first.
    """

    target: int
    predicted: int
    rows: int
    share: float
    examples: tuple[int, ...]


def most_confused(
    targets: Ints, predicted: Ints, confidence: Floats, *, pairs: int = 10, examples: int = 3
) -> tuple[Confusion, ...]:
    """Return the pairs of classes that were mixed up in most rows, with the most confident mistakes of each.

    `targets`, `predicted` and `confidence` are (N,). Pairs of equally many rows come in the order of their classes.
    """
    wrong = np.flatnonzero(targets != predicted)
    if not len(wrong):
        return ()
    size = int(max(targets.max(), predicted.max())) + 1
    codes = targets[wrong] * size + predicted[wrong]
    found, counts = np.unique(codes, return_counts=True)
    largest = np.argsort(-counts, kind="stable")[:pairs]
    sure_first: npt.NDArray[np.int64] = wrong[np.argsort(-confidence[wrong], kind="stable")]
    sorted_codes = targets[sure_first] * size + predicted[sure_first]
    return tuple(
        Confusion(
            int(found[place] // size),
            int(found[place] % size),
            int(counts[place]),
            float(counts[place] / np.count_nonzero(targets == found[place] // size)),
            tuple(sure_first[np.flatnonzero(sorted_codes == found[place])[:examples]].tolist()),
        )
        for place in largest
    )
