"""Public data sets by name: where they come from, under which licence, and how to check them."""

import hashlib
import ipaddress
import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files as package_files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from yeoul.caches import cache_folder
from yeoul.data.archives import MOST_BYTES, unpack
from yeoul.data.opening import locate
from yeoul.errors import DataError
from yeoul.files import full_disk_named, sha256, sync_folder

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_BLOCK_BYTES = 1 << 18
_TIMEOUT_SECONDS = 60.0
_AGENT = "Mozilla/5.0 (compatible; yeoul)"  # some homes refuse the name of Python's own library
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SetTask = Literal["classify", "tag", "generate", "transduce", "forecast", "caption", "compare", "vectors"]


@dataclass(frozen=True)
class CatalogFile:
    """One file of a set; an empty checksum or no size says that it is not known: nobody measured it."""

    name: str
    """Below the set's folder."""
    url: str = ""
    """Nothing where the set's makers do not offer this very file."""
    sha256: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class Form:
    """One way in which a set is kept: as its makers offer it, or as a mirror holds it."""

    splits: Mapping[str, str]
    """Files or folders below the set's folder: "train" and "test" where they are official, else "all" or by content."""
    files: tuple[CatalogFile, ...] = ()
    archives: tuple[CatalogFile, ...] = ()
    """What is fetched and unpacked where the files themselves are not offered."""
    keep: tuple[str, ...] = ()
    """What is unpacked of the archives."""
    columns: tuple[str, ...] = ()
    """Names of the columns where the file has no header."""
    classes: tuple[str, ...] = ()
    """Folders that are classes, where others stand beside them."""
    inputs: tuple[str, ...] = ()
    target: str = ""
    """Nothing where the set has no label a row."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What the values of the target mean, where they are not the labels themselves."""
    encoding: str = "auto"
    separator: str = "auto"
    pair: tuple[str, ...] = ()
    """Of pairs: the columns of the source, and last that of the target."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Of pairs: values that columns must have for a row to be one."""
    forecast: Mapping[str, Any] = field(default_factory=dict)
    """Of measurements: what a recipe's `[forecast]` need not say, such as the target and the time of the first row."""

    @property
    def is_offered(self) -> bool:
        """Whether `get` can fetch it."""
        return bool(self.archives) or (bool(self.files) and all(file.url for file in self.files))

    @property
    def downloads(self) -> tuple[CatalogFile, ...]:
        return self.archives or self.files


@dataclass(frozen=True)
class CatalogEntry:
    """A public set in one or more forms."""

    name: str
    title: str
    task: SetTask
    licence: str
    home: str
    forms: tuple[Form, ...]
    note: str = ""
    folder: str = ""
    """Name of its folder in a mirror, where it is not the set's own name."""

    @property
    def offered(self) -> Form | None:
        """The form that `get` fetches."""
        return next((form for form in self.forms if form.is_offered), None)


@dataclass(frozen=True)
class Found:
    """A form of a set that lies on this machine."""

    form: Form
    folder: Path

    @cached_property
    def paths(self) -> dict[str, Path]:
        """The files or folders by split."""
        return {split: locate(self.folder / name) or self.folder for split, name in self.form.splits.items()}

    @property
    def is_whole(self) -> bool:
        """Whether everything is there."""
        names = (*self.form.splits.values(), *(file.name for file in self.form.files))
        return all(locate(self.folder / name) is not None for name in names)

    @property
    def has_known_sizes(self) -> bool:
        files = self.form.files
        sizes = ((self.folder / file.name).stat().st_size == (file.bytes or -1) for file in files)
        return bool(files) and all(sizes)


def read_catalog(text: str) -> Mapping[str, CatalogEntry]:
    """Read the table of sets; raise `TypeError` at a key that an entry does not know."""
    return MappingProxyType({name: _entry(name, values) for name, values in tomllib.loads(text).items()})


def _entry(name: str, values: Mapping[str, Any]) -> CatalogEntry:
    forms = tuple(_form(each) for each in values["forms"])
    return CatalogEntry(**{**values, "name": name, "forms": forms})


def _form(values: Mapping[str, Any]) -> Form:
    lists = {key: tuple(each) for key, each in values.items() if isinstance(each, list)}
    for key in ("files", "archives"):
        lists[key] = tuple(CatalogFile(**each) for each in values.get(key, ()))
    return Form(**{**values, **lists})


CATALOG = read_catalog((package_files("yeoul.data") / "catalog.toml").read_text("utf-8"))


def find(entry: CatalogEntry) -> Found:
    """Return the form of a set that is at hand: in the folder `YEOUL_DATA`, else in the user's cache.

    Where several are, the one whose files have the sizes that the catalog knows comes first, then one of
    unknown sizes. Raises `DataError` when none is whole.
    """
    mirror = os.environ.get("YEOUL_DATA")
    folders = [Path(mirror) / (entry.folder or entry.name)] if mirror else []
    places = (
        Found(form, locate(folder) or folder) for folder in (*folders, _cached(entry)) for form in entry.forms
    )
    whole = [place for place in places if place.is_whole]
    if not whole:
        form = entry.forms[0]
        file = form.files[0].name if form.files else next(iter(form.splits.values()))
        if entry.offered is None:
            raise _by_hand(entry)
        raise DataError(
            "the file {file} of the public set {name} is not on this machine",
            "run `yeoul data get {name}`, or set YEOUL_DATA to a folder that holds {folder}/{file}",
            where=entry.name,
            values={"name": entry.name, "file": file, "folder": entry.folder or entry.name},
        )
    return min(whole, key=lambda place: (not place.has_known_sizes, any(f.bytes for f in place.form.files)))


def check(file: CatalogFile, path: Path) -> str:
    """Return the file's SHA-256; raise `DataError` when the catalog knows another one."""
    digest = sha256(path)
    if file.sha256 and digest != file.sha256:
        raise DataError(
            "the file is not the one that the catalog knows: its checksum differs",
            "fetch it again with `yeoul data get`, or give the path of your file instead of the set's name",
            where=str(path),
        )
    return digest


def get(entry: CatalogEntry) -> list[Path]:
    """Download a set into the user's cache, unless it is there, and return the paths of its files or folders.

    Only https is spoken and only with public addresses, also after a redirect; no more bytes are read than
    the catalog announces, or 2 GiB; a file appears in the cache only when its checksum is right, where one is
    known. Archives are unpacked by `archives.unpack`. This is the one function that opens a connection.
    Raises `DataError` when something cannot be fetched or is another file.
    """
    form, folder = entry.offered, _cached(entry)
    if form is None:
        raise _by_hand(entry)
    found = Found(form, folder)
    with full_disk_named(folder, sum(file.bytes for file in form.downloads)):
        folder.mkdir(parents=True, exist_ok=True)
        if form.archives:
            if not found.is_whole:
                _unpack_into(form, folder)
        else:
            for file in form.files:
                path = folder / file.name
                if not (path.is_file() and file.sha256 in ("", sha256(path))):
                    _download(file, path)
    if not found.is_whole:
        raise DataError(
            "the archive does not hold what the catalog expects",
            "report it to the makers of Yeoul",
            where=entry.name,
        )
    return list(found.paths.values())


def _by_hand(entry: CatalogEntry) -> DataError:
    return DataError(
        "Yeoul cannot fetch the public set {name}",
        "fetch it by hand from {home} and set YEOUL_DATA to a folder that holds {folder}/{file}",
        where=entry.name,
        values={
            "name": entry.name,
            "home": entry.home,
            "folder": entry.folder or entry.name,
            "file": next(iter(entry.forms[0].splits.values())),
        },
    )


def _cached(entry: CatalogEntry) -> Path:
    return cache_folder() / "data" / entry.name


def _unpack_into(form: Form, folder: Path) -> None:
    """Fetch the archives, unpack them beside the folder's content, and move what came of it into place."""
    with tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder) as place:
        fresh = Path(place, "content")
        fresh.mkdir()
        for archive in form.archives:
            packed = Path(place, archive.name)
            _download(archive, packed)
            unpack(packed, fresh, form.keep)
            packed.unlink()
        for path in sorted(fresh.iterdir()):
            target = folder / path.name
            if target.is_dir():
                shutil.rmtree(target)
            os.replace(path, target)
    sync_folder(folder)


def _download(file: CatalogFile, path: Path) -> None:
    _refuse_plain(file.url)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as target:
            digest = _fetch(file, target.fileno())
            os.fsync(target.fileno())
        if file.sha256 and digest != file.sha256:
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

    digest, size, most = hashlib.sha256(), 0, file.bytes or MOST_BYTES
    try:
        with _opener().open(file.url, timeout=_TIMEOUT_SECONDS) as answer:
            announced = None if file.sha256 else answer.headers.get("Content-Length")
            while size <= most:
                block = answer.read(min(_BLOCK_BYTES, most + 1 - size))
                if not block:
                    break
                size += len(block)
                digest.update(block)
                os.write(descriptor, block)
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        raise _not_fetched(file, str(error) or type(error).__name__) from error
    if not file.sha256 and (size > most or announced not in (None, str(size))):
        raise _not_fetched(file, f"{size:,} of {announced} bytes")
    return digest.hexdigest()


def _not_fetched(file: CatalogFile, reason: str) -> DataError:
    return DataError(
        "the file cannot be fetched: {reason}",
        "try again, or fetch it by other means into the folder that YEOUL_DATA names",
        where=file.url,
        values={"reason": reason},
    )


def _opener() -> "OpenerDirector":
    """Return an opener that knows https and nothing else, and talks to public addresses only."""
    import socket
    import ssl
    from http.client import HTTPMessage, HTTPResponse, HTTPSConnection
    from typing import IO
    from urllib import request

    trust = ssl.create_default_context()

    class PublicConnection(HTTPSConnection):
        proxied = False

        def set_tunnel(
            self, host: str, port: int | None = None, headers: Mapping[str, str] | None = None
        ) -> None:
            self.proxied = True  # set up by the user, and it is the proxy that connects
            super().set_tunnel(host, port, headers)

        def connect(self) -> None:
            if self.proxied:
                super().connect()
                return
            plain = socket.create_connection((self.host, self.port), self.timeout)
            try:
                refuse_inward(str(plain.getpeername()[0]), self.host)
                self.sock = trust.wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise

    class OnlyPublic(request.HTTPSHandler):
        def https_open(self, req: request.Request) -> HTTPResponse:
            return self.do_open(PublicConnection, req)

    class OnlyHttps(request.HTTPRedirectHandler):
        def redirect_request(
            self, req: request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
        ) -> request.Request | None:
            _refuse_plain(newurl)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = request.OpenerDirector()
    opener.addheaders = [("User-Agent", _AGENT)]
    for handler in (
        request.ProxyHandler(),
        OnlyPublic(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPErrorProcessor(),
        OnlyHttps(),
    ):
        opener.add_handler(handler)
    return opener


def refuse_inward(address: str, host: str) -> None:
    """Raise `DataError` for an address inside this machine or network: no public set lies there."""
    number = ipaddress.ip_address(address.partition("%")[0])
    meant: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [number]
    if isinstance(number, ipaddress.IPv6Address):  # an IPv4 address may travel in it
        carried = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
        if number in _NAT64:
            carried.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
        meant = [each for each in carried if each is not None] + meant[: number.ipv4_mapped is None]
    if not all(each.is_global and not each.is_multicast for each in meant):
        raise DataError(
            "the address {address} is not a public one",
            "report it to the makers of Yeoul",
            where=host,
            values={"address": address},
        )


def _refuse_plain(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise DataError("the address is not an https one", "report it to the makers of Yeoul", where=url)
