"""The WaveNet against its own equations, its reach, and its rings."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.layers import WaveNet
from yeoul.padded import Padded


def full(values):
    return Padded(values, torch.full((len(values),), values.shape[1]))


def slow(net, values):
    """States (T, S) of one row (T, D), step by step from the equations."""
    inputs = values @ net.enter.weight.T + net.enter.bias
    skips = 0.0
    residuals = [*net.residuals, torch.nn.Linear(net.channels, net.channels)]  # nobody reads the last
    for dilation, gate, residual, skip in zip(net.dilations, net.gates, residuals, net.skips, strict=True):
        wide, following, passed = torch.zeros(len(values), net.width, net.channels), [], []
        for step in range(len(values)):
            for tap in range(net.width):
                place = step - (net.width - 1 - tap) * dilation
                if place >= 0:
                    wide[step, tap] = inputs[place]
            heard, shut = (gate.weight @ wide[step].flatten() + gate.bias).chunk(2)
            gated = torch.tanh(heard) * torch.sigmoid(shut)
            following.append(inputs[step] + residual.weight @ gated + residual.bias)
            passed.append(skip.weight @ gated + skip.bias)
        inputs, skips = torch.stack(following), skips + torch.stack(passed)
    return torch.relu(torch.relu(skips) @ net.finish.weight.T + net.finish.bias)


@settings(max_examples=15, deadline=None)
@given(
    width=st.integers(1, 3),
    layers=st.integers(1, 3),
    stacks=st.integers(1, 2),
    steps=st.integers(1, 9),
    seed=st.integers(0, 99),
)
def test_equals_its_equations(width, layers, stacks, steps, seed):
    torch.manual_seed(seed)
    net = WaveNet(2, 3, 4, width=width, num_layers=layers, stacks=stacks)
    values = torch.randn(2, steps, 2)
    with torch.no_grad():
        states = net(full(values)).values
        for row in range(2):
            torch.testing.assert_close(states[row], slow(net, values[row]), rtol=1e-4, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    width=st.integers(1, 4),
    layers=st.integers(1, 4),
    stacks=st.integers(1, 3),
    lengths=st.lists(st.integers(0, 40), min_size=1, max_size=4),
)
def test_the_newest_state_needs_no_more_than_is_worked_out(width, layers, stacks, lengths):
    torch.manual_seed(0)
    net = WaveNet(2, 3, 4, width=width, num_layers=layers, stacks=stacks).double()
    rows = Padded(torch.randn(len(lengths), max(lengths), 2, dtype=torch.float64), torch.tensor(lengths))
    whole, newest = net(rows).values, net.newest(rows)
    for row, length in enumerate(lengths):
        expected = whole[row, length - 1] if length else torch.zeros(4, dtype=torch.float64)
        torch.testing.assert_close(newest[row], expected)


@pytest.mark.parametrize(("width", "layers", "stacks"), [(2, 3, 1), (3, 2, 1), (2, 2, 3)])
def test_a_state_sees_as_far_back_as_is_promised_and_nothing_ahead(width, layers, stacks):
    torch.manual_seed(0)
    net = WaveNet(1, 6, 16, width=width, num_layers=layers, stacks=stacks).double()
    steps = net.reach + 8
    values = torch.randn(1, steps, 1, dtype=torch.float64, requires_grad=True)
    net(full(values)).values[0, -3].sum().backward()
    seen = values.grad[0, :, 0].nonzero()[:, 0]
    assert seen.min() == steps - 3 - net.reach
    assert seen.max() == steps - 3


def test_rings_hold_what_is_needed_however_long_they_turn():
    torch.manual_seed(0)
    net = WaveNet(2, 3, 4, width=3, num_layers=3).eval()
    values = torch.randn(2, 60, 2)
    with torch.no_grad():
        expected = net(full(values)).values
        state = net.start(2)
        for step in range(60):
            stated, state = net.step(values[:, step], state)
            torch.testing.assert_close(stated, expected[:, step], rtol=1e-4, atol=1e-5)
            if step == 31:  # what was read step by step goes on at once
                more, _ = net.read(full(values[:, 32:]), state)
                torch.testing.assert_close(more.values, expected[:, 32:], rtol=1e-4, atol=1e-5)


def test_reading_leaves_the_state_given_as_it_is():
    net = WaveNet(1, 2, 2, num_layers=2)
    state = net.start(1)
    net.read(full(torch.randn(1, 5, 1)), state)
    assert not any(part.any() for part in state)


def test_gradients_are_those_of_finite_differences():
    torch.manual_seed(0)
    net = WaveNet(2, 2, 3, num_layers=2).double()
    values = torch.randn(2, 5, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda given: net(full(given)).values, values)
