"""A forecast that is explained: which steps of which columns moved it, and how far.

A part is a stretch of one column of the look-back; where it is taken away, the column stands at its mean there. What
is explained is the median of one target on the mean of the horizon. It may rise or fall when a part goes, so what a
deletion curve follows is how far the forecast has moved away from what it was, as a number below zero.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import Batch
from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.window_rows import WindowRows, newest_windows
from yeoul.data.measured.windows import WindowPlan
from yeoul.errors import DataError, UsageError
from yeoul.explain.asked import Asked
from yeoul.explain.deletion import Doubles
from yeoul.explain.gradients import POINTS
from yeoul.explain.units import Kept, Part, Unit
from yeoul.padded import Padded
from yeoul.tasks.forecasting.forecaster import Forecaster, TrainedForecaster, TrainedLags

_MOST_CELLS = 240
_MOST_STRETCHES = 24
_WINDOWS_AT_ONCE = 256


@final
@dataclass(frozen=True, eq=False)
class AskedForecast(Asked):
    """One window with the forecast of one target."""

    forecaster: Forecaster
    window: WindowRows
    """The one window."""
    target: int
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(
        cls, forecaster: Forecaster, measurements: Measurements, wanted: str, row: int | None
    ) -> "AskedForecast":
        """Ask about the forecast after a row, counted from 1, or after the newest one.

        Raises `UsageError` for a target that the model does not forecast and for a model without a look-back, and
        `DataError` for measurements that lack columns or rows.
        """
        plan = forecaster.plan
        if not isinstance(forecaster.model, TrainedForecaster | TrainedLags):
            raise UsageError(
                "the model {name} reads no look-back", "explain another run", values={"name": forecaster.name}
            )
        if wanted and wanted not in plan.targets:
            raise UsageError(
                "the run does not forecast the column {came}",
                "choose one of {columns}",
                where="--target",
                values={"came": wanted, "columns": ", ".join(plan.targets)},
            )
        window = newest_windows(_until(measurements, row, plan.reach), plan, forecaster.scaler)
        names = (*plan.targets, *plan.inputs, *plan.known)
        stretches = _stretches(plan.steps, max(1, min(_MOST_STRETCHES, _MOST_CELLS // len(names))))
        parts = tuple(
            Part(f"{name} {_when(start, end, plan)}", start, end, name)
            for name in names
            for start, end in stretches
        )
        return cls(forecaster, window, plan.targets.index(wanted) if wanted else 0, "step", parts)

    @property
    def name(self) -> str:
        """The target."""
        return self.forecaster.plan.targets[self.target]

    @property
    def past(self) -> Doubles:
        """What the look-back holds, in its own units: (L, columns), NaN where missing."""
        plan, measured = self.forecaster.plan, self.window.source.measurements
        rows = int(self.window.origins[0]) - 1 - np.arange(plan.steps)[::-1] * plan.step
        return measured.values[rows].astype(np.float64)

    def margins(self, kept: Kept) -> Doubles:
        """Return the forecast (N,), the mean of the horizon, in the target's units."""
        told = []
        for first in range(0, len(kept), _WINDOWS_AT_ONCE):
            rows = kept[first : first + _WINDOWS_AT_ONCE]
            there = np.ones((len(rows), *self.series.shape), bool)
            for place, part in enumerate(self.parts):
                there[:, part.start : part.end, self._columns[part.column]] = rows[:, place : place + 1]
            told.append(self._forecasts(np.where(there, self.series, self.middle)))
        return np.concatenate(told)

    def value(self, margins: Doubles) -> Doubles:
        return margins

    def ranking(self, scores: Doubles) -> Doubles:
        """Return how much each part (U,) matters, whether it raises or lowers the forecast."""
        return np.abs(scores)

    def followed(self, kept: Kept) -> Doubles:
        """Return how far the forecast (N,) has moved from what it was: zero or less."""
        return -np.abs(self.margins(kept) - self._whole)

    def gradient(self) -> Doubles:
        """Return (x - x₀) · ∂f/∂x of each part (U,), x₀ the means."""
        return self._by_part(self._slopes(self.series[None]))

    def integrated(self, points: int = POINTS) -> Doubles:
        """Return integrated gradients (U,) from the means; they add up to what all parts together did."""
        along = (np.arange(points, dtype=np.float32) + 0.5) / points
        windows = self.middle + along[:, None, None] * (self.series - self.middle)
        return self._by_part(self._slopes(windows).mean(axis=0, keepdims=True))

    @cached_property
    def series(self) -> npt.NDArray[np.float32]:
        """(L, C) the look-back as the model reads it."""
        values: npt.NDArray[np.float32] = _padded(self._batch).values[0].numpy()
        return values

    @cached_property
    def middle(self) -> npt.NDArray[np.float32]:
        """(1, C) the mean of each channel."""
        mean: npt.NDArray[np.float32] = self.series.mean(axis=0, keepdims=True)
        return mean

    @cached_property
    def _batch(self) -> Batch:
        return self.window.batch(np.zeros(1, np.int64))

    @cached_property
    def _whole(self) -> float:
        return float(self.margins(np.ones((1, len(self.parts)), bool))[0])

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(dict.fromkeys(part.column for part in self.parts))}

    @cached_property
    def _scale(self) -> float:
        """What one scaled unit of the target is worth."""
        plan = self.forecaster.plan
        ends = np.stack(
            [np.full((1, plan.horizon, len(plan.targets)), end, np.float32) for end in (0.0, 1.0)]
        )
        low, high = (float(self.window.in_units(one)[0, 0, self.target]) for one in ends)
        return high - low

    def _forecasts(self, series: npt.NDArray[np.float32]) -> Doubles:
        count = len(series)
        match self.forecaster.model:
            case TrainedForecaster(model=model, device=device):
                with torch.inference_mode():
                    said = (
                        model.eval()
                        .answers(self._with(torch.from_numpy(series), device))
                        .float()
                        .cpu()
                        .numpy()
                    )
            case TrainedLags(model=lags):
                known = self._batch.inputs.get("known")
                empty = np.zeros((1, self.forecaster.plan.horizon, 0), np.float32)
                ahead = known.numpy() if isinstance(known, Tensor) else empty
                said = lags.answers(series, np.repeat(ahead, count, axis=0))[..., None]
            case _:
                raise TypeError("this model reads no look-back")
        answers = self.window.in_units(said, np.zeros(count, np.int64))
        middles: Doubles = answers[:, :, self.target, answers.shape[3] // 2].astype(np.float64).mean(axis=1)
        return middles

    def _slopes(self, series: npt.NDArray[np.float32]) -> Doubles:
        """Return the slopes (N, L, C) of the forecast, in the target's units, by the look-backs."""
        match self.forecaster.model:
            case TrainedForecaster(model=model, device=device):
                pass
            case _:
                raise TypeError("only a network has slopes")
        model.eval()
        with torch.enable_grad():
            read = torch.from_numpy(series.astype(np.float32)).to(device).requires_grad_()
            answers = model.answers(self._with(read, device))
            said = answers[:, :, self.target, answers.shape[3] // 2].mean(dim=1).sum()
            (slopes,) = torch.autograd.grad(said, read)
        told: Doubles = slopes.double().cpu().numpy() * self._scale
        return np.nan_to_num(told)

    def _with(self, series: Tensor, device: torch.device) -> Batch:
        """Return a batch of other look-backs, all else as it is."""
        count = len(series)
        lengths = torch.full((count,), series.shape[1], device=device)
        inputs: dict[str, Padded | Tensor] = {"series": Padded(series.to(device), lengths)}
        for name in ("known", "static"):
            value = self._batch.inputs.get(name)
            if isinstance(value, Tensor):
                inputs[name] = value.expand(count, *value.shape[1:]).to(device)
        return Batch(inputs, None, torch.arange(count))

    def _by_part(self, slopes: Doubles) -> Doubles:
        moved = ((self.series - self.middle) * slopes)[0]
        return np.array(
            [moved[part.start : part.end, self._columns[part.column]].sum() for part in self.parts],
            np.float64,
        )


def _padded(batch: Batch) -> Padded:
    rows = batch.inputs["series"]
    if not isinstance(rows, Padded):
        raise TypeError("the series must be Padded")
    return rows


def _stretches(steps: int, most: int) -> list[tuple[int, int]]:
    """Cut a look-back into at most so many stretches, the newer the shorter."""
    shares = np.arange(most, -1, -1) / most
    edges = np.unique(np.round(steps * (1.0 - shares**2)).astype(np.int64)).tolist()
    return list(pairwise(edges))


def _when(start: int, end: int, plan: WindowPlan) -> str:
    """Name a stretch by its distance to the newest row, t: "t−11…t−6"."""
    first, last = ((plan.steps - 1 - place) * plan.step for place in (start, end - 1))
    named = ["t" if back == 0 else f"t−{back}" for back in (first, last)]
    return named[0] if first == last else "…".join(named)


def _until(measurements: Measurements, row: int | None, reach: int) -> Measurements:
    """Return the first series as it was known after a row, with what is known ahead."""
    start, end = measurements.offsets[:2].tolist()
    newest = int(measurements.ends[0])
    origin = newest if row is None else start + row
    if origin > newest:
        raise DataError(
            "there is no row {row}, the file has {rows}",
            "count from 1",
            where=measurements.name,
            values={"row": row or 0, "rows": newest - start},
        )
    stop = min(end, origin + reach) if measurements.known else origin
    values = measurements.values[start:stop].copy()
    values[origin - start :, : len(measurements.targets) + len(measurements.inputs)] = np.nan
    return replace(
        measurements,
        values=values,
        offsets=np.array([0, len(values)], np.int64),
        series=measurements.series[:1],
        starts=measurements.starts[:1],
        statics=measurements.statics[:1],
    )
