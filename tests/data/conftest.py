"""What the tests of the data room share."""

import os
from pathlib import Path

import pytest

_FOLDER = os.environ.get("YEOUL_DATA", "")  # read before any test changes it


@pytest.fixture
def data_folder() -> Path:
    """Return the folder of the public sets, or skip."""
    if not _FOLDER or not Path(_FOLDER).is_dir():
        pytest.skip("YEOUL_DATA names no folder")
    return Path(_FOLDER)
