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
            gates = torch.addmv(layer.inner, layer.hidden, hidden)
            cell = next(rest)[0].numpy() if layer.cell == "lstm" else _NOTHING
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


@dataclass(frozen=True)
class _Layer:
    """A plain layer: what its gates G take from the inputs and from h, and how they are closed over h and c."""

    cell: str
    inputs: Tensor  # (G·H, D)
    bias: Tensor  # (G·H,)
    hidden: Tensor  # (G·H, H)
    inner: Tensor  # (G·H,) the part of the bias that stays with h
    close: Callable[[Floats, Floats, Floats, Floats], None]

    @classmethod
    def of(cls, layer: Recurrent) -> "_Layer":
        names = ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0")
        inputs, bias, hidden, inner = (layer.get_parameter(name).detach() for name in names)
        close = {"lstm": _close_lstm, "gru": _close_gru, "rnn": _close_rnn}[layer.cell]
        return cls(layer.cell, inputs, bias, hidden, inner, close)


_NOTHING = np.empty(0, np.float32)


def _close_lstm(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move (h, c) on: c ← f c + i g, h ← o tanh c."""
    size = len(hidden)
    gates += given
    entered, kept, fresh, shown = (gates[size * place : size * (place + 1)] for place in range(4))
    np.tanh(fresh, out=fresh)
    _sigmoid(gates[: 2 * size])
    _sigmoid(shown)
    np.multiply(cell, kept, out=cell)
    np.multiply(fresh, entered, out=fresh)
    np.add(cell, fresh, out=cell)
    np.tanh(cell, out=fresh)
    np.multiply(fresh, shown, out=hidden)


def _close_gru(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move h on: n ← tanh(x_n + r h_n), h ← n + z (h - n)."""
    size = len(hidden)
    both, fresh = gates[: 2 * size], gates[2 * size :]
    np.add(both, given[: 2 * size], out=both)
    _sigmoid(both)
    np.multiply(fresh, both[:size], out=fresh)
    np.add(fresh, given[2 * size :], out=fresh)
    np.tanh(fresh, out=fresh)
    np.subtract(hidden, fresh, out=hidden)
    np.multiply(hidden, both[size:], out=hidden)
    np.add(hidden, fresh, out=hidden)


def _close_rnn(given: Floats, gates: Floats, hidden: Floats, cell: Floats) -> None:
    """Move h on: h ← tanh of the gate."""
    np.add(gates, given, out=gates)
    np.tanh(gates, out=hidden)


def _sigmoid(values: Floats) -> None:
    """Replace x by 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which overflows nowhere."""
    np.multiply(values, 0.5, out=values)
    np.tanh(values, out=values)
    np.multiply(values, 0.5, out=values)
    np.add(values, 0.5, out=values)
