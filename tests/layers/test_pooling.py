"""Maxima over a few steps: those of the real steps alone, as a plain loop finds them."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from yeoul.layers import MaxOverSteps
from yeoul.padded import Padded


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(1, 12), st.integers(0, 3))
def test_each_block_keeps_its_own_maximum(lengths, stride, extra):
    values = torch.full((len(lengths), max(lengths) + extra, 2), float("nan"))
    for row, length in enumerate(lengths):
        values[row, :length] = -torch.rand(length, 2)  # below zero, so that no padding may count
    rows = MaxOverSteps(stride)(Padded(values, torch.tensor(lengths)))
    assert rows.lengths.tolist() == [-(-length // stride) for length in lengths]
    for row, length in enumerate(lengths):
        for block in range(int(rows.lengths[row])):
            real = values[row, block * stride : min(length, (block + 1) * stride)]
            assert torch.equal(rows.values[row, block], real.amax(dim=0))
    assert not rows.values[~rows.mask].any()
