"""The catalog: files are found in the mirror first, and nothing but checked bytes reaches the cache."""

import hashlib
import io
import socket
import ssl
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from email.message import Message
from pathlib import Path
from urllib.error import URLError
from urllib.request import OpenerDirector, Request

import pytest

from yeoul.data import catalog
from yeoul.data.catalog import CATALOG, CatalogEntry, CatalogFile, Form, refuse_inward
from yeoul.errors import DataError

CONTENT = "text\tlabel\n좋다\t1\n".encode()
FILE = CatalogFile(
    "train.txt", "https://example.org/train.txt", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT)
)


def entry_of(*files: CatalogFile, **changes: object) -> CatalogEntry:
    form = Form({"train": "train.txt"}, tuple(files), inputs=("text",), target="label")
    form = replace(form, **changes)
    return CatalogEntry("tiny", "a tiny set", "classify", "CC0-1.0", "https://example.org/tiny", (form,))


ENTRY = entry_of(FILE)


class Answer(io.BytesIO):
    """A body with the headers of an answer."""

    headers: dict[str, str]


class FakeOpener:
    """Answers every address with the same bytes and counts what is read."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self.content, self.error, self.asked = content, error, 0
        self.announced: int | None = None

    def open(self, url: str, timeout: float) -> Answer:
        self.asked += 1
        assert url.startswith("https://")
        assert timeout > 0
        if self.error is not None:
            raise self.error
        answer = Answer(self.content)
        answer.headers = {} if self.announced is None else {"Content-Length": str(self.announced)}
        return answer


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("YEOUL_DATA", raising=False)


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeOpener]:
    def answer(content: bytes, error: Exception | None = None) -> FakeOpener:
        opener = FakeOpener(content, error)
        monkeypatch.setattr(catalog, "_opener", lambda: opener)
        return opener

    return answer


def test_entries_are_whole() -> None:
    assert len(CATALOG) >= 30
    for name, entry in CATALOG.items():
        assert entry.name == name
        assert entry.licence
        assert entry.title
        assert entry.home.startswith(("https://", "http://"))
        for form in entry.forms:
            assert form.splits
            for file in (*form.files, *form.archives):
                assert file.url == "" or file.url.startswith("https://")
                assert file.url == "" or file.url.endswith("/" + file.name)
                assert len(file.sha256) in (0, 64)
                assert bool(file.sha256) == bool(file.bytes)
            assert not form.archives or form.keep
            if form.target and form.columns:
                assert {*form.inputs, form.target} <= {*form.columns}


def test_an_unknown_key_is_no_entry() -> None:
    text = '[a]\ntitle="t"\ntask="classify"\nlicence="x"\nhome="h"\n'
    form = '[[a.forms]]\nsplits={all="f"}\n'
    assert catalog.read_catalog(text + form)["a"].forms[0].splits == {"all": "f"}
    with pytest.raises(TypeError, match="colums"):
        catalog.read_catalog(text + form + 'colums=["a"]\n')
    assert {field.name for field in fields(Form)} >= {"columns", "keep", "labels"}


def test_the_mirror_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"run `yeoul data get tiny`, or set YEOUL_DATA .* tiny/train\.txt"):
        catalog.find(ENTRY)
    cached = tmp_path / "cache" / "data" / "tiny" / "train.txt"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    assert catalog.find(ENTRY).paths == {"train": cached}
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path / "mirror"))
    assert catalog.find(ENTRY).paths == {"train": cached}
    mirrored = tmp_path / "mirror" / "tiny" / "train.txt"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(CONTENT)
    assert catalog.find(ENTRY).paths == {"train": mirrored}


def test_get_fetches_once(answering: Callable[..., FakeOpener]) -> None:
    opener = answering(CONTENT)
    (path,) = catalog.get(ENTRY)
    assert path.read_bytes() == CONTENT
    assert catalog.get(ENTRY) == [path]
    assert opener.asked == 1
    path.write_bytes(b"damaged")
    assert catalog.get(ENTRY)[0].read_bytes() == CONTENT
    assert opener.asked == 2
    assert [each.name for each in path.parent.iterdir()] == ["train.txt"]


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x", b"y" * len(CONTENT)])
def test_other_bytes_never_reach_the_cache(
    tmp_path: Path, answering: Callable[..., FakeOpener], content: bytes
) -> None:
    answering(content)
    with pytest.raises(DataError, match="checksum differs"):
        catalog.get(ENTRY)
    assert list((tmp_path / "cache" / "data" / "tiny").iterdir()) == []


def test_no_more_is_read_than_announced(
    answering: Callable[..., FakeOpener], monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Answer(b"z" * 10_000_000)
    opener = answering(b"")
    monkeypatch.setattr(opener, "open", lambda url, timeout: endless)
    place = []
    monkeypatch.setattr(endless, "close", lambda: place.append(endless.tell()))
    with pytest.raises(DataError, match="checksum differs"):
        catalog.get(ENTRY)
    assert place[0] == len(CONTENT) + 1


def test_a_failing_network_is_a_data_error(tmp_path: Path, answering: Callable[..., FakeOpener]) -> None:
    for error in (URLError("no route"), TimeoutError("too slow"), ConnectionResetError("gone")):
        answering(b"", error)
        with pytest.raises(DataError, match="cannot be fetched"):
            catalog.get(ENTRY)
    assert list((tmp_path / "cache" / "data" / "tiny").iterdir()) == []


@pytest.mark.parametrize("url", ["http://example.org/train.txt", "file:///etc/hosts", "ftp://example.org/x"])
def test_only_https_is_spoken(url: str, answering: Callable[..., FakeOpener]) -> None:
    opener = answering(CONTENT)
    entry = entry_of(replace(FILE, url=url))
    with pytest.raises(DataError, match="not an https one"):
        catalog.get(entry)
    assert opener.asked == 0


@pytest.mark.parametrize("url", ["http://example.org/train.txt", "file:///etc/hosts", "ftp://example.org/x"])
def test_redirects_stay_on_https(url: str) -> None:
    opener: OpenerDirector = catalog._opener()
    redirect = next(each for each in opener.handlers if hasattr(each, "redirect_request"))
    request, headers = Request("https://example.org/train.txt"), Message()
    with pytest.raises(DataError, match="not an https one"):
        redirect.redirect_request(request, io.BytesIO(), 302, "Found", headers, url)
    again = redirect.redirect_request(
        request, io.BytesIO(), 302, "Found", headers, "https://example.org/b.txt"
    )
    assert again.full_url == "https://example.org/b.txt"
    assert {scheme for scheme in opener.handle_open if "example" not in scheme} <= {"https", "unknown"}


def test_a_file_of_another_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_bytes(CONTENT)
    assert catalog.check(FILE, path) == FILE.sha256
    path.write_bytes(CONTENT.replace(b"\n", b"\r\n"))
    with pytest.raises(DataError, match="its checksum differs"):
        catalog.check(FILE, path)


def test_a_file_of_unknown_checksum_is_taken_whole_or_not_at_all(
    answering: Callable[..., FakeOpener],
) -> None:
    entry = entry_of(CatalogFile("train.txt", "https://example.org/train.txt"))
    opener = answering(CONTENT)
    opener.announced = len(CONTENT) + 1
    with pytest.raises(DataError, match=f"cannot be fetched: {len(CONTENT)} of {len(CONTENT) + 1} bytes"):
        catalog.get(entry)
    opener.announced = len(CONTENT)
    (path,) = catalog.get(entry)
    assert path.read_bytes() == CONTENT
    assert catalog.get(entry) == [path]
    assert opener.asked == 2


def test_an_archive_is_unpacked_into_the_cache(tmp_path: Path, answering: Callable[..., FakeOpener]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("set/train.txt", CONTENT)
        archive.writestr("set/other.txt", b"not wanted")
    entry = entry_of(
        splits={"train": "set/train.txt"},
        archives=(CatalogFile("set.zip", "https://example.org/set.zip"),),
        keep=("set/train.txt",),
    )
    opener = answering(packed.getvalue())
    opener.announced = len(packed.getvalue())
    (path,) = catalog.get(entry)
    assert path == tmp_path / "cache" / "data" / "tiny" / "set" / "train.txt"
    assert path.read_bytes() == CONTENT
    assert [each.name for each in path.parents[1].iterdir()] == ["set"]
    assert [each.name for each in path.parent.iterdir()] == ["train.txt"]
    assert catalog.find(entry).paths == {"train": path}
    assert catalog.get(entry) == [path]
    assert opener.asked == 1
    with pytest.raises(DataError, match="does not hold what the catalog expects"):
        catalog.get(replace(entry, name="other", forms=(replace(entry.forms[0], splits={"all": "absent"}),)))


def test_what_nobody_offers_is_fetched_by_hand() -> None:
    entry = entry_of(replace(FILE, url=""))
    for act in (catalog.get, catalog.find):
        with pytest.raises(
            DataError, match=r"fetch it by hand from https://example.org/tiny .* tiny/train\.txt"
        ):
            act(entry)


def test_the_form_whose_sizes_are_known_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Form({"train": "train.txt"}, (CatalogFile("train.txt", "https://example.org/train.txt"),))
    entry = replace(ENTRY, forms=(*ENTRY.forms, other))
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path))
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "train.txt").write_bytes(CONTENT)
    assert catalog.find(entry).form == entry.forms[0]
    (tmp_path / "tiny" / "train.txt").write_bytes(CONTENT + b"another version")
    assert catalog.find(entry).form == other
    assert catalog.find(ENTRY).form == ENTRY.forms[0]


INWARD = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
    *("224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::1"),
]


@pytest.mark.parametrize("address", INWARD)
def test_no_address_inside_is_spoken_to(address: str) -> None:
    with pytest.raises(DataError, match="is not a public one"):
        refuse_inward(address, "example.org")


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are(address: str) -> None:
    refuse_inward(address, "example.org")


class FakeSocket:
    """A connection to `peer` that answers with `content`, and tells whether anything was sent."""

    def __init__(self, peer: str, content: bytes) -> None:
        self.peer, self.content, self.sent, self.closed = peer, content, b"", False

    def getpeername(self) -> tuple[str, int]:
        return self.peer, 443

    def sendall(self, content: bytes) -> None:
        self.sent += content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.content)

    def close(self) -> None:
        self.closed = True


def connected(monkeypatch: pytest.MonkeyPatch, sockets: dict[str, FakeSocket]) -> None:
    """Let the hosts be those sockets, and encryption be nothing."""

    class Trust:
        def wrap_socket(self, plain: FakeSocket, server_hostname: str) -> FakeSocket:
            return plain

    real = ssl.create_default_context
    monkeypatch.setattr(socket, "create_connection", lambda place, timeout: sockets[place[0]])
    monkeypatch.setattr(ssl, "create_default_context", lambda: Trust())
    monkeypatch.setattr(ssl, "_create_default_https_context", real)
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)


def redirect_to(url: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


BODY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(CONTENT) + CONTENT


def test_a_redirect_is_followed_to_public_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    sockets = {
        "example.org": FakeSocket("93.184.216.34", redirect_to("https://files.example.org/a")),
        "files.example.org": FakeSocket("93.184.216.35", BODY),
    }
    connected(monkeypatch, sockets)
    (path,) = catalog.get(ENTRY)
    assert path.read_bytes() == CONTENT
    assert sockets["files.example.org"].sent.startswith(b"GET /a HTTP/1.1")
    assert b"Python-urllib" not in sockets["example.org"].sent


@pytest.mark.parametrize("peer", ["127.0.0.1", "169.254.169.254", "fd00::1"])
@pytest.mark.parametrize("redirected", [False, True])
def test_what_resolves_inward_is_never_asked(
    peer: str, redirected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = FakeSocket(peer, BODY)
    outer = FakeSocket("93.184.216.34", redirect_to("https://inner.example.org/secret"))
    connected(monkeypatch, {"example.org": outer if redirected else inner, "inner.example.org": inner})
    with pytest.raises(DataError, match=f"the address {peer} is not a public one"):
        catalog.get(ENTRY)
    assert inner.sent == b""
    assert inner.closed


def test_a_ring_of_redirects_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = FakeSocket("93.184.216.34", redirect_to("https://example.org/train.txt"))
    connected(monkeypatch, {"example.org": ring})
    with pytest.raises(DataError, match="cannot be fetched"):
        catalog.get(ENTRY)


@pytest.mark.data
def test_the_catalog_knows_the_real_files(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    checked = 0
    for entry in CATALOG.values():
        folder = data_folder / (entry.folder or entry.name)
        if not folder.is_dir():
            continue
        found = catalog.find(entry)
        for file in found.form.files:
            assert catalog.check(file, found.folder / file.name) == (file.sha256 or None)
            assert (found.folder / file.name).stat().st_size == file.bytes
            checked += 1
    assert checked >= 50
