"""Dropout whose mask is the same at every step of a row (Gal & Ghahramani 2016)."""

from typing import final

import torch
from torch import nn

from yeoul.padded import Padded


@final
class LockedDropout(nn.Module):
    """Drop whole components of a row's vectors, the same ones at every step, while training."""

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
