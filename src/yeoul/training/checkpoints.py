"""All that a training needs to go on: `checkpoints/step-<N>/`, each sealed with checksums.

`LATEST` and `BEST` are text pointers. The newest two and the best are kept; a damaged newest one falls back to
the one before it.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from yeoul.errors import ModelFileError
from yeoul.files import check_seal, replaced_folder, settle_folder, write_text
from yeoul.models.protocols import Model
from yeoul.runs.folder import write_json
from yeoul.runs.weights import check_weights, load_tensors, save_tensors
from yeoul.training.averaging import Average
from yeoul.training.events import Progress
from yeoul.training.optimizers import load_optimizer, optimizer_tensors

_KEPT = 2
_WEIGHTS, _AVERAGE, _CARRIED = "weights.safetensors", "average.safetensors", "carried.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint folder and what its `state.json` says."""

    folder: Path
    progress: Progress
    metrics_lines: int
    """Lines of metrics.jsonl that had been written; what came later is cut off on resuming."""

    def restore(self, model: Model, optimizer: torch.optim.Optimizer, average: Average | None = None) -> None:
        """Put weights, the optimizer's memory, the mean of the weights and carried states back."""
        _restore_weights(model, self.folder / _WEIGHTS)
        load_optimizer(optimizer, model, load_tensors(self.folder / "optimizer.safetensors"))
        if average is not None:
            _restore_weights(average.model, self.folder / _AVERAGE)
        carried = self.folder / _CARRIED
        model.carry(load_tensors(carried) if carried.is_file() else {})


def save_checkpoint(
    parent: Path,
    model: Model,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    metrics_lines: int,
    save_vectorizer: Callable[[Path], None],
    average: Average | None = None,
) -> Path:
    """Write a checkpoint below `parent`, point LATEST (and BEST) at it, and remove what is no longer needed."""
    parent.mkdir(exist_ok=True)
    folder = parent / _name(progress.step)
    with replaced_folder(folder) as fresh:
        save_tensors(fresh / _WEIGHTS, model.state_dict())
        if average is not None:
            save_tensors(fresh / _AVERAGE, average.model.state_dict())
        if carried := model.carried():
            save_tensors(fresh / _CARRIED, carried)
        save_tensors(fresh / "optimizer.safetensors", optimizer_tensors(optimizer, model))
        save_vectorizer(fresh)
        write_json(fresh / "state.json", {"progress": progress.to_json(), "metrics_lines": metrics_lines})
    write_text(parent / "LATEST", folder.name + "\n")
    if progress.best_step == progress.step:
        write_text(parent / "BEST", folder.name + "\n")
    _prune(parent, {_name(progress.step), _name(progress.best_step)})
    return folder


def latest_checkpoint(parent: Path) -> Checkpoint:
    """Return the newest checkpoint below `parent` that is whole; raise `ModelFileError` if there is none."""
    folders = _folders(parent)
    first_error: ModelFileError | None = None
    for folder in reversed(folders):
        try:
            return read_checkpoint(folder)
        except ModelFileError as error:
            first_error = first_error or error
    raise first_error or ModelFileError(
        "there is no checkpoint to go on from", "train again without --resume", where=str(parent)
    )


def read_checkpoint(folder: Path) -> Checkpoint:
    """Verify one checkpoint and read its state."""
    check_seal(folder)
    try:
        state = json.loads((folder / "state.json").read_text("utf-8"))
        return Checkpoint(folder, Progress(**state["progress"]), int(state["metrics_lines"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFileError("state.json cannot be read", where=str(folder)) from error


def _restore_weights(model: Model, path: Path) -> None:
    tensors = load_tensors(path)
    check_weights(model, tensors, path)
    model.load_state_dict(tensors)


def _name(step: int) -> str:
    return f"step-{step:08d}"


def _folders(parent: Path) -> list[Path]:
    """Return the checkpoints in order, also one that a crash has caught between two renames."""
    names = {path.name for path in parent.glob("step-*")}
    names |= {path.name.removeprefix(".").removesuffix(".old") for path in parent.glob(".step-*.old")}
    return [settle_folder(parent / name) for name in sorted(names)]


def _prune(parent: Path, needed: set[str]) -> None:
    for folder in _folders(parent)[:-_KEPT]:
        if folder.name not in needed:
            shutil.rmtree(folder, ignore_errors=True)
