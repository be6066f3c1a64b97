"""What happens in a training, told one event at a time; saving and printing are the listener's business."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Progress:
    """Where a training stands: with the weights and the optimizer's memory, all that it needs to go on."""

    step: int = 0
    loss_total: float = 0.0
    """Summed over what the loss counted in the epoch so far."""
    loss_count: float = 0.0
    evaluated_step: int = 0
    best_value: float | None = None
    best_loss: float = 0.0
    """Of the best epoch: among equally good ones, the smallest loss is the best."""
    best_step: int = 0
    epochs_without_gain: int = 0
    rate_scale: float = 1.0
    rollbacks: int = 0
    averaged_from: int | None = None
    """The step after which the mean of the weights was begun, where one is kept."""
    seconds: float = 0.0
    """Spent in training and validation."""
    tokens: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Stepped:
    """One step was made."""

    progress: Progress
    total_steps: int
    loss: float
    rate: float


@dataclass(frozen=True)
class EpochEnded:
    """The validation rows were answered."""

    progress: Progress
    epoch: int
    loss: float
    validation: Mapping[str, float]
    rate: float
    improved: bool
    tokens_per_second: float


@dataclass(frozen=True)
class Diverged:
    """The loss, the gradient or an answer to a validation row is not finite; no step was made from there."""

    progress: Progress
    loss: float
    gradient_norm: float


TrainingEvent = Stepped | EpochEnded | Diverged


@dataclass(frozen=True)
class DataReady:
    """The rows were read, split and encoded."""

    card: Mapping[str, Any]


@dataclass(frozen=True)
class ModelReady:
    """The untrained model stands and a step was timed."""

    description: str
    parameters: int
    epoch_seconds: float
    total_steps: int
    epochs: int
    device: str
    device_reason: str


@dataclass(frozen=True)
class RunOpened:
    """The run's folder exists."""

    path: Path
    resumed_step: int | None = None


@dataclass(frozen=True)
class BaselineReady:
    """A number to beat is known, on the validation rows."""

    name: str
    metric: str
    value: float
    seconds: float
    cached: bool
    sampled_rows: int | None = None
    """Training rows that it was fitted to, where these are not all."""


@dataclass(frozen=True)
class MemberStarted:
    """The next member of a mixture begins, or is found done from before."""

    name: str
    place: int
    """From 1."""
    members: int
    done: bool


@dataclass(frozen=True)
class MixtureReady:
    """All members are trained and weighted on the validation rows."""

    weights: Mapping[str, float]


@dataclass(frozen=True)
class RolledBack:
    """Training left the finite numbers and goes on from a checkpoint at half the rate."""

    diverged: Diverged
    step: int
    rate_scale: float


@dataclass(frozen=True)
class Testing:
    """Training is over; the best model meets the test rows."""

    best_epoch_step: int


@dataclass(frozen=True)
class Paused:
    """Training stopped before its end, on request; everything is saved."""

    path: Path
    progress: Progress


@dataclass(frozen=True)
class Finished:
    """The run is done: its scores with verdict (`evaluation/test/metrics.json`) and its report."""

    path: Path
    scores: Mapping[str, Any]
    report: Path


SessionEvent = (
    DataReady
    | ModelReady
    | RunOpened
    | BaselineReady
    | TrainingEvent
    | MemberStarted
    | MixtureReady
    | RolledBack
    | Testing
    | Paused
    | Finished
)
