"""Each test speaks English unless it says otherwise, in a folder of its own, with an empty cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from yeoul import language


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = list(language._chosen)
    language.choose("en")
    yield
    language._chosen[:] = before


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a Korean name and spaces."""
    folder = tmp_path / "내 작업 폴더"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("YEOUL_DATA", raising=False)
    return folder
