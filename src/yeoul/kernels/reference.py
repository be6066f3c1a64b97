"""The recurrent loop in plain PyTorch: every cell and option, one step after another.

Slow and easy to read; what the fused kernels compute is defined here.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from yeoul.kernels.cells import NORM_EPSILON, Cell, Norm, Options, State, Weights
from yeoul.padded import Padded


def recurrence(
    cell: Cell, inputs: Padded, weights: Weights, initial: State, options: Options, *, reverse: bool
) -> tuple[Padded, State]:
    """Serve `yeoul.kernels.recurrence`."""
    inputs = masked(inputs.filled(), options)
    turned = reversed_rows(inputs) if reverse else inputs
    outputs, state = list[Tensor](), initial
    for step, (state, _) in enumerate(steps(cell, turned, weights, initial, options)):
        outputs.append(torch.where(turned.mask[:, step, None], state[0], 0.0))
    if not outputs:
        return Padded(
            inputs.values.new_zeros(initial[0].shape[0], 0, initial[0].shape[1]), inputs.lengths
        ), state
    padded = Padded(torch.stack(outputs, dim=1), inputs.lengths)  # (B, T, H)
    return (reversed_rows(padded) if reverse else padded), state


class Gates(NamedTuple):
    """What the gates of a step let through, (B, H) each between 0 and 1; nothing where a cell has no such gate."""

    kept: Tensor | None
    """Of the memory: f of the LSTM, z of the GRU."""
    written: Tensor | None
    """Of the new value: i of the LSTM, 1 - z of the GRU."""
    let_out: Tensor | None
    """Of the memory into the state: o of the LSTM; of the state into the new value: r of the GRU."""


def steps(
    cell: Cell, turned: Padded, weights: Weights, initial: State, options: Options
) -> Iterator[tuple[State, Gates]]:
    """Yield the state after each step and the gates in it; a row that is over keeps its state.

    `turned` (B, T, D) are masked inputs in the order in which they are read.
    """
    real = turned.mask  # (B, T)
    projected = turned.values @ weights.input_hidden.T  # (B, T, G·H)
    if weights.norm is not None:
        projected = _normed(cell, projected, weights.norm.input_gain)
    projected = projected + weights.input_bias
    state = initial
    for step in range(projected.shape[1]):
        entering = state[0] if options.recurrent_mask is None else state[0] * options.recurrent_mask
        hidden = entering @ weights.hidden_hidden.T  # (B, G·H)
        if weights.norm is not None:
            hidden = _normed(cell, hidden, weights.norm.hidden_gain)
        following, gates = _advance(
            cell, projected[:, step], hidden + weights.hidden_bias, state, weights.norm, options
        )
        following = _zoned(state, following, step, options)
        still = real[:, step, None]
        state = tuple(torch.where(still, new, old) for new, old in zip(following, state, strict=True))
        yield state, gates


def masked(inputs: Padded, options: Options) -> Padded:
    """Put the input mask to every step."""
    if options.input_mask is None:
        return inputs
    return Padded(inputs.values * options.input_mask[:, None], inputs.lengths)


def reversed_rows(rows: Padded) -> Padded:
    """Turn each row around within its own length; what is beyond stays where it is."""
    steps = torch.arange(rows.values.shape[1], device=rows.values.device)  # (T,)
    lengths = rows.lengths[:, None]
    places = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (B, T)
    places = places[:, :, None].expand(-1, -1, rows.values.shape[2])
    return Padded(rows.values.gather(1, places), rows.lengths)


def _advance(
    cell: Cell, inputs: Tensor, hidden: Tensor, state: State, norm: Norm | None, options: Options
) -> tuple[State, Gates]:
    match cell:
        case "lstm":
            i, f, g, o = (inputs + hidden).chunk(4, dim=1)
            kept, written, let_out = torch.sigmoid(f), torch.sigmoid(i), torch.sigmoid(o)
            c = kept * state[1] + written * torch.tanh(g)
            shown = c
            if norm is not None and norm.cell_gain is not None and norm.cell_bias is not None:
                shown = _standardized(c) * norm.cell_gain + norm.cell_bias
            return (let_out * torch.tanh(shown), c), Gates(kept, written, let_out)
        case "gru":
            r_in, z_in, n_in = inputs.chunk(3, dim=1)
            r_hidden, z_hidden, n_hidden = hidden.chunk(3, dim=1)
            z, r = torch.sigmoid(z_in + z_hidden), torch.sigmoid(r_in + r_hidden)
            n = _activated(n_in + r * n_hidden, options)
            return ((1.0 - z) * n + z * state[0],), Gates(z, 1.0 - z, r)
        case "rnn":
            return (_activated(inputs + hidden, options),), Gates(None, None, None)


def _activated(values: Tensor, options: Options) -> Tensor:
    return torch.relu(values) if options.nonlinearity == "relu" else torch.tanh(values)


def _normed(cell: Cell, products: Tensor, gain: Tensor) -> Tensor:
    """Standardize the gates that are normed together, and scale: (…, G·H)."""
    if cell != "gru":
        return _standardized(products) * gain
    r, z, n = products.chunk(3, dim=-1)
    return torch.cat([_standardized(torch.cat([r, z], dim=-1)), _standardized(n)], dim=-1) * gain


def _standardized(values: Tensor) -> Tensor:
    return torch.nn.functional.layer_norm(values, values.shape[-1:], eps=NORM_EPSILON)


def _zoned(state: State, following: State, step: int, options: Options) -> State:
    zoneout = options.zoneout
    if zoneout is None:
        return following
    if zoneout.seed is None:
        return tuple(torch.lerp(new, old, zoneout.share) for new, old in zip(following, state, strict=True))
    rows, size = state[0].shape
    kept = [zoneout.kept(rows, step, size, which).to(state[0].device) for which in range(len(state))]
    return tuple(torch.where(keep, old, new) for keep, new, old in zip(kept, following, state, strict=True))
