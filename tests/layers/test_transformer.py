"""Attention against torch's, and the transformer block's masks."""

import pytest
import torch
from torch import nn

from yeoul.layers import MultiHeadAttention, TransformerBlock
from yeoul.layers.attention import KeysValues, looked_up, may_look
from yeoul.layers.transformer import sinusoids
from yeoul.padded import Padded

SIZE, HEADS = 6, 3


def rows(poison=0.0):
    values = torch.full((3, 5, SIZE), poison)
    for row, length in enumerate((5, 2, 3)):
        values[row, :length] = torch.randn(length, SIZE, generator=torch.Generator().manual_seed(row))
    return Padded(values, torch.tensor([5, 2, 3]))


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_that_of_torch(causal):
    torch.manual_seed(0)
    ours, oracle = MultiHeadAttention(SIZE, HEADS), nn.MultiheadAttention(SIZE, HEADS, batch_first=True)
    with torch.no_grad():
        weights = oracle.in_proj_weight, oracle.in_proj_bias
        for part, (queries, memory) in zip(
            weights,
            ((ours.query.weight, ours.memorize.weight), (ours.query.bias, ours.memorize.bias)),
            strict=True,
        ):
            queries.copy_(part[:SIZE])
            memory.copy_(part[SIZE:])
        ours.project.load_state_dict(oracle.out_proj.state_dict())
    inputs = rows()
    allowed = may_look(inputs.mask, causal=causal)
    expected, _ = oracle(
        inputs.values,
        inputs.values,
        inputs.values,
        key_padding_mask=~inputs.mask,
        attn_mask=torch.ones(5, 5).triu(1).bool() if causal else None,
    )
    found = ours(inputs.values, ours.read(inputs.values), allowed)
    torch.testing.assert_close(found[inputs.mask], expected[inputs.mask], rtol=1e-5, atol=1e-6)


def test_a_memory_read_in_parts_is_the_memory():
    torch.manual_seed(0)
    attention, values = MultiHeadAttention(SIZE, HEADS), rows().values
    whole, first, second = (attention.read(part) for part in (values, values[:, :2], values[:, 2:]))
    torch.testing.assert_close(torch.cat([first.keys, second.keys], dim=2), whole.keys)
    torch.testing.assert_close(torch.cat([first.values, second.values], dim=2), whole.values)


def test_looking_nowhere_stays_finite():
    attention = MultiHeadAttention(SIZE, HEADS)
    values = rows().values
    assert attention(values, attention.read(values), torch.zeros(3, 1, 5, dtype=torch.bool)).isfinite().all()


@pytest.mark.parametrize("causal", [False, True])
def test_padding_changes_nothing_and_a_causal_block_never_looks_ahead(causal):
    torch.manual_seed(0)
    block = TransformerBlock(SIZE, HEADS, 8, causal=causal).eval()
    clean = block(rows()).values
    torch.testing.assert_close(block(rows(float("nan"))).values[rows().mask], clean[rows().mask])
    changed = rows().values.clone()
    changed[:, 3:] = changed[:, 3:].flip(2)
    same = torch.isclose(block(Padded(changed, rows().lengths)).values[0, :3], clean[0, :3], atol=1e-5).all()
    assert bool(same) == causal


def test_sinusoids_tell_places_apart_and_turn_evenly():
    found = sinusoids(torch.arange(-2, 40), 8)
    assert found.shape == (42, 8)
    torch.testing.assert_close(found[:, :4].square() + found[:, 4:].square(), torch.ones(42, 4))
    assert torch.cdist(found, found).fill_diagonal_(1.0).min() > 0.1
    near = (found[:-1] * found[1:]).sum(dim=1)  # of neighbours alike wherever they stand
    torch.testing.assert_close(near, near[:1].expand(41), rtol=1e-4, atol=1e-4)
    assert sinusoids(torch.arange(3), 5).shape == (3, 5)


def test_heads_share_evenly():
    with pytest.raises(ValueError, match="multiple"):
        MultiHeadAttention(5, 2)


@pytest.mark.parametrize("added", [False, True])
@pytest.mark.parametrize("steps", [1, 5])
def test_in_half_the_bits_what_is_found_and_its_gradient_stay_near(steps, added):
    torch.manual_seed(0)
    given = [torch.randn(2, 3, length, 4) for length in (steps, 5, 5)]
    allowed = torch.rand(2, 1, steps, 5) < 0.6
    allowed[..., 0] = True
    came = []
    for kind in (torch.float32, torch.bfloat16):
        queries, keys, values = (each.to(kind).requires_grad_() for each in given)
        told = torch.zeros(allowed.shape, dtype=kind).masked_fill(~allowed, -torch.inf) if added else allowed
        found = looked_up(queries, KeysValues(keys, values), told)
        gradients = torch.autograd.grad(found.float().square().sum(), [queries, keys, values])
        came.append([found.detach(), *gradients])
    for exact, near in zip(*came, strict=True):
        assert near.dtype == torch.bfloat16
        torch.testing.assert_close(near.float(), exact, rtol=0.1, atol=0.1)
