"""The table of tasks."""

from collections.abc import Callable, Mapping

from yeoul.recipe import Recipe
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.experiment import Experiment
from yeoul.tasks.forecasting.task import Forecasting

TASKS: Mapping[str, Callable[[Recipe], Experiment]] = {
    "classify": Classification.open,
    "forecast": Forecasting.open,
}
"""From a recipe to its experiment: the data is read and split."""
