"""Vectors trained on texts: words in like company come near one another, and the same call gives the same."""

import importlib.util
import random

import numpy as np
import pytest

from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError, RecipeError
from yeoul.text import wordtraining
from yeoul.text.vectortables import VectorTable
from yeoul.text.wordtraining import VectorSettings, save_vectors, train_documents, train_vectors

needs_gensim = pytest.mark.skipif(importlib.util.find_spec("gensim") is None, reason="needs the extra embed")
FRUIT, TOOLS = ["사과", "배", "포도", "감"], ["망치", "톱", "못", "끌"]


def drawn(count, words=6):
    draw = random.Random(0)
    return [draw.choices(draw.choice([FRUIT, TOOLS]), k=words) for _ in range(count)]


@needs_gensim
@pytest.mark.parametrize("kind", ["skipgram", "cbow", "subword"])
def test_words_in_like_company_come_near(kind):
    settings = VectorSettings(kind, size=12, min_count=1, epochs=20)
    table = train_vectors(drawn(300), settings)
    assert sorted(table.words) == sorted(FRUIT + TOOLS)
    for word in FRUIT:
        assert table.neighbors(word, 1)[0].word in FRUIT
    np.testing.assert_array_equal(train_vectors(drawn(300), settings).values, table.values)


@needs_gensim
def test_documents_of_a_kind_come_near():
    documents = drawn(100, words=20)
    vectors = train_documents(documents, VectorSettings(size=12, min_count=1, epochs=40))
    units = vectors.values / np.linalg.norm(vectors.values, axis=1, keepdims=True)
    fruit = np.array([words[0] in FRUIT for words in documents])
    asked = vectors.infer(FRUIT * 5)
    nearest = np.argsort(-units @ asked)[:20]
    assert fruit[nearest].mean() > 0.9
    np.testing.assert_array_equal(vectors.infer(FRUIT * 5), asked)


def test_what_is_saved_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    table = VectorTable.of(["물", "불"], np.float32([[1.5, -2.0], [0.25, 3.0]]))
    save_vectors(table, tmp_path / "v.vec")
    again = open_vectors(tmp_path / "v.vec")
    assert list(again.words) == ["물", "불"]
    np.testing.assert_array_equal(again.values, table.values)


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(wordtraining.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        RecipeError, match=r"gensim, which is not installed; install it: pip install 'yeoul\[embed\]'"
    ):
        train_vectors([["a"]], VectorSettings())


@needs_gensim
def test_nothing_is_trained_on_nothing():
    with pytest.raises(DataError, match="occurs 5 times"):
        train_vectors([["a"]], VectorSettings())
