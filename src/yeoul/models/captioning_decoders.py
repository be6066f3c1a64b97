"""A decoder that looks at a picture before each word, through a gate (Xu et al. 2015).

    a_t = softmax(score(h_{t-1}, places)),  z_t = sigmoid(w·h_{t-1} + b) · Σ a_t places
    h_t = cell([y_{t-1}; z_t], h_{t-1})

The next word is told by tanh(W [h_t; z_t; y_{t-1}]).
"""

from typing import final

import torch
from torch import Tensor, nn

from yeoul.layers import Dropout
from yeoul.layers.alignment import Alignment, weights_of
from yeoul.models.language_networks import RecurrentNetwork
from yeoul.models.protocols import Encoded, State
from yeoul.models.transduction_decoders import Bridged, Looked, Memory, shared_out
from yeoul.padded import Sequences


@final
class GatedTarget(nn.Module):
    """One recurrent layer that reads with each word what it looked at; the state is that of the layer."""

    def __init__(
        self,
        network: RecurrentNetwork,
        first: Bridged,
        alignment: Alignment,
        *,
        input_size: int,
        memory_size: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.first = first
        self.alignment = alignment
        size = network.output_size
        self.gate = nn.Linear(size, 1)
        self.mix = nn.Linear(size + memory_size + input_size, size)
        self.dropout = Dropout(dropout)
        self.output_size = size

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        return (self.alignment.read(encoded.states.values),), self.first(encoded)

    def start(self, memory: Memory, rows: int) -> State:
        """Return what the picture as a whole begins with."""
        return shared_out(memory.first, rows)

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        queries = state[0].reshape(len(memory.lengths), -1, self.output_size)  # (M, K, D)
        weights = weights_of(self.alignment(queries, memory.keys[0]), memory.lengths)
        found = (weights @ memory.states).flatten(0, 1) * torch.sigmoid(self.gate(state[0]))
        states, after = self.network.step(torch.cat([vectors, found], dim=1), state)
        features = torch.tanh(self.mix(torch.cat([states, found, vectors], dim=1)))
        return Looked(self.dropout(features), weights.flatten(0, 1)), after

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        features, attention = list[Tensor](), list[Tensor]()
        for read in vectors.dense().values.unbind(1):
            looked, state = self.step(read, state, memory)
            features.append(looked.features)
            attention += [] if looked.attention is None else [looked.attention]
        return Looked(torch.stack(features, dim=1), torch.stack(attention, dim=1)), state
