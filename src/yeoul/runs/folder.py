"""The folder of one run: `runs/<recipe>-<NNNN>/`.

It explains itself, is never reused and never moved by Yeoul; all paths inside are relative, so people may move
it. `run.json` says what the run is and how it stands, `metrics.jsonl` grows line by line.
"""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from yeoul.errors import RunError, nearest
from yeoul.files import append_line, full_disk_named, settle_folder, write_text
from yeoul.runs.process import Process, is_alive, this_process

SCHEMA_VERSION = 1
Status = Literal["created", "running", "paused", "interrupted", "done", "failed"]
_ID = re.compile(r"(?P<name>.+)-(?P<number>\d{4,})")
_HEARTBEAT_SECONDS = 30.0
_SILENCE_SECONDS = 300.0  # longer than a baseline takes to fit


@dataclass(frozen=True)
class RunFolder:
    """The paths of a run and the only hand that writes its records."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def model(self) -> Path:
        return settle_folder(self.path / "model")

    @property
    def baseline(self) -> Path:
        return settle_folder(self.path / "baseline")

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    def evaluation(self, split: str) -> Path:
        return self.path / "evaluation" / split

    def record(self) -> dict[str, Any]:
        """Read `run.json`; raise `RunError` if it is damaged or from a newer version."""
        path = self.path / "run.json"
        try:
            record: dict[str, Any] = json.loads(path.read_text("utf-8"))
            schema = int(record["schema_version"])
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
            raise RunError("run.json cannot be read", "restore it from a copy", where=str(path)) from error
        if schema > SCHEMA_VERSION:
            raise RunError(
                "the run was written by a newer version ({version})",
                "update Yeoul",
                where=str(path),
                values={"version": record.get("versions", {}).get("yeoul", "?")},
            )
        return record

    def scores(self, split: str) -> dict[str, Any] | None:
        """Read the scores of a split; None before there are any."""
        path = self.evaluation(split) / "metrics.json"
        return read_json(path) if path.is_file() else None

    def update(self, changes: Mapping[str, Any]) -> None:
        """Change some keys of `run.json`, atomically."""
        write_json(self.path / "run.json", {**self.record(), **changes})

    def status(self, record: Mapping[str, Any] | None = None) -> Status:
        """Say how the run stands; a run whose process is gone is interrupted, whatever it wrote last.

        `record` is what `record()` returned, if that was read already.
        """
        record = self.record() if record is None else record
        status: Status = record["status"]
        if status == "running" and not self._lives(Process(**record["process"])):
            return "interrupted"
        return status

    def _lives(self, process: Process) -> bool:
        """Ask the system about a process of this machine, the heartbeat about one of another."""
        if process.host == this_process().host:
            return is_alive(process)
        return time.time() - (self.path / "run.json").stat().st_mtime < _SILENCE_SECONDS

    def set_status(self, status: Status) -> None:
        """Record a new status and the process that is responsible for it."""
        changes: dict[str, Any] = {"status": status, "process": this_process().to_json()}
        if status in ("done", "failed", "paused"):
            changes["finished"] = now()
        if status in ("running", "done"):
            (self.path / "error.json").unlink(missing_ok=True)
        self.update(changes)

    def beat(self) -> None:
        """Renew the heartbeat, the change time of run.json, at most every 30 seconds."""
        path = self.path / "run.json"
        if time.time() - path.stat().st_mtime > _HEARTBEAT_SECONDS:
            os.utime(path)

    def append_metrics(self, record: Mapping[str, Any]) -> None:
        """Add one line to `metrics.jsonl`."""
        append_line(self.metrics, json.dumps(record, ensure_ascii=False, allow_nan=False))

    def metrics_lines(self) -> list[dict[str, Any]]:
        """Read `metrics.jsonl`; a last line that a crash has torn is left out."""
        if not self.metrics.exists():
            return []
        lines = self.metrics.read_bytes().split(b"\n")
        records = []
        for number, line in enumerate(lines[:-1], 1):
            try:
                records.append(json.loads(line))
            except ValueError as error:
                raise RunError(
                    "the line is damaged", "restore it from a copy", where=f"{self.metrics}:{number}"
                ) from error
        return records

    def cut_metrics(self, keep: int) -> None:
        """Keep the first `keep` lines of `metrics.jsonl`."""
        lines = self.metrics.read_bytes().split(b"\n")[:-1][:keep] if self.metrics.exists() else []
        write_text(self.metrics, "".join(line.decode("utf-8") + "\n" for line in lines))

    def log(self, line: str) -> None:
        """Add a line with the time to `log.txt`."""
        append_line(self.path / "log.txt", f"{now()} {line}")


def create_run(parent: Path, name: str, record: Mapping[str, Any]) -> RunFolder:
    """Make the next free `<name>-<NNNN>` below `parent`; two processes never get the same one."""
    if parent.exists() and not parent.is_dir():
        raise RunError("this is not a folder", "choose another with --out", where=str(parent))
    name = slug(name)
    try:
        with full_disk_named(parent, 0):
            parent.mkdir(parents=True, exist_ok=True)
            number = 1 + max((taken for run, taken in _numbers(parent) if run == name), default=0)
            while True:
                path = parent / f"{name}-{number:04d}"
                try:
                    path.mkdir()
                    break
                except FileExistsError:
                    number += 1
    except PermissionError as error:
        raise RunError(
            "the folder cannot be written", "choose another with --out", where=str(parent)
        ) from error
    folder = RunFolder(path)
    first = {"schema_version": SCHEMA_VERSION, "id": path.name, "status": "created", "created": now()}
    write_json(path / "run.json", {**first, "process": this_process().to_json(), **record})
    return folder


def open_run(path: Path) -> RunFolder:
    """Open an existing run by its folder, or by its name below `runs/`; raise `RunError` if there is none."""
    for candidate in (path, Path("runs") / path):
        if (candidate / "run.json").is_file():
            return RunFolder(candidate)
    known = [folder.id for folder in list_runs(Path("runs"))]
    guess = nearest(path.name, known)
    raise RunError(
        "there is no run here",
        "did you mean runs/{guess}?" if guess else "`yeoul runs` lists the runs",
        where=str(path),
        values={"guess": guess},
    )


def is_run(name: str | Path) -> bool:
    """Tell whether `open_run` finds a run of that folder or name."""
    return any((place / "run.json").is_file() for place in (Path(name), Path("runs") / name))


def list_runs(parent: Path) -> list[RunFolder]:
    """Return the runs below `parent`, oldest name first."""
    if not parent.is_dir():
        return []
    return [RunFolder(path.parent) for path in sorted(parent.glob("*/run.json"))]


def slug(name: str) -> str:
    """Make a folder name of a recipe's or file's name: letters and digits of any script, and hyphens."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")[:80] or "run"


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON, atomically; NaN is refused."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read one of a run's JSON files; raise `RunError` if it is missing or damaged."""
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError("the file cannot be read", "restore it from a copy", where=str(path)) from error
    return value


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _numbers(parent: Path) -> list[tuple[str, int]]:
    matches = (_ID.fullmatch(path.name) for path in parent.iterdir())
    return [(match["name"], int(match["number"])) for match in matches if match]
