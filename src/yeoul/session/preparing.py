"""Before the first step: read the data, build the model, find room, make the folder."""

import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from yeoul.data.datasets import Dataset
from yeoul.data.labelled import lasting_source
from yeoul.errors import DataError, DiskFullError, RecipeError, RunError
from yeoul.files import write_text
from yeoul.kernels.devices import Device
from yeoul.models.protocols import Model
from yeoul.recipe import NetworkRecipe, TrainingRecipe
from yeoul.recipefile import ResolvedRecipe, resolve
from yeoul.runs.folder import RunFolder, create_run, read_json
from yeoul.session.parts import Network, Request
from yeoul.tasks.classifier import Classifier, TrainedNetwork
from yeoul.tasks.classify import Prepared
from yeoul.tasks.table import TASKS, Task
from yeoul.training.budget import Pace
from yeoul.training.events import ModelReady
from yeoul.training.loop import Plan
from yeoul.training.optimizers import make_optimizer

_BYTES_PER_PARAMETER = 64  # weights and AdamW's two moments, in four checkpoints and the model
_DISK_MARGIN = 50_000_000


def load(resolved: ResolvedRecipe) -> tuple[Task, Dataset, ResolvedRecipe]:
    task = TASKS[resolved.recipe.task]
    data = resolved.recipe.data
    dataset = task.load(resolved.recipe)
    found = {
        "data.source": lasting_source(data.source),
        "data.inputs": list(dataset.card.inputs),
        "data.target": dataset.card.target,
    }
    given = {"data.source": data.source, "data.inputs": list(data.inputs), "data.target": data.target}
    news = {key: value for key, value in found.items() if value != given[key]}
    return task, dataset, resolved.with_values(news, "found in the data")


def network_parts(resolved: ResolvedRecipe) -> tuple[NetworkRecipe, TrainingRecipe]:
    recipe = resolved.recipe
    if not isinstance(recipe.model, NetworkRecipe) or recipe.training is None:
        raise TypeError("not a network's recipe")
    return recipe.model, recipe.training


def make_network(
    task: Task,
    recipe: NetworkRecipe,
    training: TrainingRecipe,
    model: Model,
    prepared: Prepared,
    device: torch.device,
    seed: int,
) -> Network:
    plan = Plan(
        training,
        seed,
        prepared.rows["train"],
        device,
        lambda: task.validation_scores(model, prepared, device),
    )
    return Network(recipe, model, make_optimizer(model, training), prepared, plan, device)


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


def starting_point(run: RunFolder, dataset: Dataset, device: torch.device) -> TrainedNetwork:
    """Return the network of another run to start from.

    A run on the same file but split otherwise is refused: it has learned rows that are test rows now.
    """
    classifier = Classifier.load(run.model, device)
    if not isinstance(classifier.model, TrainedNetwork):
        raise RunError("only a network has weights to start from", "name another run", where=run.id)
    if classifier.labels != dataset.labels:
        raise DataError(
            "the labels {came} differ from the run's {expected}",
            "start without --from",
            where=run.id,
            values={"came": ", ".join(dataset.labels[:5]), "expected": ", ".join(classifier.labels[:5])},
        )
    theirs = read_json(run.path / "data.json")
    shared = {file["sha256"] for file in theirs["files"]} & {file.sha256 for file in dataset.card.files}
    if theirs["fingerprint"] != dataset.fingerprint and (shared or theirs["source"] == dataset.card.source):
        raise DataError(
            "the run was trained on another split of this data, so it knows rows that would be test rows here",
            "keep its seed and shares, or use other data",
            where=run.id,
        )
    return classifier.model


def with_vocabulary(resolved: ResolvedRecipe, run: RunFolder) -> ResolvedRecipe:
    """Take over how another run cuts texts, for its weights belong to its vocabulary."""
    text = (run.path / "resolved.toml").read_text("utf-8")
    table = "series" if resolved.recipe.reads_series else "text"
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


def take_weights(model: Model, start: TrainedNetwork, folder: Path | None) -> None:
    try:
        model.load_state_dict(start.model.state_dict())
    except RuntimeError as error:
        raise RecipeError(
            "the run's model has other sizes than this recipe's",
            "use its recipe: {path}",
            where="--from",
            values={"path": f"{folder}/resolved.toml"},
        ) from error


def create(
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
        "data": {
            "source": dataset.card.source,
            "licence": dataset.card.licence,
            "fingerprint": dataset.fingerprint,
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
