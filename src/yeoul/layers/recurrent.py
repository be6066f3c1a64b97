"""RNN, GRU and LSTM, stacked and in both directions, over rows of true length.

Arguments, weight names and shapes are PyTorch's (`weight_ih_l0`, `weight_hh_l0_reverse`, …), so the state
dict of a `torch.nn.LSTM` loads and gives the same numbers. Per step, with gates stacked as i f g o and r z n:

    RNN   h = tanh(W x + b + U h + c)                                              Elman 1990
    GRU   n = tanh(W x + b + r ∘ (U h + c));  h = (1 - z) ∘ n + z ∘ h              Cho et al. 2014
    LSTM  c = f ∘ c + i ∘ g;  h = o ∘ tanh(c)                                      Hochreiter & Schmidhuber 1997

Options, all inside the loop: `input_dropout` drops the same components of x before every product W x of a row, in
every layer, and `recurrent_dropout` those of h before U h (Gal & Ghahramani 2016); `zoneout` keeps each unit at its
last value with this probability, in the LSTM those of c too (Krueger et al. 2017); `layer_norm` norms W x and U h,
in the LSTM also the c inside tanh, with gains `gain_ih_l0`, `gain_hh_l0`, `gain_cell_l0`, for which the biases serve
as biases (Ba et al. 2016).
"""

import math
from typing import final

import torch
from torch import Tensor, nn

from yeoul.kernels import (
    GATES,
    Cell,
    Nonlinearity,
    Norm,
    Options,
    State,
    Weights,
    Zoneout,
    recurrence,
)
from yeoul.padded import Padded, Sequences


class _Stack(nn.Module):
    """The weights of a stack and the loop over its layers and directions; the cell is the only difference."""

    cell: Cell
    nonlinearity: Nonlinearity = "tanh"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        super().__init__()
        for name, share in (
            ("dropout", dropout),
            ("input_dropout", input_dropout),
            ("recurrent_dropout", recurrent_dropout),
            ("zoneout", zoneout),
        ):
            if not 0.0 <= share < 1.0:
                raise ValueError(f"{name} is {share}, expected a share from 0 to below 1")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.recurrent_dropout = recurrent_dropout
        self.zoneout = zoneout
        self.layer_norm = layer_norm
        rows = GATES[self.cell] * hidden_size
        for layer in range(num_layers):
            width = input_size if layer == 0 else self.output_size
            for suffix in self._suffixes(layer):
                self._add(f"weight_ih_{suffix}", rows, width)
                self._add(f"weight_hh_{suffix}", rows, hidden_size)
                self._add(f"bias_ih_{suffix}", rows)
                self._add(f"bias_hh_{suffix}", rows)
                if layer_norm:
                    self._add(f"gain_ih_{suffix}", rows)
                    self._add(f"gain_hh_{suffix}", rows)
                if layer_norm and self.cell == "lstm":
                    self._add(f"gain_cell_{suffix}", hidden_size)
                    self._add(f"bias_cell_{suffix}", hidden_size)
        self.reset_parameters()

    @property
    def output_size(self) -> int:
        return self.hidden_size * (2 if self.bidirectional else 1)

    def reset_parameters(self) -> None:
        """Draw every weight from U(-1/√H, 1/√H), as PyTorch does; gains are one, the cell's biases zero."""
        bound = 1.0 / math.sqrt(self.hidden_size)
        for name, parameter in self.named_parameters():
            if name.startswith("gain"):
                nn.init.ones_(parameter)
            elif name.startswith("bias_cell"):
                nn.init.zeros_(parameter)
            else:
                nn.init.uniform_(parameter, -bound, bound)

    def forward(self, inputs: Sequences, initial: State | None = None) -> tuple[Padded, State]:
        """Map (B, T, D) to outputs (B, T, H · directions), zero beyond the lengths, and the final states.

        States are (h,) or (h, c), each (num_layers · directions, B, H).
        """
        rest = self._at_rest(inputs.lengths.shape[0]) if initial is None else ()
        finals: list[State] = []
        outputs: Sequences = inputs
        for layer in range(self.num_layers):
            directions = []
            for suffix in self._suffixes(layer):
                start = rest if initial is None else tuple(state[len(finals)] for state in initial)
                weights = self._weights(suffix)
                states, last = recurrence(
                    self.cell,
                    outputs,
                    weights,
                    start,
                    self._options(weights, inputs.lengths.shape[0]),
                    reverse=suffix.endswith("reverse"),
                )
                directions.append(states.values)
                finals.append(last)
            values = directions[0] if len(directions) == 1 else torch.cat(directions, dim=2)
            if self.dropout and layer + 1 < self.num_layers:
                values = nn.functional.dropout(values, self.dropout, self.training)
            outputs = Padded(values, inputs.lengths)
        if len(finals) == 1:
            return outputs.dense(), tuple(state[None] for state in finals[0])
        return outputs.dense(), tuple(torch.stack(states) for states in zip(*finals, strict=True))

    def extra_repr(self) -> str:
        said = [f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}"]
        said += [f"bidirectional={self.bidirectional}, dropout={self.dropout}"]
        unusual = {
            "nonlinearity": (self.nonlinearity, "tanh"),
            "input_dropout": (self.input_dropout, 0.0),
            "recurrent_dropout": (self.recurrent_dropout, 0.0),
            "zoneout": (self.zoneout, 0.0),
            "layer_norm": (self.layer_norm, False),
        }
        said += [f"{name}={value}" for name, (value, usual) in unusual.items() if value != usual]
        return ", ".join(said)

    def _add(self, name: str, *shape: int) -> None:
        self.register_parameter(name, nn.Parameter(torch.empty(*shape)))

    def _suffixes(self, layer: int) -> tuple[str, ...]:
        return (f"l{layer}", f"l{layer}_reverse") if self.bidirectional else (f"l{layer}",)

    def _at_rest(self, rows: int) -> State:
        like: Tensor = getattr(self, f"weight_hh_{self._suffixes(0)[0]}")
        zeros = like.new_zeros(rows, self.hidden_size)
        return (zeros, zeros) if self.cell == "lstm" else (zeros,)

    def _weights(self, suffix: str) -> Weights:
        return Weights(
            getattr(self, f"weight_ih_{suffix}"),
            getattr(self, f"weight_hh_{suffix}"),
            getattr(self, f"bias_ih_{suffix}"),
            getattr(self, f"bias_hh_{suffix}"),
            self._norm(suffix) if self.layer_norm else None,
        )

    def _norm(self, suffix: str) -> Norm:
        gains = self.get_parameter(f"gain_ih_{suffix}"), self.get_parameter(f"gain_hh_{suffix}")
        if self.cell != "lstm":
            return Norm(*gains)
        return Norm(
            *gains, self.get_parameter(f"gain_cell_{suffix}"), self.get_parameter(f"bias_cell_{suffix}")
        )

    def _options(self, weights: Weights, rows: int) -> Options:
        """Draw what one pass over `rows` of one layer in one direction needs."""
        seed = int(torch.randint(2**32, ())) if self.training and self.zoneout else None
        return Options(
            self.nonlinearity,
            self._mask(self.recurrent_dropout, weights.hidden_hidden, rows),
            Zoneout(self.zoneout, seed) if self.zoneout else None,
            self._mask(self.input_dropout, weights.input_hidden, rows),
        )

    def _mask(self, share: float, weight: Tensor, rows: int) -> Tensor | None:
        """Draw which columns of a weight each row sees while training: (B, D), what stays grown by 1 / (1 - share)."""
        if not self.training or not share:
            return None
        return weight.new_empty(rows, weight.shape[1]).bernoulli_(1.0 - share).div_(1.0 - share)


class _Activated(_Stack):
    """A stack whose new values come from a nonlinearity of one's choice."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: Nonlinearity = "tanh",
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        zoneout: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bidirectional=bidirectional,
            dropout=dropout,
            input_dropout=input_dropout,
            recurrent_dropout=recurrent_dropout,
            zoneout=zoneout,
            layer_norm=layer_norm,
        )
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity is {nonlinearity!r}, expected 'tanh' or 'relu'")
        self.nonlinearity = nonlinearity


@final
class RNN(_Activated):
    """A stack of Elman layers."""

    cell = "rnn"


@final
class GRU(_Activated):
    """A stack of gated recurrent units; the nonlinearity is that of n."""

    cell = "gru"


@final
class LSTM(_Stack):
    """A stack of long short-term memories."""

    cell = "lstm"
