"""A network whose words start from the vectors of a file, plain or gzipped, or of a public set."""

import gzip

import pytest
import torch

from yeoul.errors import DataError, RecipeError
from yeoul.models.build import TokenInputs, build_encoder_model
from yeoul.models.heads import ClassHead
from yeoul.recipe import NetworkRecipe

VOCABULARY = {"<unk>": 0, "좋다": 1, "나쁘다": 2, "drawn": 3}
LINES = "좋다 3 4\n나쁘다 -3 4\n먼 8 8\n".encode()


def table(source, vocabulary=VOCABULARY.copy, size=2):
    recipe = NetworkRecipe.model_validate(
        {"embedding": {"vectors": str(source), "size": size}, "encoder": {"kind": "bag"}}
    )
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


def test_a_saved_network_needs_no_file():
    with torch.device("meta"):
        assert table("there-is-no-such-file.txt").is_meta


def test_what_cannot_be_read_is_said(tmp_path):
    (tmp_path / "v.txt").write_bytes(LINES)
    with pytest.raises(DataError, match=r"v.txt:1: the line holds 2 numbers, expected 3"):
        table(tmp_path / "v.txt", size=3)
    with pytest.raises(DataError, match="there is no such file; did you mean glove"):
        table("glovee")
    with pytest.raises(RecipeError, match=r"model.embedding.vectors: the public set imdb holds .*glove"):
        table("imdb")
    with pytest.raises(ValueError, match="vocabulary"):
        table(tmp_path / "v.txt", vocabulary=None)
