"""Write files whole or not at all.

A file is written beside its target, flushed to the disk and renamed into place, so a reader sees the old file
or the new one and never a part. Folders are exchanged in the same way. A full disk becomes a `DiskFullError`
and leaves what was there before.
"""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yeoul.errors import DiskFullError, ModelFileError

SUMS = "SHA256SUMS"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` atomically; parents must exist."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with full_disk_named(path, len(content)):
            _write_through(part, content)
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` atomically as UTF-8 with Unix line ends."""
    write_bytes(path, content.encode("utf-8"))


def append_line(path: Path, line: str) -> None:
    """Append one line in a single write and flush it, so that a crash can tear at most the last line."""
    content = (line + "\n").encode("utf-8")
    with full_disk_named(path, len(content)):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on leaving, seal it with checksums and put it in the place of `target`.

    A crash at any moment leaves either the old or the new folder findable by `settle_folder(target)`.
    """
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with full_disk_named(target, 0):
        try:
            fresh.mkdir(parents=True)
            yield fresh
            seal(fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        old = _old(target)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            os.rename(target, old)
        os.rename(fresh, target)
        sync_folder(target.parent)
        shutil.rmtree(old, ignore_errors=True)


def settle_folder(target: Path) -> Path:
    """Return the readable form of a folder that `replaced_folder` may have left half exchanged."""
    old = _old(target)
    return target if target.exists() or not old.exists() else old


def seal(folder: Path) -> None:
    """Write the SHA-256 of every file in and below `folder` into it, and flush all of them to the disk."""
    names = sorted(_below(folder) - {SUMS})
    for name in names:
        with open(folder / name, "rb") as file:
            os.fsync(file.fileno())
    lines = [f"{sha256(folder / name)}  {name}" for name in names]
    write_text(folder / SUMS, "\n".join(lines) + "\n")


def check_seal(folder: Path) -> None:
    """Compare every file of `folder` with its recorded SHA-256; raise `ModelFileError` at the first difference."""
    sums = folder / SUMS
    if not sums.is_file():
        raise ModelFileError("SHA256SUMS is missing, so the folder is incomplete", _REMEDY, where=str(folder))
    try:
        pairs = (line.split("  ", 1) for line in sums.read_text("utf-8").splitlines())
        recorded = {name: digest for digest, name in pairs}
    except (UnicodeDecodeError, ValueError):
        raise ModelFileError("the checksums are damaged", _REMEDY, where=str(sums)) from None
    present = _below(folder) - {SUMS}
    for name in sorted(present | recorded.keys()):
        place = str(folder / name)
        if name not in present:
            raise ModelFileError("the file is missing", _REMEDY, where=place)
        if name not in recorded:
            raise ModelFileError("the file is not among the checksums", _REMEDY, where=place)
        if not stat.S_ISREG((folder / name).lstat().st_mode):
            raise ModelFileError("this is not a regular file", _REMEDY, where=place)
        if sha256(folder / name) != recorded[name]:
            raise ModelFileError("the file is damaged: its checksum differs", _REMEDY, where=place)


_REMEDY = "copy the folder again from its source, or train again"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits, reading it in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Flush a folder's own entries, so that a rename survives a power cut; a no-op where that is not possible."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def full_disk_named(path: Path, need_bytes: int) -> Iterator[None]:
    """Turn the system's "no space left" inside the block into a `DiskFullError` that says need and room."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        free = shutil.disk_usage(_existing(path)).free
        raise DiskFullError(
            "the disk is full: {free_mb} MB free, {need_mb} MB to write",
            "make room and go on with `yeoul train --resume`",
            where=str(path),
            values={"free_mb": f"{free / 1e6:,.1f}", "need_mb": f"{need_bytes / 1e6:,.1f}"},
        ) from error


def _below(folder: Path) -> set[str]:
    """Return the names of what lies in and below a folder, folders left out and links not followed."""
    inside: set[str] = set()
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        inside |= {(Path(parent) / name).relative_to(folder).as_posix() for name in (*files, *links)}
    return inside


def _write_through(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
