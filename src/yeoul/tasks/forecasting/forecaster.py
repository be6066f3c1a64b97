"""A trained forecaster, network, regression or rule: what forecasts, and what a run's `model/` folder holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, final

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, ValidationError

from yeoul.baselines.lags import Lags
from yeoul.baselines.smoothing import Smoothing
from yeoul.data.measured.measurements import Measurements
from yeoul.data.measured.scaling import Scaler
from yeoul.data.measured.window_rows import ScaledRows, WindowRows, newest_windows, plan_column
from yeoul.data.measured.windows import WindowPlan
from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, write_text
from yeoul.metrics.conformal import conformal, widen
from yeoul.metrics.forecasts import LEVELS
from yeoul.models.build_forecaster import build_forecaster
from yeoul.models.forecast_windows import ForecastShape
from yeoul.models.protocols import Model
from yeoul.recipe import ForecasterRecipe, LagsRecipe, NaiveRecipe
from yeoul.runs.arrays import load_arrays, save_arrays
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.tasks.forecasting.fans import fan, named_times
from yeoul.tasks.forecasting.lags import lag_answers
from yeoul.tasks.forecasting.naive import naive_answers, origins_of
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float32]
Kind = Literal["forecaster", "lags", "naive"]
_REMEDY = "copy the folder again from its source, or train again"
_ENDS = {"low_90": 0, "low_80": 1, "high_80": 5, "high_90": 6}
"""Where the ends of two intervals stand among the quantiles."""
_MIDDLE = 3
_WEIGHTS, _SPREAD = "weights.safetensors", "spread.safetensors"


@final
@dataclass(frozen=True)
class TrainedForecaster:
    """A network."""

    recipe: ForecasterRecipe
    model: Model
    device: torch.device

    def answers(self, rows: WindowRows) -> Floats:
        """Return what is said of N windows, in the targets' units: (N, H, D, Q)."""
        return rows.in_units(answer_rows(self.model, rows, self.device))


@final
@dataclass(frozen=True)
class TrainedLags:
    """Regression on the look-back."""

    recipe: LagsRecipe
    model: Lags

    def answers(self, rows: WindowRows) -> Floats:
        """Return points (N, H, D, 1) in the targets' units."""
        return lag_answers(self.model, rows)[..., None]


@final
@dataclass(frozen=True)
class TrainedSmoothing:
    """Exponential smoothing; it reads whole series, not windows."""

    recipe: NaiveRecipe
    model: Smoothing

    def answers(self, rows: WindowRows) -> Floats:
        """Return points (N, H, D, 1) in the targets' units."""
        return self.model.answers(origins_of(rows), rows.source.places)[..., None]


@final
@dataclass(frozen=True)
class Rule:
    """A forecast without training."""

    recipe: NaiveRecipe

    def answers(self, rows: WindowRows) -> Floats:
        """Return points (N, H, D, 1) in the targets' units."""
        if self.recipe.method == "smoothing":
            raise TypeError("smoothing is trained")
        return naive_answers(self.recipe.method, rows)[..., None]


Answering: TypeAlias = TrainedForecaster | TrainedLags | TrainedSmoothing | Rule


@dataclass(frozen=True, eq=False)
class Forecasts:
    """What is said of the time after the newest rows: `answers` (N, H, D, 7) for N series, quantiles at LEVELS."""

    measurements: Measurements
    plan: WindowPlan
    times: npt.NDArray[np.datetime64]  # (N, H), NaT where times are not known
    answers: Floats
    left_out: tuple[str, ...] = ()
    """Series with fewer rows than a forecast reads."""

    @property
    def series(self) -> tuple[str, ...]:
        return self.measurements.series

    @property
    def targets(self) -> tuple[str, ...]:
        return self.plan.targets

    def first(self, steps: int) -> "Forecasts":
        """Return only the first so many steps."""
        return replace(self, times=self.times[:, :steps], answers=self.answers[:, :steps])

    def named_times(self, place: int) -> list[str]:
        """Name the times of a series' forecast: by the clock, or by rows after the newest one."""
        return named_times(self.times[place], self.plan.delay)

    def records(self) -> Iterator[dict[str, object]]:
        """Yield what is said of each series, time and target as plain values: the median, and two intervals."""
        for place, series in enumerate(self.series):
            for step, time in enumerate(self.named_times(place)):
                for column, target in enumerate(self.targets):
                    said = self.answers[place, step, column]
                    yield {
                        **({"series": series} if series else {}),
                        "time": time,
                        "column": target,
                        "forecast": round(float(said[_MIDDLE]), 6),
                        **{name: round(float(said[level]), 6) for name, level in _ENDS.items()},
                    }

    def fan(self, place: int) -> dict[str, Any]:
        """Return a series' forecast with its newest past, to draw."""
        origin = int(self.measurements.ends[place])
        return fan(self.measurements, self.plan, origin, self.times[place], self.answers[place])


@final
@dataclass(frozen=True)
class Forecaster:
    """A model with how it reads measurements, and how far its answers may be off."""

    model: Answering
    plan: WindowPlan
    scaler: Scaler
    offsets: Floats
    """(H, D, 7) by how much the quantiles are moved, as the validation windows ask for it."""

    @property
    def name(self) -> str:
        """What a baseline of this kind is called."""
        recipe = self.model.recipe
        return recipe.method if isinstance(recipe, NaiveRecipe) else recipe.kind

    def answers(self, rows: WindowRows) -> Floats:
        """Return the quantiles of N windows in the targets' units (N, H, D, 7)."""
        return self.widened(self.model.answers(rows))

    def widened(self, answers: Floats) -> Floats:
        """Turn what the model itself says (N, H, D, Q) into quantiles that held on the validation windows."""
        return widen(answers, self.offsets)

    def asked(self, measurements: Measurements, origins: npt.NDArray[np.int64]) -> WindowRows:
        """Return the windows of these origins as the model reads them; raise `DataError` for other columns."""
        return WindowRows(ScaledRows.of(measurements, self.plan, self.scaler), origins)

    def forecast(self, measurements: Measurements) -> Forecasts:
        """Say how each series goes on after its newest row; raise `DataError` where rows or columns are missing."""
        rows = newest_windows(measurements, self.plan, self.scaler)
        whole = isinstance(self.model, TrainedSmoothing)
        asked = self.asked(measurements, measurements.ends) if whole else rows
        return Forecasts(measurements, self.plan, rows.times(), self.answers(asked))

    def spread(self, answers: Floats, truth: Floats) -> "Forecaster":
        """Return the forecaster with quantiles that hold on validation windows, `answers` (N, H, D, Q) and truth."""
        return replace(self, offsets=conformal(answers, truth))

    def save(self, folder: Path, card: str) -> None:
        """Put all that forecasting needs into `folder`, portable by itself, in place of what was there."""
        with replaced_folder(folder) as fresh:
            match self.model:
                case TrainedForecaster() as network:
                    save_tensors(fresh / _WEIGHTS, network.model.state_dict())
                case TrainedLags(model=fitted) | TrainedSmoothing(model=fitted):
                    save_arrays(fresh / _WEIGHTS, fitted.to_arrays())
                case Rule():
                    pass
            save_arrays(fresh / _SPREAD, {"offsets": self.offsets})
            self.plan.save(fresh)
            self.scaler.save(fresh)
            settings = self.model.recipe.model_dump(mode="json")
            description = _Description(
                schema_version=1, task="forecast", kind=self.model.recipe.kind, settings=settings
            )
            write_json(fresh / "model.json", description.model_dump(mode="json"))
            write_text(fresh / "MODEL_CARD.md", card)

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Forecaster":
        """Read what `save` wrote; raise `ModelFileError` if anything is missing, changed or unknown."""
        if not (folder / "model.json").is_file():
            raise ModelFileError("there is no trained model here", "train first", where=str(folder))
        check_seal(folder)
        plan, scaler = WindowPlan.load(folder), Scaler.load(folder)
        model = _load_model(folder, plan, device)
        offsets = load_arrays(folder / _SPREAD).get("offsets")
        expected = (plan.horizon, len(plan.targets), len(LEVELS))
        if offsets is None or offsets.shape != expected or offsets.dtype != np.float32:
            raise ModelFileError("the file is damaged or not a model", _REMEDY, where=str(folder / _SPREAD))
        return cls(model, plan, scaler, offsets.astype(np.float32))


def unspread(plan: WindowPlan) -> Floats:
    """Return offsets (H, D, 7) that move nothing."""
    return np.zeros((plan.horizon, len(plan.targets), len(LEVELS)), np.float32)


def shape_of(plan: WindowPlan) -> ForecastShape:
    """Return the sizes of what a network reads and answers under a plan."""
    return ForecastShape(
        channels=len(plan.channels),
        targets=len(plan.targets),
        horizon=plan.horizon,
        steps=plan.steps,
        known=len(plan.ahead),
        static=len(plan.static),
        masked=tuple(plan_column(plan, name) for name in plan.masked),
        delay=plan.delay,
        step=plan.step,
    )


class _Description(BaseModel):
    """`model.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    schema_version: Literal[1]
    task: Literal["forecast"]
    kind: Kind
    settings: dict[str, object]


def _load_model(folder: Path, plan: WindowPlan, device: torch.device) -> Answering:
    path = folder / "model.json"
    try:
        description = _Description.model_validate_json(path.read_bytes())
        settings = json.dumps(description.settings)
        match description.kind:
            case "forecaster":
                return _load_network(ForecasterRecipe.model_validate_json(settings), folder, plan, device)
            case "lags":
                lags = LagsRecipe.model_validate_json(settings)
                weights = folder / _WEIGHTS
                return TrainedLags(lags, Lags.from_arrays(load_arrays(weights), where=str(weights)))
            case "naive":
                rule = NaiveRecipe.model_validate_json(settings)
                if rule.method != "smoothing":
                    return Rule(rule)
                weights = folder / _WEIGHTS
                return TrainedSmoothing(rule, Smoothing.from_arrays(load_arrays(weights), where=str(weights)))
    except (OSError, ValidationError) as error:
        raise ModelFileError(
            "the model's description is damaged or from another version", _REMEDY, where=str(path)
        ) from error


def _load_network(
    recipe: ForecasterRecipe, folder: Path, plan: WindowPlan, device: torch.device
) -> TrainedForecaster:
    weights = folder / _WEIGHTS
    tensors = load_tensors(weights)
    with torch.device("meta"):
        model = build_forecaster(recipe, shape_of(plan))
    check_weights(model, tensors, weights)
    model.load_state_dict(tensors, assign=True)
    return TrainedForecaster(recipe, model.to(device), device)
