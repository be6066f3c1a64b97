"""Explain the answers of a run's model, and measure over its test rows how far that can be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.data.datasets import Dataset
from yeoul.errors import UsageError
from yeoul.explain.asked import AskedSeries, AskedText
from yeoul.explain.explaining import explain_pair, explain_series, explain_text
from yeoul.explain.explanation import Explanation
from yeoul.explain.neighbors import Known
from yeoul.explain.units import Unit
from yeoul.recipe import Recipe
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.inputs import Inputs, Series, inputs_of, texts_of
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.transduction.task import Transduction
from yeoul.tasks.transduction.translator import Translator


@final
class Explainer:
    """Explains what a trained model says, one input after another."""

    def __init__(self, model: Classifier | Translator, recipe: Recipe, *, examples: int = 0) -> None:
        """Read the training rows where so many `examples` of them are wanted.

        Raises `UsageError` for a model without a last layer then, and `DataError` where the rows are gone.
        """
        self.model = model
        self.recipe = recipe
        self.count = examples
        self._known: Known | None = None
        if examples:
            if not isinstance(model, Classifier):
                raise UsageError("training rows are told of models that classify", "leave out --examples")
            rows = _dataset(recipe).train
            self._known = Known.of(model, rows, series=recipe.reads_series, seed=recipe.seed)

    def __call__(
        self, asked: str | npt.NDArray[np.float32], wanted: str = "", unit: Unit | None = None
    ) -> Explanation:
        """Explain the answer to a text, or to a series (T, D)."""
        model = self.model
        if isinstance(model, Translator):
            if wanted or not isinstance(asked, str):
                raise UsageError(
                    "a model that writes texts has no labels to choose from", "leave out --target"
                )
            return explain_pair(model, asked, unit, self.recipe.seed)
        if isinstance(asked, str):
            if self.recipe.reads_series:
                raise UsageError(
                    "this model reads series, not texts", "name a file that has them: --file FILE"
                )
            found = explain_text(model, asked, wanted, unit, self.recipe.seed)
            inputs: Inputs = [found.text]
        else:
            found = explain_series(model, asked, wanted, self.recipe.seed)
            inputs = Series(asked, np.array([len(asked)], np.int64))
        if self._known is None:
            return found
        goal = (
            AskedSeries.of(model, asked, wanted).goal
            if not isinstance(asked, str)
            else AskedText.of(model, found.text, wanted, unit).goal
        )
        return replace(found, examples=self._known.examples(inputs, goal, self.count))

    def of_test_rows(self, rows: int, unit: Unit | None = None) -> Iterator[Explanation]:
        """Explain the answers to so many drawn test rows; those that hold nothing are left out."""
        for asked in test_inputs(self.recipe, rows):
            if len(asked.strip()) if isinstance(asked, str) else len(asked):
                yield self(asked, unit=unit)


def test_inputs(recipe: Recipe, rows: int) -> Sequence[str | npt.NDArray[np.float32]]:
    """Draw the inputs of so many test rows; raise `DataError` where the data is gone."""
    random = np.random.default_rng(recipe.seed)
    if recipe.task == "transduce":
        pairs = Transduction.open(recipe).dataset.test
        drawn = random.choice(len(pairs), min(rows, len(pairs)), replace=False)
        texts: list[str] = pairs.select(np.sort(drawn)).sources.to_pylist()
        return texts
    test = _dataset(recipe).test
    drawn = random.choice(len(test), min(rows, len(test)), replace=False)
    inputs = inputs_of(test.select(np.sort(drawn)), recipe.reads_series)
    if isinstance(inputs, Series):
        return np.split(inputs.values, np.cumsum(inputs.lengths)[:-1])
    return texts_of(inputs)


def _dataset(recipe: Recipe) -> Dataset:
    return Classification.open(recipe).dataset
