"""Train one model, stepped or fitted in one go, on data that is read already; or go on where such a run was stopped."""

from collections.abc import Iterator
from dataclasses import replace

import torch

from yeoul.recipefile import ResolvedRecipe
from yeoul.runs.folder import RunFolder, write_json
from yeoul.session.finishing import guarded
from yeoul.session.fitting import fit_model
from yeoul.session.network import checkpoint, train_network
from yeoul.session.parts import Ground, Job, Network, Request
from yeoul.session.preparing import (
    check_room,
    check_split,
    create,
    make_network,
    model_ready,
    take_weights,
    with_reading,
)
from yeoul.training.budget import measure_pace
from yeoul.training.checkpoints import latest_checkpoint
from yeoul.training.events import DataReady, Progress, RunOpened, SessionEvent


def train_single(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    """Train a new run of `resolved`."""
    if resolved.recipe.training is None:
        yield from _fit(request, resolved, ground)
    else:
        yield from _train(request, resolved, ground)


def _fit(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    yield DataReady(ground.experiment.card.to_json())
    run = create(request, resolved, ground, {})
    yield RunOpened(run.path)
    yield from guarded(ground.job(run), fit_model)


def _train(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    start = None if request.start_from is None else RunFolder(request.start_from)
    if start is not None:
        check_split(start, ground.experiment)
        resolved = with_reading(resolved, start, ground.experiment.reading)
        ground = replace(ground, experiment=ground.experiment.following(resolved.recipe))
    experiment, device = ground.experiment, ground.device
    prepared = experiment.prepare(None if start is None else start.model)
    yield DataReady(prepared.card())
    torch.manual_seed(resolved.recipe.seed)
    model = experiment.build(prepared).to(device.torch)
    if start is not None:
        take_weights(model, experiment.starting_point(start.model, device.torch), start.path)
    network = make_network(experiment, model, prepared, device.torch)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    budget = network.plan.recipe.budget_seconds
    if budget is not None:
        steps = pace.steps_within(budget, network.plan.epoch_steps)
        steps = min(steps, network.plan.recipe.max_steps or steps)
        resolved = resolved.with_values({"training.max_steps": steps}, "calibration of the budget")
        ground = replace(ground, experiment=experiment.following(resolved.recipe))
        plan = replace(network.plan, recipe=network.plan.recipe.model_copy(update={"max_steps": steps}))
        network = replace(network, plan=plan)
    ready = model_ready(experiment.description, network, pace, device)
    check_room(ready.parameters, request.out)
    yield ready
    size = {"parameters": ready.parameters, "bytes": 4 * ready.parameters}
    run = create(request, resolved, ground, size)
    yield RunOpened(run.path)
    yield from guarded(ground.job(run), lambda job: _from_scratch(job, network))


def _from_scratch(job: Job, network: Network) -> Iterator[SessionEvent]:
    write_json(job.run.path / "data.json", network.prepared.card())
    checkpoint(job, network, Progress())
    yield from train_network(job, network, Progress())


def resume_single(run: RunFolder, ground: Ground) -> Iterator[SessionEvent]:
    """Go on with a run that was stopped; its end is bit for bit that of an unbroken one."""
    experiment, device = ground.experiment, ground.device
    if experiment.recipe.training is None:
        yield DataReady(experiment.card.to_json())
        run.cut_metrics(0)
        yield RunOpened(run.path, resumed_step=0)
        yield from guarded(ground.job(run), fit_model)
        return
    newest = latest_checkpoint(run.checkpoints)
    prepared = experiment.prepare(newest.folder)
    yield DataReady(prepared.card())
    model = experiment.build(prepared).to(device.torch)
    network = make_network(experiment, model, prepared, device.torch)
    newest.restore(model, network.optimizer, network.average)
    run.cut_metrics(newest.metrics_lines)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    yield model_ready(experiment.description, network, pace, device)
    yield RunOpened(run.path, resumed_step=newest.progress.step)
    yield from guarded(ground.job(run), lambda job: train_network(job, network, newest.progress))
