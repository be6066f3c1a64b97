"""Train a linear model: one fit, no epochs."""

import time
from collections.abc import Iterator

import torch

from yeoul.recipe import LinearRecipe
from yeoul.runs.folder import write_json
from yeoul.runs.process import peak_memory_mb
from yeoul.session.finishing import baseline_ready, finish
from yeoul.session.parts import Job
from yeoul.tasks.classifier import Classifier
from yeoul.tasks.modelcard import model_card
from yeoul.training.events import SessionEvent, Testing


def train_linear(job: Job) -> Iterator[SessionEvent]:
    recipe = job.recipe.recipe.model
    if not isinstance(recipe, LinearRecipe):
        raise TypeError("not a linear recipe")
    job.run.set_status("running")
    write_json(job.run.path / "data.json", job.dataset.card.to_json())
    trivial = job.task.trivial_baseline(job.dataset)
    yield baseline_ready(job, trivial)
    started = time.monotonic()
    fitted = job.task.fit_linear(recipe, job.dataset)
    cost = {"train_seconds": round(time.monotonic() - started, 1), "peak_memory_mb": round(peak_memory_mb())}
    fitted.save(job.run.path / "model", model_card(job.run.record(), None))
    yield Testing(0)
    yield finish(job, Classifier.load(job.run.model, torch.device("cpu")), [trivial], cost)
