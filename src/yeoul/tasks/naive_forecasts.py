"""Forecasts by rule, for windows as a forecaster reads them."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.baselines.forecasts import Origins, drift, last, mean, season
from yeoul.data.window_rows import WindowRows

Floats = npt.NDArray[np.float32]
Rule = Literal["last", "season", "drift", "mean"]


def naive_answers(rule: Rule, rows: WindowRows) -> Floats:
    """Return points (N, H, D) in the targets' units."""
    plan, measurements = rows.plan, rows.source.measurements
    origins = Origins(
        measurements.values,
        measurements.offsets,
        tuple(range(len(plan.targets))),
        rows.origins,
        plan.delay,
        plan.horizon,
    )
    match rule:
        case "last":
            return last(origins)
        case "season":
            return season(origins, plan.season)
        case "drift":
            return drift(origins)
        case "mean":
            return mean(origins, plan.lookback)
