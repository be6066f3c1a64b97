"""One training from a recipe to a finished run folder, as a generator of events.

It saves what has to be saved and prints nothing. Its caller may stop it between two events through
`should_stop`; whatever happens, the folder says how far the run came and holds the best model so far.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import torch

from yeoul.errors import DataError, RunError, UsageError
from yeoul.kernels.devices import choose_device
from yeoul.recipe import MixtureRecipe
from yeoul.recipefile import ResolvedRecipe, resolve
from yeoul.runs.folder import RunFolder
from yeoul.session.finishing import claimed, guarded
from yeoul.session.mixture import train_mixture
from yeoul.session.parts import Ground, Request
from yeoul.session.preparing import create, load
from yeoul.session.single import resume_single, train_single
from yeoul.training.events import DataReady, RunOpened, SessionEvent

__all__ = ["Events", "Request", "resume", "train"]

Events = Generator[SessionEvent, None, None]


def train(request: Request, should_stop: Callable[[], bool] = lambda: False) -> Events:
    """Train a new run; raise `YeoulError` for whatever the person can mend.

    No folder is made before the data is read and found usable.
    """
    device = choose_device(request.device)
    experiment, resolved = load(request.recipe)
    ground = Ground(experiment, device, should_stop)
    if isinstance(resolved.recipe.model, MixtureRecipe):
        yield from _mixture(request, resolved, ground)
    else:
        yield from train_single(request, resolved, ground)


def _mixture(request: Request, resolved: ResolvedRecipe, ground: Ground) -> Iterator[SessionEvent]:
    if request.start_from is not None:
        raise UsageError(
            "a mixture has no weights of its own", "start one of its members from a run", where="--from"
        )
    yield DataReady(ground.experiment.card.to_json())
    run = create(request, resolved, ground, {})
    yield RunOpened(run.path)
    yield from guarded(ground.job(run), lambda job: train_mixture(job, resolved))


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
    experiment, _ = load(resolved)
    if experiment.fingerprint != record["data"]["fingerprint"]:
        raise DataError(
            "the data has changed since the run began",
            "restore it, or train anew",
            where=str(resolved.recipe.data.source),
        )
    ground = Ground(experiment, device, should_stop)
    if isinstance(resolved.recipe.model, MixtureRecipe):
        yield DataReady(experiment.card.to_json())
        run.cut_metrics(0)
        yield RunOpened(run.path, resumed_step=0)
        yield from guarded(ground.job(run), lambda job: train_mixture(job, resolved))
    else:
        yield from resume_single(run, ground)
