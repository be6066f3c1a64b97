"""Unpack an archive that came from elsewhere, so that nothing but plain files in one folder can come of it."""

import errno
import gzip
import lzma
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from yeoul.errors import DataError

MOST_BYTES = 2 << 30
MOST_ENTRIES = 150_000  # aclImdb_v1.tar.gz has a little more than 100,000
MOST_RATIO = 100
_BLOCK_BYTES = 1 << 18
_LONGEST_NAME = 240
_DEEPEST = 16
_DAMAGE = (
    *(tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, RuntimeError, ValueError),
)
_ELSEWHERE = "do not use it; look at the set's home page"


def unpack(archive: Path, folder: Path, keep: Sequence[str]) -> int:
    """Write the files of a tar (plain or compressed) or zip archive below an existing folder; return their number.

    `keep` names what is written: files, or folders with a slash at the end; nothing named keeps all. An entry
    that would leave the folder, a link, a device, two names that differ in case or composition only, more
    than 2 GiB, 150,000 entries or a hundredfold size refuse the archive whole with a `DataError`.
    """
    limits = _Limits(archive.name, archive.stat().st_size)
    try:
        for entry in _zip_entries(archive) if zipfile.is_zipfile(archive) else _tar_entries(archive):
            limits.admit(entry)
            if not entry.is_folder and _is_kept(entry.name, keep):
                _write(entry, folder / entry.name, limits)
    except (*_DAMAGE, OSError) as error:
        if isinstance(error, OSError) and not isinstance(error, _DAMAGE) and error.errno != errno.EINVAL:
            raise  # EINVAL: a damaged entry points before the file's beginning
        raise DataError(
            "the archive is damaged or of an unknown kind", "fetch it again", where=archive.name
        ) from error
    return limits.files


def _write(entry: "_Entry", path: Path, limits: "_Limits") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "xb") as target:
        while block := entry.read():
            limits.weigh(len(block))
            target.write(block)
    limits.files += 1


@dataclass(frozen=True)
class _Entry:
    name: str
    is_folder: bool
    is_plain: bool
    content: IO[bytes] | None

    def read(self) -> bytes:
        return b"" if self.content is None else self.content.read(_BLOCK_BYTES)


@dataclass
class _Limits:
    archive: str
    packed_bytes: int
    seen: set[str] = field(default_factory=set)
    entries: int = 0
    bytes: int = 0
    files: int = 0

    def admit(self, entry: _Entry) -> None:
        """Refuse an entry that is no plain file or folder inside the archive's own folder."""
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise self._too_much()
        if not (entry.is_folder or entry.is_plain):
            raise DataError(
                "the archive holds a link or a device: {name}",
                _ELSEWHERE,
                where=self.archive,
                values={"name": entry.name},
            )
        if not _stays_inside(entry.name):
            raise DataError(
                "the archive has an entry that would not stay in its folder: {name}",
                _ELSEWHERE,
                where=self.archive,
                values={"name": entry.name},
            )
        spelled = unicodedata.normalize("NFC", entry.name).casefold()
        if not entry.is_folder and spelled in self.seen:
            raise DataError(
                "two entries of the archive have the same name, capitals and composition aside: {name}",
                _ELSEWHERE,
                where=self.archive,
                values={"name": entry.name},
            )
        self.seen.add(spelled)

    def weigh(self, size: int) -> None:
        self.bytes += size
        if self.bytes > min(MOST_BYTES, MOST_RATIO * max(self.packed_bytes, 1 << 16)):
            raise self._too_much()

    def _too_much(self) -> DataError:
        return DataError(
            "the archive unpacks to more than a set of data should", _ELSEWHERE, where=self.archive
        )


def _stays_inside(name: str) -> bool:
    parts = PurePosixPath(name.rstrip("/")).parts
    plain = not any(mark in name for mark in ("\\", ":")) and name.replace("\u200d", "").isprintable()
    return (
        plain
        and 0 < len(parts) <= _DEEPEST
        and not name.startswith("/")
        and ".." not in name.split("/")
        and all(len(part.encode("utf-8", "replace")) <= _LONGEST_NAME for part in parts)
    )


def _is_kept(name: str, keep: Sequence[str]) -> bool:
    return not keep or any(name.startswith(each) if each.endswith("/") else name == each for each in keep)


def _zip_entries(archive: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            plain = kind in (0, stat.S_IFREG)
            with _opened(opened, info, plain) as content:
                yield _Entry(info.filename, info.is_dir(), plain, content)


@contextmanager
def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, plain: bool) -> Iterator[IO[bytes] | None]:
    if info.is_dir() or not plain:
        yield None
        return
    with archive.open(info) as content:
        yield content


def _tar_entries(archive: Path) -> Iterator[_Entry]:
    with tarfile.open(archive, "r|*") as opened:
        for info in opened:
            name = info.name.removeprefix("./") or "."
            plain = info.isreg()
            yield _Entry(name, info.isdir(), plain, opened.extractfile(info) if plain else None)
