"""Before the first step: read the data, build the model, find room, make the folder."""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from yeoul.errors import DataError, DiskFullError, RecipeError, RunError
from yeoul.files import write_text
from yeoul.kernels.devices import Device
from yeoul.models.protocols import Model
from yeoul.recipefile import ResolvedRecipe, resolve
from yeoul.runs.folder import RunFolder, create_run, read_json
from yeoul.session.parts import Ground, Network, Request
from yeoul.tasks.experiment import Experiment, Prepared
from yeoul.tasks.table import TASKS
from yeoul.training.averaging import make_average
from yeoul.training.budget import Pace
from yeoul.training.events import ModelReady
from yeoul.training.loop import Plan
from yeoul.training.optimizers import make_optimizer

_BYTES_PER_PARAMETER = 80  # weights, their mean and AdamW's two moments, in four checkpoints and the model
_DISK_MARGIN = 50_000_000


def load(resolved: ResolvedRecipe) -> tuple[Experiment, ResolvedRecipe]:
    """Read the data of a recipe; return it with the recipe that says what was found in it."""
    experiment = TASKS[resolved.recipe.task](resolved.recipe)
    given = resolved.recipe.model_dump()
    news = {key: value for key, value in experiment.found.items() if value != _at(given, key)}
    resolved = resolved.with_values(news, "found in the data")
    return experiment.following(resolved.recipe), resolved


def _at(tree: Mapping[str, Any], key: str) -> object:
    """Return the value of a dotted key, a sequence as a list."""
    value: Any = tree
    for part in key.split("."):
        value = value[part]
    return list(value) if isinstance(value, tuple) else value


def make_network(experiment: Experiment, model: Model, prepared: Prepared, device: torch.device) -> Network:
    """Put an untrained network together with all that its training needs."""
    training = experiment.recipe.training
    if training is None:
        raise TypeError("not a recipe that is trained in steps")
    average = make_average(model, training)
    answering = model if average is None else average.model
    plan = Plan(
        training,
        experiment.recipe.seed,
        prepared.rows["train"],
        device,
        lambda: experiment.validation_scores(answering, prepared, device),
        prepared.classes() if training.sampling == "balanced" else None,
    )
    return Network(model, make_optimizer(model, training), prepared, plan, average)


def model_ready(description: str, network: Network, pace: Pace, device: Device) -> ModelReady:
    """Say what will be trained, for how long and on what."""
    plan = network.plan
    return ModelReady(
        description=description,
        parameters=sum(weight.numel() for weight in network.model.parameters()),
        epoch_seconds=pace.epoch(plan.epoch_steps),
        total_steps=plan.total_steps,
        epochs=-(-plan.total_steps // plan.epoch_steps),
        device=str(device.torch),
        device_reason=device.reason,
    )


def check_split(run: RunFolder, experiment: Experiment) -> None:
    """Raise `DataError` if a run to start from knows rows of this data that are test rows now."""
    theirs, card = read_json(run.path / "data.json"), experiment.card
    shared = {file["sha256"] for file in theirs["files"]} & {file.sha256 for file in card.files}
    if theirs["fingerprint"] != experiment.fingerprint and (shared or theirs["source"] == card.source):
        raise DataError(
            "the run was trained on another split of this data, so it knows rows that would be test rows here",
            "keep its seed and shares, or use other data",
            where=run.id,
        )


def with_reading(resolved: ResolvedRecipe, run: RunFolder, table: str | None) -> ResolvedRecipe:
    """Take over how another run reads its inputs, for its weights belong to its vocabulary."""
    if table is None:
        return resolved
    text = (run.path / "resolved.toml").read_text("utf-8")
    theirs, ours = (getattr(one, table) for one in (resolve(text, run.id, {}).recipe, resolved.recipe))
    if theirs is None or ours is None:
        raise RunError("the run reads other inputs than this recipe", "name another run", where=run.id)
    values = {f"{table}.{name}": value for name, value in theirs.model_dump().items()}
    for key, value in values.items():
        if key in resolved.origins and value != getattr(ours, key.removeprefix(f"{table}.")):
            raise RecipeError(
                "the run that --from names has {value} here",
                "leave the key out",
                where=key,
                values={"value": value},
            )
    return resolved.with_values(values, f"run {run.id}")


def take_weights(model: Model, weights: Mapping[str, torch.Tensor], run: Path) -> None:
    """Start from the weights of a run's network; raise `RecipeError` if they are of other sizes."""
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise RecipeError(
            "the run's model has other sizes than this recipe's",
            "use its recipe: {path}",
            where="--from",
            values={"path": f"{run}/resolved.toml"},
        ) from error


def create(request: Request, resolved: ResolvedRecipe, ground: Ground, size: Mapping[str, Any]) -> RunFolder:
    """Make the folder of a new run."""
    experiment = ground.experiment
    record = {
        "recipe": resolved.name,
        "task": resolved.recipe.task,
        "command": request.command,
        "seed": resolved.recipe.seed,
        "device": str(ground.device.torch),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in ("yeoul", "torch", "numpy", "scikit-learn")},
        "model": {"description": experiment.description, **size},
        "data": {
            "source": experiment.card.source,
            "licence": experiment.card.licence,
            "fingerprint": experiment.fingerprint,
        },
    }
    run = create_run(request.out, resolved.name, record)
    write_text(run.path / "recipe.toml", resolved.text)
    write_text(run.path / "resolved.toml", resolved.to_toml())
    run.log(request.command)
    return run


def check_room(parameters: int, out: Path) -> None:
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
