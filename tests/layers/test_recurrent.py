"""Our recurrent layers against torch's, over drawn sizes, lengths and options."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from yeoul.kernels.reference import reversed_rows
from yeoul.layers import GRU, LSTM, RNN
from yeoul.padded import Embedded, Padded

PAIRS = {"lstm": (LSTM, nn.LSTM), "gru": (GRU, nn.GRU), "rnn": (RNN, nn.RNN)}


def rows(lengths: list[int], size: int) -> Padded:
    """Random rows whose padding is poison."""
    values = torch.randn(len(lengths), max(lengths), size)
    for row, length in enumerate(lengths):
        values[row, length:] = float("nan")
    return Padded(values, torch.tensor(lengths))


def packed_reference(
    layer: nn.RNNBase, inputs: Padded, initial: tuple[Tensor, ...]
) -> tuple[Tensor, list[Tensor]]:
    packed = nn.utils.rnn.pack_padded_sequence(
        inputs.filled().values, inputs.lengths, batch_first=True, enforce_sorted=False
    )
    outputs, final = layer(packed, initial if isinstance(layer, nn.LSTM) else initial[0])
    outputs, _ = nn.utils.rnn.pad_packed_sequence(
        outputs, batch_first=True, total_length=inputs.values.shape[1]
    )
    return outputs, list(final) if isinstance(final, tuple) else [final]


@settings(max_examples=30, deadline=None)
@given(
    cell=st.sampled_from(sorted(PAIRS)),
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    sizes=st.tuples(st.integers(1, 7), st.integers(1, 9)),
    num_layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_equals_torch_on_packed_rows(cell, lengths, sizes, num_layers, bidirectional, seed):
    torch.manual_seed(seed)
    ours_class, reference_class = PAIRS[cell]
    reference = reference_class(*sizes, num_layers, bidirectional=bidirectional, batch_first=True)
    ours = ours_class(*sizes, num_layers, bidirectional=bidirectional)
    ours.load_state_dict(reference.state_dict())
    inputs = rows(lengths, sizes[0])
    shape = (num_layers * (1 + bidirectional), len(lengths), sizes[1])
    initial = tuple(torch.randn(shape) for _ in range(2 if cell == "lstm" else 1))

    expected, expected_final = packed_reference(reference, inputs, initial)
    outputs, final = ours(inputs, initial)

    torch.testing.assert_close(outputs.values, expected, rtol=1e-4, atol=1e-5)
    assert len(final) == len(expected_final)
    for state, expected_state in zip(final, expected_final, strict=True):
        torch.testing.assert_close(state, expected_state, rtol=1e-4, atol=1e-5)
    # gradients, through outputs and final states
    weight = torch.randn_like(expected)
    for result, states, layer in ((expected, expected_final, reference), (outputs.values, final, ours)):
        loss = (result * weight).sum() + sum(state.pow(2).sum() for state in states)
        layer.zero_grad()
        loss.backward()
    for name, parameter in reference.named_parameters():
        torch.testing.assert_close(ours.get_parameter(name).grad, parameter.grad, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("cell", sorted(PAIRS))
def test_a_row_of_length_zero_keeps_its_initial_state(cell):
    layer = PAIRS[cell][0](3, 4)
    initial = tuple(torch.randn(1, 2, 4) for _ in range(2 if cell == "lstm" else 1))
    outputs, final = layer(rows([0, 3], 3), initial)
    for state, first in zip(final, initial, strict=True):
        torch.testing.assert_close(state[:, 0], first[:, 0])
        assert not torch.allclose(state[:, 1], first[:, 1])
    assert not outputs.values[0].any()


@pytest.mark.parametrize("cell", sorted(PAIRS))
def test_no_rows_of_any_length(cell):
    layer = PAIRS[cell][0](3, 4, 2, bidirectional=True)
    outputs, final = layer(Padded(torch.zeros(2, 0, 3), torch.tensor([0, 0])))
    assert outputs.values.shape == (2, 0, 8)
    assert all(not state.any() for state in final)


def test_embedded_ids_equal_their_vectors():
    layer, table = LSTM(5, 4), torch.randn(9, 5)
    ids, lengths = torch.randint(0, 9, (3, 6)), torch.tensor([6, 2, 4])
    embedded = Embedded(table, ids, lengths)
    torch.testing.assert_close(layer(embedded)[0].values, layer(embedded.dense())[0].values)


@pytest.mark.parametrize("cell", sorted(PAIRS))
def test_input_dropout_of_tokens_is_that_of_their_vectors(cell):
    layer, table = PAIRS[cell][0](5, 4, 2, bidirectional=True, input_dropout=0.5), torch.randn(9, 5)
    table.requires_grad_()
    embedded = Embedded(table, torch.randint(0, 9, (6, 8)), torch.tensor([8, 2, 4, 0, 8, 5]))
    results = []
    for inputs in (embedded, embedded.dense()):
        torch.manual_seed(5)
        outputs, _ = layer(inputs)
        results.append((outputs.values, *torch.autograd.grad(outputs.values.square().sum(), table)))
    for ours, expected in zip(*results, strict=True):
        close(ours, expected)


def test_forward_direction_is_causal():
    layer, inputs = GRU(3, 5, 2), rows([8, 8], 3)
    before, _ = layer(inputs)
    changed = inputs.values.clone()
    changed[:, 5:] += 1.0
    after, _ = layer(Padded(changed, inputs.lengths))
    torch.testing.assert_close(after.values[:, :5], before.values[:, :5], rtol=0, atol=0)
    assert not torch.equal(after.values[:, 5:], before.values[:, 5:])


def test_reversing_twice_changes_nothing():
    inputs = rows([4, 1, 6], 2).filled()
    twice = reversed_rows(reversed_rows(inputs))
    torch.testing.assert_close(twice.values, inputs.values, rtol=0, atol=0)
    assert torch.equal(reversed_rows(inputs).values[0, :4], inputs.values[0, :4].flip(0))


def test_dropout_between_layers_acts_only_while_training():
    layer, inputs = LSTM(3, 16, 2, dropout=0.5), rows([5, 5], 3)
    layer.train()
    assert not torch.equal(layer(inputs)[0].values, layer(inputs)[0].values)
    layer.eval()
    assert torch.equal(layer(inputs)[0].values, layer(inputs)[0].values)


OPTIONS = {
    "layer_norm": {"layer_norm": True},
    "zoneout": {"zoneout": 0.3},
    "recurrent_dropout": {"recurrent_dropout": 0.4},
    "input_dropout": {"input_dropout": 0.4},
    "all": {"layer_norm": True, "zoneout": 0.3, "recurrent_dropout": 0.4, "input_dropout": 0.2},
}
BACKENDS = ["auto", "torch", "reference"]


@pytest.fixture(params=BACKENDS)
def kernels(request, monkeypatch):
    monkeypatch.setenv("YEOUL_KERNELS", request.param)


def close(first, second):
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("cell", sorted(PAIRS))
def test_padding_mates_and_chunks_change_nothing_whatever_the_option(cell, options):
    torch.manual_seed(1)
    layer = PAIRS[cell][0](3, 5, 2, bidirectional=True, **options).eval()
    lengths = [4, 0, 7, 1]
    together = rows(lengths, 3)
    outputs, final = layer(together)
    for row, length in enumerate(lengths):
        alone, state = layer(Padded(together.values[row : row + 1, :length], torch.tensor([length])))
        close(alone.values[0], outputs.values[row, :length])
        assert not outputs.values[row, length:].any()
        for part, expected in zip(state, final, strict=True):
            close(part[:, 0], expected[:, row])
    # a forward layer takes the steps one at a time, or all at once
    layer = PAIRS[cell][0](3, 5, 2, **options).eval()
    whole, last = layer(Padded(together.values[2:3], torch.tensor([7])))
    state = None
    for step in range(7):
        output, state = layer(Padded(together.values[2:3, step : step + 1], torch.tensor([1])), state)
        close(output.values[:, 0], whole.values[:, step])
    for part, expected in zip(state, last, strict=True):
        close(part, expected)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("cell", sorted(PAIRS))
def test_options_act_and_backends_draw_the_same(cell, options, monkeypatch):
    torch.manual_seed(2)
    layer, bare, inputs = PAIRS[cell][0](3, 5, 2, **options), PAIRS[cell][0](3, 5, 2), rows([6, 2, 5], 3)
    bare.load_state_dict(
        {name: value for name, value in layer.state_dict().items() if name in bare.state_dict()}
    )
    results = []
    for backend in BACKENDS:
        monkeypatch.setenv("YEOUL_KERNELS", backend)
        torch.manual_seed(3)
        layer.zero_grad()
        outputs, _ = layer(inputs)
        outputs.values.pow(2).sum().backward()
        results.append([outputs.values, *(parameter.grad.clone() for parameter in layer.parameters())])
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            torch.testing.assert_close(first, second, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(results[0][0], bare(inputs)[0].values)


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_relu_is_the_other_nonlinearity(cell):
    torch.manual_seed(2)
    inputs, layer = rows([6, 2], 3), PAIRS[cell][0](3, 5)
    relu = PAIRS[cell][0](3, 5, 1, "relu")
    relu.load_state_dict(layer.state_dict())
    assert not torch.allclose(relu(inputs)[0].values, layer(inputs)[0].values)
    with pytest.raises(ValueError, match="expected 'tanh' or 'relu'"):
        PAIRS[cell][0](3, 5, 1, "sigmoid")


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_that_cannot_be_is_refused(share):
    with pytest.raises(ValueError, match="zoneout"):
        LSTM(3, 4, zoneout=share)
    with pytest.raises(ValueError, match="recurrent_dropout"):
        LSTM(3, 4, recurrent_dropout=share)
    with pytest.raises(ValueError, match="input_dropout"):
        LSTM(3, 4, input_dropout=share)


@pytest.mark.parametrize("lengths", [[5, 5, 5], [5, 2, 4]])
def test_a_layer_goes_back_through_rows_that_another_kernel_laid_out(lengths):
    """A large layer is torch's and lays steps first; the small one above it is ours."""
    torch.manual_seed(0)
    values = torch.randn(3, 5, 4, requires_grad=True)
    large, small = LSTM(4, 512), LSTM(512, 8)
    outputs, _ = large(Padded(values, torch.tensor(lengths)))
    copied = Padded(outputs.values.detach().contiguous().requires_grad_(), outputs.lengths)
    for rows in (outputs, copied):
        small(rows)[0].filled().values.square().sum().backward()
    assert copied.values.grad is not None
    large.zero_grad(set_to_none=True)
    before = values.grad.clone()
    values.grad = None
    outputs, _ = large(Padded(values, torch.tensor(lengths)))
    outputs.values.backward(copied.values.grad)
    torch.testing.assert_close(values.grad, before)
