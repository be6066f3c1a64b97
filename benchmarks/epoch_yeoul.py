"""IMDB by the recipe `imdb-lstm`: the training of `yeoul train` without its run folder and baselines."""

import json
import sys

import numpy as np
import torch

from yeoul.recipe import NetworkRecipe
from yeoul.recipefile import read_recipe
from yeoul.session.preparing import make_network
from yeoul.tasks import classify
from yeoul.tasks.inputs import inputs_of
from yeoul.tasks.table import TASKS
from yeoul.training.events import EpochEnded, Progress
from yeoul.training.loop import train_steps


def main(epochs: int) -> None:
    recipe = read_recipe("imdb-lstm", {"training.epochs": epochs}).recipe
    if not isinstance(recipe.model, NetworkRecipe) or recipe.training is None:
        raise TypeError("not a network's recipe")
    task, device = TASKS[recipe.task], torch.device("cpu")
    prepared = task.prepare(recipe, task.load(recipe), None)
    torch.manual_seed(recipe.seed)
    model = task.build(recipe, prepared)
    network = make_network(task, recipe.model, recipe.training, model, prepared, device, recipe.seed)
    ends = [0.0]
    for event in train_steps(network.model, network.optimizer, network.plan, Progress()):
        if isinstance(event, EpochEnded):
            ends.append(event.progress.seconds)
    test = prepared.dataset.test
    answers = classify.classifier(recipe.model, model, prepared, device).answers(inputs_of(test, False))
    accuracy = float((answers.argmax(1) == prepared.target.encode(test)).mean())
    print(json.dumps({"seconds": np.diff(ends).tolist(), "accuracy": accuracy}))


if __name__ == "__main__":
    main(int(sys.argv[2]))
