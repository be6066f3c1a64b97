"""What is said of a number to come: a point, quantiles, or a distribution.

An output turns the raw numbers of a linear map into what it states, in the unit of its level, and answers for
it: the loss, quantiles or the point, draws. Missing targets (NaN) are in no loss.
"""

import math
from typing import Literal, Protocol, final

import torch
from scipy.special import ndtri, stdtrit
from torch import Tensor, nn

from yeoul.metrics.forecasts import LEVELS
from yeoul.models.forecast_windows import Level
from yeoul.models.loss import Counts, Loss, Term

_MIDDLE = len(LEVELS) // 2
_NARROWEST = 1e-4
_PATHS = 100


class ForecastOutput(Protocol):
    """States something of each number, with P numbers of its own."""

    loss_name: str
    size: int  # P
    paths: int
    """How many paths tell what comes of answers that are fed back."""

    def place(self, raw: Tensor, level: Level) -> Tensor:
        """Turn raw numbers (…, D, P) into what is stated, at its level."""
        ...

    def losses(self, stated: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of each target (…, D), of which none is missing."""
        ...

    def answers(self, stated: Tensor) -> Tensor:
        """Return the point or the quantiles (…, D, Q)."""
        ...

    def draw(self, stated: Tensor, noise: Tensor) -> Tensor:
        """Return a number (…, D) for each pair of random numbers, (2, …, D) from U(0, 1)."""
        ...

    def of_paths(self, drawn: Tensor) -> Tensor:
        """Return the answers (…, Q) that draws (…, paths) tell."""
        ...


@final
class PointOutput:
    """One number."""

    size = 1
    paths = 1

    def __init__(self, loss: Literal["mae", "mse", "huber"]) -> None:
        self.loss_name: str = loss

    def place(self, raw: Tensor, level: Level) -> Tensor:
        return _placed(raw, level)

    def losses(self, stated: Tensor, targets: Tensor) -> Tensor:
        """Return the absolute, squared or Huber error, the last squared below one training deviation."""
        match self.loss_name:
            case "mae":
                return (stated[..., 0] - targets).abs()
            case "mse":
                return (stated[..., 0] - targets).square()
            case _:
                return nn.functional.smooth_l1_loss(stated[..., 0], targets, reduction="none")

    def answers(self, stated: Tensor) -> Tensor:
        return stated

    def draw(self, stated: Tensor, noise: Tensor) -> Tensor:
        """Return the point itself: it knows no chance."""
        return stated[..., 0].expand(noise.shape[1:])

    def of_paths(self, drawn: Tensor) -> Tensor:
        return drawn


@final
class QuantileOutput:
    """Quantiles at `LEVELS`, the middle one and the steps from each to the next, so that none crosses another."""

    loss_name = "pinball"
    size = len(LEVELS)
    paths = 0

    def place(self, raw: Tensor, level: Level) -> Tensor:
        steps = nn.functional.softplus(raw)
        middle = raw[..., _MIDDLE : _MIDDLE + 1]
        below = middle - steps[..., :_MIDDLE].flip(-1).cumsum(dim=-1).flip(-1)
        above = middle + steps[..., _MIDDLE + 1 :].cumsum(dim=-1)
        return _placed(torch.cat([below, middle, above], dim=-1), level)

    def losses(self, stated: Tensor, targets: Tensor) -> Tensor:
        """Return the mean pinball loss over the levels (Koenker & Bassett 1978)."""
        levels = stated.new_tensor(LEVELS)
        over = targets[..., None] - stated
        return torch.maximum(levels * over, (levels - 1.0) * over).mean(dim=-1)

    def answers(self, stated: Tensor) -> Tensor:
        return stated

    def draw(self, stated: Tensor, noise: Tensor) -> Tensor:
        """Raise `TypeError`: quantiles do not tell what lies beyond them."""
        raise TypeError("quantiles cannot be sampled: use a distribution")

    def of_paths(self, drawn: Tensor) -> Tensor:
        return _quantiles(drawn)


@final
class NormalOutput:
    """A normal distribution: its mean and deviation."""

    loss_name = "likelihood"
    size = 2
    paths = _PATHS

    def place(self, raw: Tensor, level: Level) -> Tensor:
        return torch.cat([_placed(raw[..., :1], level), _spread(raw[..., 1:2], level)], dim=-1)

    def losses(self, stated: Tensor, targets: Tensor) -> Tensor:
        """Return the negative log-likelihood."""
        mean, deviation = stated.unbind(dim=-1)
        apart = (targets - mean) / deviation
        return 0.5 * apart.square() + deviation.log() + 0.5 * math.log(2.0 * math.pi)

    def answers(self, stated: Tensor) -> Tensor:
        return stated[..., :1] + stated[..., 1:] * stated.new_tensor(ndtri(LEVELS))

    def draw(self, stated: Tensor, noise: Tensor) -> Tensor:
        """Draw as Box & Muller (1958) do."""
        radius = (-2.0 * noise[0].log()).sqrt()
        return stated[..., 0] + stated[..., 1] * radius * torch.cos(2.0 * math.pi * noise[1])

    def of_paths(self, drawn: Tensor) -> Tensor:
        return _quantiles(drawn)


@final
class StudentOutput:
    """Student's distribution: its location, scale and degrees of freedom, more than two."""

    loss_name = "likelihood"
    size = 3
    paths = _PATHS

    def place(self, raw: Tensor, level: Level) -> Tensor:
        freedom = 2.0 + _NARROWEST + nn.functional.softplus(raw[..., 2:])
        return torch.cat([_placed(raw[..., :1], level), _spread(raw[..., 1:2], level), freedom], dim=-1)

    def losses(self, stated: Tensor, targets: Tensor) -> Tensor:
        """Return the negative log-likelihood."""
        location, scale, freedom = stated.unbind(dim=-1)
        apart = (targets - location) / scale
        gammas = torch.lgamma(0.5 * freedom) - torch.lgamma(0.5 * (freedom + 1.0))
        tail = 0.5 * (freedom + 1.0) * torch.log1p(apart.square() / freedom)
        return gammas + 0.5 * (math.pi * freedom).log() + scale.log() + tail

    def answers(self, stated: Tensor) -> Tensor:
        location, scale, freedom = stated.unbind(dim=-1)
        degrees = freedom.detach().double().cpu().numpy()
        upper = [torch.from_numpy(stdtrit(degrees, level)).to(stated) for level in LEVELS[_MIDDLE + 1 :]]
        standard = torch.stack(
            [*(-value for value in reversed(upper)), torch.zeros_like(freedom), *upper], dim=-1
        )
        return location[..., None] + scale[..., None] * standard

    def draw(self, stated: Tensor, noise: Tensor) -> Tensor:
        """Draw as Bailey (1994) does."""
        freedom = stated[..., 2]
        radius = (freedom * torch.expm1(-2.0 / freedom * noise[0].log())).sqrt()
        return stated[..., 0] + stated[..., 1] * radius * torch.cos(2.0 * math.pi * noise[1])

    def of_paths(self, drawn: Tensor) -> Tensor:
        return _quantiles(drawn)


@final
class ForecastHead(nn.Module):
    """A linear map from features to what is stated of some numbers at once, such as H steps of D targets."""

    def __init__(self, input_size: int, asked: tuple[int, ...], output: ForecastOutput) -> None:
        super().__init__()
        self.asked = (*asked, output.size)
        self.output = output
        self.project = nn.Linear(input_size, math.prod(self.asked))

    def forward(self, features: Tensor, level: Level) -> Tensor:
        """Map (…, F) to what is stated (…, *asked, P)."""
        raw = self.project(features).to(level.shift.dtype)  # autocast may have halved it
        return self.output.place(raw.reshape(*raw.shape[:-1], *self.asked), level)

    def loss(self, stated: Tensor, targets: Tensor) -> Loss:
        """Return the loss over the targets that are there."""
        present = ~targets.isnan()
        losses = self.output.losses(stated, targets.where(present, 0.0))
        total = losses.where(present, 0.0).sum()
        return Loss({self.output.loss_name: Term(total, float(present.sum()))})

    def counts(self, targets: Tensor) -> Counts:
        return {self.output.loss_name: float((~targets.isnan()).sum())}


def _placed(raw: Tensor, level: Level) -> Tensor:
    return level.shift[..., None] + level.scale[..., None] * raw


def _spread(raw: Tensor, level: Level) -> Tensor:
    return level.scale[..., None] * (nn.functional.softplus(raw) + _NARROWEST)


def _quantiles(drawn: Tensor) -> Tensor:
    """Return the quantiles (…, Q) at `LEVELS` of numbers (…, paths), linear between neighbours."""
    ordered = drawn.sort(dim=-1).values
    places = drawn.new_tensor(LEVELS) * (drawn.shape[-1] - 1)
    below = places.floor().long()
    above = (below + 1).clamp(max=drawn.shape[-1] - 1)
    return torch.lerp(
        ordered[..., below], ordered[..., above], (places - below).expand(*drawn.shape[:-1], -1)
    )
