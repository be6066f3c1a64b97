"""Networks that forecast: all steps at once, or by a decoder that goes through the horizon.

Everything is in scaled units. A model states something of every step and target to come; answers are the point
(Q = 1) or the quantiles at `yeoul.metrics.forecasts.LEVELS`.
"""

from abc import abstractmethod
from typing import Literal, Protocol, final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import GRU, LockedDropout
from yeoul.layers.transformer import sinusoids
from yeoul.models.forecast_heads import ForecastHead
from yeoul.models.forecast_windows import Level, WindowReader, Windows, normalized
from yeoul.models.loss import Counts, Loss
from yeoul.models.protocols import Encoder, Model
from yeoul.padded import Padded

Normalization = Literal["none", "last", "window"]
_PLACE = 16


class ForecastModel(Model):
    """What a forecast needs of a network: answers (B, H, D, Q), and paths where it states distributions."""

    @abstractmethod
    def sample(self, batch: Batch, paths: int, generator: torch.Generator) -> Tensor:
        """Draw what may come, (B, paths, H, D); of points, every path is the point.

        Raises `TypeError` for a model that states quantiles.
        """


@final
class Summarizer(nn.Module):
    """Windows, normalized and read by an encoder."""

    def __init__(
        self,
        targets: int,
        normalization: Normalization,
        encoder: Encoder,
        *,
        input_dropout: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.targets = targets
        self.normalization: Normalization = normalization
        self.input_dropout = LockedDropout(input_dropout)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)

    def forward(self, series: Tensor) -> tuple[Tensor, Level]:
        """Map windows (R, L, C) to summaries (R, F) and levels (R, 1, D)."""
        series, level = normalized(self.normalization, series, self.targets)
        rows = self.input_dropout(full_rows(series))
        return self.dropout(self.encoder(rows).summary), level


class Reading(Protocol):
    """Turns windows into the features that a head reads."""

    def __call__(self, windows: Windows) -> tuple[Tensor, Level]:
        """Map R windows to features, (R, F) of the whole horizon or (R, H, F) of its steps, and levels (R, 1, D)."""
        ...


@final
class WholeReading(nn.Module):
    """The summary, what is static, and what is known of all steps, side by side."""

    def __init__(self, summarizer: Summarizer) -> None:
        super().__init__()
        self.summarizer = summarizer

    def forward(self, windows: Windows) -> tuple[Tensor, Level]:
        """Map R windows to features (R, F + S + H · K) and levels (R, 1, D)."""
        summary, level = self.summarizer(windows.series)
        return torch.cat([summary, windows.static, windows.known.flatten(1)], dim=1), level


@final
class DecodedReading(nn.Module):
    """A GRU that starts from the summary and what is static, and goes through the horizon.

    At each step it reads what is known of it and its place; it does not read its own answers.
    """

    def __init__(self, summarizer: Summarizer, summary_size: int, known: int, hidden_size: int) -> None:
        super().__init__()
        self.summarizer = summarizer
        self.start = nn.Linear(summary_size, hidden_size)
        self.decoder = GRU(_PLACE + known, hidden_size)

    def forward(self, windows: Windows) -> tuple[Tensor, Level]:
        """Map R windows to features (R, H, F) and levels (R, 1, D)."""
        summary, level = self.summarizer(windows.series)
        state = torch.tanh(self.start(torch.cat([summary, windows.static], dim=1)))
        rows, horizon = windows.known.shape[:2]
        places = sinusoids(torch.arange(horizon, device=state.device), _PLACE)
        steps = torch.cat([places.to(windows.known.dtype).expand(rows, -1, -1), windows.known], dim=2)
        outputs, _ = self.decoder(full_rows(steps), (state[None].to(steps.dtype),))
        return outputs.values, level


@final
class DirectForecaster(ForecastModel):
    """States all steps of the horizon without reading its own answers."""

    def __init__(self, reader: WindowReader, reading: Reading, head: ForecastHead) -> None:
        super().__init__()
        self.reader = reader
        self.reading = reading
        self.head = head

    def loss(self, batch: Batch) -> Loss:
        """Return the loss over the targets that are there."""
        windows = self.reader.read(batch)
        return self.head.loss(self._stated(windows), truth_of(windows))

    def counts(self, batch: Batch) -> Counts:
        return self.head.counts(truth_of(self.reader.read(batch)))

    def answers(self, batch: Batch) -> Tensor:
        """Return points or quantiles (B, H, D, Q)."""
        return self.reader.join(self.head.output.answers(self._stated(self.reader.read(batch))))

    def sample(self, batch: Batch, paths: int, generator: torch.Generator) -> Tensor:
        """Draw (B, paths, H, D), each step by itself."""
        stated = self._stated(self.reader.read(batch))
        chance = noise((2, *stated.shape[:3], paths), stated, generator)
        drawn = self.head.output.draw(stated[:, :, :, None], chance)  # (R, H, D, paths)
        return self.reader.join(drawn).permute(0, 3, 1, 2)

    def _stated(self, windows: Windows) -> Tensor:
        stated: Tensor = self.head(*self.reading(windows))
        return stated  # (R, H, D, P)


def full_rows(values: Tensor) -> Padded:
    """Return rows (R, T, …) that are real to their end."""
    return Padded(values, torch.full((len(values),), values.shape[1], device=values.device))


def truth_of(windows: Windows) -> Tensor:
    """Return the targets; raise `ValueError` where there are none."""
    if windows.targets is None:
        raise ValueError("these windows have no truth")
    return windows.targets


def noise(shape: tuple[int, ...], like: Tensor, generator: torch.Generator) -> Tensor:
    """Draw numbers from U(0, 1), zero left out, in the precision and on the device of `like`."""
    return 1.0 - torch.rand(shape, generator=generator, device=generator.device, dtype=like.dtype).to(
        like.device
    )
