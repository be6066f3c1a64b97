"""The public face: train, load, and the run that a person holds."""

from yeoul.api.run import Run, load
from yeoul.api.training import recipe_for, resume, train, training_command

__all__ = ["Run", "load", "recipe_for", "resume", "train", "training_command"]
