"""The numbers that a classifier is measured against: the same answer for all, and a linear model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from yeoul.baselines import cache
from yeoul.baselines.apart import LinearWork, fit_apart
from yeoul.baselines.series import LinearSeries
from yeoul.baselines.text import Constant
from yeoul.data.datasets import Dataset
from yeoul.data.examples import TEXT, Examples
from yeoul.recipe import LinearRecipe
from yeoul.tasks.classification.classifier import Classifier, TrainedSeriesLinear, save_linear
from yeoul.tasks.classification.inputs import Series, inputs_of
from yeoul.tasks.classification.targets import Target
from yeoul.tasks.experiment import Baseline

Floats = npt.NDArray[np.float32]
_ANSWERED = ("validation", "test")
_LONG_TEXT_CHARACTERS = 300
_WORD_STRENGTH = 15.0  # better than 5 on two validation splits of IMDB, in accuracy and loss
_MOST_CHARACTERS = {"character": 12_000_000, "word": 120_000_000}
"""Of the training texts: what a linear model is fitted to in about 4 GB, in a process of its own."""


@final
@dataclass(frozen=True)
class FittedLinear:
    """A linear model as the process that fitted it has handed it over."""

    fit: cache.CachedFit
    target: Target

    def save(self, folder: Path, card: str) -> None:
        save_linear(folder, self.fit.arrays, self.fit.settings, self.target, card)


def trivial_baseline(target: Target, dataset: Dataset) -> Baseline:
    """Return the same answer for every row: the most frequent class, the labels' shares, the median."""
    model = Constant.fit(target.encode(dataset.train), target.kind, target.outputs)
    name = {"class": "majority", "labels": "frequencies", "number": "median"}[target.kind]
    answers = {split: model.answers(range(len(dataset.splits[split]))) for split in _ANSWERED}
    constant = {"answer": tuple(model.answer.tolist()), "limits": tuned(target, answers, dataset).limits}
    return Baseline(name, answers, _validation(target, answers, dataset), constant=constant)


def baseline_recipe(dataset: Dataset) -> LinearRecipe:
    """Return the linear model's options: characters for short texts, words for long ones.

    Character n-grams of long texts would take several GB and minutes, and gain nothing there.
    """
    if dataset.card.characters is None or dataset.card.characters["p50"] <= _LONG_TEXT_CHARACTERS:
        return LinearRecipe()
    return LinearRecipe(unit="word", ngrams=(1, 3), strength=_WORD_STRENGTH)


def strong_baseline(target: Target, dataset: Dataset) -> Baseline:
    """Return the linear model's answers."""
    if dataset.card.steps is not None:
        return _linear_series(target, dataset)
    return fit_linear(baseline_recipe(dataset), target, dataset)


def fit_linear(recipe: LinearRecipe, target: Target, dataset: Dataset) -> Baseline:
    """Fit a linear model to the training rows, or take it from the cache if this was done before.

    Of very large data it sees an even sample of the rows.
    """
    key = cache.key(dataset.fingerprint, recipe)
    fit = cache.load(key)
    cached = fit is not None
    rows = _fitted_rows(recipe, dataset)
    if fit is None:
        train = dataset.train if rows is None else dataset.train.select(rows)
        asked = {split: dataset.splits[split].texts() for split in _ANSWERED}
        work = LinearWork(recipe, train.texts(), target.encode(train), target.kind, target.outputs, asked)
        fit = fit_apart(work)
        cache.store(key, fit)
    return Baseline(
        "linear",
        fit.answers,
        _validation(target, fit.answers, dataset),
        FittedLinear(fit, tuned(target, fit.answers, dataset)),
        sampled_rows=None if rows is None else len(rows),
        seconds=fit.seconds,
        peak_mb=fit.peak_mb,
        cached=cached,
    )


def tuned(target: Target, answers: Mapping[str, Floats], dataset: Dataset) -> Target:
    """Return the target with what is chosen by answers to the validation rows."""
    return target.tuned(answers["validation"], target.encode(dataset.validation))


def _validation(target: Target, answers: Mapping[str, Floats], dataset: Dataset) -> Mapping[str, float]:
    return target.point_scores(answers["validation"], target.encode(dataset.validation))


def _fitted_rows(recipe: LinearRecipe, dataset: Dataset) -> npt.NDArray[np.int64] | None:
    """Return the rows of an even sample, or None where all of them are few enough."""
    characters = pc.sum(pc.utf8_length(dataset.train.inputs[TEXT])).as_py() or 0
    rows, most = len(dataset.train), _MOST_CHARACTERS[recipe.unit]
    if characters <= most:
        return None
    return np.unique(np.linspace(0, rows - 1, max(1, int(rows * most / characters))).astype(np.int64))


def _linear_series(target: Target, dataset: Dataset) -> Baseline:
    started = perf_counter()
    train, *asked = (_series(dataset.splits[split]) for split in ("train", *_ANSWERED))
    model = LinearSeries.fit(
        train.values, train.lengths, target.encode(dataset.train), target.kind, target.outputs
    )
    answers = {
        split: model.answers(inputs.values, inputs.lengths)
        for split, inputs in zip(_ANSWERED, asked, strict=True)
    }
    kept = Classifier(TrainedSeriesLinear(model), tuned(target, answers, dataset))
    return Baseline(
        "linear",
        answers,
        _validation(target, answers, dataset),
        kept,
        seconds=perf_counter() - started,
    )


def _series(examples: Examples) -> Series:
    inputs = inputs_of(examples, series=True)
    if not isinstance(inputs, Series):
        raise TypeError("these are no series")
    return inputs
