"""Train the members of a mixture one after another, each a run of its own below `members/`, and weigh them.

A member is trained by the very code that trains it alone, so it is stopped and resumed, scored and reported in
the same way. What is done stays done: a resumed mixture goes on with the member that was interrupted.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from yeoul.recipe import MemberRecipe, MixtureRecipe, NetworkRecipe, Recipe
from yeoul.recipefile import ResolvedRecipe, resolve
from yeoul.runs.folder import RunFolder, list_runs, write_json
from yeoul.runs.process import peak_memory_mb
from yeoul.session.finishing import baseline_ready, finish, strong_baselines
from yeoul.session.parts import Ground, Job, Request
from yeoul.session.single import resume_single, train_single
from yeoul.tasks.experiment import Baseline
from yeoul.tasks.modelcard import model_card
from yeoul.training.events import (
    BaselineReady,
    DataReady,
    Finished,
    MemberStarted,
    MixtureReady,
    Paused,
    RunOpened,
    SessionEvent,
    Testing,
)

_FOLDER = "members"


def train_mixture(job: Job, resolved: ResolvedRecipe) -> Iterator[SessionEvent]:
    recipe = resolved.recipe.model
    if not isinstance(recipe, MixtureRecipe):
        raise TypeError("not a recipe of a mixture")
    job.run.set_status("running")
    write_json(job.run.path / "data.json", job.experiment.card.to_json())
    trivial = job.experiment.trivial_baseline()
    yield baseline_ready(job, trivial)
    told = {trivial.name}
    for place, member in enumerate(recipe.members, 1):
        started = _member_run(job.run, member)
        done = started is not None and started.status() == "done"
        yield MemberStarted(member.name, place, len(recipe.members), done)
        if done:
            continue
        for event in _member_events(job, resolved, member, started):
            match event:
                case Paused():
                    job.run.set_status("paused")
                    yield replace(event, path=job.run.path)
                    return
                case BaselineReady() if event.name in told:
                    continue
                case BaselineReady():
                    told.add(event.name)
                    yield event
                case DataReady() | RunOpened() | Testing() | Finished():
                    continue  # of the member; the mixture has its own
                case _:
                    job.run.beat()
                    yield event
    strong = strong_baselines(job)
    for baseline in strong:
        ready = baseline_ready(job, baseline)
        if baseline.name not in told:
            yield ready
    yield from _weighed(job, recipe, [trivial, *strong])


def _member_events(
    job: Job, resolved: ResolvedRecipe, member: MemberRecipe, started: RunFolder | None
) -> Iterator[SessionEvent]:
    """Train a member, or go on with it where it can be gone on with."""
    network = isinstance(member.model, NetworkRecipe)
    if started is not None and (not network or any(started.checkpoints.glob("step-*"))):
        text = (started.path / "resolved.toml").read_text("utf-8")
        own = replace(resolve(text, member.name, {}), text=text)
        yield from resume_single(started, _ground(job, own))
        return
    own = _member_recipe(resolved, member)
    request = Request(own, job.run.path / _FOLDER, str(job.device.torch), None, job.run.record()["command"])
    yield from train_single(request, own, _ground(job, own))


def _ground(job: Job, resolved: ResolvedRecipe) -> Ground:
    """Return what a member is trained on: the data of the mixture."""
    return Ground(job.experiment.following(resolved.recipe), job.device, job.should_stop)


def _member_recipe(resolved: ResolvedRecipe, member: MemberRecipe) -> ResolvedRecipe:
    """Return the recipe of one member: its own tables, and the data and seed of the mixture."""
    whole = resolved.recipe
    recipe = Recipe(
        task=whole.task,
        seed=whole.seed,
        data=whole.data,
        model=member.model,
        text=member.text,
        series=member.series,
        training=member.training,
    )
    described = ResolvedRecipe(member.name, "", recipe, {})
    return replace(described, text=described.to_toml())


def _member_run(run: RunFolder, member: MemberRecipe) -> RunFolder | None:
    """Return the newest run of a member, if there is one."""
    own = re.compile(rf"{re.escape(member.name)}-\d{{4,}}")
    runs = [folder for folder in list_runs(run.path / _FOLDER) if own.fullmatch(folder.id)]
    return runs[-1] if runs else None


def _weighed(job: Job, recipe: MixtureRecipe, baselines: Sequence[Baseline]) -> Iterator[SessionEvent]:
    """Weigh the trained members, save them as one model, and score it."""
    runs = {member.name: _trained(job.run, member) for member in recipe.members}
    models = {name: job.experiment.load(run.model, job.device.torch) for name, run in runs.items()}
    mixture, weights = job.experiment.mix(models)
    yield MixtureReady(weights)
    write_json(job.run.path / "members.json", _told(runs, weights, job.experiment.metric))
    mixture.save(job.run.model, model_card(job.run.record(), None))
    records = [run.record() for run in runs.values()]
    cost = {
        "train_seconds": round(sum(record["cost"]["train_seconds"] for record in records), 1),
        "peak_memory_mb": round(
            max(peak_memory_mb(), *(record["cost"]["peak_memory_mb"] for record in records))
        ),
    }
    yield Testing(0)
    yield finish(job, job.experiment.load(job.run.model, job.device.torch), baselines, cost)


def _trained(run: RunFolder, member: MemberRecipe) -> RunFolder:
    found = _member_run(run, member)
    if found is None:
        raise RuntimeError(f"the member {member.name} has no run")
    return found


def _told(runs: Mapping[str, RunFolder], weights: Mapping[str, float], metric: str) -> dict[str, Any]:
    """Say how good every member is alone: `members.json`."""
    members = []
    for name, run in runs.items():
        record = run.record()
        scores = {split: run.scores(split) or {} for split in ("validation", "test")}
        members.append(
            {
                "name": name,
                "run": run.id,
                "description": record["model"]["description"],
                "kind": "network" if "parameters" in record["model"] else "linear",
                "weight": weights[name],
                **{split: scores[split]["scores"] for split in scores},
                "seconds": record["cost"]["train_seconds"],
                "parameters": record["model"].get("parameters"),
            }
        )
    networks = [member for member in members if member["kind"] == "network"]
    return {"members": members, "best_network": _best(networks, metric)}


def _best(networks: Sequence[Mapping[str, Any]], metric: str) -> str | None:
    """Name the network that is best on the validation rows: the test rows choose nothing."""
    if not networks:
        return None
    values = [member["validation"][metric]["value"] for member in networks]
    best = np.argmin(values) if metric == "mae" else np.argmax(values)
    return str(networks[int(best)]["name"])
