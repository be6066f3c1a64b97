"""Ridge regression on look-backs, for windows as a forecaster reads them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from yeoul.baselines.lags import Block, Lags
from yeoul.data.measured.window_rows import WindowRows
from yeoul.padded import Padded
from yeoul.recipe import LagsRecipe

Floats = npt.NDArray[np.float32]
_WINDOWS_AT_ONCE = 2048


def fit_lags(recipe: LagsRecipe, train: WindowRows, validation: WindowRows) -> Lags:
    """Fit a regression to the training windows, its penalty to the validation windows."""
    return Lags.fit(recipe, _blocks(train), _blocks(validation))


def lag_answers(model: Lags, rows: WindowRows) -> Floats:
    """Return points (N, H, D) in the targets' units."""
    said = [model.answers(series, known) for series, known, _ in _blocks(rows)]
    return rows.in_units(np.concatenate(said))


def _blocks(rows: WindowRows) -> Iterator[Block]:
    """Yield windows in portions that fit into memory."""
    for first in range(0, len(rows), _WINDOWS_AT_ONCE):
        batch = rows.batch(np.arange(first, min(first + _WINDOWS_AT_ONCE, len(rows))))
        series, known = batch.inputs["series"], batch.inputs.get("known")
        if not isinstance(series, Padded) or batch.targets is None:
            raise TypeError("windows have a look-back and targets")
        ahead = np.zeros((len(series.values), rows.plan.horizon, 0), np.float32)
        if isinstance(known, torch.Tensor):
            ahead = known.numpy()
        yield series.values.numpy(), ahead, batch.targets.numpy()
