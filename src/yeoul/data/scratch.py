"""Room on the disk for what does not fit into memory: it is gone with the process that made it."""

import mmap
import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from yeoul.caches import cache_folder
from yeoul.errors import DataError
from yeoul.files import full_disk_named

LARGE_BYTES = 64 << 20
"""Above this size, what is read is kept on the disk and mapped into memory."""
STDIN = "stdin"
"""How the standard input is called where a file is."""
MOST_STDIN_BYTES = 16 << 30
_BLOCK_BYTES = 1 << 20

_maps: "weakref.WeakSet[mmap.mmap]" = weakref.WeakSet()
_spooled: "weakref.WeakKeyDictionary[TextIO, Path]" = weakref.WeakKeyDictionary()


def scratch_folder() -> Path:
    """Return a folder of the user's cache that can be written, else the system's one for temporary files."""
    folder = cache_folder() / "scratch"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return folder if os.access(folder, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def joined(blocks: Iterable[bytes]) -> bytes | memoryview:
    """Return the blocks one after another, on the disk when they are more than `LARGE_BYTES`.

    Raises `DiskFullError` when the disk has no room for them.
    """
    rest, held, size = iter(blocks), [], 0
    for block in rest:
        held.append(block)
        size += len(block)
        if size > LARGE_BYTES:
            break
    else:
        return b"".join(held)
    folder = scratch_folder()
    with full_disk_named(folder, size), tempfile.TemporaryFile(dir=folder) as file:
        file.writelines(held)
        held.clear()
        file.writelines(rest)
        file.flush()
        return mapped(file)


def mapped(file: IO[bytes]) -> memoryview:
    """Map an open file that nobody changes; the map lasts as long as someone holds it."""
    found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    _maps.add(found)
    return memoryview(found)


def let_go() -> None:
    """Give the memory of mapped files back to the system, which reads them again where they are touched."""
    if sys.platform != "win32":
        for each in list(_maps):
            each.madvise(mmap.MADV_DONTNEED)


def spooled_stdin() -> Path:
    """Write what the standard input holds to a file, once, and return its path; it goes with the process.

    Raises `DataError` when nothing is piped into it, or more than `MOST_STDIN_BYTES`.
    """
    if sys.stdin not in _spooled:
        if sys.stdin.isatty():
            raise DataError(
                "nothing is piped into the standard input",
                "write `… | yeoul … -`, or name a file",
                where=STDIN,
            )
        folder = Path(tempfile.mkdtemp(prefix="stdin-", dir=scratch_folder()))
        weakref.finalize(sys.stdin, shutil.rmtree, folder, ignore_errors=True)
        _spool(sys.stdin.buffer, folder / STDIN)
        _spooled[sys.stdin] = folder / STDIN
    return _spooled[sys.stdin]


def _spool(stream: BinaryIO, path: Path) -> None:
    size = 0
    with full_disk_named(path, _BLOCK_BYTES), open(path, "wb") as file:
        while block := stream.read(_BLOCK_BYTES):
            size += len(block)
            if size > MOST_STDIN_BYTES:
                raise DataError(
                    "more than {limit} GB came through the standard input",
                    "save it to a file and name that",
                    where=STDIN,
                    values={"limit": MOST_STDIN_BYTES >> 30},
                )
            file.write(block)
