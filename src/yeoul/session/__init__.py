"""One training from a recipe to a finished run folder, as a generator of events.

It saves what has to be saved and prints nothing. Its caller may stop it between two events through
`should_stop`; whatever happens, the folder says how far the run came and holds the best model so far.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import torch

from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, RunError
from yeoul.kernels.devices import choose_device
from yeoul.recipe import LinearRecipe
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder, write_json
from yeoul.session.finishing import claimed, guarded
from yeoul.session.linear import train_linear
from yeoul.session.network import checkpoint, train_network
from yeoul.session.parts import Job, Network, Request
from yeoul.session.preparing import (
    check_room,
    create,
    load,
    make_network,
    max_length,
    model_ready,
    network_parts,
    starting_point,
    take_weights,
    with_vocabulary,
)
from yeoul.training.budget import measure_pace
from yeoul.training.checkpoints import latest_checkpoint
from yeoul.training.events import DataReady, Progress, RunOpened, SessionEvent

__all__ = ["Events", "Request", "resume", "train"]

Events = Generator[SessionEvent, None, None]


def train(request: Request, should_stop: Callable[[], bool] = lambda: False) -> Events:
    """Train a new run; raise `YeoulError` for whatever the person can mend.

    No folder is made before the data is read and found usable.
    """
    device = choose_device(request.device)
    task, dataset, resolved = load(request.recipe)
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield DataReady(dataset.card.to_json())
        run = create(request, resolved, dataset, device, task.describe(resolved.recipe), {})
        yield RunOpened(run.path)
        yield from guarded(Job(run, resolved, task, dataset, should_stop), train_linear)
        return
    start = None
    if request.start_from is not None:
        start = starting_point(RunFolder(request.start_from), dataset, device.torch)
        resolved = with_vocabulary(resolved, RunFolder(request.start_from))
    recipe, training = network_parts(resolved)
    prepared = task.prepare(resolved.recipe, dataset, None if start is None else start.vectorizer)
    yield DataReady(prepared.card())
    torch.manual_seed(resolved.recipe.seed)
    model = task.build(recipe, prepared).to(device.torch)
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
    job = Job(run, resolved, task, dataset, should_stop)
    yield from guarded(job, lambda job: _from_scratch(job, network))


def _from_scratch(job: Job, network: Network) -> Iterator[SessionEvent]:
    write_json(job.run.path / "data.json", network.prepared.card())
    checkpoint(job, network, Progress())
    yield from train_network(job, network, Progress())


def resume(
    run: RunFolder, device_name: str = "auto", should_stop: Callable[[], bool] = lambda: False
) -> Events:
    """Go on with a run that was paused, killed or failed; its end is bit for bit that of an unbroken one."""
    status = run.status()
    if status == "running":
        raise RunError("the run is still running", "stop it first, or wait", where=run.id)
    if status == "done":
        raise RunError("the run is done", "start a new one from it with --from", where=run.id)
    with claimed(run, status):
        yield from _resumed(run, device_name, should_stop)


def _resumed(run: RunFolder, device_name: str, should_stop: Callable[[], bool]) -> Iterator[SessionEvent]:
    record = run.record()
    device = choose_device(record["device"] if device_name == "auto" else device_name)
    torch.set_num_threads(record["threads"])  # sums over other threads end in other last bits
    text = (run.path / "resolved.toml").read_text("utf-8")
    resolved = replace(resolve(text, str(record["recipe"]), {}), text=text)
    task, dataset, _ = load(resolved)
    if dataset.fingerprint != record["data"]["fingerprint"]:
        raise DataError(
            "the data has changed since the run began",
            "restore it, or train anew",
            where=str(resolved.recipe.data.source),
        )
    job = Job(run, resolved, task, dataset, should_stop)
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield DataReady(dataset.card.to_json())
        run.cut_metrics(0)
        yield RunOpened(run.path, resumed_step=0)
        yield from guarded(job, train_linear)
        return
    recipe, training = network_parts(resolved)
    newest = latest_checkpoint(run.checkpoints)
    vectorizer = TextVectorizer.load(newest.folder, max_length(resolved))
    prepared = task.prepare(resolved.recipe, dataset, vectorizer)
    yield DataReady(prepared.card())
    model = task.build(recipe, prepared).to(device.torch)
    network = make_network(task, recipe, training, model, prepared, device.torch, resolved.recipe.seed)
    newest.restore(model, network.optimizer)
    run.cut_metrics(newest.metrics_lines)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    yield model_ready(task.describe(resolved.recipe), network, pace, device)
    yield RunOpened(run.path, resumed_step=newest.progress.step)
    yield from guarded(job, lambda job: train_network(job, network, newest.progress))
