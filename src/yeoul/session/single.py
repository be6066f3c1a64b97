"""Train one model, network or linear, on data that is read already; or go on where such a run was stopped."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch

from yeoul.data.datasets import Dataset
from yeoul.kernels.devices import Device
from yeoul.recipe import LinearRecipe
from yeoul.recipefile import ResolvedRecipe
from yeoul.runs.folder import RunFolder, write_json
from yeoul.session.finishing import guarded
from yeoul.session.linear import train_linear
from yeoul.session.network import checkpoint, train_network
from yeoul.session.parts import Job, Network, Request
from yeoul.session.preparing import (
    check_room,
    create,
    make_network,
    model_ready,
    network_parts,
    starting_point,
    take_weights,
    with_vocabulary,
)
from yeoul.tasks.inputs import load_vectorizer
from yeoul.tasks.table import Task
from yeoul.training.budget import measure_pace
from yeoul.training.checkpoints import latest_checkpoint
from yeoul.training.events import DataReady, Progress, RunOpened, SessionEvent


@dataclass(frozen=True)
class Ground:
    """What a model is trained on: the rows, the task, the device, and who may stop it."""

    task: Task
    dataset: Dataset
    device: Device
    should_stop: Callable[[], bool]

    def job(self, run: RunFolder, resolved: ResolvedRecipe) -> Job:
        target = self.task.target(resolved.recipe.data, self.dataset)
        return Job(run, resolved, self.task, self.dataset, target, self.device, self.should_stop)


def train_single(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    """Train a new run of `resolved`."""
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield from _train_linear(request, resolved, ground)
    else:
        yield from _train_network(request, resolved, ground)


def _train_linear(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    yield DataReady(ground.dataset.card.to_json())
    run = create(request, resolved, ground.dataset, ground.device, ground.task.describe(resolved.recipe), {})
    yield RunOpened(run.path)
    yield from guarded(ground.job(run, resolved), train_linear)


def _train_network(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    task, dataset, device = ground.task, ground.dataset, ground.device
    start = None
    if request.start_from is not None:
        start = starting_point(RunFolder(request.start_from), dataset, device.torch)
        resolved = with_vocabulary(resolved, RunFolder(request.start_from))
    recipe, training = network_parts(resolved)
    prepared = task.prepare(resolved.recipe, dataset, None if start is None else start.vectorizer)
    yield DataReady(prepared.card())
    torch.manual_seed(resolved.recipe.seed)
    model = task.build(resolved.recipe, prepared).to(device.torch)
    if start is not None:
        take_weights(model, start, request.start_from)
    network = make_network(task, recipe, training, model, prepared, device.torch, resolved.recipe.seed)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    if training.budget_seconds is not None:
        steps = pace.steps_within(training.budget_seconds, network.plan.epoch_steps)
        steps = min(steps, training.max_steps or steps)
        resolved = resolved.with_values({"training.max_steps": steps}, "calibration of the budget")
        recipe, training = network_parts(resolved)
        network = replace(network, plan=replace(network.plan, recipe=training))
    ready = model_ready(task.describe(resolved.recipe), network, pace, device)
    check_room(ready.parameters, request.out)
    yield ready
    description = {"parameters": ready.parameters, "bytes": 4 * ready.parameters}
    run = create(request, resolved, dataset, device, task.describe(resolved.recipe), description)
    yield RunOpened(run.path)
    yield from guarded(ground.job(run, resolved), lambda job: _from_scratch(job, network))


def _from_scratch(job: Job, network: Network) -> Iterator[SessionEvent]:
    write_json(job.run.path / "data.json", network.prepared.card())
    checkpoint(job, network, Progress())
    yield from train_network(job, network, Progress())


def resume_single(run: RunFolder, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    """Go on with a run of `resolved` that was stopped; its end is bit for bit that of an unbroken one."""
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield DataReady(ground.dataset.card.to_json())
        run.cut_metrics(0)
        yield RunOpened(run.path, resumed_step=0)
        yield from guarded(ground.job(run, resolved), train_linear)
        return
    task, device = ground.task, ground.device
    recipe, training = network_parts(resolved)
    newest = latest_checkpoint(run.checkpoints)
    vectorizer = load_vectorizer(newest.folder)
    prepared = task.prepare(resolved.recipe, ground.dataset, vectorizer)
    yield DataReady(prepared.card())
    model = task.build(resolved.recipe, prepared).to(device.torch)
    network = make_network(task, recipe, training, model, prepared, device.torch, resolved.recipe.seed)
    newest.restore(model, network.optimizer)
    run.cut_metrics(newest.metrics_lines)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    yield model_ready(task.describe(resolved.recipe), network, pace, device)
    yield RunOpened(run.path, resumed_step=newest.progress.step)
    yield from guarded(ground.job(run, resolved), lambda job: train_network(job, network, newest.progress))
