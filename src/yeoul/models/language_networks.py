"""Networks that read tokens' vectors one after another and never look ahead."""

from collections.abc import Sequence
from typing import Protocol, cast, final

import torch
from torch import Tensor, nn

from yeoul.kernels import Norm, Options, Weights, recurrence
from yeoul.layers import LockedDropout, TransformerBlock, WaveNet
from yeoul.layers.attention import KeysValues, looked_up
from yeoul.models.encoders import Recurrent, one_step
from yeoul.models.protocols import State
from yeoul.padded import Padded, Sequences

_NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


class CausalNetwork(Protocol):
    """Reads rows of vectors bit by bit; padding, batch mates and the order of rows change nothing."""

    output_size: int

    def start(self, rows: int) -> State:
        """Return the state before the first step of so many rows."""
        ...

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to its states (B, H) and the state after it; the state may be overwritten."""
        ...

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to their states (B, T, H) and the state after them."""
        ...


@final
class RecurrentNetwork(nn.Module):
    """Recurrent layers of one direction, whose recurrent weights may be dropped (Wan et al. 2013; Merity et al. 2018).

    The state is (h,) or (h, c) of each layer in turn, (B, H).
    """

    def __init__(self, layers: Sequence[Recurrent], *, weight_drop: float, hidden_dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.stack = tuple(layers)
        self.weight_drop = weight_drop
        self.hidden_dropout = LockedDropout(hidden_dropout)
        self.output_size = layers[-1].output_size
        self.normed = any(layer.layer_norm for layer in layers)

    def start(self, rows: int) -> State:
        """Return zeros."""
        return tuple(
            layer.get_parameter("weight_hh_l0").new_zeros(rows, layer.hidden_size)
            for layer in self._layers()
            for _ in range(_parts(layer))
        )

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to the last layer's h (B, H) and the state after it.

        A kernel that goes through many steps first lays its weights out for them; one step is done without.
        """
        dropping = self.training and (self.weight_drop or self.hidden_dropout.share)
        if dropping or self.normed:
            states, after = self.read(one_step(values), state)
            return states.values[:, 0], after
        moved: State = ()
        for layer in self.stack:
            last = _advanced(layer, values, state[len(moved) :])
            values = last[0]
            moved += last
        return values, moved

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to the last layer's h (B, T, H) and the state after them."""
        outputs, after = inputs, list[Tensor]()
        for place, layer in enumerate(self._layers()):
            if place and self.training:
                outputs = self.hidden_dropout(outputs.dense())
            before = state[len(after) : len(after) + _parts(layer)]
            states, last = recurrence(
                layer.cell, outputs, self._weights(layer), before, Options(), reverse=False
            )
            # torch's kernels answer step by step, ours want row by row
            outputs = Padded(states.values.contiguous(), states.lengths)
            after += last
        return outputs.dense(), tuple(after)

    def _weights(self, layer: Recurrent) -> Weights:
        take = layer.get_parameter
        hidden = nn.functional.dropout(take("weight_hh_l0"), self.weight_drop, self.training)
        norm = None
        if layer.layer_norm:
            cell = (take("gain_cell_l0"), take("bias_cell_l0")) if layer.cell == "lstm" else (None, None)
            norm = Norm(take("gain_ih_l0"), take("gain_hh_l0"), *cell)
        return Weights(take("weight_ih_l0"), hidden, take("bias_ih_l0"), take("bias_hh_l0"), norm)

    def _layers(self) -> tuple[Recurrent, ...]:
        return self.stack


def _parts(layer: Recurrent) -> int:
    return 2 if layer.cell == "lstm" else 1


def _advanced(layer: Recurrent, values: Tensor, state: State) -> State:
    """Take a plain layer one step on; of `state` the first parts are its own."""
    known = layer._parameters  # looked up by name each, weights take longer than a small cell
    weights = [cast(Tensor, known[name]) for name in _NAMES]
    match layer.cell:
        case "lstm":
            return torch.lstm_cell(values, state[:2], *weights)
        case "gru":
            return (torch.gru_cell(values, state[0], *weights),)
        case "rnn":
            return (torch.rnn_tanh_cell(values, state[0], *weights),)


@final
class WaveNetNetwork(nn.Module):
    """A WaveNet, whose state is rings of the past."""

    def __init__(self, network: WaveNet) -> None:
        super().__init__()
        self.network = network
        self.output_size = network.output_size

    def start(self, rows: int) -> State:
        """Return rings of zeros."""
        return self.network.start(rows)

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to its states (B, H); the rings are overwritten."""
        return self.network.step(values, state)

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to their states (B, T, H) and the state after them."""
        return self.network.read(inputs.dense(), state)


@final
class TransformerNetwork(nn.Module):
    """Causal self-attention over the last `reach` steps, nearer ones preferred (ALiBi, Press et al. 2022).

    A step that is d steps back loses 2^(-8 (n + 1) / N) · d of its score in head n of N, so that places need no
    vectors and a row may be as long as one likes. The state is how many steps were read (B,), and of each layer the
    keys and values of the last `reach` of them (B, N, reach, E): step s stands at place s mod reach.
    """

    slopes: Tensor

    def __init__(
        self, input_size: int, blocks: Sequence[TransformerBlock], size: int, *, reach: int, dropout: float
    ) -> None:
        super().__init__()
        self.reach = reach
        self.enter = nn.Linear(input_size, size)
        self.blocks = nn.ModuleList(blocks)
        self.leave = nn.LayerNorm(size)
        self.dropout = nn.Dropout(dropout)
        self.output_size = size
        heads = blocks[0].attention.num_heads
        self.head_shape = (heads, size // heads)
        slopes = torch.exp2(-8.0 * torch.arange(1, heads + 1) / heads)
        self.register_buffer("slopes", slopes, persistent=False)

    def start(self, rows: int) -> State:
        """Return an empty past."""
        heads, size = self.head_shape
        past = self.enter.weight.new_zeros(2 * len(self.blocks), rows, heads, self.reach, size)
        return (torch.zeros(rows, dtype=torch.int64, device=past.device), *past)

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Map one more step (B, D) to its states (B, H); the keys and values given are overwritten."""
        count, *past = state
        rows = torch.arange(len(values), device=values.device)
        places = torch.arange(self.reach, device=values.device)
        back = (count[:, None] - places) % self.reach  # (B, R)
        bias = self._bias(back[:, None], (back <= count[:, None])[:, None])
        values = self.enter(values)[:, None]
        for layer, block in enumerate(self._blocks()):
            keys, kept = past[2 * layer : 2 * layer + 2]
            normed = block.attention_norm(values)
            fresh = block.attention.read(normed)
            keys[rows, :, count % self.reach] = fresh.keys[:, :, 0].to(keys.dtype)
            kept[rows, :, count % self.reach] = fresh.values[:, :, 0].to(kept.dtype)
            values = self._through(block, values, normed, (keys, kept), bias)
        return self.leave(values)[:, 0], (count + 1, *past)

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Map more steps (B, T, D) to their states (B, T, H) and the state after them."""
        count, *past = state
        given = inputs.dense().filled()
        steps, device = given.values.shape[1], count.device
        longest = min(self.reach, max(1, int(count.max())))  # of what any row has read before
        ages = torch.arange(longest, 0, -1, device=device)  # the oldest first
        older = (count[:, None] - ages) % self.reach  # (B, P) where they stand
        back = torch.arange(steps, device=device)[:, None] + torch.cat(
            [ages, -torch.arange(steps, device=device)]
        )
        real = torch.cat([ages <= count[:, None], given.mask], dim=1)  # (B, P + T)
        near = (back >= 0) & (back < self.reach)
        bias = self._bias(back, (real[:, None] & near) | (back == 0))  # what is not real looks at itself
        rest = torch.arange(-self.reach, 0, device=device)
        newest = (given.lengths[:, None] + longest + rest).clamp(min=0)  # (B, R), the first again before it
        home = ((count + given.lengths)[:, None] + rest) % self.reach
        values, after = self.dropout(self.enter(given.values)), list[Tensor]()
        for layer, block in enumerate(self._blocks()):
            normed = block.attention_norm(values)
            fresh = block.attention.read(normed)
            known = [
                torch.cat([_steps(old, older), new], dim=2)  # (B, N, P + T, E)
                for old, new in zip(past[2 * layer : 2 * layer + 2], (fresh.keys, fresh.values), strict=True)
            ]
            after += [_placed(_steps(each, newest), home) for each in known]
            values = self._through(block, values, normed, (known[0], known[1]), bias)
        return Padded(self.leave(values), given.lengths), (count + given.lengths, *after)

    def _through(
        self,
        block: TransformerBlock,
        values: Tensor,
        normed: Tensor,
        known: tuple[Tensor, Tensor],
        bias: Tensor,
    ) -> Tensor:
        """Take steps (B, T, D) through a block that looks at the keys and values of what is known."""
        queries = block.attention.query(normed).unflatten(2, self.head_shape).transpose(1, 2)
        heads = looked_up(queries, KeysValues(*known), bias.to(queries.dtype))
        values = values + block.dropout(block.attention.project(heads.transpose(1, 2).flatten(2)))
        wide = nn.functional.gelu(block.widen(block.feedforward_norm(values)))
        narrow: Tensor = block.dropout(block.narrow(block.dropout(wide)))
        return values + narrow

    def _bias(self, back: Tensor, allowed: Tensor) -> Tensor:
        """Return what is added to scores (B, N, T, S) for steps `back` (…, T, S), -∞ where one may not look."""
        bias = back.expand(allowed.shape)[:, None] * -self.slopes[:, None, None]
        return bias.masked_fill(~allowed[:, None], -torch.inf)

    def _blocks(self) -> list[TransformerBlock]:
        return cast(list[TransformerBlock], list(self.blocks))


def _steps(values: Tensor, places: Tensor) -> Tensor:
    """Take the steps `places` (B, W) of (B, N, S, E)."""
    return values.gather(2, _spread(values, places))


def _placed(values: Tensor, places: Tensor) -> Tensor:
    """Put the steps of (B, N, W, E) at `places` (B, W), each a different one of W."""
    return torch.empty_like(values).scatter(2, _spread(values, places), values)


def _spread(values: Tensor, places: Tensor) -> Tensor:
    return places[:, None, :, None].expand(-1, values.shape[1], -1, values.shape[3])
