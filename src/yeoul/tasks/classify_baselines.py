"""The numbers that a classifier is measured against: the most frequent label and a linear model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yeoul.baselines import cache
from yeoul.baselines.apart import LinearWork, fit_apart
from yeoul.baselines.text import Constant
from yeoul.data.datasets import Dataset
from yeoul.metrics.labels import point_scores
from yeoul.recipe import LinearRecipe
from yeoul.tasks.classifier import TextModel, class_ids

Floats = npt.NDArray[np.float32]
_LONG_TEXT_CHARACTERS = 300


@dataclass(frozen=True)
class Baseline:
    """A number to beat: a simple model's answers on the validation and test rows."""

    name: str
    answers: Mapping[str, Floats]
    fit: cache.CachedFit | None = None
    """The linear model itself, to be kept with the run."""
    seconds: float = 0.0
    peak_mb: float = 0.0
    cached: bool = False

    def accuracy(self, dataset: Dataset) -> float:
        """Return the share of the validation rows that it answers rightly."""
        targets = class_ids(dataset.validation, dataset.labels)
        return point_scores(self.answers["validation"], targets)["accuracy"]


def majority_baseline(dataset: Dataset) -> Baseline:
    """Return the most frequent label's."""
    model = Constant.fit(class_ids(dataset.train, dataset.labels), "class", len(dataset.labels))
    return Baseline("majority", _answers(model, dataset))


def baseline_recipe(dataset: Dataset) -> LinearRecipe:
    """Return the linear model's options: characters for short texts, words for long ones.

    Character n-grams of long texts would take several GB and minutes, and gain nothing there.
    """
    if dataset.card.characters["p50"] <= _LONG_TEXT_CHARACTERS:
        return LinearRecipe()
    return LinearRecipe(unit="word", ngrams=(1, 3))


def linear_baseline(dataset: Dataset) -> Baseline:
    """Return the linear model's."""
    return fit_linear(baseline_recipe(dataset), dataset)


def fit_linear(recipe: LinearRecipe, dataset: Dataset) -> Baseline:
    """Fit a linear model to the training rows, or take it from the cache if this was done before."""
    key = cache.key(dataset.fingerprint, recipe)
    fit = cache.load(key)
    cached = fit is not None
    if fit is None:
        targets = class_ids(dataset.train, dataset.labels)
        asked = {split: dataset.splits[split].texts() for split in ("validation", "test")}
        fit = fit_apart(
            LinearWork(recipe, dataset.train.texts(), targets, "class", len(dataset.labels), asked)
        )
        cache.store(key, fit)
    return Baseline("linear", fit.answers, fit, fit.seconds, fit.peak_mb, cached)


def _answers(model: TextModel, dataset: Dataset) -> dict[str, Floats]:
    return {split: model.answers(dataset.splits[split].texts()) for split in ("validation", "test")}


def number_to_beat(baselines: Sequence[Baseline], dataset: Dataset) -> Baseline:
    """Return the baseline that is most accurate on the validation rows."""
    return max(baselines, key=lambda baseline: baseline.accuracy(dataset))
