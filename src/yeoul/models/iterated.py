"""A forecaster that says the next row and goes on from its own answers.

It learns to say one row from those before it. To forecast, it is fed what it said: the point, or numbers drawn
from the distribution that it states, along many paths whose quantiles are the answer. The numbers that chance
draws for answers are the same for every window, so no answer depends on the company it is in.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import LockedDropout
from yeoul.models.forecast_heads import ForecastHead
from yeoul.models.forecast_windows import ForecastShape, Level, WindowReader, Windows
from yeoul.models.forecasting import ForecastModel, Summarizer, full_rows, noise, truth_of
from yeoul.models.loss import Counts, Loss
from yeoul.models.protocols import CausalEncoder, State

_SEED = 0
_ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class Position:
    """Where a roll-out stands: the features of the newest row, the level of the next, and what is carried."""

    features: Tensor  # (R, F)
    level: Level  # (R, D)
    memory: State

    def repeated(self, times: int) -> "Position":
        """Return every row so many times, one after another."""
        shift, scale, features, *memory = (
            part.repeat_interleave(times, dim=0)
            for part in (self.level.shift, self.level.scale, self.features, *self.memory)
        )
        return Position(features, Level(shift, scale), tuple(memory))


class Stepper(Protocol):
    """Reads windows whose known columns speak of the row after each (`led`)."""

    def taught(self, series: Tensor) -> tuple[Tensor, Level]:
        """Map windows (R, L, C) to the features and levels of the rows that come next, of all or of the newest."""
        ...

    def truth(self, windows: Windows) -> Tensor:
        """Return what comes next, where it is known."""
        ...

    def begin(self, series: Tensor) -> Position:
        """Read windows (R, L, C) to their end."""
        ...

    def advance(self, position: Position, row: Tensor) -> Position:
        """Read one more row (R, C)."""
        ...


@final
class CarriedStepper(nn.Module):
    """Reads each row once and keeps its state; learns from every row of a window what comes next.

    Normalized, a window is shifted by its oldest value, and each answer by the newest value before it: nothing
    that comes later is known to a row.
    """

    def __init__(
        self,
        shape: ForecastShape,
        encoder: CausalEncoder,
        *,
        shifted: bool,
        input_dropout: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = encoder
        self.shifted = shifted
        self.input_dropout = LockedDropout(input_dropout)
        self.dropout = nn.Dropout(dropout)

    def taught(self, series: Tensor) -> tuple[Tensor, Level]:
        """Map windows (R, L, C) to features (R, L, F) and levels (R, L, D)."""
        rows = self.input_dropout(full_rows(self._shifted(series, series[:, :1])))
        states, _ = self.encoder.read(rows, self.encoder.start(len(series)))
        return self.dropout(states.values), self._level(series)

    def truth(self, windows: Windows) -> Tensor:
        """Return the next row of each, (R, L, D)."""
        inside = present(windows.series, self.shape)[:, 1:]
        targets = truth_of(windows)[:, :1]
        return torch.cat([inside, targets if self.shape.delay == 0 else targets * torch.nan], dim=1)

    def begin(self, series: Tensor) -> Position:
        rows = full_rows(self._shifted(series, series[:, :1]))
        states, memory = self.encoder.read(rows, self.encoder.start(len(series)))
        return Position(states.values[:, -1], self._level(series[:, -1]), (series[:, 0], *memory))

    def advance(self, position: Position, row: Tensor) -> Position:
        oldest, *memory = position.memory
        features, after = self.encoder.step(self._shifted(row, oldest), tuple(memory))
        return Position(features, self._level(row), (oldest, *after))

    def _shifted(self, rows: Tensor, oldest: Tensor) -> Tensor:
        if not self.shifted:
            return rows
        targets = self.shape.targets
        return torch.cat([rows[..., :targets] - oldest[..., :targets], rows[..., targets:]], dim=-1)

    def _level(self, rows: Tensor) -> Level:
        newest = rows[..., : self.shape.targets]
        return Level(newest if self.shifted else torch.zeros_like(newest), torch.ones_like(newest))


@final
class SlidingStepper(nn.Module):
    """Reads the whole window anew after each row, its oldest row left out; learns from its newest what comes next."""

    def __init__(self, shape: ForecastShape, summarizer: Summarizer) -> None:
        super().__init__()
        self.shape = shape
        self.summarizer = summarizer

    def taught(self, series: Tensor) -> tuple[Tensor, Level]:
        """Map windows (R, L, C) to features (R, 1, F) and levels (R, 1, D)."""
        features, level = self.summarizer(series if self.shape.delay == 0 else series[:, :-1])
        return features[:, None], level

    def truth(self, windows: Windows) -> Tensor:
        """Return the row after the newest, (R, 1, D); where a delay hides it, the newest after the others."""
        if self.shape.delay == 0:
            return truth_of(windows)[:, :1]
        return present(windows.series, self.shape)[:, -1:]

    def begin(self, series: Tensor) -> Position:
        features, level = self.summarizer(series)
        return Position(features, Level(level.shift[:, 0], level.scale[:, 0]), (series,))

    def advance(self, position: Position, row: Tensor) -> Position:
        (series,) = position.memory
        return self.begin(torch.cat([series[:, 1:], row[:, None]], dim=1))


@final
class IteratedForecaster(ForecastModel):
    """Says the next row, and the one after from what it said."""

    def __init__(self, reader: WindowReader, stepper: Stepper, head: ForecastHead) -> None:
        super().__init__()
        self.reader = reader
        self.shape = reader.read_shape
        self.stepper = stepper
        self.head = head

    def loss(self, batch: Batch) -> Loss:
        """Return the loss over the next rows that are there."""
        windows = self.reader.read(batch)
        features, level = self.stepper.taught(led(windows, self.shape))
        return self.head.loss(self._stated(features, windows.static, level), self.stepper.truth(windows))

    def counts(self, batch: Batch) -> Counts:
        return self.head.counts(self.stepper.truth(self.reader.read(batch)))

    def answers(self, batch: Batch) -> Tensor:
        """Return points or quantiles (B, H, D, Q), the same for a window in any company."""
        windows, output = self.reader.read(batch), self.head.output
        generator = torch.Generator().manual_seed(_SEED)
        chance = noise((2, 1, *self._chance(output.paths)), windows.series, generator)
        size = max(1, _ROWS_AT_ONCE // output.paths)
        parts = [windows.part(slice(start, start + size)) for start in range(0, len(windows.series), size)]
        answers = [
            torch.stack([output.of_paths(drawn) for drawn in self._roll_out(part, chance)], dim=1)
            for part in parts
        ]
        return self.reader.join(torch.cat(answers))

    def sample(self, batch: Batch, paths: int, generator: torch.Generator) -> Tensor:
        """Draw each row from what is stated after the rows drawn before it."""
        windows = self.reader.read(batch)
        chance = noise((2, len(windows.series), *self._chance(paths)), windows.series, generator)
        drawn = torch.stack(list(self._roll_out(windows, chance)), dim=1)  # (R, H, D, paths)
        return self.reader.join(drawn).permute(0, 3, 1, 2)

    def _chance(self, paths: int) -> tuple[int, int, int]:
        return self.shape.delay + self.shape.horizon, paths, self.shape.targets

    def _roll_out(self, windows: Windows, chance: Tensor) -> Iterator[Tensor]:
        """Yield the rows of the horizon, each (R, D, paths); `chance` is (2, R or 1, steps, paths, D)."""
        shape = self.shape
        rows, steps, paths = len(windows.series), chance.shape[2], chance.shape[3]
        position = self.stepper.begin(led(windows, shape)).repeated(paths)
        known = windows.known.repeat_interleave(paths, dim=0)
        static = windows.static.repeat_interleave(paths, dim=0)
        masks = static.new_ones(rows * paths, len(shape.masked))
        for step in range(steps):
            stated = self._stated(position.features, static, position.level)
            drawn = self.head.output.draw(
                stated, chance[:, :, step].expand(2, rows, paths, shape.targets).flatten(1, 2)
            )  # (R · paths, D)
            if step >= shape.delay:
                yield drawn.reshape(rows, paths, shape.targets).transpose(1, 2)
            if step + 1 < steps:
                following = known[:, step + 1] if shape.known else known[:, 0]
                position = self.stepper.advance(position, torch.cat([drawn, following, masks], dim=1))

    def _stated(self, features: Tensor, static: Tensor, level: Level) -> Tensor:
        between = [1] * (features.dim() - 2)
        static = static.reshape(len(static), *between, -1).expand(*features.shape[:-1], -1)
        stated: Tensor = self.head(torch.cat([features, static], dim=-1), level)
        return stated  # (…, D, P)


def led(windows: Windows, shape: ForecastShape) -> Tensor:
    """Return windows (R, L, C) whose known columns say at each row what is known of the next."""
    if not shape.known:
        return windows.series
    known = slice(shape.first_known, shape.first_known + shape.known)
    series = windows.series
    following = torch.cat([series[:, 1:, known], windows.known[:, :1]], dim=1)
    return torch.cat([series[:, :, : known.start], following, series[:, :, known.stop :]], dim=2)


def present(series: Tensor, shape: ForecastShape) -> Tensor:
    """Return the targets of windows (R, L, D), NaN where their masks say that they are missing."""
    values = series[:, :, : shape.targets]
    missing = torch.zeros_like(values, dtype=torch.bool)
    first = shape.channels - len(shape.masked)
    for place, channel in enumerate(shape.masked):
        if channel < shape.targets:
            missing[:, :, channel] = series[:, :, first + place] == 0.0
    return values.masked_fill(missing, torch.nan)
