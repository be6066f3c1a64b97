"""Forecast several tables of measurements at once, each as if it were alone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yeoul.data.measured.measurements import Measurements
from yeoul.tasks.forecasting.forecaster import Forecaster, Forecasts


def forecast_together(forecaster: Forecaster, tables: Sequence[Measurements]) -> list[Forecasts]:
    """Say how each table goes on; those with the same columns and clock are answered in one batch.

    Raises `DataError` where one of them lacks rows or columns.
    """
    alike = defaultdict[object, list[int]](list)
    for place, table in enumerate(tables):
        alike[_likeness(table)].append(place)
    found = dict[int, Forecasts]()
    for places in alike.values():
        whole = forecaster.forecast(_joined([tables[place] for place in places]))
        first = 0
        for place in places:
            own = slice(first, first := first + len(tables[place].series))
            found[place] = Forecasts(tables[place], whole.plan, whole.times[own], whole.answers[own])
    return [found[place] for place in range(len(tables))]


def _likeness(table: Measurements) -> object:
    return table.columns, table.roles, table.every, table.zone, bool(np.isnat(table.starts).any())


def _joined(tables: Sequence[Measurements]) -> Measurements:
    """Return the series of tables that are alike as those of one."""
    lengths = np.concatenate([table.lengths for table in tables])
    return replace(
        tables[0],
        values=np.concatenate([table.values for table in tables]),
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
        series=tuple(name for table in tables for name in table.series),
        starts=np.concatenate([table.starts for table in tables]),
        statics=np.concatenate([table.statics for table in tables]),
    )
