"""What is asked of every row: one of several classes, any of several labels, or a number.

A target knows how the truth is encoded, which head answers, how answers are scored while training, and what an answer
says to people. Answers are log-probabilities (N, V) for classes, log-odds (N, V) for labels, numbers (N, 1).
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from yeoul.data.datasets import Dataset
from yeoul.data.examples import Examples
from yeoul.data.targets import encode_targets
from yeoul.metrics import labels as label_metrics
from yeoul.metrics import multilabel, values
from yeoul.models.heads import ClassHead, LabelsHead, NumberHead, balanced_weights
from yeoul.models.protocols import Head
from yeoul.recipe import DataRecipe, TargetKind, TrainingRecipe
from yeoul.tasks.classification.answers import Answer, LabelAnswer, LabelsAnswer, NumberAnswer

Floats = npt.NDArray[np.float32]
Targets = npt.NDArray[Any]


class Target(ABC):
    """One kind of question."""

    kind: ClassVar[TargetKind]
    metric: ClassVar[str]
    """The score that decides."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The names of the classes or labels; none for a number."""

    @property
    def outputs(self) -> int:
        """Columns of an answer."""
        return max(1, len(self.labels))

    @property
    def limits(self) -> tuple[float, ...]:
        """The log-odds (V,) from which on a label is given; none where nothing is decided label by label."""
        return ()

    @abstractmethod
    def encode(self, examples: Examples) -> Targets:
        """Return the truth of each row: class ids (N,), zeros and ones (N, V), or numbers (N,)."""

    @abstractmethod
    def head(self, input_size: int, training: TrainingRecipe, truth: Targets) -> Head:
        """Return an untrained head; `truth` is that of the training rows."""

    @abstractmethod
    def point_scores(self, answers: Floats, truth: Targets) -> Mapping[str, float]:
        """Return "loss", the metric and others, and "score", which is larger for the better model."""

    @abstractmethod
    def respond(self, answers: Floats) -> list[Answer]:
        """Say what the answers (N, K) mean."""

    def tuned(self, answers: Floats, truth: Targets) -> "Target":
        """Return the target with what is chosen by a model's answers to the validation rows."""
        return self

    def limited(self, limits: Sequence[float]) -> "Target":
        """Return the target with other `limits`."""
        return self


@final
@dataclass(frozen=True)
class ClassTarget(Target):
    """Exactly one of V classes."""

    kind = "class"
    metric = "accuracy"

    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.names

    def encode(self, examples: Examples) -> Targets:
        return encode_targets(examples, self.kind, self.names, "")

    def head(self, input_size: int, training: TrainingRecipe, truth: Targets) -> Head:
        weights = None
        if training.class_weights == "balanced":
            weights = balanced_weights(truth, len(self.names))
        return ClassHead(
            input_size, len(self.names), class_weights=weights, label_smoothing=training.label_smoothing
        )

    def point_scores(self, answers: Floats, truth: Targets) -> Mapping[str, float]:
        scores = label_metrics.point_scores(answers, truth)
        return {**scores, "score": scores["accuracy"]}

    def respond(self, answers: Floats) -> list[Answer]:
        probs = np.exp(answers.astype(np.float64))
        probs /= probs.sum(axis=1, keepdims=True)
        return [
            LabelAnswer(self.names[best], float(row[best]), tuple(row.tolist()))
            for row, best in zip(probs, probs.argmax(axis=1), strict=True)
        ]


@final
@dataclass(frozen=True)
class LabelsTarget(Target):
    """Any number of V labels; each is given from its own log-odds on."""

    kind = "labels"
    metric = "micro_f1"

    names: tuple[str, ...]
    separator: str
    thresholds: tuple[float, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return self.names

    @property
    def limits(self) -> tuple[float, ...]:
        return self.thresholds

    def encode(self, examples: Examples) -> Targets:
        return encode_targets(examples, self.kind, self.names, self.separator)

    def head(self, input_size: int, training: TrainingRecipe, truth: Targets) -> Head:
        return LabelsHead(input_size, len(self.names))

    def point_scores(self, answers: Floats, truth: Targets) -> Mapping[str, float]:
        scores = multilabel.point_scores(answers, truth, self.tuned(answers, truth).thresholds)
        return {**scores, "score": scores["micro_f1"]}

    def tuned(self, answers: Floats, truth: Targets) -> "LabelsTarget":
        chosen = multilabel.choose_thresholds(answers, truth)
        return replace(self, thresholds=tuple(float(one) for one in chosen))

    def limited(self, limits: Sequence[float]) -> "LabelsTarget":
        return replace(self, thresholds=tuple(limits))

    def respond(self, answers: Floats) -> list[Answer]:
        probs = 1 / (1 + np.exp(-answers.astype(np.float64)))
        given = answers >= np.array(self.thresholds)
        return [
            LabelsAnswer(
                tuple(name for name, held in zip(self.names, row_given, strict=True) if held),
                tuple(row.tolist()),
            )
            for row, row_given in zip(probs, given.tolist(), strict=True)
        ]


@final
@dataclass(frozen=True)
class NumberTarget(Target):
    """A number, in the unit of the training rows."""

    kind = "number"
    metric = "mae"

    scale: float = 1.0
    """The deviation of the training rows: the unit of the loss, as in `NumberHead`."""

    @property
    def labels(self) -> tuple[str, ...]:
        return ()

    def encode(self, examples: Examples) -> Targets:
        return encode_targets(examples, self.kind, (), "")

    def head(self, input_size: int, training: TrainingRecipe, truth: Targets) -> Head:
        return NumberHead(input_size, mean=float(truth.mean()), scale=self.scale)

    def point_scores(self, answers: Floats, truth: Targets) -> Mapping[str, float]:
        scores = values.point_scores(answers[:, 0], truth)
        errors = np.abs(answers[:, 0] - truth) / self.scale
        huber = np.where(errors < 1, 0.5 * np.square(errors), errors - 0.5)
        return {**scores, "loss": float(huber.mean()), "score": -scores["mae"]}

    def respond(self, answers: Floats) -> list[Answer]:
        return [NumberAnswer(value) for value in answers[:, 0].tolist()]


def target_of(recipe: DataRecipe, dataset: Dataset) -> Target:
    """Return what a recipe asks of the rows of its data."""
    if recipe.target_kind == "number":
        truth = encode_targets(dataset.train, "number", ())
        return NumberTarget(float(truth.std()) if truth.min() < truth.max() else 1.0)
    return make_target(recipe.target_kind, dataset.labels, recipe.label_separator, ())


def make_target(
    kind: TargetKind, labels: tuple[str, ...], separator: str, thresholds: tuple[float, ...]
) -> Target:
    """Return a target; labels without thresholds are given at even odds."""
    match kind:
        case "class":
            return ClassTarget(labels)
        case "labels":
            return LabelsTarget(labels, separator, thresholds or (0.0,) * len(labels))
        case "number":
            return NumberTarget()
