"""Encoders: from rows of vectors to states and one summary of each row."""

from collections.abc import Sequence
from typing import final

import torch
from torch import nn

from yeoul.layers import GRU, LSTM, RNN, AttentionPooling, Convolution, FixedPooling
from yeoul.models.protocols import Encoded
from yeoul.padded import Padded, Sequences

Pooling = FixedPooling | AttentionPooling


@final
class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers, pooled."""

    def __init__(self, layers: LSTM | GRU | RNN, pooling: Pooling) -> None:
        super().__init__()
        self.layers = layers
        self.pooling = pooling
        self.output_size = layers.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, H · directions)."""
        states, final_state = self.layers(inputs)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, final_state, pooled.weights)


@final
class ConvolutionEncoder(nn.Module):
    """Convolutions of several widths side by side, rectified and pooled (Kim 2014)."""

    def __init__(self, input_size: int, channels: int, widths: Sequence[int], pooling: Pooling) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(Convolution(input_size, channels, width) for width in widths)
        self.pooling = pooling
        self.output_size = channels * len(widths)

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, channels · widths)."""
        dense = inputs.dense()
        features = [torch.relu(convolution(dense).values) for convolution in self.convolutions]
        states = Padded(torch.cat(features, dim=2), inputs.lengths)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


@final
class BagEncoder(nn.Module):
    """The vectors themselves, pooled: what can be said without their order."""

    def __init__(self, input_size: int, pooling: Pooling) -> None:
        super().__init__()
        self.pooling = pooling
        self.output_size = input_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, D)."""
        states = inputs.dense()
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)
