"""Explain the answers of a run's model, and measure over its test rows how far that can be trusted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias, final

import numpy as np
import numpy.typing as npt

from yeoul.data.datasets import Dataset
from yeoul.data.measured.measurements import Measurements, keep_series
from yeoul.errors import UsageError
from yeoul.explain.asked import AskedSeries, AskedText
from yeoul.explain.explaining import (
    explain_forecast,
    explain_likeness,
    explain_next,
    explain_pair,
    explain_picture,
    explain_series,
    explain_tag,
    explain_text,
)
from yeoul.explain.explanation import Explanation
from yeoul.explain.neighbors import Known
from yeoul.explain.units import Unit
from yeoul.recipe import Recipe
from yeoul.tasks.captioning.captioner import Captioner
from yeoul.tasks.classification.classifier import Classifier
from yeoul.tasks.classification.inputs import Inputs, Series, inputs_of, texts_of
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.comparison.comparer import Comparer
from yeoul.tasks.comparison.task import Comparison
from yeoul.tasks.forecasting.forecaster import Forecaster
from yeoul.tasks.forecasting.task import Forecasting
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.generation.writer import Writer
from yeoul.tasks.tagging.tagger import SentenceTagger
from yeoul.tasks.tagging.task import Tagging
from yeoul.tasks.transduction.task import Transduction
from yeoul.tasks.transduction.translator import Translator

Steps: TypeAlias = npt.NDArray[np.float32]
Question: TypeAlias = str | tuple[str, str] | Steps | Measurements | Path
"""A text, two texts, a series (T, D), measurements to be forecast, or a picture's file."""
Model: TypeAlias = Captioner | Classifier | Translator | Forecaster | SentenceTagger | Comparer | Writer


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A test row, and which row of measurements its forecast comes after."""

    asked: Question
    place: int | None = None


@final
class Explainer:
    """Explains what a trained model says, one input after another."""

    def __init__(self, model: Model, recipe: Recipe, *, examples: int = 0) -> None:
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
        self, asked: Question, wanted: str = "", unit: Unit | None = None, place: int | None = None
    ) -> Explanation:
        """Explain the answer to a text, to two texts, to a series (T, D) or to measurements.

        `place` is the word whose tag is explained, or the row after which is forecast, counted from 1.
        """
        seed = self.recipe.seed
        match self.model, asked:
            case Classifier() as model, str() | np.ndarray():
                return self._classified(model, asked, wanted, unit)
            case Forecaster() as model, Measurements():
                return explain_forecast(model, asked, wanted, place, seed)
            case SentenceTagger() as model, str():
                return explain_tag(model, asked, wanted, place, seed)
            case Writer() as model, str():
                return explain_next(model, asked, wanted, unit, seed)
            case Captioner() as model, Path() if not wanted:
                return explain_picture(model, asked, place, seed)
            case Translator() as model, str() if not wanted:
                return explain_pair(model, asked, unit, seed)
            case Comparer() as model, (str() as left, str() as right) if not wanted:
                return explain_likeness(model, left, right, unit, seed)
            case (Translator(), str()) | (Comparer(), tuple()) | (Captioner(), Path()):
                raise UsageError(
                    "a model that writes or compares texts has no labels to choose from", "leave out --target"
                )
            case Captioner(), _:
                raise UsageError("this model looks at pictures", "name the file of one")
            case Comparer(), _:
                raise UsageError("this model compares two texts", "give both: yeoul explain RUN TEXT TEXT")
            case Forecaster(), _:
                raise UsageError(
                    "this model reads measurements, not texts", "name a file that has them: --file FILE"
                )
            case _:
                raise UsageError("this model reads texts", "give one")

    def of_test_rows(self, rows: int, unit: Unit | None = None) -> Iterator[Explanation]:
        """Explain the answers to so many drawn test rows; those that hold nothing are left out."""
        for one in _drawn_rows(self.recipe, rows):
            if _holds(one.asked):
                yield self(one.asked, unit=unit, place=one.place)

    def _classified(
        self, model: Classifier, asked: str | Steps, wanted: str, unit: Unit | None
    ) -> Explanation:
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


def test_inputs(recipe: Recipe, rows: int) -> Sequence[Question]:
    """Draw the inputs of so many test rows; raise `DataError` where the data is gone."""
    return [one.asked for one in _drawn_rows(recipe, rows)]


def _drawn_rows(recipe: Recipe, rows: int) -> list[_Drawn]:
    random = np.random.default_rng(recipe.seed)

    def drawn(count: int) -> npt.NDArray[np.int64]:
        return np.sort(random.choice(count, min(rows, count), replace=False))

    match recipe.task:
        case "transduce":
            pairs = Transduction.open(recipe).dataset.test
            return [_Drawn(text) for text in pairs.select(drawn(len(pairs))).sources.to_pylist()]
        case "compare":
            compared = Comparison.open(recipe).dataset.test
            return [
                _Drawn((one.left, one.right))
                for one in map(compared.__getitem__, drawn(len(compared)).tolist())
            ]
        case "tag":
            sentences = Tagging.open(recipe).dataset.test.words
            return [_Drawn(" ".join(sentences[place])) for place in drawn(len(sentences)).tolist()]
        case "generate":
            lines = [
                line for line in Generation.open(recipe).corpus.parts["test"].to_pylist() if line.strip()
            ]
            return [_Drawn(lines[place].strip()) for place in drawn(len(lines)).tolist()]
        case "caption":
            raise UsageError("captions are not measured over test rows", "explain pictures one by one")
        case "forecast":
            opened = Forecasting.open(recipe)
            measured, origins = opened.measurements, opened.origins.test
            return [_window(measured, origin) for origin in origins[drawn(len(origins))].tolist()]
        case _:
            test = _dataset(recipe).test
            inputs = inputs_of(test.select(drawn(len(test))), recipe.reads_series)
            if isinstance(inputs, Series):
                return [_Drawn(one) for one in np.split(inputs.values, np.cumsum(inputs.lengths)[:-1])]
            return [_Drawn(text) for text in texts_of(inputs)]


def _window(measurements: Measurements, origin: int) -> _Drawn:
    series = int(measurements.series_of(np.array([origin - 1]))[0])
    only = np.arange(len(measurements.series)) == series
    return _Drawn(keep_series(measurements, only), origin - int(measurements.offsets[series]))


def _holds(asked: Question) -> bool:
    match asked:
        case str():
            return bool(asked.strip())
        case (left, right):
            return bool(left.strip() and right.strip())
        case np.ndarray():
            return len(asked) > 0
        case _:
            return True


def _dataset(recipe: Recipe) -> Dataset:
    return Classification.open(recipe).dataset
