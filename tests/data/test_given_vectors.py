"""Vectors that a file gives: those of its words, in capitals or not; composed ones; saved is loaded."""

import numpy as np
import pytest

from yeoul.data.tags.given import GivenVectors
from yeoul.errors import DataError, ModelFileError
from yeoul.text.wordparts import WordParts


@pytest.fixture
def given(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "벡터.txt"
    path.write_text("학교 3 4\nriver 0 5\n새 -6 8\n", "utf-8")
    return GivenVectors.open(str(path))


def test_words_have_the_vectors_of_the_file(given):
    # lengths 5, 5 and 10: their mean is 20/3, by which all are divided
    found = given.of(["학교", "River", "없는말", "새"])
    expected = np.array([[3, 4], [0, 5], [0, 0], [-6, 8]]) / (20 / 3)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert given.of([]).shape == (0, 2)
    card = given.card("벡터.txt", {"학교": 3, "없는말": 1})
    assert (card["tokens"], card["covered"], card["share"], card["missing"]) == (2, 1, 0.75, ["없는말"])


@pytest.mark.parametrize("composes", [False, True])
def test_saved_is_loaded(given, composes, tmp_path):
    if composes:
        runs = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float16).astype(np.float32)
        parts = WordParts(np.empty((0, 2), np.float32), runs, 2, 3, "NFD")
        given = GivenVectors(given.places, given.values, parts)
    words = ["학교", "학교에서", "가", "River", ""]
    given.save(tmp_path)
    again = GivenVectors.load(tmp_path)
    np.testing.assert_array_equal(again.of(words), given.of(words))
    assert bool(np.abs(given.of(["학교에서"])).sum()) is composes
    (tmp_path / "given.json").write_text("{}", "utf-8")
    with pytest.raises(ModelFileError):
        GivenVectors.load(tmp_path)


def test_a_model_without_vectors_has_none(tmp_path):
    assert GivenVectors.load(tmp_path) is None
    with pytest.raises(DataError, match="no such file"):
        GivenVectors.open(str(tmp_path / "x.vec"))


def test_vectors_of_other_words_are_refused(given, tmp_path):
    given.save(tmp_path)
    (tmp_path / "given.json").write_bytes(
        (tmp_path / "given.json").read_bytes().replace("새".encode(), b'a","b')
    )
    with pytest.raises(ModelFileError, match="do not fit"):
        GivenVectors.load(tmp_path)
