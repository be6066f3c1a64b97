"""The recurrent loop of one layer in one direction, by the fastest means at hand.

`recurrence` is the interface that every backend serves; today torch's own kernels are the only one.
"""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from yeoul.kernels import aten
from yeoul.padded import Padded, Sequences

Cell = Literal["lstm", "gru", "rnn"]


@dataclass(frozen=True)
class Weights:
    """One layer's weights in one direction, laid out as PyTorch's: G gates stacked, in its order."""

    input_hidden: Tensor  # (G·H, D)
    hidden_hidden: Tensor  # (G·H, H)
    input_bias: Tensor  # (G·H,)
    hidden_bias: Tensor  # (G·H,)


@dataclass(frozen=True)
class Backend:
    """Which kernels run the recurrent layers, and why."""

    name: str
    reason: str


def backend() -> Backend:
    """Say which kernels serve `recurrence` on this machine, and why."""
    return Backend("torch", "fused kernels are not part of this version")


def recurrence(
    cell: Cell, inputs: Sequences, weights: Weights, initial: tuple[Tensor, ...], *, reverse: bool
) -> tuple[Padded, tuple[Tensor, ...]]:
    """Run `cell` over every row up to its length, from its end if `reverse`.

    `initial` and the second result are (h,) or, for the LSTM, (h, c), each (B, H): the state before the first
    and after the last real step. Outputs (B, T, H) are zero beyond the lengths and stand at their own inputs'
    places in both directions. A row of length zero keeps its initial state.
    """
    return aten.recurrence(
        cell,
        inputs.dense(),
        (weights.input_hidden, weights.hidden_hidden, weights.input_bias, weights.hidden_bias),
        initial,
        reverse=reverse,
    )
