"""Measure the laws on the model of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from yeoul.errors import RunError
from yeoul.kernels.devices import choose_device
from yeoul.recipefile import resolve
from yeoul.runs.folder import open_run
from yeoul.verify.drawing import Source, draw_rows
from yeoul.verify.laws import TOLERANCE
from yeoul.verify.subjects import LOADERS, subjects_of
from yeoul.verify.verified import Verified, verified


@final
@dataclass(frozen=True)
class VerifiedRun:
    """A run with what measuring has found."""

    path: Path
    found: Verified
    rows: int
    source: Source

    def to_json(self) -> dict[str, Any]:
        return {"run": str(self.path), "rows": self.rows, "source": self.source, **self.found.to_json()}


def verify_run(path: Path, device: str = "auto", tolerance: float = TOLERANCE) -> VerifiedRun:
    """Put the model of a run to the laws; raise `RunError` where there is none, `ModelFileError` for a damaged one."""
    run = open_run(path)
    if not run.model.is_dir():
        raise RunError("no model has been saved yet", "train on with --resume", where=run.id)
    recipe = resolve((run.path / "resolved.toml").read_text("utf-8"), str(run.record()["recipe"]), {}).recipe
    model = LOADERS[recipe.task](run.model, choose_device(device).torch)
    drawn = draw_rows(recipe)
    subjects = subjects_of(model, drawn)
    rows = max((len(subject.rows) for subject in subjects), default=0)
    return VerifiedRun(run.path, verified(subjects, tolerance), rows, drawn.source)
