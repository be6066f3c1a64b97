"""The table of tasks."""

from collections.abc import Callable, Mapping

from yeoul.recipe import Recipe
from yeoul.tasks.captioning.task import Captioning
from yeoul.tasks.classification.task import Classification
from yeoul.tasks.comparison.task import Comparison
from yeoul.tasks.experiment import Experiment
from yeoul.tasks.forecasting.task import Forecasting
from yeoul.tasks.generation.task import Generation
from yeoul.tasks.tagging.task import Tagging
from yeoul.tasks.transduction.task import Transduction

TASKS: Mapping[str, Callable[[Recipe], Experiment]] = {
    "caption": Captioning.open,
    "classify": Classification.open,
    "compare": Comparison.open,
    "forecast": Forecasting.open,
    "generate": Generation.open,
    "tag": Tagging.open,
    "transduce": Transduction.open,
}
"""From a recipe to its experiment: the data is read and split."""
