"""Rows to measure the laws on: of the run's own data where these are still there, else made of its vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np

from yeoul.data.measured.measurements import Measurements
from yeoul.errors import YeoulError
from yeoul.recipe import Recipe
from yeoul.tasks.captioning.task import Captioning
from yeoul.tasks.classification.inputs import Series, inputs_of, texts_of
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.comparison.sides import inputs_of_cells
from yeoul.tasks.comparison.task import Comparison
from yeoul.tasks.experiment import Experiment
from yeoul.tasks.forecasting.task import Forecasting
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.table import TASKS
from yeoul.tasks.tagging.task import Tagging
from yeoul.tasks.transduction.task import Transduction
from yeoul.verify.subject import Array

Source = Literal["data", "vocabulary"]
_ROWS = 8
_STRANGE = "𝕏🜁꙰"
_MOST_CHARACTERS = 4_000


@final
@dataclass(frozen=True, eq=False)
class Drawn:
    """Rows of the kinds that a task reads."""

    source: Source
    texts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    series: tuple[Array, ...] = ()
    measurements: Measurements | None = None

    @property
    def rows(self) -> int:
        return max(len(self.texts), len(self.targets), len(self.series))


def draw_rows(recipe: Recipe, seed: int = 0) -> Drawn:
    """Draw rows for a model of this recipe, edge cases among them: empty, of one letter, unknown, too long."""
    random = np.random.default_rng(seed)
    try:
        drawn = _of(TASKS[recipe.task](recipe), random)
    except (YeoulError, OSError):  # moved, removed or changed since: rows can be made without it
        return made_rows(recipe, random)
    return Drawn(
        drawn.source, _with_edges(drawn.texts), _with_edges(drawn.targets), drawn.series, drawn.measurements
    )


def made_rows(recipe: Recipe, random: np.random.Generator) -> Drawn:
    """Make rows of letters, syllables and numbers, edge cases among them."""
    if recipe.reads_series:
        lengths = [1, 2, *random.integers(3, 100, _ROWS).tolist()]
        return Drawn(
            "vocabulary", series=tuple(random.normal(size=(n, 1)).astype(np.float32) for n in lengths)
        )
    texts = tuple(_made(random) for _ in range(_ROWS))
    return Drawn("vocabulary", _with_edges(texts), _with_edges(texts[::-1]))


def _of(experiment: Experiment, random: np.random.Generator) -> Drawn:
    match experiment:
        case Classification(dataset=dataset, recipe=recipe):
            places = _places(len(dataset.test), random)
            inputs = inputs_of(dataset.test.select(places), recipe.reads_series)
            if recipe.reads_series:
                return Drawn("data", series=_series(inputs))
            return Drawn("data", tuple(texts_of(inputs)))
        case Transduction(dataset=dataset):
            pairs = dataset.test.select(_places(len(dataset.test), random))
            return Drawn("data", tuple(pairs.sources.to_pylist()), tuple(pairs.targets.to_pylist()))
        case Generation():
            lines = experiment.corpus.parts["test"]
            chosen = lines.take(_places(len(lines), random)).to_pylist()
            return Drawn("data", tuple(chosen))
        case Tagging(dataset=tagged):
            sentences = tagged.test.select(_places(len(tagged.test), random)).words
            between = (
                "\n" if experiment.recipe.tagging and experiment.recipe.tagging.element == "sentence" else " "
            )
            return Drawn("data", tuple(between.join(words) for words in sentences))
        case Comparison(dataset=compared, recipe=recipe):
            cells = compared.test.select(_places(len(compared.test), random)).lefts
            inputs = inputs_of_cells(cells, recipe.reads_series)
            return (
                Drawn("data", series=_series(inputs))
                if recipe.reads_series
                else Drawn("data", tuple(texts_of(inputs)))
            )
        case Captioning(dataset=captioned):
            pictures = captioned.test.select(_places(len(captioned.test), random))
            return Drawn("data", tuple(pictures.captions[:_ROWS].to_pylist()))
        case Forecasting():
            return Drawn("data", measurements=experiment.measurements)
        case _:
            raise TypeError(f"{type(experiment).__name__} is of no task that is known here")


def _series(inputs: object) -> tuple[Array, ...]:
    if not isinstance(inputs, Series):
        raise TypeError("these are no series")
    return tuple(np.split(inputs.values, np.cumsum(inputs.lengths)[:-1]))


def _places(rows: int, random: np.random.Generator) -> Array:
    return np.sort(random.choice(rows, min(rows, _ROWS), replace=False))


def _with_edges(texts: Sequence[str]) -> tuple[str, ...]:
    if not texts:
        return ()
    long = (" ".join(texts) + " ") * (1 + _MOST_CHARACTERS // (1 + sum(map(len, texts))))
    return (*texts, "", texts[0][:1] or "a", _STRANGE, long[:_MOST_CHARACTERS])


def _made(random: np.random.Generator) -> str:
    syllables = [chr(code) for code in random.integers(0xAC00, 0xD7A4, 20).tolist()]
    letters = list("the quick brown fox  0123456789.,!?") + syllables
    return "".join(random.choice(letters, int(random.integers(1, 80))).tolist())
