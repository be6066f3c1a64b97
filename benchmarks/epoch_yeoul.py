"""IMDB by the recipe `imdb-lstm`: the training of `yeoul train` without its run folder and baselines."""

import json
import sys

import numpy as np
import torch

from yeoul.recipefile import read_recipe
from yeoul.session.preparing import make_network
from yeoul.tasks.classification.inputs import inputs_of
from yeoul.tasks.classification.task import Classification
from yeoul.training.events import EpochEnded, Progress
from yeoul.training.loop import train_steps


def main(epochs: int) -> None:
    experiment = Classification.open(read_recipe("imdb-lstm", {"training.epochs": epochs}).recipe)
    device = torch.device("cpu")
    prepared = experiment.prepare()
    torch.manual_seed(experiment.recipe.seed)
    model = experiment.build(prepared)
    network = make_network(experiment, model, prepared, device)
    ends = [0.0]
    for event in train_steps(network.model, network.optimizer, network.plan, Progress()):
        if isinstance(event, EpochEnded):
            ends.append(event.progress.seconds)
    test = experiment.dataset.test
    answers = experiment.trained(model, prepared, device).answers(inputs_of(test, False))
    accuracy = float((answers.argmax(1) == experiment.target.encode(test)).mean())
    print(json.dumps({"seconds": np.diff(ends).tolist(), "accuracy": accuracy}))


if __name__ == "__main__":
    main(int(sys.argv[2]))
