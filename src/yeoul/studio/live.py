"""What happens in a run, as events: the files of its folder are the truth, and a client may come back to any place."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

from yeoul.language import Language
from yeoul.runs.folder import RunFolder
from yeoul.runs.process import Process, is_alive
from yeoul.serve.events import event
from yeoul.studio.progress import goal, progress
from yeoul.studio.shelf import Shelf, can

_TICK_SECONDS = 0.4
_LONGEST_SECONDS = 240.0
_PLACE = re.compile(r"(\d{1,20})-(\d{1,15})-(\d{1,15})")
_MOST_BYTES = 1 << 20


@final
@dataclass(frozen=True)
class Place:
    """How much of a run's files a client has: of `metrics.jsonl`, which may be cut and written anew, and of the log."""

    file: int = 0
    metrics: int = 0
    log: int = 0

    def __str__(self) -> str:
        return f"{self.file}-{self.metrics}-{self.log}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """Read what a client sends as Last-Event-ID; anything else is the beginning."""
        found = _PLACE.fullmatch(text)
        return cls() if found is None else cls(*map(int, found.groups()))


News = list[tuple[str, Any, Place]]


def news(folder: RunFolder, place: Place) -> tuple[News, Place]:
    """Return what was written since a place, and the place after it; `reset` where lines were taken back."""
    told: News = []
    file, size = _state(folder.metrics)
    if file != place.file or size < place.metrics:
        cut = place.metrics > 0
        place = replace(place, file=file, metrics=0)
        if cut:
            told.append(("reset", {}, place))
    for line in _lines(folder.metrics, place.metrics):
        place = replace(place, metrics=place.metrics + len(line))
        told.append(("metrics", _parsed(line), place))
    log = folder.path / "log.txt"
    if _state(log)[1] < place.log:
        place = replace(place, log=0)
    for line in _lines(log, place.log):
        place = replace(place, log=place.log + len(line))
        told.append(("log", {"line": line.decode("utf-8", "replace").rstrip("\n")}, place))
    return [one for one in told if one[1] is not None], place


async def events(
    shelf: Shelf, folder: RunFolder, came: str, language: Language, stopping: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Yield the events of a run from where a client stood, until it runs no more or some minutes are over."""
    place, standing = Place.of(came), ""
    loop = asyncio.get_running_loop()
    until = loop.time() + _LONGEST_SECONDS
    while not stopping() and loop.time() < until:
        stands = await asyncio.to_thread(
            _standing, shelf, folder, language
        )  # before the files: nothing is missed
        told, place = await asyncio.to_thread(news, folder, place)
        for name, value, after in told:
            yield event(name, value, str(after))
        if (now := _lasting(stands)) != standing:
            standing = now
            yield event("status", stands, str(place))
        if not await asyncio.to_thread(_goes_on, folder, stands["status"]):
            yield event("end", {"status": stands["status"]}, str(place))
            return
        await asyncio.sleep(_TICK_SECONDS)


def _standing(shelf: Shelf, folder: RunFolder, language: Language) -> dict[str, Any]:
    row = shelf.row(folder, language)
    lines = folder.metrics_lines()
    return {
        **row,
        "progress": progress(folder, lines, running=row["status"] == "running"),
        "goal": goal(lines, language),
        "can": can(folder, row["status"]),
    }


def _goes_on(folder: RunFolder, status: str) -> bool:
    """Tell whether a run is being trained, or about to be."""
    if status != "created":
        return status == "running"
    return is_alive(Process(**folder.record()["process"]))


def _lasting(stands: Mapping[str, Any]) -> str:
    """Return all that is told of a run but the seconds, which pass by themselves."""
    return json.dumps({**stands, "progress": {**stands["progress"], "seconds_left": None}})


def _state(path: Path) -> tuple[int, int]:
    """Return which file stands at a path, and its size."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_size


def _lines(path: Path, begin: int) -> list[bytes]:
    """Return the whole lines of a file from a place on; what is not ended yet comes later."""
    if not path.is_file():
        return []
    with path.open("rb") as file:
        file.seek(begin)
        return [line for line in file.read(_MOST_BYTES).splitlines(keepends=True) if line.endswith(b"\n")]


def _parsed(line: bytes) -> Any:
    """Return a line of metrics; nothing for one that a crash has torn."""
    try:
        return json.loads(line)
    except ValueError:
        return None
