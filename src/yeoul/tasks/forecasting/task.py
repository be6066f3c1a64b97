"""Measurements to what they will be, with intervals."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.baselines.smoothing import Smoothing
from yeoul.data.cards import DataFile
from yeoul.data.labelled import lasting_source
from yeoul.data.measured.measurements import Measurements, load_measurements
from yeoul.data.measured.scaling import Scaler
from yeoul.data.measured.times import span_rows
from yeoul.data.measured.window_rows import ScaledRows, WindowRows
from yeoul.data.measured.windows import (
    Borders,
    SplitOrigins,
    WindowPlan,
    describe_split,
    plan_windows,
    split_origins,
    time_borders,
)
from yeoul.errors import RecipeError, RunError
from yeoul.metrics.forecasts import LEVELS, point_scores
from yeoul.models.build_forecaster import build_forecaster, describe_forecaster
from yeoul.models.protocols import Model
from yeoul.recipe import ForecasterRecipe, ForecastRecipe, LagsRecipe, NaiveRecipe, Recipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.experiment import Baseline, Experiment, Prepared, Scored, Trained, number_to_beat
from yeoul.tasks.forecasting.evaluation import Asked
from yeoul.tasks.forecasting.forecaster import (
    Answering,
    Forecaster,
    Rule,
    TrainedForecaster,
    TrainedLags,
    TrainedSmoothing,
    shape_of,
    unspread,
)
from yeoul.tasks.forecasting.lags import fit_lags
from yeoul.training.evaluation import answer_rows

Floats = npt.NDArray[np.float32]
_SAME = ("lookback", "step", "horizon", "delay", "targets", "inputs", "known", "static", "calendar")


@final
@dataclass(frozen=True)
class MeasurementsCard:
    """What the measurements are, and what is strange about them."""

    measurements: Measurements
    split: Mapping[str, Any]
    fingerprint: str
    """Of the rows and their split."""

    @property
    def source(self) -> str:
        return self.measurements.provenance.source

    @property
    def licence(self) -> str:
        return self.measurements.provenance.licence

    @property
    def files(self) -> Sequence[DataFile]:
        return self.measurements.provenance.files

    def to_json(self) -> dict[str, Any]:
        told = {**self.measurements.to_json(), "split": dict(self.split), "fingerprint": self.fingerprint}
        return {"task": "forecast", **told}


@final
@dataclass(frozen=True)
class PreparedWindows:
    """The windows of training and validation."""

    about: MeasurementsCard
    plan: WindowPlan
    scaler: Scaler
    rows: Mapping[str, WindowRows]

    def card(self) -> dict[str, Any]:
        return self.about.to_json()

    def classes(self) -> None:
        """Windows have no classes."""
        return

    def save(self, folder: Path) -> None:
        self.plan.save(folder)
        self.scaler.save(folder)


@final
@dataclass(frozen=True)
class Beside(Mapping[str, Floats]):
    """Quantiles (N, H, D, 7) of the numbers to beat, each made when it is asked for: all at once they are many."""

    baselines: Sequence[Baseline]
    split: str

    def __getitem__(self, name: str) -> Floats:
        for one in self.baselines:
            if one.name == name and isinstance(one.model, Forecaster):
                return one.model.widened(one.answers[self.split])
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (one.name for one in self.baselines)

    def __len__(self) -> int:
        return len(self.baselines)


@final
@dataclass(frozen=True)
class Forecasting(Experiment):
    """Measurements, divided in the order of time, and the recipe for a model."""

    measurements: Measurements
    borders: Borders

    @classmethod
    def open(cls, recipe: Recipe) -> "Forecasting":
        """Read the measurements that a recipe names, and divide them."""
        asked = _asked_of(recipe)
        measurements = load_measurements(recipe.data, asked)
        horizon = span_rows(asked.horizon, measurements.every, "forecast.horizon")
        borders = time_borders(measurements, recipe.data.validation, recipe.data.test, horizon)
        return cls(recipe, measurements, borders)

    @cached_property
    def plan(self) -> WindowPlan:
        """What a forecast reads and answers, as the training rows suggest where the recipe leaves it open."""
        return plan_windows(_asked_of(self.recipe), self.measurements, self.borders)

    @cached_property
    def scaler(self) -> Scaler:
        """The scale of the training rows."""
        return Scaler.fit(self.measurements, self._training)

    @cached_property
    def origins(self) -> SplitOrigins:
        """The windows of each split."""
        return split_origins(self.measurements, self.plan, self.borders)

    @property
    def metric(self) -> str:
        return self.asked["validation"].truth.deciding()

    @cached_property
    def card(self) -> MeasurementsCard:
        split = {**describe_split(self.measurements, self.borders), **self.origins.to_json()}
        asked = self.plan.model_dump(mode="json") | {"steps": self.plan.steps}
        return MeasurementsCard(self.measurements, {**split, "plan": asked}, self.fingerprint)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the measurements and of where they are divided."""
        digest = hashlib.sha256(self.measurements.fingerprint.encode())
        for rows in (self.borders.validation, self.borders.test, self.borders.ends):
            digest.update(rows.astype("<i8").tobytes())
        return digest.hexdigest()

    @property
    def found(self) -> Mapping[str, Any]:
        roles = self.measurements.roles
        return {
            "data.source": lasting_source(self.recipe.data.source),
            "data.inputs": list(roles.inputs),
            "forecast.targets": list(roles.targets),
            "forecast.time": roles.time,
        }

    def following(self, recipe: Recipe) -> "Forecasting":
        return replace(self, recipe=recipe)

    @property
    def description(self) -> str:
        match self.recipe.model:
            case ForecasterRecipe() as network:
                return describe_forecaster(network, self.plan.delay + self.plan.horizon)
            case LagsRecipe(variables=variables):
                return f"linear on {self.plan.steps} lags, {variables}"
            case _:
                return f"{self._rule.method} of the past"

    @property
    def reading(self) -> None:
        """Windows are compared as a whole."""
        return

    def prepare(self, saved: Path | None = None) -> PreparedWindows:
        plan, scaler, source = self.plan, self.scaler, self._source
        if saved is not None:
            plan, scaler = WindowPlan.load(saved), Scaler.load(saved)
            for name in _SAME:
                if getattr(plan, name) != getattr(self.plan, name):
                    raise RecipeError(
                        "the run that --from names has {value} here",
                        "set it to that, or start without --from",
                        where=f"forecast.{name}",
                        values={"value": getattr(plan, name)},
                    )
            source = ScaledRows.of(self.measurements, plan, scaler)
        origins = self.origins
        rows = {
            "train": WindowRows(source, origins.train),
            "validation": WindowRows(source, origins.validation),
        }
        return PreparedWindows(self.card, plan, scaler, rows)

    def build(self, prepared: Prepared) -> Model:
        return build_forecaster(self._network, shape_of(_own(prepared).plan))

    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        rows = _own(prepared).rows["validation"]
        scaled = answer_rows(model, rows, device)
        if not np.isfinite(scaled).all():
            return {"loss": math.nan, "score": math.nan}
        return self._scores(rows.in_units(scaled))

    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Forecaster:
        own = _own(prepared)
        network = TrainedForecaster(self._network, model, device)
        return Forecaster(network, own.plan, own.scaler, unspread(own.plan))

    def load(self, folder: Path, device: torch.device) -> Forecaster:
        return Forecaster.load(folder, device)

    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        found = Forecaster.load(folder, device)
        if not isinstance(found.model, TrainedForecaster):
            raise RunError(
                "only a network has weights to start from", "name another run", where=folder.parent.name
            )
        return found.model.model.state_dict()

    def fit(self) -> Baseline:
        match self.recipe.model:
            case LagsRecipe() as lags:
                return self._lags(lags)
            case _:
                return self._by_rule(self._rule)

    def trivial_baseline(self) -> Baseline:
        return self._by_rule(self._rules[0])

    def strong_baselines(self) -> Sequence[Baseline]:
        found = [self._by_rule(rule) for rule in self._rules[1:]]
        return found if isinstance(self.recipe.model, LagsRecipe) else [*found, self._lags(LagsRecipe())]

    @property
    def _rules(self) -> Sequence[NaiveRecipe]:
        """The forecasts by rule that are to be beaten, the simplest first; a model is not its own number to beat."""
        seasonal = (NaiveRecipe(method="season"),) if self.plan.season > 1 else ()
        others = (NaiveRecipe(method="mean"), NaiveRecipe(method="drift"), NaiveRecipe(method="smoothing"))
        rules = (NaiveRecipe(method="last"), *seasonal, *others)
        return [rule for rule in rules if rule != self.recipe.model]

    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        if not isinstance(model, Forecaster):
            raise TypeError("a model of another task")
        against, scores = number_to_beat(baselines), dict[str, Any]()
        for split, asked in self.asked.items():
            said = model.model.answers(asked.rows)
            if split == "validation":
                model = model.spread(said, asked.truth.values)
            answers = model.widened(said)
            beside = Beside(baselines, split)
            scores = asked.evaluate(answers, beside, against.name, self.recipe.seed)
            asked.write(run, split, scores, answers, beside[against.name])
        return Scored(model, scores)

    @cached_property
    def asked(self) -> Mapping[str, Asked]:
        """The windows of "validation" and "test" with what came true in them."""
        origins = {"validation": self.origins.validation, "test": self.origins.test}
        return {
            split: Asked.of(WindowRows(self._source, own), self._training) for split, own in origins.items()
        }

    @cached_property
    def _source(self) -> ScaledRows:
        return ScaledRows.of(self.measurements, self.plan, self.scaler)

    @cached_property
    def _training(self) -> npt.NDArray[np.bool_]:
        return self.borders.training_rows(self.measurements)

    def _scores(self, answers: Floats) -> Mapping[str, float]:
        """Return the scores of answers (N, H, D, Q) to the validation windows; "loss" is scaled."""
        truth = self.asked["validation"].truth
        scores = point_scores(answers, truth)
        several = answers.shape[3] > 1
        levels = np.array(LEVELS if several else (0.5,), np.float32)
        gaps = (truth.values[..., None] - answers) / truth.deviations[:, None].astype(np.float32)
        loss = float(np.nanmean(np.maximum(levels * gaps, (levels - 1) * gaps)))
        return {**scores, "loss": loss if several else 2 * loss, "score": -scores[truth.deciding()]}

    def _by_rule(self, recipe: NaiveRecipe) -> Baseline:
        started = perf_counter()
        if recipe.method != "smoothing":
            return self._baseline(recipe.method, Rule(recipe), started)
        measurements, count = self.measurements, len(self.plan.targets)
        fitted = Smoothing.fit(
            measurements.values[:, :count], measurements.offsets, self._training, self.plan.season
        )
        return self._baseline(recipe.method, TrainedSmoothing(recipe, fitted), started)

    def _lags(self, recipe: LagsRecipe) -> Baseline:
        started = perf_counter()
        rows = {
            name: WindowRows(self._source, getattr(self.origins, name)) for name in ("train", "validation")
        }
        return self._baseline(
            "lags", TrainedLags(recipe, fit_lags(recipe, rows["train"], rows["validation"])), started
        )

    def _baseline(self, name: str, model: Answering, started: float) -> Baseline:
        forecaster = Forecaster(model, self.plan, self.scaler, unspread(self.plan))
        answers = {split: model.answers(one.rows) for split, one in self.asked.items()}
        forecaster = forecaster.spread(answers["validation"], self.asked["validation"].truth.values)
        return Baseline(
            name,
            answers,
            self._scores(answers["validation"]),
            forecaster,
            seconds=perf_counter() - started,
        )

    @property
    def _network(self) -> ForecasterRecipe:
        if not isinstance(self.recipe.model, ForecasterRecipe):
            raise TypeError("not a network's recipe")
        return self.recipe.model

    @property
    def _rule(self) -> NaiveRecipe:
        if not isinstance(self.recipe.model, NaiveRecipe):
            raise TypeError("not a recipe that is fitted in one go")
        return self.recipe.model


def _asked_of(recipe: Recipe) -> ForecastRecipe:
    if recipe.forecast is None:
        raise TypeError("not a recipe of forecasts")
    return recipe.forecast


def _own(prepared: Prepared) -> PreparedWindows:
    if not isinstance(prepared, PreparedWindows):
        raise TypeError("rows of another task")
    return prepared
