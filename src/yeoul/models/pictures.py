"""Encoders of pictures: what is told of each place of a grid, and of the whole."""

from typing import Protocol, final

import torch
from torch import Tensor, nn

from yeoul.layers import Dropout
from yeoul.layers.residual import ResidualNetwork
from yeoul.models.protocols import Encoded
from yeoul.models.token_head import drawn_vectors
from yeoul.padded import Padded

_MIDDLE = 127.5


class PictureEncoder(Protocol):
    """Looks at pictures; batch mates never change what it says of one."""

    output_size: int
    """Of each place, and of the whole."""
    grid: tuple[int, int]
    """Rows and columns of places; what was told by another network counts as one row."""

    def __call__(self, pictures: Tensor) -> Encoded: ...


@final
class Moved(nn.Module):
    """Mirror and move pictures at random while training, by what torch's random state draws."""

    def __init__(self, *, flip: bool, shift: int) -> None:
        super().__init__()
        self.flip = flip
        self.shift = shift

    def forward(self, pictures: Tensor) -> Tensor:
        """Map (B, 3, H, W) to the same; what comes in from beyond an edge repeats it."""
        if not self.training:
            return pictures
        if self.flip:
            turned = torch.rand(len(pictures), device=pictures.device) < 0.5
            pictures = torch.where(turned[:, None, None, None], pictures.flip(3), pictures)
        if self.shift:
            pictures = self._shifted(pictures)
        return pictures

    def _shifted(self, pictures: Tensor) -> Tensor:
        rows, _, height, width = pictures.shape
        down, right = torch.randint(-self.shift, self.shift + 1, (2, rows, 1), device=pictures.device)
        lines = (torch.arange(height, device=pictures.device) + down).clamp(0, height - 1)  # (B, H)
        columns = (torch.arange(width, device=pictures.device) + right).clamp(0, width - 1)
        moved = pictures.gather(2, lines[:, None, :, None].expand_as(pictures))
        return moved.gather(3, columns[:, None, None, :].expand_as(pictures))


@final
class Places(nn.Module):
    """Map what is told of each place to one size, add a vector for the place, and sum up the whole."""

    def __init__(self, given: int, size: int, places: int, *, flat: bool, dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(given, size)
        self.places = drawn_vectors(places, size)
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)
        self.whole = nn.Linear(places * size, size) if flat else None

    def forward(self, told: Tensor) -> Encoded:
        """Map (B, P, D) to states (B, P, size) and a summary (B, size)."""
        states = self.dropout(self.norm(self.enter(told) + self.places))
        summary = states.mean(dim=1) if self.whole is None else self.whole(states.flatten(1))
        lengths = torch.full((len(told),), told.shape[1], device=told.device)
        return Encoded(Padded(states, lengths), summary)


@final
class ResidualPictures(nn.Module):
    """Residual convolutions over pixels, whose last grid is read place by place."""

    def __init__(
        self,
        network: ResidualNetwork,
        pixels: int,
        size: int,
        *,
        moved: Moved,
        flat: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        side = network.side(pixels)
        self.moved = moved
        self.network = network
        self.read = Places(network.output_size, size, side * side, flat=flat, dropout=dropout)
        self.output_size = size
        self.grid = (side, side)

    def forward(self, pictures: Tensor) -> Encoded:
        """Map pixels (B, H, W, 3) from 0 to 255 to states (B, P, size)."""
        values = pictures.permute(0, 3, 1, 2).to(self.read.places.dtype)
        told = self.network(self.moved(values).sub(_MIDDLE).div(_MIDDLE))
        encoded: Encoded = self.read(told.flatten(2).transpose(1, 2))
        return encoded


@final
class ToldPictures(nn.Module):
    """What another network told of P places, (B, P, D)."""

    def __init__(self, given: tuple[int, int], size: int, *, flat: bool, dropout: float) -> None:
        super().__init__()
        places, components = given
        self.norm = nn.LayerNorm(components)
        self.read = Places(components, size, places, flat=flat, dropout=dropout)
        self.output_size = size
        side = round(places**0.5)
        self.grid = (side, side) if side * side == places else (1, places)

    def forward(self, pictures: Tensor) -> Encoded:
        """Map (B, P, D) to states (B, P, size)."""
        encoded: Encoded = self.read(self.norm(pictures.to(self.read.places.dtype)))
        return encoded
