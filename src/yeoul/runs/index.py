"""What a list tells of the runs in a folder: how each stands, on what it was trained, how good it was found to be."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yeoul.errors import RunError
from yeoul.runs.folder import RunFolder, list_runs

DAMAGED = "damaged"


def entries(parent: Path) -> list[dict[str, Any]]:
    """Return what is told of every run below `parent`, oldest name first."""
    return [entry(folder) for folder in list_runs(parent)]


def entry(folder: RunFolder) -> dict[str, Any]:
    """Return what is told of one run; one whose record cannot be read is damaged."""
    try:
        record = folder.record()
        return _told(folder, record, folder.status(record))
    except (RunError, KeyError, TypeError, OSError):
        return _told(folder, {}, DAMAGED)


def _told(folder: RunFolder, record: Mapping[str, Any], status: str) -> dict[str, Any]:
    model, data, cost, verdict = (
        record.get(key) if isinstance(record.get(key), dict) else None
        for key in ("model", "data", "cost", "verdict")
    )
    metric = (verdict or {}).get("metric")
    return {
        "id": folder.id,
        "path": str(folder.path),
        "status": status,
        "task": record.get("task"),
        "recipe": record.get("recipe"),
        "model": (model or {}).get("description"),
        "data": (data or {}).get("source"),
        "metric": metric,
        "score": (record.get("scores") or {}).get(metric),
        "verdict": verdict,
        "created": record.get("created"),
        "finished": record.get("finished"),
        "seconds": (cost or {}).get("train_seconds"),
    }
