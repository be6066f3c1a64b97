"""Residual convolutions over pictures (He et al. 2016), normalized before each (He et al. 2016b).

    x ← skip(x) + W₂ relu(norm(W₁ relu(norm(x))))

Channels are normalized in groups within each picture (Wu & He 2018), not over the pictures of a batch: so the company
of a picture changes neither what is said of it nor, in training, its gradient.
"""

import math
from typing import final

import torch
from torch import Tensor, nn

_GROUP = 16
"""Channels that are normalized together, where their number allows it."""


@final
class ResidualBlock(nn.Module):
    """Add what two convolutions of 3×3 find; a stride takes every so manieth row and column only."""

    def __init__(self, channels: int, output_size: int, stride: int) -> None:
        super().__init__()
        self.first_norm = group_norm(channels)
        self.first = convolution(channels, output_size, 3, stride)
        self.second_norm = group_norm(output_size)
        self.second = convolution(output_size, output_size, 3, 1)
        same = stride == 1 and channels == output_size
        self.skip = None if same else convolution(channels, output_size, 1, stride)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', ⌈H / stride⌉, ⌈W / stride⌉)."""
        normed = torch.relu(self.first_norm(inputs))
        found = self.second(torch.relu(self.second_norm(self.first(normed))))
        kept = inputs if self.skip is None else self.skip(normed)
        summed: Tensor = kept + found
        return summed


@final
class ResidualNetwork(nn.Module):
    """A convolution, then stages of residual blocks, each but the first of half the sides; normalized at the end."""

    def __init__(self, channels: tuple[int, ...], blocks: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.stages = len(channels)
        width = 2 * stride + 1
        layers: list[nn.Module] = [convolution(3, channels[0], width, stride)]
        before = channels[0]
        for stage, own in enumerate(channels):
            for place in range(blocks):
                layers.append(ResidualBlock(before, own, 2 if stage and not place else 1))
                before = own
        self.layers = nn.Sequential(*layers)
        self.norm = group_norm(before)
        self.output_size = before

    def side(self, pixels: int) -> int:
        """Return how many places wide the grid of a picture of so many pixels is."""
        side = math.ceil(pixels / self.stride)
        for _ in range(self.stages - 1):
            side = math.ceil(side / 2)
        return side

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, C, H', W')."""
        return torch.relu(self.norm(self.layers(pictures)))


def convolution(channels: int, output_size: int, width: int, stride: int) -> nn.Conv2d:
    """Return a convolution without offsets whose outputs vary as much as its inputs (He et al. 2015)."""
    made = nn.Conv2d(channels, output_size, width, stride, padding=width // 2, bias=False)
    if not made.weight.is_meta:  # drawing there would load the compiler
        nn.init.kaiming_normal_(made.weight, nonlinearity="relu")
    return made


def group_norm(channels: int) -> nn.GroupNorm:
    """Normalize channels in groups of 16, or all together where they cannot be shared out so."""
    return nn.GroupNorm(channels // _GROUP if channels % _GROUP == 0 else 1, channels)
