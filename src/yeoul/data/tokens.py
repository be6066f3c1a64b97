"""Columns of token ids, in memory or in a file of the cache that is mapped into it.

Ids are collected block by block. Once they are many they go to a file, so that texts larger than memory can be
trained on, and the same texts are cut once. The file is written whole or not at all; where the cache cannot be
written, ids stay in memory. Its form: a line of JSON, filled up with spaces to 4,096 bytes, then ids, offsets and
losses as little-endian integers.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, final

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from yeoul.caches import cache_folder
from yeoul.files import full_disk_named, sync_folder

MANY_TOKENS = 16_000_000
"""More of them are kept in a file."""
KEPT_FILES = 12
"""So many are kept, the latest used."""
_SUFFIX = ".tokens"
_HEAD_BYTES = 4096
_ID_BYTES = 4
_BLOCK_BYTES = 1 << 22
_ABANDONED_SECONDS = 7 * 86_400.0

Ids = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TokenRows:
    """Token ids of N texts, end to end: row i is `ids[offsets[i]:offsets[i + 1]]`."""

    ids: Ids  # may be mapped from a file: only what is touched is read
    offsets: Counts  # (N + 1,)
    lost: Counts  # (N,) tokens cut off from each text
    unknown: int | None = None
    """How many ids are unknown, where they were counted on the way to a file, so as not to read it for that."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Counts:
        return np.diff(self.offsets)

    @property
    def lost_share(self) -> float:
        """Share of all tokens that truncation has cut off."""
        lost = int(self.lost.sum())
        return lost / max(1, lost + len(self.ids))

    @property
    def unknown_share(self) -> float:
        """Share of the kept tokens that the vocabulary does not hold."""
        unknown = _unknown(self.ids) if self.unknown is None else self.unknown
        return unknown / max(1, len(self.ids))

    def gather(self, rows: Counts) -> tuple[Counts, Counts]:
        """Return the ids of `rows` end to end, and their lengths; no other row is read."""
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        return self.ids[places(starts, lengths)].astype(np.int64), lengths


def places(starts: Counts, lengths: Counts) -> Counts:
    """Return `starts[0], starts[0] + 1, …` for as long as `lengths[0]` says, then the same of the others."""
    ends = np.cumsum(lengths)
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(ends[-1] if len(ends) else 0)


def _unknown(ids: Ids) -> int:
    return len(ids) - int(np.count_nonzero(ids))


def load_rows(key: str) -> TokenRows | None:
    """Return the rows stored under `key`, or None when there are none or they are damaged."""
    path = _path(key)
    try:
        with open(path, "rb") as file:
            head = _Head.model_validate_json(file.read(_HEAD_BYTES))
            digest = hashlib.sha256()
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
            if head.key != key or head.sha256 != digest.hexdigest():
                return None
            rows = _mapped(file, head)
        with suppress(OSError):  # a cache that cannot be written
            os.utime(path)
        return rows
    except (OSError, ValueError):
        return None


@contextmanager
def collecting(key: str) -> Iterator["Collection"]:
    """Give something to add rows to; what is many is stored under `key`, and with an empty key never."""
    collection = Collection(key)
    try:
        yield collection
    finally:
        collection.close()


@final
class Collection:
    """Rows of ids as they come, in memory until they are many, then in a file."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._ids: list[Ids] = []
        self._lengths: list[Counts] = [np.empty(0, np.int64)]
        self._lost: list[Counts] = [np.empty(0, np.int64)]
        self._tokens = 0
        self._unknown = 0
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    def add(self, ids: Ids, lengths: Counts, lost: Counts) -> None:
        """Append rows: their ids end to end, how many each has and how many it lost."""
        self._lengths.append(lengths)
        self._lost.append(lost)
        self._tokens += len(ids)
        self._unknown += _unknown(ids)
        self._ids.append(ids)
        if self._key and self._file is None and self._tokens > MANY_TOKENS:
            self._open()
        if self._file is not None:
            for block in self._ids:
                self._write(block.astype("<i4", copy=False))
            self._ids = []

    def rows(self) -> TokenRows:
        """Return all rows; those in a file are stored and mapped into memory."""
        offsets = np.concatenate([np.zeros(1, np.int64), *self._lengths])
        np.cumsum(offsets, out=offsets)
        lost = np.concatenate(self._lost)
        if self._file is None:
            ids = np.concatenate([np.empty(0, np.int32), *self._ids])
            return TokenRows(ids, offsets, lost, self._unknown)
        self._write(np.zeros(self._tokens % 2, "<i4"))
        self._write(offsets.astype("<i8", copy=False))
        self._write(lost.astype("<i8", copy=False))
        head = _Head(
            schema_version=1,
            key=self._key,
            rows=len(lost),
            tokens=self._tokens,
            unknown=self._unknown,
            sha256=self._digest.hexdigest(),
        )
        path = _path(self._key)
        with full_disk_named(path, self._file.tell()):
            self._file.seek(0)
            self._file.write(head.model_dump_json().encode("utf-8").ljust(_HEAD_BYTES))
            self._file.flush()
            os.fsync(self._file.fileno())
        rows = _mapped(self._file, head)
        with suppress(OSError):  # a cache that was deleted meanwhile: the open file outlives its name
            os.replace(self._part, path)
            sync_folder(path.parent)
        _forget_old(path.parent)
        return rows

    def close(self) -> None:
        """Let go of a file that was not finished."""
        if self._file is not None:
            self._file.close()
            self._file = None
            with suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _open(self) -> None:
        with suppress(OSError):  # a cache that cannot be written: the ids stay in memory
            self._part.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self._part, "w+b")  # noqa: SIM115
            self._file.seek(_HEAD_BYTES)

    def _write(self, values: npt.NDArray[np.signedinteger]) -> None:
        if self._file is None:
            raise ValueError("there is no file to write to")
        content = np.ascontiguousarray(values).view(np.uint8).data
        self._digest.update(content)
        with full_disk_named(self._part, self._file.tell() + len(content)):
            self._file.write(content)

    @property
    def _part(self) -> Path:
        path = _path(self._key)
        return path.with_name(f".{path.name}.{os.getpid()}.part")


class _Head(BaseModel):
    """The first line of a file of tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1]
    key: str
    rows: Annotated[int, Field(ge=0)]
    tokens: Annotated[int, Field(ge=0)]
    unknown: Annotated[int, Field(ge=0)]
    sha256: str


def _mapped(file: BinaryIO, head: _Head) -> TokenRows:
    """Map a file whose checksum is known to be right; raise `ValueError` if it is of another size."""
    numbers = _HEAD_BYTES + _ID_BYTES * (head.tokens + head.tokens % 2)
    if os.fstat(file.fileno()).st_size != numbers + 8 * (2 * head.rows + 1):
        raise ValueError("the file has another size")
    ids = np.memmap(file, "<i4", "r", _HEAD_BYTES, (head.tokens,))
    offsets = np.memmap(file, "<i8", "r", numbers, (head.rows + 1,))
    lost = np.memmap(file, "<i8", "r", numbers + 8 * (head.rows + 1), (head.rows,))
    return TokenRows(ids.view(np.ndarray), offsets.view(np.ndarray), lost.view(np.ndarray), head.unknown)


def _forget_old(folder: Path) -> None:
    """Delete all but the latest used files, and parts that a crash left behind."""
    with suppress(OSError):
        used = {path: path.stat().st_mtime for path in folder.glob("*" + _SUFFIX)}
        for path in sorted(used, key=lambda one: -used[one])[KEPT_FILES:]:
            path.unlink(missing_ok=True)
        for part in folder.glob(f".*{_SUFFIX}.*.part"):
            if time.time() - part.stat().st_mtime > _ABANDONED_SECONDS:
                part.unlink(missing_ok=True)


def _path(key: str) -> Path:
    return cache_folder() / "tokens" / (key + _SUFFIX)
