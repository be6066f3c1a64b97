"""Train a network: steps, checkpoints, the best model, going back when the numbers burst."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from yeoul.errors import DivergedError
from yeoul.runs.process import peak_memory_mb
from yeoul.session.finishing import baseline_ready, finish, pause, strong_baselines
from yeoul.session.parts import Job, Network
from yeoul.tasks.experiment import Baseline
from yeoul.tasks.modelcard import model_card
from yeoul.training.checkpoints import latest_checkpoint, save_checkpoint
from yeoul.training.events import (
    BaselineReady,
    Diverged,
    EpochEnded,
    Progress,
    RolledBack,
    SessionEvent,
    Stepped,
    Testing,
)
from yeoul.training.loop import train_steps

_MOST_ROLLBACKS = 3


def train_network(job: Job, network: Network, progress: Progress) -> Iterator[SessionEvent]:
    run, experiment, plan = job.run, job.experiment, network.plan
    run.set_status("running")
    baselines = [experiment.trivial_baseline()]
    yield baseline_ready(job, baselines[0])
    if progress.evaluated_step:
        yield from _strong(job, baselines)
    saved_at = time.monotonic()
    while True:
        diverged = None
        for event in train_steps(network.model, network.optimizer, plan, progress, network.average):
            progress = event.progress
            match event:
                case Stepped():
                    run.beat()
                    over = time.monotonic() - saved_at > plan.recipe.checkpoint_seconds
                    stopping = job.should_stop()
                    if over or stopping:
                        checkpoint(job, network, progress)
                        saved_at = time.monotonic()
                    yield event
                    if stopping:
                        yield pause(job, progress)
                        return
                case EpochEnded():
                    if event.improved:
                        network.trained(experiment).save(run.model, model_card(run.record(), None))
                    run.append_metrics(_epoch_line(event))
                    checkpoint(job, network, progress)
                    saved_at = time.monotonic()
                    yield event
                    if len(baselines) == 1:
                        yield from _strong(job, baselines)
                case Diverged():
                    diverged = event
        if diverged is None:
            break
        progress = _roll_back(job, network, diverged)
        for baseline in baselines:
            baseline_ready(job, baseline)  # its line may have been cut off
        yield RolledBack(diverged, progress.step, progress.rate_scale)
    cost = {
        "train_seconds": round(progress.seconds, 1),
        "peak_memory_mb": round(peak_memory_mb()),
        "tokens_per_second": round(progress.tokens / max(progress.seconds, 1e-9)),
    }
    yield Testing(progress.best_step)
    yield finish(job, experiment.load(run.model, plan.device), baselines, cost)


def _strong(job: Job, baselines: list[Baseline]) -> Iterator[BaselineReady]:
    """Add the strong baselines, and tell of each."""
    for baseline in strong_baselines(job):
        baselines.append(baseline)
        yield baseline_ready(job, baseline)


def _roll_back(job: Job, network: Network, diverged: Diverged) -> Progress:
    """Go back to the last checkpoint at half the rate; give up after three times."""
    if diverged.progress.rollbacks >= _MOST_ROLLBACKS:
        raise DivergedError(
            "the loss or its gradient is not finite at step {step}, also at {scale} of the rate",
            "lower training.rate or training.clip, and look at the data",
            where="training",
            values={"step": diverged.progress.step, "scale": f"1/{round(1 / diverged.progress.rate_scale)}"},
        )
    newest = latest_checkpoint(job.run.checkpoints)
    newest.restore(network.model, network.optimizer, network.average)
    job.run.cut_metrics(newest.metrics_lines)
    progress = replace(
        newest.progress,
        rate_scale=diverged.progress.rate_scale / 2,
        rollbacks=diverged.progress.rollbacks + 1,
    )
    job.run.append_metrics(
        {"event": "rollback", "from_step": diverged.progress.step, "to_step": progress.step}
    )
    checkpoint(job, network, progress)
    return progress


def checkpoint(job: Job, network: Network, progress: Progress) -> None:
    lines = len(job.run.metrics_lines())
    save_checkpoint(
        job.run.checkpoints,
        network.model,
        network.optimizer,
        progress,
        lines,
        network.prepared.save,
        network.average,
    )


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
