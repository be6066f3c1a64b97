"""The mean of the weights is the mean that it says it is."""

import torch
from torch import Tensor, nn

from yeoul.models.protocols import Model
from yeoul.recipe import TrainingRecipe
from yeoul.training.averaging import make_average
from yeoul.training.events import Progress


class Weights(Model):
    """A model of one weight, which nobody asks anything."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))
        self.register_buffer("seen", torch.zeros(()))

    def loss(self, batch):
        raise NotImplementedError

    def counts(self, batch):
        raise NotImplementedError

    def answers(self, batch):
        raise NotImplementedError


def moved(model: Weights, step: int) -> Tensor:
    with torch.no_grad():
        model.weight.copy_(torch.tensor([step, step**2], dtype=torch.float32))
        model.seen.fill_(step)
    return model.weight.detach().clone()


def followed(recipe, steps, first=1):
    model = Weights()
    average = make_average(model, recipe)
    progress = average.begun(Progress(step=first - 1, epochs_without_gain=1))
    seen = []
    for step in range(first, first + steps):
        seen.append(moved(model, step))
        progress = Progress(step=step, averaged_from=progress.averaged_from)
        average.follow(model, progress)
    average.answering(model, progress)
    return average.model, model, seen


def test_no_mean_is_kept_unless_asked():
    assert make_average(Weights(), TrainingRecipe()) is None


def test_triggered_is_the_mean_of_all_steps_since_it_began():
    mean, model, seen = followed(TrainingRecipe(averaging="triggered"), 7, first=4)
    torch.testing.assert_close(mean.weight, torch.stack(seen).mean(dim=0))
    assert mean.seen == model.seen == 10


def test_ema_forgets_as_its_equation_says_and_faster_at_first():
    mean, _, seen = followed(TrainingRecipe(averaging="ema", averaging_decay=0.9), 200)
    wanted = torch.zeros(2)
    for step, weight in enumerate(seen, 1):
        wanted = wanted + (weight - wanted) * max(0.1, 9 / (9 + step))
    torch.testing.assert_close(mean.weight.detach(), wanted)


def test_before_it_begins_the_newest_weights_answer():
    model = Weights()
    average = make_average(model, TrainingRecipe(averaging="triggered"))
    progress = average.begun(Progress(step=3))
    assert progress.averaged_from is None
    moved(model, 4)
    average.follow(model, progress)
    assert (average.model.weight == 0).all()
    average.answering(model, progress)
    torch.testing.assert_close(average.model.weight.detach(), model.weight.detach())
    assert not average.model.weight.requires_grad
    begun = average.begun(Progress(step=5, epochs_without_gain=1))
    assert begun.averaged_from == 5
    assert average.begun(Progress(step=9, averaged_from=5)).averaged_from == 5
