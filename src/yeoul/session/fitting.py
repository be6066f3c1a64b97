"""Fit a model that needs no steps: a linear one, or none at all."""

from collections.abc import Iterator

from yeoul.runs.folder import write_json
from yeoul.runs.process import peak_memory_mb
from yeoul.session.finishing import baseline_ready, finish, strong_baselines
from yeoul.session.parts import Job
from yeoul.tasks.modelcard import model_card
from yeoul.training.events import SessionEvent, Testing


def fit_model(job: Job) -> Iterator[SessionEvent]:
    """Fit, save and score the model, beside the simple models that it is not one of."""
    job.run.set_status("running")
    write_json(job.run.path / "data.json", job.experiment.card.to_json())
    baselines = [job.experiment.trivial_baseline()]
    yield baseline_ready(job, baselines[0])
    for baseline in strong_baselines(job):
        baselines.append(baseline)
        yield baseline_ready(job, baseline)
    fitted = job.experiment.fit()
    if fitted.model is None:
        raise TypeError("a fit without its model")
    cost = {
        "train_seconds": round(fitted.seconds, 1),
        "peak_memory_mb": round(max(peak_memory_mb(), fitted.peak_mb)),
    }
    fitted.model.save(job.run.model, model_card(job.run.record(), None))
    yield Testing(0)
    yield finish(job, job.experiment.load(job.run.model, job.device.torch), baselines, cost)
