"""Remember decoded pictures in the user's cache, mapped into memory: each set is decoded once for each size.

They are known by the content of their files (SHA-256), the size of the squares and the versions of what decodes. A set
consists of a file of bytes (N, S, S, 3) and a small JSON file that names its checksum and is written last: a set
without it, or with other bytes, is decoded anew. Where the cache cannot be written, the bytes go with the process.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import PIL
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yeoul.data.pictures.decoding import decode_into
from yeoul.data.pictures.kept import PIXELS, fresh_part, kept_folder
from yeoul.data.pictures.reading import Pixels, Reason
from yeoul.files import sha256, write_text

Ints = npt.NDArray[np.int64]
DECODER_VERSION = 1
"""To be raised whenever `reading` may give other pixels for the same file."""


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
    key = squares_key(sums, size)
    found = _load(key, len(paths), size)
    return found or _decoded(key, paths, size)


def squares_key(sums: Sequence[str], size: int) -> str:
    """Return what a set of squares is known by."""
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
    pixels = kept_folder() / (key + PIXELS)
    try:
        record = _Record.model_validate_json(pixels.with_suffix(".json").read_bytes())
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
    with fresh_part(PIXELS) as part:
        told = decode_into(part.path, paths, size)
        if not part.lasting:
            return Squares(_mapped(part.path, len(paths), size), told.sides, told.unusable)
        record = _Record(
            schema_version=1,
            rows=len(paths),
            size=size,
            sides=told.sides.reshape(-1).tolist(),
            unusable={str(place): reason for place, reason in told.unusable.items()},
            sha256=sha256(part.path),
        )
        lasted = kept_folder() / (key + PIXELS)
        part.keep(lasted)
        write_text(lasted.with_suffix(".json"), record.model_dump_json())
        return Squares(_mapped(lasted, len(paths), size), told.sides, told.unusable)


def _mapped(path: Path, rows: int, size: int) -> Pixels:
    """Map a file of pixels; raise `ValueError` if it is of another size."""
    if path.stat().st_size != rows * size * size * 3:
        raise ValueError("the file has another size")
    if not rows:
        return np.empty((0, size, size, 3), np.uint8)
    return np.memmap(path, np.uint8, "r", 0, (rows, size, size, 3)).view(np.ndarray)
