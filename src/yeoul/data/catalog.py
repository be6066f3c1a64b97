"""Public data sets by name: where they come from, under which licence, and how to check them."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from yeoul.caches import cache_folder
from yeoul.data.opening import locate
from yeoul.errors import DataError
from yeoul.files import full_disk_named, sha256, sync_folder

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_BLOCK_BYTES = 1 << 18
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class CatalogFile:
    """One file of a set, known by its checksum."""

    name: str
    url: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class CatalogEntry:
    """A public set: `files` by split ("train", "test")."""

    name: str
    title: str
    licence: str
    home: str
    files: Mapping[str, CatalogFile]
    inputs: tuple[str, ...]
    target: str
    note: str


CATALOG: Mapping[str, CatalogEntry] = {
    "nsmc": CatalogEntry(
        name="nsmc",
        title="Naver sentiment movie corpus: Korean film reviews, negative (0) or positive (1)",
        licence="CC0-1.0",
        home="https://github.com/e9t/nsmc",
        files={
            "train": CatalogFile(
                "ratings_train.txt",
                "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_train.txt",
                "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940",
                14_628_807,
            ),
            "test": CatalogFile(
                "ratings_test.txt",
                "https://raw.githubusercontent.com/e9t/nsmc/master/ratings_test.txt",
                "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda",
                4_893_335,
            ),
        },
        inputs=("document",),
        target="label",
        note="1,571 of the 50,000 test texts also occur among the 150,000 training texts",
    ),
}


def find(entry: CatalogEntry) -> dict[str, Path]:
    """Return the files of a set by split: from the folder `YEOUL_DATA`, else from the user's cache.

    Raises `DataError` when one is nowhere.
    """
    mirror = os.environ.get("YEOUL_DATA")
    folders = [Path(mirror) / entry.name] if mirror else []
    folders.append(_cached(entry))
    found = {}
    for split, file in entry.files.items():
        places = (locate(folder / file.name) for folder in folders)
        path = next((place for place in places if place is not None and place.is_file()), None)
        if path is None:
            raise DataError(
                "the file {file} of the public set {name} is not on this machine",
                "run `yeoul data get {name}`, or set YEOUL_DATA to a folder that holds {name}/{file}",
                where=entry.name,
                values={"name": entry.name, "file": file.name},
            )
        found[split] = path
    return found


def check(file: CatalogFile, path: Path) -> str:
    """Return the file's SHA-256; raise `DataError` when it is not the catalog's."""
    digest = sha256(path)
    if digest != file.sha256:
        raise DataError(
            "the file is not the one that the catalog knows: its checksum differs",
            "fetch it again with `yeoul data get`, or give the path of your file instead of the set's name",
            where=str(path),
        )
    return digest


def get(entry: CatalogEntry) -> list[Path]:
    """Download the files of a set into the user's cache, unless they are there, and return their paths.

    Only https is spoken, also after a redirect; no more bytes are read than the catalog announces; a file
    appears in the cache only when its checksum is right. This is the one function that opens a connection.
    Raises `DataError` when a file cannot be fetched or is another one.
    """
    folder = _cached(entry)
    paths = []
    for file in entry.files.values():
        path = folder / file.name
        if not (path.is_file() and sha256(path) == file.sha256):
            with full_disk_named(path, file.bytes):
                folder.mkdir(parents=True, exist_ok=True)
                _download(file, path)
        paths.append(path)
    return paths


def _cached(entry: CatalogEntry) -> Path:
    return cache_folder() / "data" / entry.name


def _download(file: CatalogFile, path: Path) -> None:
    _refuse_plain(file.url)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as target:
            digest = _fetch(file, target.fileno())
            os.fsync(target.fileno())
        if digest != file.sha256:
            raise DataError(
                "what came is not the file that the catalog knows: its checksum differs",
                "try again later; the set may have moved",
                where=file.url,
            )
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _fetch(file: CatalogFile, descriptor: int) -> str:
    """Write the body of the answer to `descriptor` and return its SHA-256."""
    from http.client import HTTPException
    from urllib.error import URLError

    digest, size = hashlib.sha256(), 0
    try:
        with _opener().open(file.url, timeout=_TIMEOUT_SECONDS) as answer:
            while size <= file.bytes:
                block = answer.read(min(_BLOCK_BYTES, file.bytes + 1 - size))
                if not block:
                    break
                size += len(block)
                digest.update(block)
                os.write(descriptor, block)
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise DataError(
            "the file cannot be fetched: {reason}",
            "try again, or fetch it by other means into the folder that YEOUL_DATA names",
            where=file.url,
            values={"reason": str(error) or type(error).__name__},
        ) from error
    return digest.hexdigest()


def _opener() -> "OpenerDirector":
    """Return an opener that knows https and nothing else."""
    from http.client import HTTPMessage
    from typing import IO
    from urllib import request

    class OnlyHttps(request.HTTPRedirectHandler):
        def redirect_request(
            self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
        ) -> request.Request | None:
            _refuse_plain(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        OnlyHttps(),
    ):
        opener.add_handler(handler)
    return opener


def _refuse_plain(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise DataError("the address is not an https one", "report it to the makers of Yeoul", where=url)
