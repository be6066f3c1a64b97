"""The catalog: files are found in the mirror first, and nothing but checked bytes reaches the cache."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from email.message import Message
from pathlib import Path
from urllib.error import URLError
from urllib.request import OpenerDirector, Request

import pytest

from yeoul.data import catalog
from yeoul.data.catalog import CATALOG, CatalogEntry, CatalogFile
from yeoul.errors import DataError

CONTENT = "text\tlabel\n좋다\t1\n".encode()
ENTRY = CatalogEntry(
    "tiny",
    "a tiny set",
    "CC0-1.0",
    "https://example.org/tiny",
    {
        "train": CatalogFile(
            "train.txt", "https://example.org/train.txt", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT)
        )
    },
    ("text",),
    "label",
    "",
)


class FakeOpener:
    """Answers every address with the same bytes and counts what is read."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        self.content, self.error, self.asked = content, error, 0

    def open(self, url: str, timeout: float) -> io.BytesIO:
        self.asked += 1
        assert url.startswith("https://")
        assert timeout > 0
        if self.error is not None:
            raise self.error
        return io.BytesIO(self.content)


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
    for name, entry in CATALOG.items():
        assert entry.name == name
        assert entry.licence
        for file in entry.files.values():
            assert file.url.startswith("https://")
            assert file.url.endswith("/" + file.name)
            assert len(file.sha256) == 64
            assert file.bytes > 0


def test_the_mirror_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"run `yeoul data get tiny`, or set YEOUL_DATA .* tiny/train\.txt"):
        catalog.find(ENTRY)
    cached = tmp_path / "cache" / "data" / "tiny" / "train.txt"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(CONTENT)
    assert catalog.find(ENTRY) == {"train": cached}
    monkeypatch.setenv("YEOUL_DATA", str(tmp_path / "mirror"))
    assert catalog.find(ENTRY) == {"train": cached}
    mirrored = tmp_path / "mirror" / "tiny" / "train.txt"
    mirrored.parent.mkdir(parents=True)
    mirrored.write_bytes(CONTENT)
    assert catalog.find(ENTRY) == {"train": mirrored}


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
    endless = io.BytesIO(b"z" * 10_000_000)
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
    entry = replace(ENTRY, files={"train": replace(ENTRY.files["train"], url=url)})
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
    assert catalog.check(ENTRY.files["train"], path) == ENTRY.files["train"].sha256
    path.write_bytes(CONTENT.replace(b"\n", b"\r\n"))
    with pytest.raises(DataError, match="its checksum differs"):
        catalog.check(ENTRY.files["train"], path)


@pytest.mark.data
def test_the_catalog_knows_the_real_files(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    entry = CATALOG["nsmc"]
    for split, path in catalog.find(entry).items():
        assert catalog.check(entry.files[split], path)
        assert path.stat().st_size == entry.files[split].bytes
