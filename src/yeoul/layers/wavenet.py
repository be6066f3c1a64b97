"""Dilated causal convolutions with gates, residuals and skips (van den Oord et al. 2016).

Layer i, of dilation d = 2^i in its stack, reads K steps x[t], x[t - d] … x[t - (K - 1) d], zeros before the
first, and adds

    z = tanh(W_a x) ∘ sigmoid(W_b x)        to the skips S z, and R z to its own input, for the next layer.

The states are relu(W relu(Σ S z)). Nothing looks ahead, so a row may be read step by step: what a layer still
needs of the past is kept in rings, one place of which is overwritten at each step.
"""

from typing import cast, final

import torch
from torch import Tensor, nn

from yeoul.padded import Padded

State = tuple[Tensor, ...]


@final
class WaveNet(nn.Module):
    """Stacks of gated convolutions whose steps lie ever farther apart."""

    def __init__(
        self,
        input_size: int,
        channels: int,
        skip_channels: int,
        *,
        width: int = 2,
        num_layers: int = 8,
        stacks: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.channels = channels
        self.width = width
        self.dilations: list[int] = [2**layer for layer in range(num_layers)] * stacks
        self.enter = nn.Linear(input_size, channels)
        self.gates = nn.ModuleList(nn.Linear(width * channels, 2 * channels) for _ in self.dilations)
        self.residuals = nn.ModuleList(nn.Linear(channels, channels) for _ in self.dilations[1:])
        self.skips = nn.ModuleList(nn.Linear(channels, skip_channels) for _ in self.dilations)
        self.finish = nn.Linear(skip_channels, skip_channels)
        self.dropout = nn.Dropout(dropout)
        self.output_size = skip_channels

    @property
    def reach(self) -> int:
        """How many steps back a state sees."""
        return (self.width - 1) * sum(self.dilations)

    def forward(self, inputs: Padded) -> Padded:
        """Map (B, T, D) to states (B, T, skip_channels)."""
        values = self.enter(inputs.filled().values)
        steps = values.shape[1]
        skips = values.new_zeros(())
        for place, dilation in enumerate(self.dilations):
            shifts = [min(dilation * back, steps) for back in range(self.width - 1, -1, -1)]
            taps = [nn.functional.pad(values, (0, 0, shift, 0))[:, :steps] for shift in shifts]
            values, skips = self._layer(place, torch.cat(taps, dim=2), values, skips)
        return Padded(self._states(skips), inputs.lengths)

    def newest(self, inputs: Padded) -> Tensor:
        """Return the last state of each row (B, skip_channels), without working out what it does not need.

        In the last stack, of a layer of dilation d every d-th step is needed only; the state of an empty row is zero.
        """
        lengths, grid = inputs.lengths, 1
        steps = min(inputs.values.shape[1], self.reach + 1)
        places = lengths[:, None] + torch.arange(-steps, 0, device=lengths.device)  # the row's end comes last
        values = self.enter(_taken(inputs.filled().values, places.clamp(min=0)))
        skips = values.new_zeros(())
        for place, dilation in enumerate(self.dilations):
            offsets = grid * torch.arange(values.shape[1] - 1, -1, -1, device=lengths.device)
            values = values.masked_fill((offsets >= lengths[:, None])[:, :, None], 0.0)
            later = self.dilations[place + 1 :]
            every = 2 if later and 1 not in later else 1
            needed = 1 + (self.width - 1) * sum(later) // (grid * every)
            count = min(-(-values.shape[1] // every), needed)
            if count == 0:
                break
            first, apart = values.shape[1] - 1 - (count - 1) * every, dilation // grid
            known = nn.functional.pad(values, (0, 0, (self.width - 1) * apart, 0))
            taps = [known[:, first + back * apart :: every][:, :count] for back in range(self.width)]
            passed = self._passed(place, torch.cat(taps, dim=2))
            values = self._onward(place, passed, values[:, first::every])
            skips = skips + self.skips[place](passed[:, -1])
            grid *= every
        return self._states(skips.expand(len(lengths), self.output_size)).masked_fill(
            lengths[:, None] == 0, 0.0
        )

    def start(self, rows: int) -> State:
        """Return the state before the first step: the place (B,) in the rings, and a ring for each layer."""
        like = self.enter.weight
        rings = [like.new_zeros(rows, size, self.channels) for size in self._rings()]
        return (torch.zeros(rows, dtype=torch.int64, device=like.device), *rings)

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one more step (B, D); return its states (B, skip_channels) and the state, overwritten in place."""
        clock, *rings = state
        rows = torch.arange(len(values), device=values.device)
        values = self.enter(values)
        skips = values.new_zeros(())
        for place, (dilation, ring) in enumerate(zip(self.dilations, rings, strict=True)):
            taps = [values]
            if size := ring.shape[1]:
                offsets = torch.arange(0, size, dilation, device=clock.device)
                past = ring[rows[:, None], (clock[:, None] + offsets) % size]  # (B, K - 1, C)
                taps = [past.flatten(1), values]
                ring[rows, clock % size] = values.to(ring.dtype)
            values, skips = self._layer(place, torch.cat(taps, dim=1), values, skips)
        return self._states(skips), (clock + 1, *rings)

    def read(self, inputs: Padded, state: State) -> tuple[Padded, State]:
        """Read many more steps (B, T, D) at once, equal to `step` over each; the state given is left as it is."""
        clock, *rings = state
        values = self.enter(inputs.filled().values)
        steps = values.shape[1]
        skips, kept = values.new_zeros(()), []
        for place, (dilation, ring) in enumerate(zip(self.dilations, rings, strict=True)):
            size = ring.shape[1]
            known = torch.cat([_unrolled(ring, clock), values], dim=1)  # (B, size + T, C)
            taps = [known[:, back * dilation : back * dilation + steps] for back in range(self.width)]
            newest = inputs.lengths[:, None] + torch.arange(size, device=clock.device)  # (B, size)
            kept.append(_taken(known, newest))
            values, skips = self._layer(place, torch.cat(taps, dim=2), values, skips)
        return Padded(self._states(skips), inputs.lengths), (torch.zeros_like(clock), *kept)

    def _rings(self) -> list[int]:
        return [(self.width - 1) * dilation for dilation in self.dilations]

    def _layer(self, place: int, taps: Tensor, values: Tensor, skips: Tensor) -> tuple[Tensor, Tensor]:
        """Return the next layer's input (…, C) and the skips (…, S), from the K steps `taps` (…, K·C) it reads."""
        passed = self._passed(place, taps)
        return self._onward(place, passed, values), skips + self.skips[place](passed)

    def _passed(self, place: int, taps: Tensor) -> Tensor:
        heard, gate = cast(Tensor, self.gates[place](taps)).chunk(2, dim=-1)
        passed: Tensor = self.dropout(torch.tanh(heard) * torch.sigmoid(gate))
        return passed

    def _onward(self, place: int, passed: Tensor, values: Tensor) -> Tensor:
        """Return what the next layer reads; after the last there is none."""
        return values + self.residuals[place](passed) if place < len(self.residuals) else values

    def _states(self, skips: Tensor) -> Tensor:
        return torch.relu(self.finish(torch.relu(skips)))


def _unrolled(ring: Tensor, clock: Tensor) -> Tensor:
    """Return the places of a ring (B, size, C), the oldest first."""
    size = ring.shape[1]
    if size == 0:
        return ring
    return _taken(ring, (clock[:, None] + torch.arange(size, device=clock.device)) % size)


def _taken(values: Tensor, places: Tensor) -> Tensor:
    return values.gather(1, places[:, :, None].expand(-1, -1, values.shape[2]))
