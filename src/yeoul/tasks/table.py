"""The table of tasks: what a training session asks of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.datasets import Dataset, load_dataset
from yeoul.data.examples import Examples
from yeoul.data.vectorizers import TextVectorizer
from yeoul.models.protocols import Model
from yeoul.recipe import DataRecipe, LinearRecipe, NetworkRecipe, Recipe
from yeoul.runs.folder import RunFolder
from yeoul.tasks import classify, classify_baselines
from yeoul.tasks.classifier import Classifier
from yeoul.tasks.classify import Prepared
from yeoul.tasks.classify_baselines import Baseline

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """One row of the table."""

    name: str
    load: Callable[[DataRecipe, int], Dataset]
    """Read and split the rows that a recipe names, with the given seed."""
    prepare: Callable[[Recipe, Dataset, TextVectorizer | None], Prepared]
    """Encode the rows, with vectorizers fitted to the training rows unless some are given."""
    build: Callable[[NetworkRecipe, Prepared], Model]
    describe: Callable[[Recipe], str]
    validation_scores: Callable[[Model, Prepared, torch.device], Mapping[str, float]]
    trained: Callable[[NetworkRecipe, Model, Prepared, torch.device], Classifier]
    """Make the network something that answers for raw inputs and can be saved."""
    fit_linear: Callable[[LinearRecipe, Dataset], Baseline]
    trivial_baseline: Callable[[Dataset], Baseline]
    strong_baseline: Callable[[Dataset], Baseline]
    number_to_beat: Callable[[Sequence[Baseline], Dataset], Baseline]
    evaluate: Callable[[Floats, Examples, Sequence[str], Mapping[str, Floats], str, int], dict[str, Any]]
    write_evaluation: Callable[[RunFolder, str, Mapping[str, Any], Floats, Examples, Sequence[str]], None]


TASKS: Mapping[str, Task] = {
    "classify": Task(
        name="classify",
        load=load_dataset,
        prepare=classify.prepare,
        build=classify.build,
        describe=classify.describe,
        validation_scores=classify.validation_scores,
        trained=classify.classifier,
        fit_linear=classify_baselines.fit_linear,
        trivial_baseline=classify_baselines.majority_baseline,
        strong_baseline=classify_baselines.linear_baseline,
        number_to_beat=classify_baselines.number_to_beat,
        evaluate=classify.evaluate,
        write_evaluation=classify.write_evaluation,
    ),
}
