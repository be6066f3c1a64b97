"""One training from a recipe to a finished run folder, as a generator of events.

It saves what has to be saved and prints nothing. Its caller may stop it between two events through
`should_stop`; whatever happens, the folder says how far the run came and holds the best model so far.
"""

import json
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from yeoul.data.datasets import Dataset
from yeoul.data.vectorizers import TextVectorizer
from yeoul.errors import DataError, DiskFullError, DivergedError, RecipeError, RunError, YeoulError
from yeoul.files import write_text
from yeoul.kernels.devices import Device, choose_device
from yeoul.models.protocols import Model
from yeoul.recipe import LinearRecipe, NetworkRecipe, TrainingRecipe
from yeoul.recipefile import ResolvedRecipe, resolve
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder, create_run, write_json
from yeoul.runs.process import peak_memory_mb
from yeoul.tasks.classifier import Classifier, NetworkText, save_linear
from yeoul.tasks.classify import Prepared
from yeoul.tasks.classify_baselines import Baseline
from yeoul.tasks.modelcard import model_card
from yeoul.tasks.table import TASKS, Task
from yeoul.training.budget import measure_pace
from yeoul.training.checkpoints import latest_checkpoint, save_checkpoint
from yeoul.training.events import (
    BaselineReady,
    DataReady,
    Diverged,
    EpochEnded,
    Finished,
    ModelReady,
    Paused,
    Progress,
    RolledBack,
    RunOpened,
    SessionEvent,
    Stepped,
    Testing,
)
from yeoul.training.loop import Plan, train_steps
from yeoul.training.optimizers import make_optimizer

_MOST_ROLLBACKS = 3
_BYTES_PER_PARAMETER = 64  # weights and AdamW's two moments, in four checkpoints and the model
_DISK_MARGIN = 50_000_000


@dataclass(frozen=True)
class Request:
    """What a person asked for."""

    recipe: ResolvedRecipe
    out: Path = Path("runs")
    device: str = "auto"
    start_from: Path | None = None
    """A run's folder whose best weights are the first ones here."""
    command: str = ""


@dataclass(frozen=True)
class _Job:
    """What stays the same throughout one session."""

    run: RunFolder
    recipe: ResolvedRecipe
    task: Task
    dataset: Dataset
    should_stop: Callable[[], bool]


@dataclass(frozen=True)
class _Network:
    """A network under training with all that belongs to it."""

    recipe: NetworkRecipe
    model: Model
    optimizer: torch.optim.AdamW
    prepared: Prepared
    plan: Plan
    device: torch.device

    def trained(self, task: Task) -> Classifier:
        return task.trained(self.recipe, self.model, self.prepared, self.device)


def train(request: Request, should_stop: Callable[[], bool] = lambda: False) -> Iterator[SessionEvent]:
    """Train a new run; raise `YeoulError` for whatever the person can mend.

    No folder is made before the data is read and found usable.
    """
    device = choose_device(request.device)
    task, dataset, resolved = _load(request.recipe)
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield DataReady(dataset.card.to_json())
        run = _create(request, resolved, dataset, device, task.describe(resolved.recipe), {})
        yield RunOpened(run.path)
        yield from _guarded(_Job(run, resolved, task, dataset, should_stop), _train_linear)
        return
    recipe, training = _network_parts(resolved)
    start = None if request.start_from is None else _start(request.start_from, dataset, device.torch)
    prepared = task.prepare(resolved.recipe, dataset, None if start is None else start.vectorizer)
    yield DataReady(prepared.card())
    torch.manual_seed(resolved.recipe.seed)
    model = task.build(recipe, prepared).to(device.torch)
    if start is not None:
        _take_weights(model, start, request.start_from)
    network = _network(task, recipe, training, model, prepared, device.torch, resolved.recipe.seed)
    pace = measure_pace(model, network.plan, prepared.rows["validation"])
    if training.budget_seconds is not None:
        steps = pace.steps_within(training.budget_seconds, network.plan.epoch_steps)
        steps = min(steps, training.max_steps or steps)
        resolved = resolved.with_values({"training.max_steps": steps}, "calibration of the budget")
        recipe, training = _network_parts(resolved)
        network = replace(network, plan=replace(network.plan, recipe=training))
    parameters = sum(weight.numel() for weight in model.parameters())
    _room_for(parameters, request.out)
    description = {"parameters": parameters, "bytes": parameters * 4}
    yield ModelReady(
        description=task.describe(resolved.recipe),
        parameters=parameters,
        epoch_seconds=pace.epoch(network.plan.epoch_steps),
        total_steps=network.plan.total_steps,
        epochs=-(-network.plan.total_steps // network.plan.epoch_steps),
        device=str(device.torch),
        device_reason=device.reason,
    )
    run = _create(request, resolved, dataset, device, task.describe(resolved.recipe), description)
    write_json(run.path / "data.json", prepared.card())
    yield RunOpened(run.path)
    job = _Job(run, resolved, task, dataset, should_stop)
    _checkpoint(job, network, Progress())
    yield from _guarded(job, lambda job: _train_network(job, network, Progress()))


def resume(
    run: RunFolder, device_name: str = "auto", should_stop: Callable[[], bool] = lambda: False
) -> Iterator[SessionEvent]:
    """Go on with a run that was paused, killed or failed; its end is bit for bit that of an unbroken one."""
    status = run.status()
    if status == "running":
        raise RunError("the run is still running", "stop it first, or wait", where=run.id)
    if status == "done":
        raise RunError("the run is done", "start a new one from it with --from", where=run.id)
    device = choose_device(device_name)
    record = run.record()
    text = (run.path / "resolved.toml").read_text("utf-8")
    resolved = replace(resolve(text, str(record["recipe"]), {}), text=text)
    task, dataset, _ = _load(resolved)
    if dataset.fingerprint != record["data"]["fingerprint"]:
        raise DataError(
            "the data has changed since the run began",
            "restore it, or start a new run with --from {run}",
            where=str(resolved.recipe.data.source),
            values={"run": run.id},
        )
    job = _Job(run, resolved, task, dataset, should_stop)
    if isinstance(resolved.recipe.model, LinearRecipe):
        yield DataReady(dataset.card.to_json())
        run.cut_metrics(0)
        yield RunOpened(run.path, resumed_step=0)
        yield from _guarded(job, _train_linear)
        return
    recipe, training = _network_parts(resolved)
    checkpoint = latest_checkpoint(run.checkpoints)
    vectorizer = TextVectorizer.load(checkpoint.folder, _max_length(resolved))
    prepared = task.prepare(resolved.recipe, dataset, vectorizer)
    yield DataReady(prepared.card())
    model = task.build(recipe, prepared).to(device.torch)
    network = _network(task, recipe, training, model, prepared, device.torch, resolved.recipe.seed)
    checkpoint.restore(model, network.optimizer)
    run.cut_metrics(checkpoint.metrics_lines)
    yield RunOpened(run.path, resumed_step=checkpoint.progress.step)
    yield from _guarded(job, lambda job: _train_network(job, network, checkpoint.progress))


def _train_network(job: _Job, network: _Network, progress: Progress) -> Iterator[SessionEvent]:
    run, task, plan = job.run, job.task, network.plan
    run.set_status("running")
    trivial = task.trivial_baseline(job.dataset)
    yield _baseline_ready(job, trivial)
    baselines = [trivial]
    if progress.evaluated_step:
        baselines.append(_strong_baseline(job))
        yield _baseline_ready(job, baselines[-1])
    peak = 0.0
    saved_at = time.monotonic()
    while True:
        diverged = None
        for event in train_steps(network.model, network.optimizer, plan, progress):
            progress = event.progress
            match event:
                case Stepped():
                    run.beat()
                    over = time.monotonic() - saved_at > plan.recipe.checkpoint_seconds
                    stopping = job.should_stop()
                    if over or stopping:
                        _checkpoint(job, network, progress)
                        saved_at = time.monotonic()
                    yield event
                    if stopping:
                        yield _pause(job, progress)
                        return
                case EpochEnded():
                    if event.improved:
                        network.trained(task).save(run.path / "model", _early_card(job, event))
                    run.append_metrics(_epoch_line(event))
                    _checkpoint(job, network, progress)
                    saved_at = time.monotonic()
                    yield event
                    if len(baselines) == 1:
                        peak = peak_memory_mb()
                        baselines.append(_strong_baseline(job))
                        yield _baseline_ready(job, baselines[-1])
                case Diverged():
                    diverged = event
        if diverged is None:
            break
        progress = _roll_back(job, network, diverged)
        yield RolledBack(diverged, progress.step, progress.rate_scale)
    peak = max(peak, peak_memory_mb())
    cost = {
        "train_seconds": round(progress.seconds, 1),
        "peak_memory_mb": round(peak),
        "tokens_per_second": round(progress.tokens / max(progress.seconds, 1e-9)),
    }
    yield Testing(progress.best_step)
    best = Classifier.load(run.model, network.device)
    yield _finish(job, best, baselines, cost)


def _train_linear(job: _Job) -> Iterator[SessionEvent]:
    recipe = job.recipe.recipe.model
    if not isinstance(recipe, LinearRecipe):
        raise TypeError("not a linear recipe")
    job.run.set_status("running")
    write_json(job.run.path / "data.json", job.dataset.card.to_json())
    trivial = job.task.trivial_baseline(job.dataset)
    yield _baseline_ready(job, trivial)
    started = time.monotonic()
    fitted = job.task.fit_linear(recipe, job.dataset)
    cost = {"train_seconds": round(time.monotonic() - started, 1), "peak_memory_mb": round(peak_memory_mb())}
    fitted.save(job.run.path / "model", model_card(job.run.record(), None))
    yield Testing(0)
    yield _finish(job, Classifier.load(job.run.model, torch.device("cpu")), [trivial], cost)


def _finish(job: _Job, best: Classifier, baselines: list[Baseline], cost: Mapping[str, Any]) -> Finished:
    """Score the saved model on validation and test rows, and write what people read."""
    run, dataset = job.run, job.dataset
    against = job.task.number_to_beat(baselines, dataset)
    scores: dict[str, Any] = {}
    for split in ("validation", "test"):
        examples = dataset.splits[split]
        answers = best.log_probs(examples.texts())
        scores = job.task.evaluate(
            answers,
            examples,
            dataset.labels,
            {baseline.name: baseline.log_probs[split] for baseline in baselines},
            against.name,
            job.recipe.recipe.seed,
        )
        job.task.write_evaluation(run, split, scores, answers, examples, dataset.labels)
    fits = {
        baseline.name: {
            "seconds": round(baseline.seconds, 1),
            "peak_memory_mb": round(baseline.peak_mb),
            "cached": baseline.cached,
        }
        for baseline in baselines
    }
    run.update({"cost": cost, "baselines": fits, "verdict": scores["verdict"], "scores": scores["scores"]})
    best.save(run.path / "model", model_card(run.record(), scores))
    run.set_status("done")
    report = write_report(run.path)
    run.log("done")
    return Finished(run.path, scores, report)


def _strong_baseline(job: _Job) -> Baseline:
    baseline = job.task.strong_baseline(job.dataset)
    save_linear(job.run.path / "baseline", baseline.model)
    return baseline


def _baseline_ready(job: _Job, baseline: Baseline) -> BaselineReady:
    accuracy = baseline.accuracy(job.dataset)
    job.run.append_metrics({"event": "baseline", "name": baseline.name, "validation": {"accuracy": accuracy}})
    return BaselineReady(baseline.name, accuracy, baseline.seconds, baseline.cached)


def _pause(job: _Job, progress: Progress) -> Paused:
    job.run.set_status("paused")
    job.run.log(f"paused at step {progress.step}")
    write_report(job.run.path)
    return Paused(job.run.path, progress)


def _roll_back(job: _Job, network: _Network, diverged: Diverged) -> Progress:
    """Go back to the last checkpoint at half the rate; give up after three times."""
    if diverged.progress.rollbacks >= _MOST_ROLLBACKS:
        raise DivergedError(
            "the loss or its gradient is not finite at step {step}, also at {scale} of the rate",
            "lower training.rate or training.clip, and look at the data",
            where="training",
            values={"step": diverged.progress.step, "scale": f"1/{round(1 / diverged.progress.rate_scale)}"},
        )
    checkpoint = latest_checkpoint(job.run.checkpoints)
    checkpoint.restore(network.model, network.optimizer)
    job.run.cut_metrics(checkpoint.metrics_lines)
    progress = replace(
        checkpoint.progress,
        rate_scale=diverged.progress.rate_scale / 2,
        rollbacks=diverged.progress.rollbacks + 1,
    )
    job.run.append_metrics({"event": "rollback", "from_step": diverged.progress.step, "to_step": progress.step})
    _checkpoint(job, network, progress)
    return progress


def _checkpoint(job: _Job, network: _Network, progress: Progress) -> None:
    lines = len(job.run.metrics_lines())
    save_checkpoint(
        job.run.checkpoints, network.model, network.optimizer, progress, lines, network.prepared.vectorizer.save
    )


@contextmanager
def _status_kept(run: RunFolder) -> Iterator[None]:
    """Record in the run's folder how the block ended, whatever it was, and let the error go on."""
    try:
        yield
    except DiskFullError as error:
        with suppress(OSError, YeoulError):
            run.log(str(error))
            run.set_status("paused")
        raise
    except (Exception, KeyboardInterrupt) as error:
        with suppress(OSError, YeoulError):
            run.log("".join(traceback.format_exception(error)))
            failure = {"kind": type(error).__name__, "message": str(error)}
            write_text(run.path / "error.json", json.dumps(failure, ensure_ascii=False) + "\n")
            run.set_status("paused" if isinstance(error, KeyboardInterrupt) else "failed")
        raise


def _guarded(job: _Job, work: Callable[[_Job], Iterator[SessionEvent]]) -> Iterator[SessionEvent]:
    with _status_kept(job.run):
        yield from work(job)


def _load(resolved: ResolvedRecipe) -> tuple[Task, Dataset, ResolvedRecipe]:
    task = TASKS[resolved.recipe.task]
    data = resolved.recipe.data
    if not data.source:
        raise RecipeError("no data is named", "name a file or a public set", where="data.source")
    dataset = task.load(data, resolved.recipe.seed)
    found = {
        "data.source": dataset.card.path or data.source,
        "data.inputs": list(dataset.card.inputs),
        "data.target": dataset.card.target,
    }
    given = {"data.source": data.source, "data.inputs": list(data.inputs), "data.target": data.target}
    news = {key: value for key, value in found.items() if value != given[key]}
    return task, dataset, resolved.with_values(news, "found in the data")


def _network_parts(resolved: ResolvedRecipe) -> tuple[NetworkRecipe, TrainingRecipe]:
    recipe = resolved.recipe
    if not isinstance(recipe.model, NetworkRecipe) or recipe.training is None:
        raise TypeError("not a network's recipe")
    return recipe.model, recipe.training


def _network(
    task: Task,
    recipe: NetworkRecipe,
    training: TrainingRecipe,
    model: Model,
    prepared: Prepared,
    device: torch.device,
    seed: int,
) -> _Network:
    plan = Plan(
        training, seed, prepared.rows["train"], device, lambda: task.validation_scores(model, prepared, device)
    )
    return _Network(recipe, model, make_optimizer(model, training), prepared, plan, device)


def _start(folder: Path, dataset: Dataset, device: torch.device) -> NetworkText:
    classifier = Classifier.load(folder / "model", device)
    if not isinstance(classifier.model, NetworkText):
        raise RunError("a linear model has no weights to start from", "name another run", where=str(folder))
    if classifier.labels != dataset.labels:
        raise DataError(
            "the labels {came} differ from the run's {expected}",
            "start without --from",
            where=str(folder),
            values={"came": ", ".join(dataset.labels[:5]), "expected": ", ".join(classifier.labels[:5])},
        )
    return classifier.model


def _take_weights(model: Model, start: NetworkText, folder: Path | None) -> None:
    try:
        model.load_state_dict(start.model.state_dict())
    except RuntimeError as error:
        raise RecipeError(
            "the run's model has other sizes than this recipe's",
            "use its recipe: {path}",
            where="--from",
            values={"path": f"{folder}/resolved.toml"},
        ) from error


def _create(
    request: Request,
    resolved: ResolvedRecipe,
    dataset: Dataset,
    device: Device,
    description: str,
    size: Mapping[str, Any],
) -> RunFolder:
    record = {
        "recipe": resolved.name,
        "task": resolved.recipe.task,
        "command": request.command,
        "seed": resolved.recipe.seed,
        "device": str(device.torch),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in ("yeoul", "torch", "numpy", "scikit-learn")},
        "model": {"description": description, **size},
        "data": {"source": dataset.card.source, "fingerprint": dataset.fingerprint},
    }
    run = create_run(request.out, resolved.name, record)
    write_text(run.path / "recipe.toml", resolved.text)
    write_text(run.path / "resolved.toml", resolved.to_toml())
    run.log(request.command)
    return run


def _room_for(parameters: int, out: Path) -> None:
    need = parameters * _BYTES_PER_PARAMETER + _DISK_MARGIN
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < need:
        raise DiskFullError(
            "the run needs about {need_mb} MB, {free_mb} MB are free",
            "make room or choose another place with --out",
            where=str(out),
            values={"need_mb": f"{need / 1e6:,.0f}", "free_mb": f"{free / 1e6:,.0f}"},
        )


def _max_length(resolved: ResolvedRecipe) -> int:
    if resolved.recipe.text is None:
        raise TypeError("not a network's recipe")
    return resolved.recipe.text.max_length


def _epoch_line(event: EpochEnded) -> dict[str, Any]:
    return {
        "event": "epoch",
        "epoch": event.epoch,
        "step": event.progress.step,
        "loss": event.loss,
        "validation": dict(event.validation),
        "rate": event.rate,
        "tokens_per_second": round(event.tokens_per_second),
        "elapsed_seconds": round(event.progress.seconds, 2),
        "best": event.improved,
    }


def _early_card(job: _Job, event: EpochEnded) -> str:
    return model_card({**job.run.record(), "epoch": event.epoch}, None)
