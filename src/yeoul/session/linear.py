"""Train a linear model: one fit, no epochs."""

from collections.abc import Iterator

import torch

from yeoul.recipe import LinearRecipe
from yeoul.runs.folder import write_json
from yeoul.runs.process import peak_memory_mb
from yeoul.session.finishing import baseline_ready, finish
from yeoul.session.parts import Job
from yeoul.tasks.classifier import Classifier, save_linear
from yeoul.tasks.modelcard import model_card
from yeoul.training.events import SessionEvent, Testing


def train_linear(job: Job) -> Iterator[SessionEvent]:
    recipe = job.recipe.recipe.model
    if not isinstance(recipe, LinearRecipe):
        raise TypeError("not a linear recipe")
    job.run.set_status("running")
    write_json(job.run.path / "data.json", job.dataset.card.to_json())
    trivial = job.task.trivial_baseline(job.target, job.dataset)
    yield baseline_ready(job, trivial)
    fitted = job.task.fit_linear(recipe, job.target, job.dataset)
    if fitted.fit is None:
        raise TypeError("a linear fit without its arrays")
    cost = {
        "train_seconds": round(fitted.seconds, 1),
        "peak_memory_mb": round(max(peak_memory_mb(), fitted.peak_mb)),
    }
    card = model_card(job.run.record(), None)
    save_linear(job.run.path / "model", fitted.fit.arrays, fitted.fit.settings, job.target, card)
    yield Testing(0)
    yield finish(job, Classifier.load(job.run.model, torch.device("cpu")), [trivial], cost)
