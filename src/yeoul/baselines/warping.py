"""Dynamic time warping (Sakoe & Chiba 1978) of many pairs of series at once.

The cost of a path that pairs steps i of one series with steps j of the other is the sum of squared differences on it.
The best path to (i, j) comes from (i - 1, j), (i, j - 1) or (i - 1, j - 1). Cells with equal i + j do not need one
another, so all pairs go through one such diagonal after another together.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_PAIRS_AT_ONCE = 512


def warped(lefts: npt.ArrayLike, rights: npt.ArrayLike, *, band: int) -> Floats:
    """Return the distance (N,) of pairs of series (N, T, D) under the best warping: the root of its cost per step.

    No step is paired with one more than `band` steps away. Raises ValueError for shapes that differ or are empty.
    """
    first, second = np.asarray(lefts, np.float64), np.asarray(rights, np.float64)
    if first.shape != second.shape or first.ndim != 3 or first.shape[1] == 0 or band < 0:
        raise ValueError(f"series of shape {first.shape} and {second.shape} in a band of {band}")
    parts = [
        _costs(first[start : start + _PAIRS_AT_ONCE], second[start : start + _PAIRS_AT_ONCE], band)
        for start in range(0, len(first), _PAIRS_AT_ONCE)
    ]
    costs = np.concatenate(parts) if parts else np.zeros(0)
    distances: Floats = np.sqrt(costs / first.shape[1])
    return distances


def _costs(first: Floats, second: Floats, band: int) -> Floats:
    """Return the cost of the best path of each pair (N,)."""
    pairs, steps, _ = first.shape
    ours = np.ascontiguousarray(first.transpose(2, 1, 0))  # (D, T, N)
    theirs = np.ascontiguousarray(second.transpose(2, 1, 0)[:, ::-1])  # steps from the last to the first
    # paths to the cells of the two diagonals before, by i + 1
    before, older = np.full((2, steps + 1, pairs), np.inf)
    older[0] = 0.0  # before the first cell
    for diagonal in range(2 * steps - 1):
        low = max(0, diagonal - steps + 1, -(-(diagonal - band) // 2))
        high = min(steps - 1, diagonal, (diagonal + band) // 2)
        now = np.full((steps + 1, pairs), np.inf)
        if low <= high:
            rows, columns = slice(low, high + 1), slice(steps - 1 - diagonal + low, steps - diagonal + high)
            cost = np.square(ours[:, rows] - theirs[:, columns]).sum(axis=0)
            from_left, from_below = before[low + 1 : high + 2], before[low : high + 1]
            best = np.minimum(np.minimum(from_left, from_below), older[low : high + 1])
            now[low + 1 : high + 2] = cost + best
        before, older = now, before
    return np.asarray(before[steps])
