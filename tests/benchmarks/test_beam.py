"""The beam's benchmark compares equals: the same answers with the same scores from the same weights."""

import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _importable():
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


def test_side_by_side_and_one_by_one_find_the_same():
    from benchmarks import beam

    model, plain = beam.pair()
    sources = beam.sentences(4)
    with torch.inference_mode():
        ours = beam.searched(model, sources)
        theirs = [plain.search(source) for source in sources]
    assert [tokens for tokens, _ in ours] == [tokens for tokens, _ in theirs]
    for (_, score), (_, other) in zip(ours, theirs, strict=True):
        assert score == pytest.approx(other, abs=1e-4)
    assert any(len(tokens) > 3 for tokens, _ in ours)
