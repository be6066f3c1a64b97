"""What a recurrent cell is made of: its weights, its options, and the random numbers it draws."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Cell = Literal["lstm", "gru", "rnn"]
Nonlinearity = Literal["tanh", "relu"]
State = tuple[Tensor, ...]

GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}
NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class Norm:
    """Gains of the layer norms inside a cell (Ba et al. 2016); the biases of the gates serve as theirs.

    The LSTM norms its four gates together and, before the last tanh, its cell state; the GRU norms r and z
    together and n by itself; always the input's product and the hidden product apart.
    """

    input_gain: Tensor  # (G·H,)
    hidden_gain: Tensor  # (G·H,)
    cell_gain: Tensor | None = None  # (H,), of the LSTM
    cell_bias: Tensor | None = None  # (H,)


@dataclass(frozen=True)
class Weights:
    """One layer's weights in one direction, laid out as PyTorch's: G gates stacked, in its order."""

    input_hidden: Tensor  # (G·H, D)
    hidden_hidden: Tensor  # (G·H, H)
    input_bias: Tensor  # (G·H,)
    hidden_bias: Tensor  # (G·H,)
    norm: Norm | None = None


@dataclass(frozen=True)
class Zoneout:
    """Keep units at their last value (Krueger et al. 2017): each with probability `share` at each step.

    Without a seed, the state becomes the mean of what it could have been, as it does after training.
    """

    share: float
    seed: int | None = None  # below 2**32

    def kept(self, rows: int, step: int, size: int, which: int) -> Tensor:
        """Say which units keep their value at `step`: (B, H) bool; `which` tells h (0) from c (1).

        The answer is a function of seed, row, step and unit alone, so every kernel finds the same one, in any
        order, and again on the way back.
        """
        if self.seed is None:
            raise ValueError("without a seed nothing is drawn")
        row = _mixed(torch.arange(rows)[:, None] ^ self.seed)
        unit = torch.arange(size) * 2 + which
        drawn = _mixed(_mixed(row ^ step) ^ unit)
        return drawn < self.threshold

    @property
    def threshold(self) -> int:
        return int(self.share * 2**32)


@dataclass(frozen=True)
class Options:
    """What a cell does beyond its plain equations."""

    nonlinearity: Nonlinearity = "tanh"
    """Of the RNN's h and of the GRU's n."""
    recurrent_mask: Tensor | None = None
    """(B, H), multiplies h where it enters the recurrent product, at every step."""
    zoneout: Zoneout | None = None
    input_mask: Tensor | None = None
    """(B, D), multiplies the inputs of a row, at every step."""


def _mixed(bits: Tensor) -> Tensor:
    """Scatter 32 bits held in an int64 as lowbias32 does (Wellons 2018)."""
    bits = bits ^ (bits >> 16)
    bits = (bits * 0x7FEB352D) & 0xFFFFFFFF
    bits = bits ^ (bits >> 15)
    bits = (bits * 0x846CA68B) & 0xFFFFFFFF
    return bits ^ (bits >> 16)
