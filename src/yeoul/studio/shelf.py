"""The runs of the studio: a list of all, all of one, several side by side."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from yeoul.errors import UsageError
from yeoul.language import Language
from yeoul.report.compared import compare_runs
from yeoul.report.words import name
from yeoul.runs.folder import RunFolder, list_runs, read_json
from yeoul.runs.index import DAMAGED, entry
from yeoul.serve.refusals import RefusedError
from yeoul.studio.progress import goal, progress
from yeoul.studio.words import told_score, told_verdict

MOST_COMPARED = 10
_LOG_LINES = 200
_LOG_BYTES = 200_000


@final
class Shelf:
    """The runs below one folder, each known by its name there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[str, tuple[tuple[int, int, int], dict[str, Any]]] = {}

    def find(self, run: str) -> RunFolder:
        """Return a run by its name; raise `RefusedError` where none of the list has it."""
        wanted = unicodedata.normalize("NFC", run)
        for folder in list_runs(self.folder):
            if unicodedata.normalize("NFC", folder.id) == wanted:
                return folder
        raise RefusedError(404, UsageError("there is no such run", "the list of runs tells which there are"))

    def rows(self, language: Language) -> list[dict[str, Any]]:
        """Return a row for every run, the newest first."""
        found = [self._entry(folder) for folder in list_runs(self.folder)]
        found.sort(key=lambda one: (str(one["created"] or ""), str(one["id"])), reverse=True)
        return [_row(one, self.folder, language) for one in found]

    def row(self, folder: RunFolder, language: Language) -> dict[str, Any]:
        """Return the row of one run."""
        return _row(self._entry(folder), self.folder, language)

    def whole(self, folder: RunFolder, language: Language) -> dict[str, Any]:
        """Return all of one run; raise `RunError` where a file of it is damaged."""
        row = self.row(folder, language)
        if row["status"] == DAMAGED:
            return {**row, "can": can(folder, DAMAGED)}
        record, lines = folder.record(), folder.metrics_lines()
        return {
            **row,
            "record": record,
            "command": record.get("command"),
            "recipe_toml": _text(folder.path / "recipe.toml"),
            "resolved_toml": _text(folder.path / "resolved.toml"),
            "epochs": [line for line in lines if line.get("event") == "epoch"],
            "baselines": [_baseline(line, language) for line in lines if line.get("event") == "baseline"],
            "goal": goal(lines, language),
            "progress": progress(folder, lines, running=row["status"] == "running"),
            "test": _test(folder, language),
            "log": log_tail(folder),
            "error": _json(folder.path / "error.json") if row["status"] == "failed" else None,
            "can": can(folder, row["status"]),
            "members": (_json(folder.path / "members.json") or {}).get("members"),
        }

    def compared(self, runs: Sequence[str], language: Language) -> dict[str, Any]:
        """Return runs side by side; raise `RunError` for a damaged one."""
        folders = [self.find(run) for run in runs]
        if len({folder.id for folder in folders}) < len(folders):
            raise UsageError("a run stands here twice", "name each once", where="runs")
        found = compare_runs(folders)
        told = found.to_json()
        for run, row in zip(found.runs, told["runs"], strict=True):
            score = None if run.score is None else run.score.model_dump()
            row["score"] = told_score(run.metric, score, language)
            row["verdict"] = told_verdict(row["verdict"], language)
        told["curves"] = {
            run.id: [{"epoch": one.epoch, "seconds": one.seconds, "value": one.value} for one in run.points]
            for run in found.runs
        }
        metrics = [run.metric for run in found.runs]
        told["metric"] = max(metrics, key=metrics.count)
        told["metric_name"] = name("metric", told["metric"]).said(language)
        return told

    def _entry(self, folder: RunFolder) -> dict[str, Any]:
        """Return what is told of a run, read anew where its record has changed or it may have died."""
        try:
            found = (folder.path / "run.json").stat()
        except OSError:
            return entry(folder)
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
        known = self._known.get(folder.id)
        if known is not None and known[0] == state and known[1]["status"] != "running":
            return known[1]
        told = entry(folder)
        self._known[folder.id] = (state, told)
        return told


def can(folder: RunFolder, status: str) -> dict[str, bool]:
    """Return what may be asked of a run that stands so."""
    return {
        "stop": status == "running",
        "resume": status in ("created", "paused", "interrupted", "failed"),
        "remove": status != "running",
        "try": status != DAMAGED and folder.model.is_dir(),
    }


def log_tail(folder: RunFolder) -> list[str]:
    """Return the last lines of a run's log."""
    path = folder.path / "log.txt"
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LOG_BYTES))
        return file.read().decode("utf-8", "replace").splitlines()[-_LOG_LINES:]


def _row(one: Mapping[str, Any], parent: Path, language: Language) -> dict[str, Any]:
    path = parent / str(one["id"])
    verdict, metric = one["verdict"], str(one["metric"])
    return {
        **{key: value for key, value in one.items() if key != "path"},
        "score": told_score(metric, one["score"], language),
        "verdict": told_verdict(verdict, language),
        "report": (path / "report.html").is_file(),
    }


def _baseline(line: Mapping[str, Any], language: Language) -> dict[str, Any]:
    baseline = str(line["name"])
    return {
        "baseline": baseline,
        "name": name("baseline", baseline).said(language),
        "validation": line["validation"],
    }


def _test(folder: RunFolder, language: Language) -> dict[str, Any] | None:
    """Return the scores of the test rows, each with its words, beside those of the baselines."""
    found = folder.scores("test")
    if found is None:
        return None
    return {
        **found,
        "verdict": told_verdict(found.get("verdict"), language),
        "scores": _scores(found.get("scores", {}), language),
        "baselines": [
            {
                **one,
                "title": name("baseline", str(one["name"])).said(language),
                "scores": _scores(one.get("scores", {}), language),
            }
            for one in found.get("baselines", ())
        ],
    }


def _scores(scores: Mapping[str, Any], language: Language) -> dict[str, Any]:
    return {
        metric: told_score(metric, found, language) if isinstance(found, dict) else found
        for metric, found in scores.items()
    }


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _json(path: Path) -> dict[str, Any] | None:
    return read_json(path) if path.is_file() else None
