"""What all tests share: English unless a test says otherwise, one thread a worker, no deadlines."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from yeoul import language

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# a busy machine is not a failure; what decides on landing draws the same examples every time
settings.register_profile("yeoul", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("yeoul")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    before = list(language._chosen)
    language.choose("en")
    yield
    language._chosen[:] = before
