"""What a training session asks of a task, whatever it is about.

An `Experiment` is a recipe with its data read and split. It prepares rows, builds networks, fits what needs no steps,
knows the numbers to beat, and scores what was trained; the session trains, saves and resumes.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Rows
from yeoul.data.cards import DataFile
from yeoul.models.protocols import Model
from yeoul.recipe import Recipe
from yeoul.runs.folder import RunFolder


class Card(Protocol):
    """What the data is, and what is strange about it."""

    @property
    def source(self) -> str: ...

    @property
    def licence(self) -> str: ...

    @property
    def files(self) -> Sequence[DataFile]: ...

    def to_json(self) -> dict[str, Any]: ...


class Prepared(Protocol):
    """The rows of an experiment as a network reads them."""

    @property
    def rows(self) -> Mapping[str, Rows]:
        """Those of "train" and "validation"; the test rows stay out of sight until the end."""
        ...

    def card(self) -> dict[str, Any]:
        """Return the data card with what preparing has found."""
        ...

    def classes(self) -> npt.NDArray[np.int64] | None:
        """Return the class (N,) of each training row, where rows have one."""
        ...

    def save(self, folder: Path) -> None:
        """Write what it takes to read other rows in the same way."""
        ...


class Trained(Protocol):
    """Something that answers for raw inputs."""

    def save(self, folder: Path, card: str) -> None:
        """Put all that answering needs into `folder`, portable by itself, in place of what was there."""
        ...


@dataclass(frozen=True)
class Baseline:
    """A number to beat: a simple model's answers on the validation and test rows."""

    name: str
    answers: Mapping[str, npt.NDArray[Any]]
    """By split: numbers, or texts."""
    validation: Mapping[str, float]
    """Its scores on the validation rows; a larger "score" is better."""
    model: Trained | None = None
    """What is kept with the run, to score new data beside its own model."""
    constant: Mapping[str, Any] = field(default_factory=dict)
    """What it takes to answer new rows, for a model that is not worth a folder."""
    sampled_rows: int | None = None
    """Training rows that it was fitted to, where these are not all."""
    seconds: float = 0.0
    peak_mb: float = 0.0
    cached: bool = False


@dataclass(frozen=True)
class Scored:
    """A trained model with what it reached."""

    model: Trained
    """As the answers to the validation rows have tuned it."""
    scores: Mapping[str, Any]
    """On the test rows: `evaluation/test/metrics.json`."""


@dataclass(frozen=True)
class Experiment(ABC):
    """A recipe with its data."""

    recipe: Recipe

    @property
    @abstractmethod
    def metric(self) -> str:
        """The score that decides."""

    @property
    @abstractmethod
    def card(self) -> Card: ...

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """Equal for equal rows in equal splits."""

    @property
    @abstractmethod
    def found(self) -> Mapping[str, Any]:
        """Recipe values, by dotted key, that were found in the data."""

    @abstractmethod
    def following(self, recipe: Recipe) -> "Experiment":
        """Return the same data under another recipe, whose `[data]` is the same."""

    @property
    @abstractmethod
    def description(self) -> str:
        """Name the model in a line: "BiLSTM 1×128, max · subword 8,000"."""

    @property
    @abstractmethod
    def reading(self) -> str | None:
        """The table of the recipe that a run which starts from another takes over from it, if there is one."""

    @abstractmethod
    def prepare(self, saved: Path | None = None) -> Prepared:
        """Encode the rows as training rows ask for it, or as `Prepared.save` wrote it to the folder `saved`."""

    @abstractmethod
    def build(self, prepared: Prepared) -> Model:
        """Return the untrained network; its weights follow from torch's random state."""

    @abstractmethod
    def validation_scores(
        self, model: Model, prepared: Prepared, device: torch.device
    ) -> Mapping[str, float]:
        """Return "loss", "score" and others on the validation rows, NaN for answers that are not finite."""

    @abstractmethod
    def trained(self, model: Model, prepared: Prepared, device: torch.device) -> Trained:
        """Make the network something that answers for raw inputs and can be saved."""

    @abstractmethod
    def load(self, folder: Path, device: torch.device) -> Trained:
        """Read a model that was saved; raise `ModelFileError` if it cannot be read."""

    @abstractmethod
    def starting_point(self, folder: Path, device: torch.device) -> Mapping[str, torch.Tensor]:
        """Return the weights of a saved network to start from; raise `YeoulError` if it answers another question."""

    def fit(self) -> Baseline:
        """Fit the recipe's model in one go, if it is one that needs no steps."""
        raise TypeError("not a recipe that is fitted in one go")

    @abstractmethod
    def trivial_baseline(self) -> Baseline:
        """Return the least that any model must beat."""

    @abstractmethod
    def strong_baselines(self) -> Sequence[Baseline]:
        """Return the simple models that are worth beating; none that the recipe's own model is one of."""

    def mix(self, members: Mapping[str, Trained]) -> tuple[Trained, Mapping[str, float]]:
        """Return the members as one model, and the weights that the validation rows give them, if the task mixes."""
        raise TypeError("not a recipe with a mixture")

    @abstractmethod
    def score(self, run: RunFolder, model: Trained, baselines: Sequence[Baseline]) -> Scored:
        """Score a model on validation and test rows beside the baselines, and write `evaluation/`."""


def number_to_beat(baselines: Sequence[Baseline]) -> Baseline:
    """Return the baseline that is best on the validation rows."""
    return max(baselines, key=lambda baseline: baseline.validation["score"])
