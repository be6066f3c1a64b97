"""How a session ends: scored and reported, paused, or failed with a word in the folder."""

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from yeoul.errors import DiskFullError, YeoulError
from yeoul.files import write_bytes, write_text
from yeoul.language import current
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder, Status
from yeoul.session.parts import Job
from yeoul.spreadsheets import spreadsheet
from yeoul.tasks.classifier import Classifier, TrainedSeriesLinear, save_linear
from yeoul.tasks.classify_baselines import Baseline
from yeoul.tasks.evaluation import Answered, evaluate, slice_columns, write_evaluation
from yeoul.tasks.inputs import inputs_of
from yeoul.tasks.modelcard import model_card
from yeoul.tasks.targets import Target
from yeoul.training.events import BaselineReady, Finished, Paused, Progress, SessionEvent

_BASELINE_CARD = (
    "# The number to beat\n\nA linear model, kept to score new data beside the run's own model.\n"
)


def finish(job: Job, best: Classifier, baselines: list[Baseline], cost: Mapping[str, Any]) -> Finished:
    """Score the saved model on validation and test rows, and write what people read."""
    run, dataset = job.run, job.dataset
    against = job.task.number_to_beat(baselines, job.target, dataset)
    truth = job.target.encode(dataset.validation)
    tuned = {one.name: job.target.tuned(one.answers["validation"], truth) for one in baselines}
    scores: dict[str, Any] = {}
    for split in ("validation", "test"):
        examples = dataset.splits[split]
        inputs = inputs_of(examples, job.recipe.recipe.reads_series)
        answers = best.answers(inputs)
        if split == "validation":
            best = best.asking(job.target.tuned(answers, truth))
        model = Answered(best.target, answers)
        others = {one.name: Answered(tuned[one.name], one.answers[split]) for one in baselines}
        scores = evaluate(model, examples, others, against.name, job.recipe.recipe.seed)
        slices = slice_columns(examples, best.tokens(inputs))
        if split == "test" and dataset.seen.any():
            slices["text also in training"] = np.where(dataset.seen, "yes", "no")
        write_evaluation(run, split, scores, model, examples, slices)
    fits = {
        baseline.name: {
            "seconds": round(baseline.seconds, 1),
            "peak_memory_mb": round(baseline.peak_mb),
            "cached": baseline.cached,
            "sampled_rows": baseline.sampled_rows,
            **_constant(baseline, tuned[baseline.name]),
        }
        for baseline in baselines
    }
    cost = {**cost, "baseline_seconds": round(sum(baseline.seconds for baseline in baselines), 1)}
    run.update({"cost": cost, "baselines": fits, "verdict": scores["verdict"], "scores": scores["scores"]})
    best.save(run.path / "model", model_card(run.record(), scores))
    _write_epochs(run)
    run.set_status("done")
    report = write_report(run.path, current())
    run.log("done")
    return Finished(run.path, scores, report)


def _constant(baseline: Baseline, tuned: Target) -> dict[str, Any]:
    """Return what it takes to answer new rows as a constant baseline does."""
    return {} if baseline.constant is None else {"answer": baseline.constant, "limits": tuned.limits}


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


def strong_baseline(job: Job) -> Baseline:
    baseline = job.task.strong_baseline(job.target, job.dataset)
    tuned = job.target.tuned(baseline.answers["validation"], job.target.encode(job.dataset.validation))
    if baseline.series is not None:
        TrainedSeriesLinear(baseline.series).save(job.run.path / "baseline", tuned, _BASELINE_CARD)
    if baseline.fit is not None:
        fit = baseline.fit
        save_linear(job.run.path / "baseline", fit.arrays, fit.settings, tuned, _BASELINE_CARD)
    return baseline


def baseline_ready(job: Job, baseline: Baseline) -> BaselineReady:
    """Record a baseline's validation score, once, however often the run is resumed."""
    metric = job.target.metric
    value = baseline.scores(job.target, job.dataset)[metric]
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
