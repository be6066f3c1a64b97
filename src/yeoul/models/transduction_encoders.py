"""Encoders of sources that are made of more than recurrent layers; their states tell the places of the steps."""

import math
from collections.abc import Sequence
from typing import cast, final

import torch
from torch import Tensor, nn

from yeoul.layers import Convolution, Dropout, FixedPooling, TransformerBlock
from yeoul.layers.transformer import sinusoids
from yeoul.models.protocols import Encoded
from yeoul.padded import Padded, Sequences

_HALF = math.sqrt(0.5)


@final
class PlacedVectors(nn.Module):
    """Make vectors of N(0, 1/D) components as large as the sines and cosines that tell their places, and add these."""

    def __init__(self, input_size: int, size: int, dropout: float) -> None:
        super().__init__()
        self.scale = math.sqrt(input_size)
        self.enter = nn.Identity() if input_size == size else nn.Linear(input_size, size)
        self.size = size
        self.dropout = Dropout(dropout)

    def forward(self, vectors: Tensor, places: Tensor) -> Tensor:
        """Map (B, T, D) at places (B or 1, T) to (B, T, size)."""
        entered = self.enter(vectors * self.scale)
        placed: Tensor = self.dropout(entered + sinusoids(places, self.size).to(entered.dtype))
        return placed


@final
class TransformerSource(nn.Module):
    """Steps that look at one another (Vaswani et al. 2017); the summary is the mean of the states."""

    def __init__(self, vectors: PlacedVectors, blocks: Sequence[TransformerBlock]) -> None:
        super().__init__()
        self.vectors = vectors
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(vectors.size)
        self.pooling = FixedPooling("mean")
        self.output_size = vectors.size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, size)."""
        rows = placed(self.vectors, inputs)
        for block in self.blocks:
            rows = block(rows)
        states = Padded(self.norm(rows.values), rows.lengths)
        return Encoded(states, self.pooling(states).summary)


@final
class ConvolutionSource(nn.Module):
    """Gated convolutions, each added to what it read (Gehring et al. 2017); the summary is the mean of the states.

    x ← √½ (x + a ∘ sigmoid(b)),  (a, b) = convolution(x)
    """

    def __init__(self, vectors: PlacedVectors, width: int, num_layers: int, dropout: float) -> None:
        super().__init__()
        self.vectors = vectors
        size = vectors.size
        self.convolutions = nn.ModuleList(Convolution(size, 2 * size, width) for _ in range(num_layers))
        self.dropout = Dropout(dropout)
        self.pooling = FixedPooling("mean")
        self.output_size = size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, size)."""
        rows = placed(self.vectors, inputs)
        for convolution in cast(list[Convolution], self.convolutions):
            read: Padded = convolution(Padded(self.dropout(rows.values), rows.lengths))
            gated = nn.functional.glu(read.values, dim=2) if read.values.shape[1] else rows.values
            rows = Padded((rows.values + gated) * _HALF, rows.lengths)
        return Encoded(rows, self.pooling(rows).summary)


def placed(vectors: PlacedVectors, inputs: Sequences) -> Padded:
    """Give each step of rows (B, T, D) its place, counted from the first."""
    rows = inputs.dense()
    places = torch.arange(rows.values.shape[1], device=rows.lengths.device)[None]
    return Padded(vectors(rows.values, places), rows.lengths)
