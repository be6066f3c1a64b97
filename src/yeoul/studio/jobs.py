"""Trainings as processes of their own, written down on the disk; they go on whatever becomes of the studio."""

import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, final

from yeoul.errors import DiskFullError, RunError, UsageError
from yeoul.files import full_disk_named, write_text
from yeoul.language import Language
from yeoul.recipefile import resolve
from yeoul.runs.folder import RunFolder, list_runs, now, read_json, slug, write_json
from yeoul.runs.process import Process, is_alive, process_of, this_process
from yeoul.serve.refusals import RefusedError
from yeoul.studio.asked import Start
from yeoul.studio.commands import environment, words_of
from yeoul.studio.drafts import training_words

_FOLDER = Path(".studio") / "jobs"
_ID = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{6}")
_LINES, _BYTES = 50, 40_000
_MOST = 8
_CLOCK_SECONDS = 2.0
_PLAIN_LINE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@final
@dataclass(frozen=True)
class Job:
    """One training that the studio has started: its folder holds what it was asked and what its screen shows."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    def record(self) -> dict[str, Any]:
        return read_json(self.path / "job.json")

    def lines(self) -> list[str]:
        """Return the last lines of its screen."""
        path = self.path / "screen.txt"
        if not path.is_file():
            return []
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _BYTES))
            text = file.read().decode("utf-8", "replace")
        return [_PLAIN_LINE.sub("", line) for line in text.splitlines()[-_LINES:]]


@final
class Jobs:
    """The trainings below one folder of runs."""

    def __init__(self, runs: Path) -> None:
        self._runs = runs
        self._folder = runs / _FOLDER
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, asked: Start, options: Sequence[str], language: Language) -> dict[str, Any]:
        """Begin a training by a recipe.

        The run tells the command that a person would type; that names a file of the job's only where nothing else says
        the same. Raises `RefusedError` where too many are running already, and `RecipeError`.
        """
        found = resolve(asked.toml, asked.name, {})  # what is wrong is said here, not in a process
        job, name = self._opened(), slug(asked.name)
        path = job.path / f"{name}.toml"
        write_text(path, asked.toml)
        words = training_words(found) or [str(path)]
        command = ["train", *words, "--out", str(self._runs), *options]
        return self._begun(job, command, {"name": name, "run": None}, language)

    def resume(self, folder: RunFolder, language: Language) -> dict[str, Any]:
        """Let a run train on; raise `RefusedError` for one that is running or done."""
        status = folder.status()
        if status not in ("created", "paused", "interrupted", "failed"):
            error = RunError("the run is still running", "stop it first, or wait", where=folder.id)
            if status == "done":
                error = RunError("the run is done", "start a new one from it with --from", where=folder.id)
            raise RefusedError(409, error)
        if any(self._alive(job) and job.record()["run"] == folder.id for job in self._known()):
            raise RefusedError(
                409, RunError("the run is still running", "stop it first, or wait", where=folder.id)
            )
        job = self._opened()
        record = {"name": folder.id, "run": folder.id}
        return self._begun(job, ["train", "--resume", str(folder.path)], record, language)

    def all(self) -> list[dict[str, Any]]:
        """Return every job, the newest first."""
        return [self.told(job) for job in self._known()]

    def find(self, name: str) -> Job:
        """Return a job by its name; raise `RefusedError` where there is none."""
        if _ID.fullmatch(name):
            for job in self._known():
                if job.id == name:
                    return job
        raise RefusedError(404, UsageError("there is no such job", "the list of jobs tells which there are"))

    def told(self, job: Job) -> dict[str, Any]:
        """Return how a job stands."""
        record, alive = job.record(), self._alive(job)
        if not record["settled"]:
            record |= {
                "run": record["run"] or self._run_of(job, Process(**record["process"])),
                "exit_code": self._exit_code(job),
                "settled": not alive,
            }
            write_json(job.path / "job.json", record)
        code, run, lines = record["exit_code"], record["run"], job.lines()
        return {
            "job": job.id,
            "name": record["name"],
            "status": _status(alive, code, run is not None),
            "run": run,
            "started": record["started"],
            "exit_code": code,
            "message": None if alive or code == 0 or not lines else lines[-1],
            "lines": lines,
        }

    def stop(self, job: Job) -> None:
        """Ask a job to end as the first Ctrl-C does; raise `RefusedError` where it runs no more."""
        _interrupt(Process(**job.record()["process"]))

    def close(self) -> None:
        """Forget the processes; they go on."""
        self._children.clear()

    def _known(self) -> list[Job]:
        """Return all jobs, the newest first."""
        paths = (path.parent for path in self._folder.glob("*/job.json"))
        return [Job(path) for path in sorted(paths, reverse=True)]

    def _opened(self) -> Job:
        if sum(self._alive(job) for job in self._known()) >= _MOST:
            raise RefusedError(
                429, UsageError("too many trainings are running", "wait until one ends, or stop one")
            )
        stamp = re.sub(r"[-:]|\+.*", "", now())
        path = self._folder / f"{stamp}-{secrets.token_hex(3)}"
        with full_disk_named(self._runs, 0):
            path.mkdir(parents=True)
        return Job(path)

    def _begun(
        self, job: Job, command: Sequence[str], record: dict[str, Any], language: Language
    ) -> dict[str, Any]:
        try:
            with (job.path / "screen.txt").open("wb") as screen:
                child = subprocess.Popen(
                    words_of(command, language),
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=screen,
                    stderr=screen,
                    start_new_session=True,
                )
        except OSError as error:
            raise DiskFullError("{reason}", values={"reason": error.strerror or str(error)}) from error
        self._children[job.id] = child
        process = process_of(child.pid)
        told = {**record, "started": now(), "process": process.to_json(), "exit_code": None, "settled": False}
        write_json(job.path / "job.json", told)
        return self.told(job)

    def _exit_code(self, job: Job) -> int | None:
        """Return how a child of this studio has ended; None for one that has not, and for another studio's."""
        child = self._children.get(job.id)
        return None if child is None else child.poll()

    def _alive(self, job: Job) -> bool:
        if job.id in self._children:  # its threads may outlive it for a moment in which it has no exit code
            return self._exit_code(job) is None
        return is_alive(Process(**job.record()["process"]))

    def _run_of(self, job: Job, process: Process) -> str | None:
        """Return the run that a job's process has made."""
        begun = datetime.fromisoformat(str(job.record()["started"])).timestamp()
        for folder in list_runs(self._runs):
            if (folder.path / "run.json").stat().st_mtime < begun - _CLOCK_SECONDS:
                continue
            try:
                if folder.record()["process"] == process.to_json():
                    return folder.id
            except (RunError, KeyError):
                continue  # a damaged run is no job's
        return None


def stop_run(folder: RunFolder) -> None:
    """Ask a run to pause after its step, whoever started it; raise `RefusedError` where it does not run here."""
    if folder.status() != "running":
        raise RefusedError(
            409, RunError("the run is not running", "it may have ended by itself", where=folder.id)
        )
    _interrupt(Process(**folder.record()["process"]))


def _interrupt(process: Process) -> None:
    if process.host != this_process().host or not is_alive(process):
        raise RefusedError(
            409, RunError("the training does not run on this machine", "stop it where it runs")
        )
    number = signal.SIGTERM if sys.platform == "win32" else signal.SIGINT
    os.kill(process.pid, number)


def _status(alive: bool, code: int | None, has_run: bool) -> str:
    if alive:
        return "running" if has_run else "starting"
    return "failed" if code not in (None, 0, 130, -signal.SIGINT) or not has_run else "ended"
