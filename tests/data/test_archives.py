"""Archives: what is good comes out byte for byte, what is hostile leaves nothing outside its folder."""

import io
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data import archives
from yeoul.data.archives import unpack
from yeoul.errors import DataError

GOOD = {"set/train/pos/0_9.txt": "좋다".encode(), "set/train/neg/1_2.txt": b"bad" * 5000, "set/README": b"x"}


def tar_of(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def zip_of(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


MAKERS: list[Callable[[Path, dict[str, bytes]], Path]] = [tar_of, zip_of]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_kept_comes_out_whole(make: Callable[..., Path], folder: Path, tmp_path: Path) -> None:
    assert unpack(make(tmp_path / "a", GOOD), folder, ()) == 3
    assert contents(folder) == GOOD
    (tmp_path / "some").mkdir()
    assert unpack(tmp_path / "a", tmp_path / "some", ("set/train/",)) == 2
    assert contents(tmp_path / "some") == {name: each for name, each in GOOD.items() if "train" in name}


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "a/../../outside",
        "a/..",
        "/outside",
        "//server/share",
        "C:\\outside",
        "C:outside",
        "a\\..\\..\\outside",
        "a\nb",
        "a\u202eb",
        "d/" * 20 + "deep",
        "가" * 200,
    ],
)
def test_no_name_leads_outside(make: Callable[..., Path], name: str, folder: Path, tmp_path: Path) -> None:
    archive = make(tmp_path / "a", {"good": b"1", name: b"2"})
    with pytest.raises(DataError, match="would not stay in its folder"):
        unpack(archive, folder, ())
    assert set(contents(tmp_path)) <= {"a", "out/good"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_are_refused(kind: bytes, folder: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a", "w") as archive:
        info = tarfile.TarInfo("innocent")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(DataError, match="a link or a device: innocent"):
        unpack(tmp_path / "a", folder, ())
    assert contents(folder) == {}


def test_a_link_in_a_zip_is_refused(folder: Path, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("innocent")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(DataError, match="a link or a device"):
        unpack(tmp_path / "a", folder, ())


@pytest.mark.parametrize("make", MAKERS)
def test_twins_are_refused(make: Callable[..., Path], folder: Path, tmp_path: Path) -> None:
    for number, (one, other) in enumerate(
        [("a/B", "A/b"), ("가나.txt", unicodedata.normalize("NFD", "가나.txt"))]
    ):
        (folder / str(number)).mkdir()
        with pytest.raises(DataError, match="same name, capitals and composition aside"):
            unpack(make(tmp_path / "a", {one: b"1", other: b"2"}), folder / str(number), ())


@pytest.mark.parametrize("make", MAKERS)
def test_bombs_stop_early(
    make: Callable[..., Path], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = make(tmp_path / "a", {"zeros": bytes(8_000_000)})
    with pytest.raises(DataError, match="unpacks to more"):
        unpack(bomb, folder, ())
    assert (folder / "zeros").stat().st_size <= 100 * max(bomb.stat().st_size, 1 << 16)
    monkeypatch.setattr(archives, "MOST_ENTRIES", 5)
    with pytest.raises(DataError, match="unpacks to more"):
        unpack(make(tmp_path / "b", {f"f{number}": b"" for number in range(6)}), folder, ())
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)
    with pytest.raises(DataError, match="unpacks to more"):
        unpack(make(tmp_path / "c", {"noise": bytes(range(256)) * 50}), folder, ())


@settings(max_examples=40)
@given(cut=st.floats(0, 0.98), flip=st.integers(0, 10_000), zipped=st.booleans())
def test_damage_is_an_error_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, cut: float, flip: int, zipped: bool
) -> None:
    place = tmp_path_factory.mktemp("damaged")
    archive = (zip_of if zipped else tar_of)(place / "a", GOOD)
    content = bytearray(archive.read_bytes())
    content[flip % len(content)] ^= 0x55
    archive.write_bytes(content[: len(content) - int(cut * len(content)) if flip % 2 else len(content)])
    (place / "out").mkdir()
    with suppress(DataError):
        unpack(archive, place / "out", ())
    assert {name for name in contents(place) if not name.startswith("out/")} == {"a"}


def test_nothing_is_written_over(folder: Path, tmp_path: Path) -> None:
    (folder / "file").write_text("mine")
    with pytest.raises(FileExistsError):
        unpack(zip_of(tmp_path / "a", {"file": b"theirs"}), folder, ())
    assert (folder / "file").read_text() == "mine"
