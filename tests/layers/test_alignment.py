"""Attention to a memory: its gradient, torch's as oracle, and nothing of what lies beyond a source."""

import pytest
import torch

from yeoul.layers.alignment import AdditiveAlignment, DotAlignment, GeneralAlignment, weights_of
from yeoul.layers.attention import CrossAttention


@pytest.mark.parametrize(
    "alignment",
    [DotAlignment(), GeneralAlignment(3, 3), AdditiveAlignment(3, 3, 4)],
    ids=lambda one: type(one).__name__,
)
def test_attention_has_the_gradient_that_differences_say(alignment):
    torch.manual_seed(0)
    alignment.double()
    queries, memory = (torch.randn(2, steps, 3, dtype=torch.float64, requires_grad=True) for steps in (4, 5))
    lengths = torch.tensor([5, 2])

    def seen(queries, memory):
        return weights_of(alignment(queries, alignment.read(memory)), lengths) @ memory

    assert torch.autograd.gradcheck(seen, (queries, memory))
    changed = memory.detach().clone()
    changed[1, 2:] = 7.0
    torch.testing.assert_close(seen(queries, changed), seen(queries, memory))


def test_cross_attention_is_that_of_torch_and_has_its_gradient():
    torch.manual_seed(0)
    layer = CrossAttention(8, 2, 6).double()
    queries = torch.randn(4, 3, 8, dtype=torch.float64, requires_grad=True)
    memory = torch.randn(2, 5, 6, dtype=torch.float64, requires_grad=True)
    lengths = torch.tensor([5, 2])
    oracle = torch.nn.MultiheadAttention(8, 2, kdim=6, vdim=6, batch_first=True).double()
    with torch.no_grad():
        oracle.q_proj_weight.copy_(layer.query.weight)
        oracle.k_proj_weight.copy_(layer.memorize.weight[:8])
        oracle.v_proj_weight.copy_(layer.memorize.weight[8:])
        oracle.in_proj_bias.copy_(torch.cat([layer.query.bias, layer.memorize.bias]))
        oracle.out_proj.weight.copy_(layer.project.weight)
        oracle.out_proj.bias.copy_(layer.project.bias)
    spread = memory.repeat_interleave(2, 0)
    beyond = torch.arange(5) >= lengths.repeat_interleave(2)[:, None]
    wanted, weights = oracle(queries, spread, spread, key_padding_mask=beyond)
    came = layer(queries, layer.read(memory), lengths)
    torch.testing.assert_close(came[0], wanted)
    torch.testing.assert_close(came[1], weights)
    assert torch.autograd.gradcheck(
        lambda queries, memory: layer(queries, layer.read(memory), lengths), (queries, memory)
    )
