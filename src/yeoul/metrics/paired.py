"""Whether two models differ in how many rows they answer rightly: McNemar's exact test."""

import numpy as np
import numpy.typing as npt


def mcnemar(ours: npt.ArrayLike, theirs: npt.ArrayLike) -> float:
    """Return the two-sided exact p-value (McNemar 1947) from which rows each of two models got right (N,), (N,).

    Only the rows on which they differ count: with equal models each is won by either with the chance of one half.
    Raises ValueError for unequal lengths.
    """
    from scipy.special import bdtr  # slow to import

    first, second = np.asarray(ours, dtype=bool), np.asarray(theirs, dtype=bool)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"rows of shape {first.shape} and {second.shape} are not pairs")
    won, lost = int((first & ~second).sum()), int((~first & second).sum())
    if won == lost:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(won, lost), won + lost, 0.5)))
