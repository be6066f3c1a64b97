"""Each test has a folder of its own, with an empty cache."""

from pathlib import Path

import pytest


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a Korean name and spaces."""
    folder = tmp_path / "내 작업 폴더"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("YEOUL_DATA", raising=False)
    return folder
