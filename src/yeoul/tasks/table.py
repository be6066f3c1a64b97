"""The table of tasks."""

from collections.abc import Callable, Mapping

from yeoul.recipe import Recipe
from yeoul.tasks.classify import Classification
from yeoul.tasks.experiment import Experiment

TASKS: Mapping[str, Callable[[Recipe], Experiment]] = {
    "classify": Classification.open,
}
"""From a recipe to its experiment: the data is read and split."""
