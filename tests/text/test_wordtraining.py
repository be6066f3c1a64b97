"""Vectors trained on texts: words in like company come near one another, and the same call gives the same."""

import importlib.util
import random

import numpy as np
import pytest

from yeoul.data.vectors import open_vectors
from yeoul.errors import DataError, RecipeError
from yeoul.text import wordtraining
from yeoul.text.vectorsettings import VectorSettings, vector_settings
from yeoul.text.vectortables import VectorTable
from yeoul.text.vectorwriting import save_vectors
from yeoul.text.wordparts import WordParts
from yeoul.text.wordtraining import train_documents, train_vectors

needs_gensim = pytest.mark.skipif(importlib.util.find_spec("gensim") is None, reason="needs the extra embed")
FRUIT, TOOLS = ["사과", "배", "포도", "감"], ["망치", "톱", "못", "끌"]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))


def drawn(count, words=6):
    draw = random.Random(0)
    return [" ".join(draw.choices(draw.choice([FRUIT, TOOLS]), k=words)) for _ in range(count)]


def settings(**values):
    return VectorSettings.model_validate({"size": 12, "min_count": 1, "buckets": 500, **values})


@needs_gensim
@pytest.mark.parametrize("kind", ["skipgram", "cbow", "subword"])
def test_words_in_like_company_come_near(kind):
    epochs = []
    trained = train_vectors(drawn(300), settings(kind=kind, epochs=20), epochs.append)
    table = trained.table
    assert (trained.texts, trained.words, epochs) == (300, 1800, list(range(1, 21)))
    assert sorted(table.words) == sorted(FRUIT + TOOLS)
    assert table.counts.tolist() == sorted(table.counts.tolist(), reverse=True)
    assert table.counts.sum() == 1800
    for word in FRUIT:
        assert table.neighbors(word, 1)[0].word in FRUIT
    again = train_vectors(drawn(300), settings(kind=kind, epochs=20)).table
    np.testing.assert_array_equal(again.values, table.values)


@needs_gensim
def test_a_model_with_letters_goes_to_a_file_that_fasttext_knows(tmp_path):
    table = train_vectors(drawn(50), settings(kind="subword", epochs=2)).table
    save_vectors(table, tmp_path / "말.bin")
    from gensim.models.fasttext import load_facebook_vectors

    theirs, ours = load_facebook_vectors(str(tmp_path / "말.bin")), open_vectors(tmp_path / "말.bin")
    assert list(ours.words) == list(table.words)
    assert ours.parts is not None
    assert ours.parts.form == "NFD"
    for word in (*FRUIT, "사과나무", "망치질"):
        expected = theirs[wordtraining.unicodedata.normalize("NFD", word)]
        np.testing.assert_allclose(ours.vector(word), expected, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(table.vector(word), expected, rtol=1e-5, atol=1e-7)


@needs_gensim
def test_documents_of_a_kind_come_near():
    documents = drawn(100, words=20)
    vectors = train_documents(documents, settings(epochs=40))
    units = vectors.values / np.linalg.norm(vectors.values, axis=1, keepdims=True)
    fruit = np.array([text.split()[0] in FRUIT for text in documents])
    asked = vectors.infer(" ".join(FRUIT * 5))
    nearest = np.argsort(-units @ asked)[:20]
    assert fruit[nearest].mean() > 0.9
    np.testing.assert_array_equal(vectors.infer(" ".join(FRUIT * 5)), asked)


@pytest.mark.parametrize("name", ["v.vec", "v.txt", "v.bin"])
@pytest.mark.parametrize("letters", [False, True])
def test_what_is_saved_is_read(tmp_path, name, letters):
    words = ["물", "불고기"]
    parts = WordParts(np.float32([[1, 2], [3, 4]]), np.float32([[0.5, 1], [2, 0], [1, 1]]), 2, 3, "NFD")
    plain = np.float32([[1.5, -2.0], [0.25, 3.0]])
    table = (
        VectorTable.of(words, parts.composed(words, 0), parts) if letters else VectorTable.of(words, plain)
    )
    save_vectors(table, tmp_path / name)
    for _ in range(2):  # the second time from the cache
        again = open_vectors(tmp_path / name)
        assert list(again.words) == words
        np.testing.assert_allclose(again.values[:2], table.values, rtol=1e-5)
        if letters and name == "v.bin":
            np.testing.assert_allclose(again.vector("물고기"), table.vector("물고기"), rtol=1e-6)


def test_a_word_that_a_form_cannot_hold_is_named(tmp_path):
    table = VectorTable.of(["두 말"], np.ones((1, 2), np.float32))
    with pytest.raises(
        DataError, match=r"the word '두 말' holds a letter that ends a word.*save the vectors as .vec"
    ):
        save_vectors(table, tmp_path / "v.bin")
    save_vectors(table, tmp_path / "v.vec")
    assert list(open_vectors(tmp_path / "v.vec").words) == ["두 말"]


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(wordtraining.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        RecipeError, match=r"gensim, which is not installed; install it: pip install 'yeoul\[embed\]'"
    ):
        train_vectors(["a"], VectorSettings())


@needs_gensim
def test_nothing_is_trained_on_nothing():
    with pytest.raises(DataError, match="occurs 5 times"):
        train_vectors(["a"], VectorSettings())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"siz": 3}, "siz: unknown key; did you mean size"),
        ({"xyzzy": 3}, "xyzzy: unknown key; known keys: kind, unit"),
        ({"kind": "cow"}, "kind: 'cow' is not possible here; use 'skipgram', 'cbow' or 'subword'"),
        ({"size": 0}, "size: 0 does not fit"),
        ({"letters": [5, 3]}, "write them as letters"),
    ],
)
def test_wrong_settings_are_named(values, said):
    with pytest.raises(RecipeError, match=said):
        vector_settings(values)
