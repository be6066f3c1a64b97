"""What a session works with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from yeoul.data.datasets import Dataset
from yeoul.kernels.devices import Device
from yeoul.models.protocols import Model
from yeoul.recipe import NetworkRecipe
from yeoul.recipefile import ResolvedRecipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks.classifier import Classifier
from yeoul.tasks.classify import Prepared
from yeoul.tasks.table import Task
from yeoul.tasks.targets import Target
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
class Job:
    """What stays the same throughout one session."""

    run: RunFolder
    recipe: ResolvedRecipe
    task: Task
    dataset: Dataset
    target: Target
    device: Device
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class Network:
    """A network under training with all that belongs to it."""

    recipe: NetworkRecipe
    model: Model
    optimizer: torch.optim.AdamW
    prepared: Prepared
    plan: Plan
    device: torch.device

    def trained(self, task: Task) -> Classifier:
        return task.trained(self.recipe, self.model, self.prepared, self.device)
