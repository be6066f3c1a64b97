"""How a session ends: scored and reported, paused, or failed with a word in the folder."""

import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from yeoul.errors import DiskFullError, YeoulError
from yeoul.files import write_bytes, write_text
from yeoul.language import current
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder, Status
from yeoul.session.parts import Job
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.experiment import Baseline, Trained, number_to_beat
from yeoul.tasks.modelcard import model_card
from yeoul.training.events import BaselineReady, Finished, Paused, Progress, SessionEvent

_BASELINE_CARD = (
    "# The number to beat\n\nA simple model, kept to score new data beside the run's own model.\n"
)


def finish(job: Job, best: Trained, baselines: Sequence[Baseline], cost: Mapping[str, Any]) -> Finished:
    """Score the saved model on validation and test rows, and write what people read."""
    run = job.run
    scored = job.experiment.score(run, best, baselines)
    fits = {
        baseline.name: {
            "seconds": round(baseline.seconds, 1),
            "peak_memory_mb": round(baseline.peak_mb),
            "cached": baseline.cached,
            "sampled_rows": baseline.sampled_rows,
            **baseline.constant,
        }
        for baseline in baselines
    }
    cost = {**cost, "baseline_seconds": round(sum(baseline.seconds for baseline in baselines), 1)}
    verdict, scores = scored.scores["verdict"], scored.scores["scores"]
    run.update({"cost": cost, "baselines": fits, "verdict": verdict, "scores": scores})
    scored.model.save(run.model, model_card(run.record(), scored.scores))
    _write_epochs(run)
    run.set_status("done")
    report = write_report(run.path, current())
    run.log("done")
    return Finished(run.path, scored.scores, report)


def _write_epochs(run: RunFolder) -> None:
    """Write the epochs of metrics.jsonl as `metrics.csv`, for a spreadsheet."""
    epochs = [line for line in run.metrics_lines() if line["event"] == "epoch"]
    flat = [
        {**line, **{f"validation_{name}": value for name, value in line["validation"].items()}}
        for line in epochs
    ]
    if flat:
        names = [name for name in flat[0] if name not in ("event", "validation")]
        rows = [[str(line[name]) for name in names] for line in flat]
        write_bytes(run.path / "metrics.csv", spreadsheet(names, rows))


def strong_baselines(job: Job) -> Sequence[Baseline]:
    """Return the strong baselines; the best of those that can be kept is kept with the run."""
    baselines = job.experiment.strong_baselines()
    kept = [baseline for baseline in baselines if baseline.model is not None]
    if kept:
        best = number_to_beat(kept)
        if best.model is not None:
            best.model.save(job.run.baseline, _BASELINE_CARD)
    return baselines


def baseline_ready(job: Job, baseline: Baseline) -> BaselineReady:
    """Record a baseline's validation score, once, however often the run is resumed."""
    metric = job.experiment.metric
    value = baseline.validation[metric]
    line = {"event": "baseline", "name": baseline.name, "validation": {metric: value}}
    if line not in job.run.metrics_lines():
        job.run.append_metrics(line)
    return BaselineReady(
        baseline.name, metric, value, baseline.seconds, baseline.cached, baseline.sampled_rows
    )


def pause(job: Job, progress: Progress) -> Paused:
    job.run.set_status("paused")
    _write_epochs(job.run)
    job.run.log(f"paused at step {progress.step}")
    write_report(job.run.path, current())
    return Paused(job.run.path, progress)


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
    except GeneratorExit:  # the listener has gone away; after the end it may
        if run.record()["status"] == "running":
            run.set_status("paused")
        raise
    except (Exception, KeyboardInterrupt) as error:
        with suppress(OSError, YeoulError):
            run.log("".join(traceback.format_exception(error)))
            failure = {"kind": type(error).__name__, "message": str(error)}
            write_text(run.path / "error.json", json.dumps(failure, ensure_ascii=False) + "\n")
            run.set_status("paused" if isinstance(error, KeyboardInterrupt) else "failed")
        raise


@contextmanager
def claimed(run: RunFolder, before: Status) -> Iterator[None]:
    """Mark a run as running while it is read again; put its status back if that fails."""
    run.set_status("running")
    try:
        yield
    finally:
        if run.record()["status"] == "running":
            run.set_status(before)


def guarded(job: Job, work: Callable[[Job], Iterator[SessionEvent]]) -> Iterator[SessionEvent]:
    with _status_kept(job.run):
        yield from work(job)
