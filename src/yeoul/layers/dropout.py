"""Dropout, of each number by itself and of components that are the same at every step of a row."""

from typing import final

import torch
from torch import Tensor, nn

from yeoul.padded import Padded

_CHANCES = 2**16  # as many as a mask of two bytes a number can tell apart


@final
class Dropout(nn.Module):
    """Drop each number with a probability of `share`, to the nearest 1/65536, while training.

    On a processor masks are drawn four from one random word, in a fifth of the time of `nn.Dropout`.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        if not 0.0 <= share < 1.0:
            raise ValueError(f"share is {share}, expected a share from 0 to below 1")
        self.share = share

    def forward(self, inputs: Tensor) -> Tensor:
        """Return numbers of the same shape; those that stay grow by 1 / (1 - share)."""
        if not self.training or not self.share:
            return inputs
        if inputs.device.type != "cpu":
            return nn.functional.dropout(inputs, self.share)
        dropped = min(round(self.share * _CHANCES), _CHANCES - 1)
        words = torch.empty(-(-inputs.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        chances = words.view(torch.int16)[: inputs.numel()].view(inputs.shape)
        keep = (chances >= dropped - _CHANCES // 2).to(inputs.dtype).mul_(_CHANCES / (_CHANCES - dropped))
        return inputs * keep

    def extra_repr(self) -> str:
        return str(self.share)


@final
class LockedDropout(nn.Module):
    """Drop whole components of a row's vectors, the same ones at every step, while training (Gal & Ghahramani 2016)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, inputs: Padded) -> Padded:
        """Map (B, T, D) to (B, T, D); the components that stay grow by 1 / (1 - share)."""
        if not self.training or not self.share:
            return inputs
        shape = (inputs.values.shape[0], 1, inputs.values.shape[2])
        keep = inputs.values.new_empty(shape).bernoulli_(1.0 - self.share).div_(1.0 - self.share)
        return Padded(torch.mul(inputs.values, keep), inputs.lengths)
