"""What a forecaster reads of a batch: windows, what is known ahead, and where the windows' values lie."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, final

import torch
from torch import Tensor

from yeoul.data.batches import Batch
from yeoul.padded import Padded

_FLATTEST = 1e-3


@dataclass(frozen=True)
class ForecastShape:
    """The sizes of what is read and asked.

    A window's channels are the `targets` own past, other columns, the `known` columns, and the presence masks
    of the channels `masked`, in this order.
    """

    channels: int  # C
    targets: int  # D
    horizon: int  # H
    steps: int  # L
    known: int = 0  # K
    static: int = 0  # S
    masked: tuple[int, ...] = ()
    """Of each mask, the last channels of a window, the channel that it speaks of."""
    delay: int = 0
    """Rows between the newest that is read and the first that is forecast."""
    step: int = 1
    """Rows from one step of the window to the next."""

    @property
    def others(self) -> int:
        """How many channels are neither targets nor known ahead nor masks."""
        return self.channels - self.targets - self.known - len(self.masked)

    @property
    def first_known(self) -> int:
        """The channel of the first known column."""
        return self.targets + self.others


@dataclass(frozen=True)
class Level:
    """Where answers lie: each is worth shift + scale · answer."""

    shift: Tensor  # (…, D)
    scale: Tensor  # (…, D)


@dataclass(frozen=True)
class Windows:
    """R windows of D targets each; R = B and D those of the batch, or R = B · D and every target by itself."""

    series: Tensor  # (R, L, C)
    known: Tensor  # (R, H, K)
    static: Tensor  # (R, S)
    targets: Tensor | None  # (R, H, D)

    def part(self, rows: slice) -> "Windows":
        """Return some of the windows."""
        targets = None if self.targets is None else self.targets[rows]
        return Windows(self.series[rows], self.known[rows], self.static[rows], targets)


@final
@dataclass(frozen=True)
class WindowReader:
    """Takes windows out of batches, all targets together or each apart with what they share."""

    shape: ForecastShape
    variables: Literal["together", "apart"]

    @cached_property
    def read_shape(self) -> ForecastShape:
        """The sizes of the windows that `read` returns."""
        shape = self.shape
        if self.variables == "together":
            return shape
        masked = [channel - shape.targets + 1 for channel in shape.masked if channel >= shape.targets]
        if self._own_masks:
            masked = [0, *masked]
        channels = 1 + shape.others + shape.known + len(masked)
        return replace(shape, channels=channels, targets=1, masked=tuple(masked))

    def read(self, batch: Batch) -> Windows:
        """Return the windows of a batch; raise `ValueError` for those that are not full."""
        rows, shape = batch.inputs["series"], self.shape
        if not isinstance(rows, Padded):
            raise TypeError("the series must be Padded")
        series = rows.values
        if series.shape[1:] != (shape.steps, shape.channels) or bool((rows.lengths < shape.steps).any()):
            raise ValueError(f"windows of {shape.steps} steps of {shape.channels} channels were expected")
        known = _tensor(batch, "known", series.new_empty(len(series), shape.horizon, 0))
        static = _tensor(batch, "static", series.new_empty(len(series), 0))
        targets = batch.targets
        if self.variables == "together":
            return Windows(series, known, static, targets)
        series = torch.cat([series, series.new_ones(*series.shape[:2], 1)], dim=2)[:, :, self._apart]
        series = series.transpose(1, 2).flatten(0, 1)  # (B, L, D, C') → (B · D, L, C')
        known, static = (part.repeat_interleave(shape.targets, dim=0) for part in (known, static))
        if targets is not None:
            targets = targets.transpose(1, 2).reshape(len(series), shape.horizon, 1)
        return Windows(series, known, static, targets)

    def join(self, values: Tensor) -> Tensor:
        """Turn what was said of the windows (R, H, D, …) into what is said of the batch (B, H, D, …)."""
        if self.variables == "together":
            return values
        values = values[:, :, 0]
        batch = len(values) // self.shape.targets
        return values.reshape(batch, self.shape.targets, *values.shape[1:]).transpose(1, 2)

    @property
    def _own_masks(self) -> dict[int, int]:
        """The mask of each target that has one."""
        first = self.shape.channels - len(self.shape.masked)
        masks = {channel: first + place for place, channel in enumerate(self.shape.masked)}
        return {channel: mask for channel, mask in masks.items() if channel < self.shape.targets}

    @cached_property
    def _apart(self) -> Tensor:
        """The channels that belong to each target (D, C'); the one beyond the last is one everywhere."""
        shape, own = self.shape, self._own_masks
        first = shape.channels - len(shape.masked)
        shared = list(range(shape.targets, first))
        masks = [mask for mask in range(first, shape.channels) if mask not in own.values()]
        return torch.tensor(
            [
                [target, *shared, *([own.get(target, shape.channels)] if own else []), *masks]
                for target in range(shape.targets)
            ]
        )


def normalized(how: Literal["none", "last", "window"], series: Tensor, targets: int) -> tuple[Tensor, Level]:
    """Shift, and for "window" scale, each target of windows (R, L, C) by its own past; return its level (R, 1, D).

    A window that is almost flat is scaled by no less than a thousandth of what the series varies by.
    """
    past = series[:, :, :targets]
    match how:
        case "none":
            level = Level(torch.zeros_like(past[:, :1]), torch.ones_like(past[:, :1]))
            return series, level
        case "last":
            level = Level(past[:, -1:], torch.ones_like(past[:, -1:]))
        case "window":
            mean = past.mean(dim=1, keepdim=True)
            deviation = (past - mean).square().mean(dim=1, keepdim=True).sqrt()
            level = Level(mean, deviation.clamp(min=_FLATTEST))
    return torch.cat([(past - level.shift) / level.scale, series[:, :, targets:]], dim=2), level


def _tensor(batch: Batch, name: str, absent: Tensor) -> Tensor:
    value = batch.inputs.get(name, absent)
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor")
    return value
