"""The data of the studio: files below the folder that it was started with, what was uploaded, and the public sets."""

import hashlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, final

from yeoul.data.catalog import CATALOG, find
from yeoul.data.embedded import EMBEDDED
from yeoul.errors import DataError, UsageError
from yeoul.serve.refusals import RefusedError

UPLOADED = "uploads"
_SUFFIXES = frozenset(
    (
        *(
            ".csv",
            ".tsv",
            ".tab",
            ".txt",
            ".json",
            ".jsonl",
            ".ndjson",
            ".parquet",
            ".gz",
            ".conllu",
            ".conll",
        ),
        *(".ts", ".dat", ".data", ".abc", ".xlsx", ".xls"),
    )
)
_TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl")
_MOST_FILES = 2000
_MOST_LOOKS = 20_000
_DEPTH = 3
_ID = re.compile(r"[0-9a-f]{16}")
_UNFIT = re.compile(r"[^\w .()-]+")
_LONGEST_NAME = 100


@final
@dataclass(frozen=True)
class Listed:
    """One file of the list, or a folder of pictures with captions; `source` is what a recipe calls it."""

    id: str
    name: str
    source: str
    bytes: int
    modified: float

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "source": self.source,
            "bytes": self.bytes,
            "modified": datetime.fromtimestamp(self.modified, UTC).isoformat(timespec="seconds"),
            "uploaded": self.name.startswith(f"{UPLOADED}/"),
        }


@final
class Drawer:
    """The files that may be opened: those of a listing, and no others."""

    def __init__(self, folder: Path, runs: Path) -> None:
        self.folder = folder.absolute()
        self._given = folder
        self._runs = runs.absolute()

    def files(self) -> tuple[list[Listed], bool]:
        """Return the files by name, and whether there are more than are told."""
        found = list(self._listing())
        found.sort(key=lambda one: one.name)
        return found[:_MOST_FILES], len(found) > _MOST_FILES

    def sets(self) -> list[dict[str, Any]]:
        """Return the public sets, those that are built in first."""
        built_in = [
            {
                "task": each.task,
                "licence": each.licence,
                "title": each.title,
                "id": each.name,
                "name": each.name,
            }
            for each in EMBEDDED.values()
        ]
        public = [
            {
                "task": each.task,
                "licence": each.licence,
                "title": each.title,
                "id": each.name,
                "name": each.name,
            }
            for each in CATALOG.values()
        ]
        return [
            *({**one, "here": True, "built_in": True} for one in built_in),
            *({**one, "here": _is_here(str(one["name"])), "built_in": False} for one in public),
        ]

    def source(self, data: str) -> str:
        """Return what a recipe calls a file of the list or a set; raise `RefusedError` for anything else."""
        if data in EMBEDDED:
            return data
        if data in CATALOG:
            if not _is_here(data):
                raise RefusedError(
                    404,
                    UsageError(
                        "the set is not on this machine", "yeoul data get {name}", values={"name": data}
                    ),
                )
            return data
        if _ID.fullmatch(data):
            for one in self._listing():
                if one.id == data:
                    return one.source
        raise RefusedError(404, UsageError("there is no such file", "the list of data tells which there are"))

    def keep(self, arrived: Path, name: str) -> Listed:
        """Put a file that has arrived among the others, under its name or one like it."""
        title = Path(unicodedata.normalize("NFC", name.replace("\\", "/"))).name
        stem, suffix = Path(title).stem, Path(title).suffix.lower()
        stem = _UNFIT.sub("-", stem).strip(" .-")[:_LONGEST_NAME] or "data"
        if suffix not in _SUFFIXES:
            arrived.unlink()
            raise DataError(
                "files of this kind are not read here",
                "upload a table, a text or JSON lines",
                where=title[-80:],
            )
        folder = self.folder / UPLOADED
        folder.mkdir(parents=True, exist_ok=True)
        target, number = folder / f"{stem}{suffix}", 1
        while True:
            try:
                target.open("xb").close()
                break
            except FileExistsError:
                number += 1
                target = folder / f"{stem}-{number}{suffix}"
        shutil.move(arrived, target)
        return self._listed(target, target.stat())

    def _listing(self) -> Iterator[Listed]:
        """Yield what may be opened: plain files of known kinds, in folders that are not hidden."""
        waiting, looks = [(self.folder, 0)], 0
        while waiting:
            folder, depth = waiting.pop()
            try:
                inside = sorted(os.scandir(folder), key=lambda one: one.name)
            except OSError:
                continue  # a folder that may not be read holds nothing to show
            if depth and any(_tells_captions(one) for one in inside):
                yield self._listed(folder, folder.stat())
            for one in inside:
                looks += 1
                if looks > _MOST_LOOKS:
                    return
                if one.name.startswith(".") or one.is_symlink():
                    continue
                if one.is_dir():
                    if depth < _DEPTH and Path(one.path) != self._runs and one.name != "node_modules":
                        waiting.append((Path(one.path), depth + 1))
                elif Path(one.name).suffix.lower() in _SUFFIXES and one.is_file():
                    yield self._listed(Path(one.path), one.stat())

    def _listed(self, path: Path, found: os.stat_result) -> Listed:
        inside = path.relative_to(self.folder)
        digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:16]
        name = unicodedata.normalize("NFC", inside.as_posix()).encode("utf-8", "replace").decode()
        whole = stat.S_ISDIR(found.st_mode)
        size = 0 if whole else found.st_size
        return Listed(digest, name + "/" * whole, str(self._given / inside), size, found.st_mtime)


def _tells_captions(one: os.DirEntry[str]) -> bool:
    """Tell whether a file may hold the captions of the pictures beside it, so that its folder is a set of them."""
    return "caption" in one.name.lower() and Path(one.name).suffix.lower() in _TABLES and one.is_file()


def _is_here(name: str) -> bool:
    try:
        find(CATALOG[name])
    except DataError:
        return False
    return True
