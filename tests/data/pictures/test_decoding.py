"""Many pictures at once: in whatever process, the same pixels; a bad one costs itself and nothing else."""

import sys
from pathlib import Path

import numpy as np
import pytest
from odd_pictures import COLORED, UNUSABLE

from yeoul.data.pictures import decoding, pixelcache
from yeoul.data.pictures.decoding import decode_into
from yeoul.data.pictures.kept import kept_folder
from yeoul.data.pictures.pixelcache import squares
from yeoul.data.pictures.reading import decoded
from yeoul.errors import RunError
from yeoul.files import sha256


@pytest.fixture
def files(tmp_path):
    """Sound pictures and bad ones in turn, and one that is not there."""
    paths = []
    for place, (name, content) in enumerate(COLORED.items()):
        bad, (rubbish, _) = list(UNUSABLE.items())[place % len(UNUSABLE)]
        for each, bytes_ in ((name, content), (f"x{place} {bad}", rubbish)):
            (tmp_path / each).write_bytes(bytes_)
            paths.append(tmp_path / each)
    return [*paths[:14], tmp_path / "not there.jpg"]


def pixels_of(path: Path, count: int) -> np.ndarray:
    return np.fromfile(path, np.uint8).reshape(count, 8, 8, 3)


@pytest.fixture
def in_processes(monkeypatch):
    monkeypatch.setattr(decoding, "_FEW", 4)
    monkeypatch.setattr(decoding, "_PICTURES_A_PROCESS", 8)


def test_processes_decode_as_one_does(files, tmp_path, request):
    here = decode_into(tmp_path / "here", files, 8)
    request.getfixturevalue("in_processes")
    apart = decode_into(tmp_path / "apart", files, 8)
    assert apart.unusable == here.unusable
    assert (apart.sides == here.sides).all()
    assert here.unusable[14] == "missing"
    assert sorted(here.unusable) == [1, 3, 5, 7, 9, 11, 13, 14]
    assert here.sides[:6].tolist() == [[60, 40], [0, 0], [60, 40], [0, 0], [2400, 1600], [0, 0]]
    own, theirs = (pixels_of(tmp_path / name, len(files)) for name in ("here", "apart"))
    assert (own == theirs).all()
    for place, path in enumerate(files):
        expected = 0 if place in here.unusable else decoded(path.read_bytes(), 8).pixels
        assert (own[place] == expected).all()


def dying(tmp_path: Path, condition: str) -> str:
    """An interpreter in which the decoder ends the process where the bytes of a picture are of some kind."""
    program = (
        "import os, sys, yeoul.data.pictures.decoding as d; real = d.decoded; "
        f"d.decoded = lambda content, size: os._exit(9) if {condition} else real(content, size); d.main()"
    )
    shell = tmp_path / "python"
    shell.write_text(f'#!/bin/sh\nshift 2\nexec \'{sys.executable}\' -c "{program}" "$@"\n')
    shell.chmod(0o755)
    return str(shell)


def test_a_picture_that_ends_its_process_is_lost_and_the_others_are_not(
    files, tmp_path, monkeypatch, in_processes
):
    expected = decode_into(tmp_path / "sound", files[:8], 8).unusable
    files[2].write_bytes(b"END")
    files[6].write_bytes(b"END")
    monkeypatch.setattr(sys, "executable", dying(tmp_path, "content == b'END'"))
    found = decode_into(tmp_path / "some", files[:8], 8)
    assert found.unusable == {**expected, 2: "lost", 6: "lost"}
    kept = [place for place in range(8) if place not in (2, 6)]
    sound, some = (pixels_of(tmp_path / name, 8)[kept] for name in ("sound", "some"))
    assert (sound == some).all()


def test_where_no_process_can_work_that_is_said(files, tmp_path, monkeypatch, in_processes):
    monkeypatch.setattr(sys, "executable", dying(tmp_path, "True"))
    with pytest.raises(RunError, match="cannot be decoded"):
        decode_into(tmp_path / "none", files, 8)


def test_pictures_are_decoded_once_and_known_by_their_content(files, tmp_path, monkeypatch):
    sums = [sha256(path) if path.exists() else "" for path in files]
    first = squares(files, sums, 8)
    monkeypatch.setattr(pixelcache, "decode_into", None)  # no second time
    again = squares([Path("elsewhere")] * len(files), sums, 8)
    assert (again.pixels == first.pixels).all()
    assert again.unusable == first.unusable
    assert (again.sides == first.sides).all()
    with pytest.raises(TypeError):
        squares(files, sums, 9)
    with pytest.raises(TypeError):
        squares(files, ["other", *sums[1:]], 8)


def test_a_damaged_cache_is_made_anew(files):
    sums = [sha256(path) if path.exists() else "" for path in files]
    first = squares(files, sums, 8)
    (kept,) = kept_folder().glob("*.pixels")
    content = np.array(first.pixels)
    kept.write_bytes(b"\1" + kept.read_bytes()[1:])
    assert (squares(files, sums, 8).pixels == content).all()
    kept.write_bytes(b"")
    assert (squares(files, sums, 8).pixels == content).all()


def test_without_a_cache_nothing_is_left_behind(files, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    found = squares(files[:4], ["a", "b", "c", "d"], 8)
    assert (found.pixels[0] == decoded(files[0].read_bytes(), 8).pixels).all()
    assert set(tmp_path.iterdir()) == before
