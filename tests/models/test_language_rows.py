"""One row at a time is the model itself, whatever its cells, depth and vectors."""

import pytest
import torch

from yeoul.models.language import build_language_model
from yeoul.models.language_rows import SingleRow, row_decoder
from yeoul.recipe.language import DecoderRecipe

NETWORKS = [
    {"kind": kind, "hidden_size": size, "num_layers": layers}
    for kind in ("lstm", "gru", "rnn")
    for size, layers in ((1, 1), (7, 1), (16, 3))
]


def built(network, tied=False):
    torch.manual_seed(3)
    recipe = DecoderRecipe(
        embedding_size=5, tied=tied, network=network, input_dropout=0.5, output_dropout=0.5
    )
    model = build_language_model(recipe, 11, carries=False)
    for weight in model.parameters():
        weight.data.mul_(2.0)
    return model


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("tied", [False, True])
def test_steps_of_one_row_are_the_full_pass(network, tied):
    model = built(network, tied)
    decoder = row_decoder(model)
    assert isinstance(decoder, SingleRow)
    assert not model.training
    text = torch.randint(0, 11, (1, 20))
    with torch.inference_mode():
        whole, last = model.forward(text, model.start(None, 1), None)
        state, said = decoder.start(None, 1), []
        for token in text[0]:
            decoded, state = decoder.step(token[None], state, None)
            said.append(decoded.logits)
    torch.testing.assert_close(torch.stack(said, dim=1), whole.logits, atol=1e-5, rtol=1e-5)
    for one, other in zip(state, last, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_several_rows_and_other_networks_are_left_to_the_model():
    model = built(NETWORKS[1])
    decoder, text = row_decoder(model), torch.tensor([1, 2, 3])
    with torch.inference_mode():
        one, _ = decoder.step(text, decoder.start(None, 3), None)
        other, _ = model.step(text, model.start(None, 3), None)
    assert torch.equal(one.logits, other.logits)
    for network in ({"kind": "lstm", "layer_norm": True}, {"kind": "wavenet"}, {"kind": "transformer"}):
        other_model = built(network)
        assert row_decoder(other_model) is other_model
