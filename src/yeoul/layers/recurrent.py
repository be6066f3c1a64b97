"""RNN, GRU and LSTM, stacked and in both directions, over rows of true length.

Arguments, weight names and shapes are PyTorch's (`weight_ih_l0`, `weight_hh_l0_reverse`, …), so the state
dict of a `torch.nn.LSTM` loads and gives the same numbers. Per step, with gates stacked as i f g o and r z n:

    RNN   h = tanh(W x + b + U h + c)                                              Elman 1990
    GRU   n = tanh(W x + b + r ∘ (U h + c));  h = (1 - z) ∘ n + z ∘ h              Cho et al. 2014
    LSTM  c = f ∘ c + i ∘ g;  h = o ∘ tanh(c)                                      Hochreiter & Schmidhuber 1997
"""

import math
from typing import final

import torch
from torch import Tensor, nn

from yeoul.kernels import Cell, Weights, recurrence
from yeoul.padded import Padded, Sequences

State = tuple[Tensor, ...]
"""(h,) or (h, c), each (num_layers · directions, B, H)."""

_GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}


class _Stack(nn.Module):
    """The weights of a stack and the loop over its layers and directions; the cell is the only difference."""

    cell: Cell

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        rows = _GATES[self.cell] * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else self.output_size
            for suffix in self._suffixes(layer):
                self.register_parameter(f"weight_ih_{suffix}", nn.Parameter(torch.empty(rows, width)))
                self.register_parameter(f"weight_hh_{suffix}", nn.Parameter(torch.empty(rows, hidden_size)))
                self.register_parameter(f"bias_ih_{suffix}", nn.Parameter(torch.empty(rows)))
                self.register_parameter(f"bias_hh_{suffix}", nn.Parameter(torch.empty(rows)))
        self.reset_parameters()

    @property
    def output_size(self) -> int:
        return self.hidden_size * (2 if self.bidirectional else 1)

    def reset_parameters(self) -> None:
        """Draw every weight from U(-1/√H, 1/√H), as PyTorch does."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, inputs: Sequences, initial: State | None = None) -> tuple[Padded, State]:
        """Map (B, T, D) to outputs (B, T, H · directions), zero beyond the lengths, and the final states."""
        rows = inputs.lengths.shape[0]
        if initial is None:
            shape = (self.num_layers * (2 if self.bidirectional else 1), rows, self.hidden_size)
            zeros = torch.zeros(
                shape, dtype=self._weights("l0").hidden_hidden.dtype, device=inputs.lengths.device
            )
            initial = (zeros, zeros) if self.cell == "lstm" else (zeros,)
        finals: list[State] = []
        outputs: Sequences = inputs
        for layer in range(self.num_layers):
            directions = []
            for suffix in self._suffixes(layer):
                start = tuple(state[len(finals)] for state in initial)
                states, last = recurrence(
                    self.cell, outputs, self._weights(suffix), start, reverse=suffix.endswith("reverse")
                )
                directions.append(states.values)
                finals.append(last)
            values = directions[0] if len(directions) == 1 else torch.cat(directions, dim=2)
            if self.dropout and layer + 1 < self.num_layers:
                values = nn.functional.dropout(values, self.dropout, self.training)
            outputs = Padded(values, inputs.lengths)
        return outputs.dense(), tuple(torch.stack(states) for states in zip(*finals, strict=True))

    def extra_repr(self) -> str:
        return (
            f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, "
            f"bidirectional={self.bidirectional}, dropout={self.dropout}"
        )

    def _suffixes(self, layer: int) -> tuple[str, ...]:
        return (f"l{layer}", f"l{layer}_reverse") if self.bidirectional else (f"l{layer}",)

    def _weights(self, suffix: str) -> Weights:
        return Weights(
            self.get_parameter(f"weight_ih_{suffix}"),
            self.get_parameter(f"weight_hh_{suffix}"),
            self.get_parameter(f"bias_ih_{suffix}"),
            self.get_parameter(f"bias_hh_{suffix}"),
        )


@final
class RNN(_Stack):
    """A stack of Elman layers (tanh)."""

    cell = "rnn"


@final
class GRU(_Stack):
    """A stack of gated recurrent units."""

    cell = "gru"


@final
class LSTM(_Stack):
    """A stack of long short-term memories."""

    cell = "lstm"
