"""A mean of the weights over many steps, which often answers better than the newest ones.

With w the weights after a step and m their mean, m ← m + (w - m) · r, where

    "ema"        r = max(1 - decay, 9 / (9 + n)) at step n: what is old is forgotten (Polyak & Juditsky 1992)
    "triggered"  r = 1 / n: every step since the first epoch without improvement counts alike (Merity et al. 2018)
"""

import copy
from dataclasses import replace
from typing import final

import torch

from yeoul.models.protocols import Model
from yeoul.recipe import TrainingRecipe
from yeoul.training.events import Progress

_EARLY = 9


@final
class Average:
    """A twin of the model under training whose weights are the mean; it is what answers and is saved."""

    def __init__(self, model: Model, recipe: TrainingRecipe) -> None:
        self.model = copy.deepcopy(model)
        self.model.requires_grad_(requires_grad=False)
        self._recipe = recipe

    def begun(self, progress: Progress) -> Progress:
        """Begin the mean where it is due: "ema" before the first step, "triggered" after an epoch without gain."""
        due = self._recipe.averaging == "ema" or progress.epochs_without_gain > 0
        if progress.averaged_from is not None or not due:
            return progress
        return replace(progress, averaged_from=progress.step)

    def follow(self, model: Model, progress: Progress) -> None:
        """Take in the weights as they are after `progress.step`, once the mean has begun."""
        if progress.averaged_from is None:
            return
        share = self._share(progress.step - progress.averaged_from)
        with torch.no_grad():
            torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), share)

    def answering(self, model: Model, progress: Progress) -> None:
        """Make ready to answer: before the mean has begun, the newest weights are what answers."""
        if progress.averaged_from is None:
            self.model.load_state_dict(model.state_dict())
        for mine, new in zip(self.model.buffers(), model.buffers(), strict=True):
            mine.copy_(new)

    def _share(self, steps: int) -> float:
        """Return how much the weights after step n of the mean weigh in it."""
        if self._recipe.averaging == "triggered":
            return 1.0 / steps
        return max(1.0 - self._recipe.averaging_decay, _EARLY / (_EARLY + steps))


def make_average(model: Model, recipe: TrainingRecipe) -> Average | None:
    """Return the mean that a recipe asks for, if it asks for one."""
    return None if recipe.averaging == "none" else Average(model, recipe)
