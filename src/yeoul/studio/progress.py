"""How far a training has come, how long it will take, and which number it has to beat."""

import time
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from yeoul.language import Language
from yeoul.report.formats import level
from yeoul.report.words import name
from yeoul.runs.folder import RunFolder
from yeoul.studio.words import lower_is_better

Lines = Sequence[Mapping[str, Any]]


def progress(folder: RunFolder, lines: Lines, *, running: bool) -> dict[str, Any]:
    """Return the epochs that are done, of how many, and the seconds that are left of one that is running."""
    epochs = [line for line in lines if line.get("event") == "epoch"]
    last = epochs[-1] if epochs else {}
    total = _steps(_training(folder), last)
    return {
        "epoch": last.get("epoch", 0),
        "epochs": _epochs(total, last),
        "step": last.get("step", 0),
        "steps": total,
        "seconds_left": _left(folder, total, last) if running else None,
    }


def goal(lines: Lines, language: Language) -> dict[str, Any] | None:
    """Return the best baseline so far, on the validation rows: the line to draw; None before there is one."""
    known = [
        (str(line["name"]), str(metric), float(value))
        for line in lines
        if line.get("event") == "baseline"
        for metric, value in line["validation"].items()
        if value is not None
    ]
    if not known:
        return None
    best = min(known, key=lambda one: one[2] if lower_is_better(one[1]) else -one[2])
    baseline, metric, value = best
    return {
        "baseline": baseline,
        "name": name("baseline", baseline).said(language),
        "metric": metric,
        "metric_name": name("metric", metric).said(language),
        "value": value,
        "text": level(metric, value),
        "lower_is_better": lower_is_better(metric),
    }


def _training(folder: RunFolder) -> Mapping[str, Any]:
    """Return `[training]` as the run goes by it; empty where there is none."""
    path = folder.path / "resolved.toml"
    try:
        found = tomllib.loads(path.read_text("utf-8")).get("training", {})
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _steps(training: Mapping[str, Any], last: Mapping[str, Any]) -> int | None:
    """Return after how many steps the training ends, as far as one epoch tells."""
    if not last.get("step"):
        return training.get("max_steps")
    epochs = training.get("epochs")
    whole = None if epochs is None else int(epochs) * int(last["step"]) // int(last["epoch"])
    limits = [steps for steps in (whole, training.get("max_steps")) if steps is not None]
    return min(limits) if limits else None


def _epochs(steps: int | None, last: Mapping[str, Any]) -> int | None:
    if steps is None or not last.get("step"):
        return None
    return -(-steps * int(last["epoch"]) // int(last["step"]))


def _left(folder: RunFolder, steps: int | None, last: Mapping[str, Any]) -> float | None:
    if steps is None or not last.get("step") or not last.get("elapsed_seconds"):
        return None
    pace = float(last["elapsed_seconds"]) / int(last["step"])
    since = time.time() - folder.metrics.stat().st_mtime
    return round(max(0.0, (steps - int(last["step"])) * pace - since), 1)
