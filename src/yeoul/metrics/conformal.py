"""Honest intervals for any forecast: its quantiles are moved by what they missed on the validation windows.

Split conformal prediction (Papadopoulos et al. 2002) for points, conformalized quantile regression (Romano, Patterson &
Candès 2019) for quantiles, each level by itself. For errors that are exchangeable the quantile of level τ then lies
above the truth with a chance of at least τ (at most τ below the middle); weather that turns is not exchangeable, so the
coverage on the test rows is measured all the same.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.metrics.forecast_sums import LEVELS

_MIDDLE = len(LEVELS) // 2


def conformal(answers: npt.ArrayLike, values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Return by how much to move the quantiles of each step and column: offsets (H, D, 7) for `LEVELS`.

    `answers` are points (N, H, D) or quantiles (N, H, D, 7) for validation windows, `values` (N, H, D) what came true,
    NaN where missing. Of n errors the level τ takes the ⌈(n + 1) τ⌉-th smallest (the lower levels their mirror image),
    at most the largest: with fewer than 19 even that is less than the outermost level promises. Where no target is
    present the offset is zero. The point forecast, in the middle, is never moved. Raises ValueError for other shapes.
    """
    came = np.asarray(values)
    said = _quantiles(np.asarray(answers))
    if said.shape[:-1] != came.shape:
        raise ValueError(f"answers of shape {said.shape} for targets of shape {came.shape}")
    offsets = np.zeros((*came.shape[1:], len(LEVELS)), dtype=np.float32)
    present = np.count_nonzero(~np.isnan(came), axis=0)
    if not present.any():
        return offsets
    errors: npt.NDArray[Any] | None = None
    for place, level in enumerate(LEVELS):
        if place != _MIDDLE:
            if errors is None or said.strides[3] > 0:  # the errors of points are the same at all levels
                errors = np.sort(came - said[..., place], axis=0)  # NaN at the end
            rank = np.ceil((present + 1) * max(level, 1 - level) - 1e-9).astype(np.int64)
            rank = np.minimum(rank, present)
            taken = rank - 1 if place > _MIDDLE else present - rank
            found = np.take_along_axis(errors, np.maximum(taken, 0)[None], axis=0)[0]
            offsets[..., place] = np.where(present > 0, found, 0.0)
    return offsets


def widen(answers: npt.ArrayLike, offsets: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Move the quantiles of answers (N, H, D) or (N, H, D, 7) by offsets (H, D, 7): (N, H, D, 7), ascending.

    The point forecast stays where it is; a level that would cross one nearer to the middle is set equal to it.
    Raises ValueError for other shapes.
    """
    said, moves = _quantiles(np.asarray(answers)), np.asarray(offsets)
    if moves.shape != (*said.shape[1:3], len(LEVELS)):
        raise ValueError(f"offsets of shape {moves.shape} for answers of shape {said.shape}")
    moved: npt.NDArray[np.float32] = (said + moves).astype(np.float32)
    for place in range(_MIDDLE + 1, len(LEVELS)):
        np.maximum(moved[..., place], moved[..., place - 1], out=moved[..., place])
    for place in reversed(range(_MIDDLE)):
        np.minimum(moved[..., place], moved[..., place + 1], out=moved[..., place])
    return moved


def _quantiles(said: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """See points as quantiles that are all equal."""
    if said.ndim == 3:
        said = said[..., None]
    if said.ndim != 4 or said.shape[3] not in (1, len(LEVELS)):
        raise ValueError(f"answers of shape {said.shape} are neither points nor quantiles")
    return np.broadcast_to(said, (*said.shape[:3], len(LEVELS)))
