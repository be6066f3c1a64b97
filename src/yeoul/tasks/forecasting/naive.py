"""Forecasts by rule, for windows as a forecaster reads them."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.baselines.forecasts import Origins, drift, last, mean, season
from yeoul.data.measured.window_rows import WindowRows

Floats = npt.NDArray[np.float32]
Rule = Literal["last", "season", "drift", "mean"]


def naive_answers(rule: Rule, rows: WindowRows) -> Floats:
    """Return points (N, H, D) in the targets' units."""
    origins = origins_of(rows)
    match rule:
        case "last":
            return last(origins)
        case "season":
            return season(origins, rows.plan.season)
        case "drift":
            return drift(origins)
        case "mean":
            return mean(origins, rows.plan.lookback)


def origins_of(rows: WindowRows) -> Origins:
    """Return where the windows start, and how far they reach."""
    plan, measurements = rows.plan, rows.source.measurements
    columns = tuple(range(len(plan.targets)))
    return Origins(measurements.values, measurements.offsets, columns, rows.origins, plan.delay, plan.horizon)
