"""A forecast with the past that it was made from, as plain values to draw."""

from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.windows import WindowPlan

Floats = npt.NDArray[np.float32]
Times = npt.NDArray[np.datetime64]
_COLUMNS = 3
_PAST = 200


def fan(
    measurements: Measurements, plan: WindowPlan, origin: int, times: Times, answers: Floats
) -> dict[str, Any]:
    """Return what is said of one window, quantiles (H, D, 7) at `times` (H,), with its newest past."""
    series = int(measurements.series_of(np.array([origin - 1]))[0])
    past = min(_PAST, max(2 * plan.reach, plan.season), plan.span)
    first = max(int(measurements.offsets[series]), origin - past)
    return {
        "series": measurements.series[series],
        "past_steps": list(range(first - origin + 1, 1)),
        "past_times": named_times(measurements.times(np.arange(first, origin)), first - origin),
        "times": named_times(times, plan.delay),
        "steps": [plan.delay + step + 1 for step in range(len(times))],
        "columns": [
            {
                "name": plan.targets[column],
                "past": numbers(measurements.values[first:origin, column]),
                "quantiles": [numbers(step) for step in answers[:, column]],
            }
            for column in range(min(_COLUMNS, len(plan.targets)))
        ],
    }


def named_times(times: Times, delay: int) -> list[str]:
    """Name times by the clock, or by rows after the newest one where no times are known."""
    if np.isnat(times).any():
        return [f"{delay + step + 1:+d}" for step in range(len(times))]
    return [str(time).replace("T", " ") for time in times]


def numbers(values: npt.NDArray[np.generic]) -> list[float | None]:
    """Return numbers as JSON holds them, None for a missing one."""
    return [None if value != value else round(value, 6) for value in values.astype(np.float64).tolist()]
