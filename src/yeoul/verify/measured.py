"""Forecasts as the laws see them: rows of measurements, of which a forecast must not know those after its origin."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.window_rows import ScaledRows, WindowRows
from yeoul.padded import Padded
from yeoul.tasks.forecasting.forecaster import Forecaster
from yeoul.verify.subject import Array, Arrays, Filler, LawName, Reason, Subject

_WINDOWS = 6


def measured(
    forecaster: Forecaster, measurements: Measurements, again: Callable[[], Subject[Array]] | None
) -> Subject[Array]:
    """Return a forecaster with stretches of one series; all are taken as of the time of the first.

    A row holds the targets and inputs of the look-back and of the horizon; what is known ahead stays as it is.
    """
    plan = forecaster.plan
    size = plan.span + plan.reach
    series = int(np.argmax(measurements.lengths))
    begin, end = (int(measurements.offsets[series + place]) for place in (0, 1))
    past = len(plan.targets) + len(plan.inputs)
    starts = np.unique(np.linspace(begin, max(begin, end - size), _WINDOWS).astype(int))
    stretches = [_filled(measurements.values[start : start + size]) for start in starts]
    rows = tuple(stretch[:, :past] for stretch in stretches if len(stretch) == size)
    known = stretches[0][:, past:]

    def answer(values: Array) -> Tensor:
        alone = replace(
            measurements,
            values=np.concatenate([values, known], axis=1).astype(np.float32),
            offsets=np.array([0, size]),
            series=measurements.series[series : series + 1],
            starts=measurements.starts[series : series + 1],
            statics=measurements.statics[series : series + 1],
        )
        windows = WindowRows(ScaledRows.of(alone, plan, forecaster.scaler), np.array([plan.span]))
        return torch.from_numpy(forecaster.answers(windows)[0])

    def ask(padded: Padded) -> Tensor:
        return torch.stack([answer(values.numpy()) for values in padded.values])

    exempt: dict[LawName, Reason] = {
        "padding": "fixed",
        "mates": "alone",
        "order": "alone",
        "single": "alone",
        "chunks": "pieces",
    }
    if again is None:
        exempt["saved"] = "unsaved"
    return Arrays("forecasts", rows, ask, Filler.like(rows), exempt, sees=plan.span, reload=again)


def _filled(values: Array) -> Array:
    """Return values with the mean of their column in each hole."""
    means: Any = np.nanmean(np.where(np.isnan(values).all(axis=0), 0.0, values), axis=0)
    filled: Array = np.where(np.isnan(values), means, values).astype(np.float32)
    return filled
