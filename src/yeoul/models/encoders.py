"""Encoders: from rows of vectors to states and one summary of each row."""

from collections.abc import Sequence
from typing import cast, final

import torch
from torch import Tensor, nn

from yeoul.layers import GRU, LSTM, RNN, AttentionPooling, Convolution, FixedPooling, MaxOverSteps
from yeoul.models.protocols import Encoded, State
from yeoul.padded import Embedded, Padded, Sequences

Pooling = FixedPooling | AttentionPooling
Recurrent = LSTM | GRU | RNN


@final
class RecurrentEncoder(nn.Module):
    """A stack of recurrent layers, pooled."""

    def __init__(self, layers: Recurrent, pooling: Pooling) -> None:
        super().__init__()
        self.layers = layers
        self.pooling = pooling
        self.output_size = layers.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, H · directions)."""
        states, final_state = self.layers(inputs)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, by_row(final_state), pooled.weights)

    def start(self, rows: int) -> State:
        """Return zeros; raise `ValueError` for layers that read in both directions."""
        if self.layers.bidirectional:
            raise ValueError("rows that are read in both directions must be there to their end")
        return initial_state(self.layers, rows)

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to its states (B, H) and the state after it."""
        states, after = self.read(one_step(values), state)
        return states.values[:, 0], after

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to their states (B, T, H) and the state after them."""
        states, after = self.layers(inputs, by_row(state))
        return states, by_row(after)


@final
class BackwardEncoder(nn.Module):
    """A stack of recurrent layers of one direction that read every row from its end, pooled."""

    def __init__(self, layers: Recurrent, pooling: Pooling) -> None:
        super().__init__()
        self.layers = layers
        self.pooling = pooling
        self.output_size = layers.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, H), each at its own input's place."""
        turned, final_state = self.layers(reversed_rows(inputs))
        states = reversed_rows(turned).dense()
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, by_row(final_state), pooled.weights)


@final
class ConvolutionEncoder(nn.Module):
    """Convolutions of several widths side by side, rectified and pooled (Kim 2014)."""

    def __init__(self, input_size: int, channels: int, widths: Sequence[int], pooling: Pooling) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(Convolution(input_size, channels, width) for width in widths)
        self.pooling = pooling
        self.output_size = channels * len(widths)

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, channels · widths)."""
        values = inputs.dense().filled().values
        features = torch.cat([cast(Convolution, one).convolve(values) for one in self.convolutions], dim=2)
        states = Padded(features.relu_(), inputs.lengths)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


@final
class StackedConvolutionEncoder(nn.Module):
    """Rectified convolutions one after another, maxima over a few steps in between, pooled (Chollet 2017)."""

    def __init__(
        self, input_size: int, channels: int, width: int, num_layers: int, stride: int, pooling: Pooling
    ) -> None:
        super().__init__()
        sizes = [input_size] + [channels] * (num_layers - 1)
        self.convolutions = nn.ModuleList(Convolution(size, channels, width) for size in sizes)
        self.shorten = MaxOverSteps(stride)
        self.pooling = pooling
        self.output_size = channels

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T', channels), T' being T divided by the stride, rounded up, per layer."""
        states = inputs.dense()
        for place, convolution in enumerate(self.convolutions):
            states = _rectified(convolution, self.shorten(states) if place else states)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


@final
class ConvolutionRecurrentEncoder(nn.Module):
    """A rectified convolution, maxima over a few steps, then recurrent layers over what is left, pooled."""

    def __init__(self, convolution: Convolution, stride: int, layers: Recurrent, pooling: Pooling) -> None:
        super().__init__()
        self.convolution = convolution
        self.shorten = MaxOverSteps(stride)
        self.encoder = RecurrentEncoder(layers, pooling)
        self.output_size = layers.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, ⌈T / stride⌉, H · directions)."""
        steps = inputs.dense()
        shortened = self.shorten(_rectified(self.convolution, steps))
        values = shortened.values.to(steps.values.dtype)  # autocast may have halved them
        encoded: Encoded = self.encoder(Padded(values, shortened.lengths))
        return encoded


@final
class WindowEncoder(nn.Module):
    """The last steps of each row side by side, zeros before a shorter one, through a dense layer if there is one."""

    def __init__(self, input_size: int, window: int, hidden_size: int | None) -> None:
        super().__init__()
        self.window = window
        self.dense = None if hidden_size is None else nn.Linear(window * input_size, hidden_size)
        self.output_size = window * input_size if hidden_size is None else hidden_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, window, D), the steps that were read; the summary is (B, window · D)."""
        states = last_steps(inputs, self.window)
        values, before = right_aligned(states, self.window)
        summary = values.masked_fill(before[:, :, None], 0.0).flatten(1)
        if self.dense is not None:
            summary = torch.relu(self.dense(summary)).masked_fill(inputs.lengths[:, None] == 0, 0.0)
        return Encoded(states, summary)


@final
class BagEncoder(nn.Module):
    """The vectors themselves, pooled: what can be said without their order."""

    def __init__(self, input_size: int, pooling: Pooling) -> None:
        super().__init__()
        self.pooling = pooling
        self.output_size = input_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, D)."""
        states = inputs.dense()
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


def last_steps(inputs: Sequences, window: int) -> Padded:
    """Return the last steps of each row (B, window, D), at most as many as there are, zeros beyond."""
    lengths = inputs.lengths.clamp(max=window)
    places = torch.arange(window, device=lengths.device) + (inputs.lengths - lengths)[:, None]
    match inputs:
        case Embedded():
            return Embedded(inputs.table, taken(inputs.ids, places), lengths).dense().filled()
        case Padded():
            return Padded(taken(inputs.values, places), lengths).filled()


def right_aligned(rows: Padded, window: int) -> tuple[Tensor, Tensor]:
    """Let each row of at most `window` steps end at the last place; its first step stands before it as well.

    Returns values (B, window, D) and where nothing of the row stands (B, window).
    """
    gap = window - rows.lengths
    places = torch.arange(window, device=gap.device) - gap[:, None]
    return taken(rows.values, places.clamp(min=0)), places < 0


def by_row(state: State) -> State:
    """Turn states from layers first (layers, B, H) to rows first, or back."""
    return tuple(part.transpose(0, 1) for part in state)


def initial_state(layers: Recurrent, rows: int) -> State:
    """Return the zeros from which recurrent layers start, each (B, layers, H)."""
    like = next(layers.parameters())
    zeros = like.new_zeros(rows, layers.num_layers, layers.hidden_size)
    return (zeros, zeros) if layers.cell == "lstm" else (zeros,)


def one_step(values: Tensor) -> Padded:
    """Return rows of one step each from (B, D)."""
    return Padded(values[:, None], torch.ones(len(values), dtype=torch.int64, device=values.device))


def reversed_rows(rows: Sequences) -> Sequences:
    """Turn each row around within its own length; what is beyond stays where it is."""
    match rows:
        case Embedded():
            return Embedded(rows.table, taken(rows.ids, _mirrored(rows.ids, rows.lengths)), rows.lengths)
        case Padded():
            return Padded(taken(rows.values, _mirrored(rows.values, rows.lengths)), rows.lengths)


def _mirrored(values: Tensor, lengths: Tensor) -> Tensor:
    steps = torch.arange(values.shape[1], device=lengths.device)  # (T,)
    return torch.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # (B, T)


def taken(values: Tensor, places: Tensor) -> Tensor:
    """Take the steps `places` (B, W) of each row of (B, T, …); those beyond the last are arbitrary."""
    batch, steps = values.shape[:2]
    if steps == 0:
        return values.new_zeros(batch, places.shape[1], *values.shape[2:])
    places = places.clamp(max=steps - 1)
    places = places.reshape(*places.shape, *[1] * (values.dim() - 2)).expand(-1, -1, *values.shape[2:])
    return values.gather(1, places)


def _rectified(convolution: nn.Module, rows: Padded) -> Padded:
    return Padded(torch.relu(convolution(rows).values), rows.lengths)
