"""A network whose words start from the vectors of a file, plain or gzipped, or of a public set."""

import gzip

import numpy as np
import pytest
import torch

from yeoul.data.first_vectors import coverage_card, first_vectors
from yeoul.errors import DataError, RecipeError
from yeoul.models.build import TokenInputs, build_encoder_model
from yeoul.models.heads import ClassHead
from yeoul.recipe import NetworkRecipe
from yeoul.text.vectortables import VectorTable
from yeoul.text.vectorwriting import save_vectors
from yeoul.text.wordparts import WordParts

VOCABULARY = {"<unk>": 0, "좋다": 1, "나쁘다": 2, "drawn": 3}
LINES = "좋다 3 4\n나쁘다 -3 4\n먼 8 8\n".encode()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))


def table(source, vocabulary=VOCABULARY.copy, size=2, frozen=False):
    embedding = {"vectors": str(source), "size": size, "frozen": frozen}
    recipe = NetworkRecipe.model_validate({"embedding": embedding, "encoder": {"kind": "bag"}})
    torch.manual_seed(1)
    inputs = TokenInputs(len(VOCABULARY), vocabulary)
    return build_encoder_model(recipe, inputs, lambda width: ClassHead(width, 2)).embedding.weight


@pytest.mark.parametrize("packed", [False, True])
def test_words_start_from_their_vectors_and_others_are_drawn(tmp_path, packed):
    path = tmp_path / "벡터.txt"
    path.write_bytes(gzip.compress(LINES) if packed else LINES)
    weight, drawn = table(path), table("")
    torch.testing.assert_close(weight[[1, 2]], torch.tensor([[0.6, 0.8], [-0.6, 0.8]]))  # 5 long, to length 1
    torch.testing.assert_close(weight[[0, 3]], drawn[[0, 3]])


def test_frozen_vectors_stay_and_other_words_are_zero(tmp_path):
    (tmp_path / "v.txt").write_bytes(LINES)
    weight = table(tmp_path / "v.txt", frozen=True)
    torch.testing.assert_close(weight[[1, 2]], torch.tensor([[0.6, 0.8], [-0.6, 0.8]]))
    assert not weight[[0, 3]].any()
    assert not weight.requires_grad
    with pytest.raises(ValueError, match="frozen keeps vectors of a file"):
        table("", frozen=True)


def test_a_model_of_fasttext_knows_words_by_their_letters(tmp_path):
    parts = WordParts(np.float32([[1, 2]]), np.float32([[2, 0], [0, 2]]), 2, 2)
    save_vectors(VectorTable.of(["좋다"], parts.composed(["좋다"], 0), parts), tmp_path / "v.bin")
    found = first_vectors(str(tmp_path / "v.bin"), VOCABULARY, 2, "here")
    assert found.ids.tolist() == [1, 2, 3]  # never the unknown token
    np.testing.assert_allclose(found.values[1:], parts.vectors(["나쁘다", "drawn"]))


def test_coverage_counts_what_was_read(tmp_path):
    (tmp_path / "v.txt").write_bytes(LINES)
    found = first_vectors(str(tmp_path / "v.txt"), VOCABULARY, 2, "here")
    card = coverage_card("v.txt", found, VOCABULARY, np.array([3, 4, 2, 1]))
    assert card == {"source": "v.txt", "tokens": 4, "covered": 2, "share": 0.6, "missing": ["drawn"]}


def test_a_saved_network_needs_no_file():
    with torch.device("meta"):
        assert table("there-is-no-such-file.txt").is_meta


def test_what_cannot_be_read_is_said(tmp_path):
    (tmp_path / "v.txt").write_bytes(LINES)
    with pytest.raises(DataError, match=r"v.txt: the file's vectors have 2 numbers, the recipe expects 3"):
        table(tmp_path / "v.txt", size=3)
    with pytest.raises(DataError, match="there is no such file; did you mean glove"):
        table("glovee")
    with pytest.raises(RecipeError, match=r"model.embedding.vectors: the public set imdb holds .*glove"):
        table("imdb")
    with pytest.raises(ValueError, match="vocabulary"):
        table(tmp_path / "v.txt", vocabulary=None)
