"""The public face: train, load, and the run that a person holds."""

from yeoul.api.run import Run, load
from yeoul.api.training import resume, train, training_command
from yeoul.recipefile import recipe_for

__all__ = ["Run", "load", "recipe_for", "resume", "train", "training_command"]
