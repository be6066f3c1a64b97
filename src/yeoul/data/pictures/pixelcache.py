"""Remember decoded pictures in the user's cache, mapped into memory: each set is decoded once for each size.

They are known by the content of their files (SHA-256), the size of the squares and the versions of what decodes. A set
consists of a file of bytes (N, S, S, 3) and a small JSON file that names its checksum and is written last: a set
without it, or with other bytes, is decoded anew. The oldest are removed when all together are larger than `MOST_BYTES`.
Where the cache cannot be written, the bytes go with the process.
"""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import PIL
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yeoul.caches import cache_folder
from yeoul.data.pictures.decoding import decode_into
from yeoul.data.pictures.reading import Pixels, Reason
from yeoul.data.scratch import scratch_folder
from yeoul.files import sha256, write_text

Ints = npt.NDArray[np.int64]
DECODER_VERSION = 1
"""To be raised whenever `reading` may give other pixels for the same file."""
MOST_BYTES = 8 << 30
_SUFFIX = ".pixels"
_PART = ".part-"
_ABANDONED_SECONDS = 86_400.0


@dataclass(frozen=True, eq=False)
class Squares:
    """N pictures as a network sees them."""

    pixels: Pixels  # (N, S, S, 3), mapped: only what is touched is read
    sides: Ints  # (N, 2) width and height of each as it is, 0 of what is drawn or cannot be used
    unusable: Mapping[int, Reason] = field(default_factory=dict)
    """Why some cannot be used, by place; there they are black."""


def squares(paths: Sequence[Path], sums: Sequence[str], size: int) -> Squares:
    """Return the pictures of files, whose checksums are `sums`, from the cache or decoded.

    Raises `RunError` when nothing can be decoded here, and `DiskFullError`.
    """
    key = _key(sums, size)
    found = _load(key, len(paths), size)
    return found or _decoded(key, paths, size)


def _key(sums: Sequence[str], size: int) -> str:
    told = json.dumps([DECODER_VERSION, PIL.__version__, size, *sums])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


class _Record(BaseModel):
    """What is known of a file of pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_version: Literal[1]
    rows: Annotated[int, Field(ge=0)]
    size: Annotated[int, Field(ge=1)]
    sides: list[int]
    """Width and height of each in turn."""
    unusable: dict[str, Reason]
    sha256: str


def _load(key: str, rows: int, size: int) -> Squares | None:
    folder = _folder()
    pixels = folder / (key + _SUFFIX)
    try:
        record = _Record.model_validate_json((folder / f"{key}.json").read_bytes())
        if (record.rows, record.size, len(record.sides)) != (rows, size, 2 * rows) or sha256(
            pixels
        ) != record.sha256:
            return None
        found = _mapped(pixels, rows, size)
    except (OSError, ValidationError, ValueError):
        return None
    with suppress(OSError):  # where nothing may be written, nothing is removed by age either
        os.utime(pixels)
    unusable = {int(place): reason for place, reason in record.unusable.items()}
    return Squares(found, np.array(record.sides, np.int64).reshape(rows, 2), unusable)


def _decoded(key: str, paths: Sequence[Path], size: int) -> Squares:
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lasting = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        lasting = False
    handle, name = tempfile.mkstemp(prefix=_PART, suffix=_SUFFIX, dir=folder if lasting else scratch_folder())
    os.close(handle)
    part = Path(name)
    try:
        told = decode_into(part, paths, size)
        if lasting:
            record = _Record(
                schema_version=1,
                rows=len(paths),
                size=size,
                sides=told.sides.reshape(-1).tolist(),
                unusable={str(place): reason for place, reason in told.unusable.items()},
                sha256=sha256(part),
            )
            lasted = folder / (key + _SUFFIX)
            os.replace(part, lasted)
            write_text(folder / f"{key}.json", record.model_dump_json())
            _forget(folder, lasted)
            return Squares(_mapped(lasted, len(paths), size), told.sides, told.unusable)
        return Squares(_mapped(part, len(paths), size), told.sides, told.unusable)
    finally:
        with suppress(PermissionError):  # Windows keeps what is mapped
            part.unlink(missing_ok=True)


def _mapped(path: Path, rows: int, size: int) -> Pixels:
    """Map a file of pixels; raise `ValueError` if it is of another size."""
    if path.stat().st_size != rows * size * size * 3:
        raise ValueError("the file has another size")
    if not rows:
        return np.empty((0, size, size, 3), np.uint8)
    return np.memmap(path, np.uint8, "r", 0, (rows, size, size, 3)).view(np.ndarray)


def _forget(folder: Path, newest: Path) -> None:
    """Remove the oldest sets while all are too large, and what a killed process left unfinished."""
    with suppress(OSError):  # another process may remove the same; Windows keeps what is mapped
        files = sorted(folder.glob("*" + _SUFFIX), key=lambda file: -file.stat().st_mtime)
        room = MOST_BYTES
        for file in files:
            room -= file.stat().st_size
            unfinished = file.name.startswith(_PART)
            if unfinished and time.time() - file.stat().st_mtime < _ABANDONED_SECONDS:
                continue
            if file != newest and (room < 0 or unfinished):
                file.with_suffix(".json").unlink(missing_ok=True)
                file.unlink(missing_ok=True)


def _folder() -> Path:
    return cache_folder() / "pictures"
