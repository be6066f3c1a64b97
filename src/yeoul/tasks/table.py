"""The table of tasks: what a training session asks of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from yeoul.data.datasets import Dataset
from yeoul.models.protocols import Model
from yeoul.recipe import DataRecipe, LinearRecipe, NetworkRecipe, Recipe
from yeoul.tasks import classify, classify_baselines, targets
from yeoul.tasks.classifier import Classifier
from yeoul.tasks.classify import Prepared
from yeoul.tasks.classify_baselines import Baseline
from yeoul.tasks.inputs import Vectorizer
from yeoul.tasks.targets import Target


@dataclass(frozen=True)
class Task:
    """One row of the table."""

    name: str
    load: Callable[[Recipe], Dataset]
    """Read and split the rows that a recipe names."""
    target: Callable[[DataRecipe, Dataset], Target]
    """Return what is asked of every row."""
    prepare: Callable[[Recipe, Dataset, Vectorizer | None], Prepared]
    """Encode the rows, with a vectorizer fitted to the training rows unless one is given."""
    build: Callable[[Recipe, Prepared], Model]
    describe: Callable[[Recipe], str]
    validation_scores: Callable[[Model, Prepared, torch.device], Mapping[str, float]]
    trained: Callable[[NetworkRecipe, Model, Prepared, torch.device], Classifier]
    """Make the network something that answers for raw inputs and can be saved."""
    fit_linear: Callable[[LinearRecipe, Target, Dataset], Baseline]
    trivial_baseline: Callable[[Target, Dataset], Baseline]
    strong_baseline: Callable[[Target, Dataset], Baseline]
    number_to_beat: Callable[[Sequence[Baseline], Target, Dataset], Baseline]


TASKS: Mapping[str, Task] = {
    "classify": Task(
        name="classify",
        load=classify.load,
        target=targets.target_of,
        prepare=classify.prepare,
        build=classify.build,
        describe=classify.describe,
        validation_scores=classify.validation_scores,
        trained=classify.classifier,
        fit_linear=classify_baselines.fit_linear,
        trivial_baseline=classify_baselines.trivial_baseline,
        strong_baseline=classify_baselines.strong_baseline,
        number_to_beat=classify_baselines.number_to_beat,
    ),
}
