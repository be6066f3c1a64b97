"""A convolution over time that leaves every row its length.

y[t] = b + Σ_k W[k] x[t + k - ⌊(K - 1) / 2⌋], with zeros outside the row: "same" padding, masked, so neither
padding nor the other rows of a batch reach a result.
"""

from typing import final

import torch
from torch import Tensor, nn

from yeoul.padded import Padded


@final
class Convolution(nn.Module):
    """Convolve (B, T, D) into (B, T, channels) with a kernel of `width` steps."""

    def __init__(self, input_size: int, channels: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.convolution = nn.Conv1d(input_size, channels, width)

    def forward(self, inputs: Padded) -> Padded:
        """Return features of the same lengths, zero beyond them."""
        values = inputs.filled().values.transpose(1, 2)  # (B, D, T)
        before = (self.width - 1) // 2
        values = nn.functional.pad(values, (before, self.width - 1 - before))
        if inputs.values.shape[1] == 0:
            return Padded(values.new_zeros(len(values), 0, self.convolution.out_channels), inputs.lengths)
        features: Tensor = self.convolution(values)  # (B, channels, T)
        return Padded(torch.transpose(features, 1, 2), inputs.lengths).filled()
