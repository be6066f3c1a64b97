"""Encoders that were made for measurements; like the others, they read any rows of vectors."""

from collections.abc import Sequence
from typing import cast, final

import torch
from torch import Tensor, nn

from yeoul.layers import LockedDropout, TransformerBlock, WaveNet
from yeoul.layers.pooling import Pooled
from yeoul.layers.transformer import sinusoids
from yeoul.models.encoders import (
    Pooling,
    Recurrent,
    by_row,
    initial_state,
    last_steps,
    one_step,
    right_aligned,
    taken,
)
from yeoul.models.protocols import Encoded, State
from yeoul.padded import Padded, Sequences


@final
class StackEncoder(nn.Module):
    """Recurrent layers of one direction, each of its own kind and size, pooled."""

    def __init__(self, layers: Sequence[Recurrent], dropouts: Sequence[float], pooling: Pooling) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.dropouts = nn.ModuleList(LockedDropout(share) for share in dropouts)
        self.pooling = pooling
        self.output_size = layers[-1].output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to the last layer's states (B, T, H)."""
        states, after = self.read(inputs, self.start(len(inputs.lengths)))
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, after, pooled.weights)

    def start(self, rows: int) -> State:
        """Return zeros, (h,) or (h, c) of each layer in turn."""
        return tuple(part for layer in self._layers() for part in initial_state(layer, rows))

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to the last layer's states (B, H) and the state after it."""
        states, after = self.read(one_step(values), state)
        return states.values[:, 0], after

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to the last layer's states (B, T, H) and the state after them."""
        outputs, after = inputs, list[Tensor]()
        for layer, dropout in zip(self._layers(), cast(list[LockedDropout], self.dropouts), strict=True):
            if self.training and dropout.share:
                outputs = dropout(outputs.dense())
            parts = 2 if layer.cell == "lstm" else 1
            outputs, final_state = layer(outputs, by_row(state[len(after) : len(after) + parts]))
            after += by_row(final_state)
        return outputs.dense(), tuple(after)

    def _layers(self) -> list[Recurrent]:
        return cast(list[Recurrent], list(self.layers))


@final
class WaveNetEncoder(nn.Module):
    """A WaveNet, pooled."""

    def __init__(self, network: WaveNet, pooling: Pooling) -> None:
        super().__init__()
        self.network = network
        self.pooling = pooling
        self.output_size = network.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, T, skip_channels)."""
        states: Padded = self.network(inputs.dense())
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


@final
class NewestWaveNetEncoder(nn.Module):
    """A WaveNet of which the newest state is asked, and those before it only as far as it needs them."""

    def __init__(self, network: WaveNet) -> None:
        super().__init__()
        self.network = network
        self.output_size = network.output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to the newest states (B, 1, skip_channels); those of all steps are for `read` to say."""
        newest = self.network.newest(inputs.dense())
        return Encoded(Padded(newest[:, None], inputs.lengths.clamp(max=1)), newest)

    def start(self, rows: int) -> State:
        """Return rings of zeros."""
        return self.network.start(rows)

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to its states (B, skip_channels); the rings are overwritten."""
        return self.network.step(values, state)

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to their states and the state after them."""
        return self.network.read(inputs.dense(), state)


@final
class Patches(nn.Module):
    """Give every `patch` steps a vector, one every `stride` steps counted back from the newest (Nie et al. 2023).

    The place of a patch is counted from the newest too, and told by sines and cosines. Zeros stand before the
    first step where the oldest patch begins earlier.
    """

    def __init__(self, input_size: int, size: int, patch: int, stride: int) -> None:
        super().__init__()
        self.patch = patch
        self.stride = stride
        self.project = nn.Linear(patch * input_size, size)

    def count(self, steps: int) -> int:
        """Return how many patches a row of so many steps has."""
        return -(-max(steps - self.patch, 0) // self.stride) + 1 if steps else 0

    def forward(self, rows: Padded) -> Padded:
        """Map (B, T, D) to patches (B, N, size), the oldest first."""
        batch, steps, size = rows.values.shape
        lengths = rows.lengths
        beyond = (lengths - self.patch).clamp(min=0) + self.stride - 1
        counts = (torch.div(beyond, self.stride, rounding_mode="floor") + 1) * (lengths > 0)  # (B,)
        places = counts[:, None] - 1 - torch.arange(self.count(steps), device=lengths.device)  # (B, N)
        within = torch.arange(self.patch, device=lengths.device) - self.patch
        read = (lengths[:, None] - places * self.stride)[:, :, None] + within  # (B, N, patch)
        real = (read >= 0) & (places >= 0)[:, :, None]
        values = taken(rows.values, read.clamp(min=0).flatten(1))  # (B, N · patch, D)
        values = values.masked_fill(~real.flatten(1)[:, :, None], 0.0)
        vectors: Tensor = self.project(values.reshape(batch, read.shape[1], self.patch * size))
        return Padded(vectors + sinusoids(places, vectors.shape[2]).to(vectors.dtype), counts)


@final
class FlatPooling(nn.Module):
    """Put the last `count` vectors of a row side by side, zeros before a shorter one."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, rows: Padded) -> Pooled:
        """Map (B, T, D) to (B, count · D)."""
        values, before = right_aligned(last_steps(rows, self.count), self.count)
        return Pooled(values.masked_fill(before[:, :, None], 0.0).flatten(1))


@final
class TransformerEncoder(nn.Module):
    """Patches of steps that look at one another, pooled (Vaswani et al. 2017)."""

    def __init__(
        self,
        patches: Patches,
        blocks: Sequence[TransformerBlock],
        dropout: float,
        pooling: Pooling | FlatPooling,
        output_size: int,
    ) -> None:
        super().__init__()
        self.patches = patches
        self.blocks = nn.ModuleList(blocks)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(patches.project.out_features)
        self.pooling = pooling
        self.output_size = output_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, N, size), one for each patch."""
        rows: Padded = self.patches(inputs.dense())
        rows = Padded(self.dropout(rows.values), rows.lengths)
        for block in self.blocks:
            rows = block(rows)
        states = Padded(self.norm(rows.values), rows.lengths)
        pooled = self.pooling(states)
        return Encoded(states, pooled.summary, weights=pooled.weights)


@final
class DecomposedEncoder(nn.Module):
    """The last steps of each row as a moving average and what it leaves (DLinear: Zeng et al. 2023).

    At both ends the average goes on with the end's own value.
    """

    def __init__(self, input_size: int, window: int, average: int) -> None:
        super().__init__()
        self.window = window
        self.average = average
        self.output_size = 2 * window * input_size

    def forward(self, inputs: Sequences) -> Encoded:
        """Map (B, T, D) to states (B, window, D), the steps that were read; the summary is (B, 2 · window · D)."""
        states = last_steps(inputs, self.window)
        values, before = right_aligned(states, self.window)
        front = (self.average - 1) // 2
        ends = (front, self.average - 1 - front)
        stretched = nn.functional.pad(values.transpose(1, 2), ends, mode="replicate")  # (B, D, window + …)
        trend = nn.functional.avg_pool1d(stretched, self.average, stride=1).transpose(1, 2)
        parts = torch.cat([trend, values - trend], dim=2)  # (B, window, 2 · D)
        return Encoded(states, parts.masked_fill(before[:, :, None], 0.0).flatten(1))
