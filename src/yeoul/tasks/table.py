"""The table of tasks."""

from collections.abc import Callable, Mapping

from yeoul.recipe import Recipe
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.experiment import Experiment
from yeoul.tasks.forecasting.task import Forecasting
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.transduction.task import Transduction

TASKS: Mapping[str, Callable[[Recipe], Experiment]] = {
    "classify": Classification.open,
    "forecast": Forecasting.open,
    "generate": Generation.open,
    "transduce": Transduction.open,
}
"""From a recipe to its experiment: the data is read and split."""
