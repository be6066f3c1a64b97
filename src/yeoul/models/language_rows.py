"""One row of a recurrent language model at a time, with as little ado as possible: what writing a text asks for.

A step of a small model is short beside the calls that it is made of, and its weights drive all else out of the cache.
So what a token means to the gates of the first layer is found once for each token, and the gates are closed in place.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.models.encoders import Recurrent
from yeoul.models.language import LanguageModel
from yeoul.models.language_networks import RecurrentNetwork
from yeoul.models.protocols import Decoded, Decoder, State

Floats: TypeAlias = npt.NDArray[np.float32]

_KEPT_TOKENS = 4096


def row_decoder(model: LanguageModel) -> Decoder[None, State]:
    """Return what steps like the model, in evaluation mode, faster where that is known for one row on this processor.

    The weights must not change any more.
    """
    model.eval()
    network, device = model.network, model.head.weight.device
    plain = isinstance(network, RecurrentNetwork) and not network.normed
    if not plain or device.type != "cpu" or model.head.weight.dtype != torch.float32:
        return model
    return SingleRow(model, [_Layer.of(layer) for layer in cast(RecurrentNetwork, network).stack])


@final
class SingleRow:
    """Reads and says one token after another; several rows at once are left to the model."""

    def __init__(self, model: LanguageModel, layers: "Sequence[_Layer]") -> None:
        self._model = model
        self._layers = layers
        self._table = model.vectors.detach()
        head, fit = model.head, model.fit
        self._head = head.bias.detach(), head.weight.detach()
        self._fit = None if fit is None else (fit.bias.detach(), fit.weight.detach())
        self._given: dict[int, Tensor] = {}

    def start(self, memory: None, rows: int) -> State:
        """Return the state of so many rows before their first token."""
        return self._model.start(memory, rows)

    def forward(self, inputs: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read many more tokens (B, T)."""
        return self._model.forward(inputs, state, memory)

    def step(self, previous: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read one more token (B,) of each row; the state given is overwritten."""
        if len(previous) != 1:
            return self._model.step(previous, state, memory)
        given, rest = self._first(int(previous)), iter(state)
        hidden = given
        for place, layer in enumerate(self._layers):
            if place:
                given = torch.addmv(layer.bias, layer.inputs, hidden)
            hidden = next(rest)[0]
            gates = torch.addmv(given if layer.inner is None else layer.inner, layer.hidden, hidden)
            cell = next(rest).numpy()[0] if layer.cell == "lstm" else _NOTHING
            layer.close(given.numpy(), gates.numpy(), hidden.numpy(), cell)
        features = hidden if self._fit is None else torch.addmv(*self._fit, hidden)
        return Decoded(torch.addmv(*self._head, features)[None]), state

    def _first(self, token: int) -> Tensor:
        """Return what the first layer's gates are given by a token."""
        known = self._given.get(token)
        if known is None:
            layer = self._layers[0]
            known = torch.addmv(layer.bias, layer.inputs, self._table[token])
            if len(self._given) < _KEPT_TOKENS:
                self._given[token] = known
        return known


def compute_on_one_thread(decoder: Decoder[None, State]) -> None:
    """Let this whole process compute on one thread where it writes single rows.

    Two threads that meet at every product of a small model lose more than they gain, on a busy machine tenfold.
    """
    if isinstance(decoder, SingleRow):
        torch.set_num_threads(1)


@dataclass(frozen=True)
class _Layer:
    """A plain layer: what its gates G take from the inputs and from h, and how they are closed over h and c.

    Rows of sigmoid gates are halved, for 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2; an LSTM's stand as i f o g.
    """

    cell: str
    inputs: Tensor  # (G·H, D)
    bias: Tensor  # (G·H,)
    hidden: Tensor  # (G·H, H)
    inner: Tensor | None
    """(G·H,) the part of the bias that stays with h; None where none does."""
    close: Callable[[Floats, Floats, Floats, Floats], None]

    @classmethod
    def of(cls, layer: Recurrent) -> "_Layer":
        names = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0")
        inputs, bias, hidden, inner = (layer.get_parameter(name).detach() for name in names)
        match layer.cell:
            case "lstm":
                order = (0, 1, 3, 2)
                inputs, bias, hidden = (_scaled(each, order, 3) for each in (inputs, bias + inner, hidden))
                return cls(layer.cell, inputs, bias, hidden, None, _close_lstm)
            case "gru":
                inputs, bias, hidden, inner = (
                    _scaled(each, (0, 1, 2), 2) for each in (inputs, bias, hidden, inner)
                )
                return cls(layer.cell, inputs, bias, hidden, inner, _close_gru)
            case "rnn":
                return cls(layer.cell, inputs, bias + inner, hidden, None, _close_rnn)


def _scaled(weights: Tensor, order: Sequence[int], halved: int) -> Tensor:
    """Put the gates of weights (G·H, …) into an order, and halve the first so many."""
    gates = weights.chunk(len(order))
    return torch.cat([gates[gate] * (0.5 if place < halved else 1.0) for place, gate in enumerate(order)])


_NOTHING = np.empty(0, np.float32)


def _close_lstm(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move (h, c) on: c ← f c + i g, h ← o tanh c."""
    size = len(hidden)
    np.tanh(gates, out=gates)
    shares, fresh = gates[: 3 * size], gates[3 * size :]
    np.multiply(shares, 0.5, out=shares)
    np.add(shares, 0.5, out=shares)
    np.multiply(cell, shares[size : 2 * size], out=cell)
    np.multiply(fresh, shares[:size], out=fresh)
    np.add(cell, fresh, out=cell)
    np.tanh(cell, out=fresh)
    np.multiply(fresh, shares[2 * size :], out=hidden)


def _close_gru(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move h on: n ← tanh(x_n + r h_n), h ← n + z (h - n)."""
    size = len(hidden)
    both, fresh = gates[: 2 * size], gates[2 * size :]
    np.add(both, given[: 2 * size], out=both)
    np.tanh(both, out=both)
    np.multiply(both, 0.5, out=both)
    np.add(both, 0.5, out=both)
    np.multiply(fresh, both[:size], out=fresh)
    np.add(fresh, given[2 * size :], out=fresh)
    np.tanh(fresh, out=fresh)
    np.subtract(hidden, fresh, out=hidden)
    np.multiply(hidden, both[size:], out=hidden)
    np.add(hidden, fresh, out=hidden)


def _close_rnn(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move h on: h ← tanh of the gate."""
    np.tanh(gates, out=hidden)
