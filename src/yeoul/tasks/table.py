"""The table of tasks."""

from collections.abc import Callable, Mapping

from yeoul.recipe import Recipe
from yeoul.tasks.classify import Classification
from yeoul.tasks.experiment import Experiment
from yeoul.tasks.forecast import Forecasting

TASKS: Mapping[str, Callable[[Recipe], Experiment]] = {
    "classify": Classification.open,
    "forecast": Forecasting.open,
}
"""From a recipe to its experiment: the data is read and split."""
