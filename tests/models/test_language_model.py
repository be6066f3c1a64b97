"""The laws of language models: a step at a time or all at once, in any company, carried, saved; the loss is exact."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from yeoul.data.streams import StreamRows
from yeoul.errors import RecipeError
from yeoul.models.language import build_language_model, describe_decoder
from yeoul.models.loss import add_counts
from yeoul.models.token_head import TokenHead
from yeoul.padded import Padded
from yeoul.recipe.language import (
    DecoderRecipe,
    RecurrentDecoderRecipe,
    TransformerDecoderRecipe,
    WaveNetDecoderRecipe,
)

TOKENS = 11
NETWORKS = [
    *(
        RecurrentDecoderRecipe(kind=kind, hidden_size=6, num_layers=layers)
        for kind in ("lstm", "gru", "rnn")
        for layers in (1, 2)
    ),
    RecurrentDecoderRecipe(hidden_size=6, num_layers=2, layer_norm=True),
    RecurrentDecoderRecipe(kind="gru", hidden_size=6, layer_norm=True),
    WaveNetDecoderRecipe(channels=5, skip_channels=6, num_layers=3, stacks=2),
    TransformerDecoderRecipe(size=8, num_heads=2, num_layers=2, feedforward=12, reach=4),
    TransformerDecoderRecipe(size=8, num_heads=4, num_layers=1, feedforward=12, reach=64),
]
KINDS = [
    DecoderRecipe(network=network, embedding_size=5, tied=tied)
    for network in NETWORKS
    for tied in (False, True)
]
IDS = [f"{describe_decoder(recipe)}" for recipe in KINDS]


def made(recipe, *, carries=False, tokens=TOKENS):
    torch.manual_seed(0)
    return build_language_model(recipe, tokens, carries=carries).double().eval()


def stream(size=60, seed=0):
    return np.random.default_rng(seed).integers(0, TOKENS, size).astype(np.int32)


def cloned(state):
    return tuple(part.clone() for part in state)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_reading_at_once_is_reading_step_by_step_and_in_parts(recipe):
    model = made(recipe)
    ids = torch.from_numpy(stream(3 * 13)).long().reshape(3, 13)
    with torch.no_grad():
        whole, after = model(ids, model.start(None, 3), None)
        state, steps = model.start(None, 3), []
        for place in range(ids.shape[1]):
            said, state = model.step(ids[:, place], state, None)
            steps.append(said.logits)
        torch.testing.assert_close(torch.stack(steps, dim=1), whole.logits)
        state, parts = model.start(None, 3), []
        for part in ids.split([4, 1, 8], dim=1):
            said, state = model(part, state, None)
            parts.append(said.logits)
        torch.testing.assert_close(torch.cat(parts, dim=1), whole.logits)
        following = torch.tensor([1, 2, 3])
        on, _ = model.step(following, cloned(after), None)
        again, _ = model.step(following, state, None)
        torch.testing.assert_close(on.logits, again.logits)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_the_future_batch_mates_and_padding_change_nothing(recipe):
    model = made(recipe)
    lengths = [5, 0, 9, 1]
    rows = [torch.from_numpy(stream(length, seed)).long() for seed, length in enumerate(lengths)]
    for filler in (0, TOKENS - 1):
        values = torch.full((4, 9), filler)
        for row, ids in zip(values, rows, strict=True):
            row[: len(ids)] = ids
        with torch.no_grad():
            text = Padded(values, torch.tensor(lengths))
            features, after = model.read(text, model.start(None, 4))
            for row, ids in enumerate(rows):
                if len(ids) == 0:
                    continue
                alone, state = model(ids[None], model.start(None, 1), None)
                torch.testing.assert_close(model.head(features.values[row, : len(ids)]), alone.logits[0])
                on, _ = model.step(torch.tensor([3]), state, None)
                again, _ = model.step(
                    torch.tensor([3]), tuple(part[row : row + 1].clone() for part in after), None
                )
                torch.testing.assert_close(again.logits, on.logits)
                earlier, _ = model(ids[None, : len(ids) // 2 + 1], model.start(None, 1), None)
                torch.testing.assert_close(alone.logits[:, : len(ids) // 2 + 1], earlier.logits)


@pytest.mark.parametrize("recipe", KINDS, ids=IDS)
def test_the_loss_is_the_cost_of_the_targets_and_padding_has_no_gradient(recipe):
    model = made(recipe)
    rows = StreamRows.in_documents(stream(20), 0, np.array([0, 0, 9, 10, 20]), 9)
    batch = rows.batch(np.arange(len(rows)))
    loss = model.loss(batch)
    told = -model.answers(batch).sum()
    torch.testing.assert_close(loss.terms["cross_entropy"].total, told)
    assert model.counts(batch) == {"cross_entropy": 20.0}
    loss.value(model.counts(batch)).backward()
    for weight in model.parameters():
        assert weight.grad is not None
        assert torch.isfinite(weight.grad).all()
    grads = [weight.grad.clone() for weight in model.parameters()]
    model.zero_grad()
    (told / 20).backward()
    for fused, plain in zip(grads, (weight.grad for weight in model.parameters()), strict=True):
        torch.testing.assert_close(fused, plain)
