"""What a session works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from yeoul.kernels.devices import Device
from yeoul.models.protocols import Model
from yeoul.recipefile import ResolvedRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.experiment import Experiment, Prepared, Trained
from yeoul.training.averaging import Average
from yeoul.training.loop import Plan


@dataclass(frozen=True)
class Request:
    """What a person asked for."""

    recipe: ResolvedRecipe
    out: Path = Path("runs")
    device: str = "auto"
    start_from: Path | None = None
    """A run's folder whose best weights are the first ones here."""
    command: str = ""


@dataclass(frozen=True)
class Ground:
    """What a model is trained on: the recipe with its data, the device, and who may stop it."""

    experiment: Experiment
    device: Device
    should_stop: Callable[[], bool]

    def job(self, run: RunFolder) -> "Job":
        return Job(run, self.experiment, self.device, self.should_stop)


@dataclass(frozen=True)
class Job:
    """What stays the same throughout one session."""

    run: RunFolder
    experiment: Experiment
    device: Device
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class Network:
    """A network under training with all that belongs to it."""

    model: Model
    optimizer: torch.optim.Optimizer
    prepared: Prepared
    plan: Plan
    average: Average | None = None

    @property
    def answering(self) -> Model:
        """The model that is evaluated and saved."""
        return self.model if self.average is None else self.average.model

    def trained(self, experiment: Experiment) -> Trained:
        return experiment.trained(self.answering, self.prepared, self.plan.device)
