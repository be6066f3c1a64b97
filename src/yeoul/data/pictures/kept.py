"""Where decoded pictures, and what is told of them, lie in the user's cache; the oldest make room for new ones."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from yeoul.caches import cache_folder
from yeoul.data.scratch import scratch_folder

MOST_BYTES = 8 << 30
PIXELS, TOLD = ".pixels", ".told"
_PART = ".part-"
_ABANDONED_SECONDS = 86_400.0


@dataclass(frozen=True)
class Part:
    """A new file that is still being written."""

    path: Path
    lasting: bool
    """Whether it can be kept: the cache can be written."""

    def keep(self, name: Path) -> None:
        """Give the file its lasting name, and remove the oldest while all are larger than `MOST_BYTES`."""
        os.replace(self.path, name)
        _forget(name)


def kept_folder() -> Path:
    """Return the folder, which need not exist yet."""
    return cache_folder() / "pictures"


@contextmanager
def fresh_part(suffix: str) -> Iterator[Part]:
    """Make a file to write; it is gone afterwards unless it was kept, but what is mapped of it stays readable."""
    folder = kept_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lasting = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        lasting = False
    handle, name = tempfile.mkstemp(prefix=_PART, suffix=suffix, dir=folder if lasting else scratch_folder())
    os.close(handle)
    try:
        yield Part(Path(name), lasting)
    finally:
        with suppress(PermissionError):  # Windows keeps what is mapped
            Path(name).unlink(missing_ok=True)


def _forget(newest: Path) -> None:
    """Remove the oldest files while all are too large, and what a killed process left unfinished."""
    with suppress(OSError):  # another process may remove the same; Windows keeps what is mapped
        files = [file for suffix in (PIXELS, TOLD) for file in newest.parent.glob("*" + suffix)]
        room = MOST_BYTES
        for file in sorted(files, key=lambda file: -file.stat().st_mtime):
            room -= file.stat().st_size
            unfinished = file.name.startswith(_PART)
            if unfinished and time.time() - file.stat().st_mtime < _ABANDONED_SECONDS:
                continue
            if file != newest and (room < 0 or unfinished):
                file.with_suffix(".json").unlink(missing_ok=True)
                file.unlink(missing_ok=True)
