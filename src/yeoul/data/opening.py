"""Find and open a data file, plain or gzipped, and say what is wrong where that fails."""

import gzip
import os
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from yeoul.data.scratch import spooled_stdin
from yeoul.errors import DataError, nearest

PIPE = "-"
"""The name under which the standard input is read."""
MOST_UNPACKED_BYTES = 1 << 30
"""A gzip file may always unpack to so much, to more only within reason."""
_MOST_RATIO = 200
GZIP = b"\x1f\x8b\x08"


def shown_name(path: Path) -> str:
    """Return the file's name as people write it: composed (NFC), whatever the file system keeps."""
    return unicodedata.normalize("NFC", path.name)


def locate(path: Path) -> Path | None:
    """Return `path` as the disk spells it, composed or decomposed; None when nothing has that name."""
    if os.path.exists(path):
        return path
    if path.parent == path:
        return None
    folder = locate(path.parent)
    same = (name for name in _names(folder) if unicodedata.normalize("NFC", name) == shown_name(path))
    found = next(same, None)
    return folder / found if folder is not None and found is not None else None


def existing_file(path: Path, known: Iterable[str] = ()) -> Path:
    """Return the file that `path` names.

    "-" is the standard input, which is then written to a temporary file. Raises `DataError` for a missing
    file, with the nearest name of that folder or of `known` (names that would also have been understood), and
    for a folder.
    """
    found = existing_source(path, known)
    if os.path.isdir(found):
        raise DataError("this is a folder", "name one file in it", where=str(path))
    return found


def existing_source(path: Path, known: Iterable[str] = ()) -> Path:
    """Return the file or folder that `path` names, as `existing_file` does."""
    if str(path) == PIPE:
        return spooled_stdin()
    found = locate(path)
    if found is None:
        siblings = {unicodedata.normalize("NFC", name): name for name in _names(locate(path.parent))}
        near = nearest(shown_name(path), [*siblings, *known])
        if near:
            shown = str(path.parent / near) if near in siblings else near
            raise DataError(
                "there is no such file", "did you mean {near}?", where=str(path), values={"near": shown}
            )
        raise DataError(
            "there is no such file", "name a file, or a public set of `yeoul data list`", where=str(path)
        )
    if not os.path.isfile(found) and not os.path.isdir(found):
        raise DataError("this is not a regular file", "save its content to a file first", where=str(path))
    return found


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open an existing file for reading, through gzip when it begins like a gzip file, whatever its name.

    Raises `DataError` when the file may not be read, and when the gzip stream is damaged or a bomb.
    """
    with open_raw(path) as file:
        zipped = file.read(len(GZIP)) == GZIP
        file.seek(0)
        if not zipped:
            yield file
            return
        try:
            with _Unpacked(fileobj=file) as content:
                yield cast(BinaryIO, content)
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise DataError("the gzip file is damaged", "fetch it again", where=shown_name(path)) from None


class _Unpacked(gzip.GzipFile):
    """A gzip file that ends where it grows beyond all texts."""

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        if self.tell() > MOST_UNPACKED_BYTES and self.tell() > _MOST_RATIO * os.fstat(self.fileno()).st_size:
            raise DataError(
                "the gzip file unpacks to more than {ratio} times its size",
                "unpack it yourself if you trust it, and name the file inside",
                where=shown_name(Path(self.name)),
                values={"ratio": _MOST_RATIO},
            )
        return block


@contextmanager
def open_raw(path: Path) -> Iterator[BinaryIO]:
    """Open an existing file for reading as it is; raise `DataError` when that is not allowed."""
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise DataError(
            "the file cannot be read: {reason}",
            "check its permissions",
            where=shown_name(path),
            values={"reason": error.strerror or type(error).__name__},
        ) from error


def _names(folder: Path | None) -> list[str]:
    try:
        return sorted(os.listdir(folder)) if folder is not None else []
    except OSError:
        return []
