"""What a recurrent layer does with a row, step by step: what it keeps, what it writes, what it lets out."""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from yeoul.kernels import Call
from yeoul.kernels.reference import masked, reversed_rows, steps
from yeoul.padded import Padded


@final
@dataclass(frozen=True, eq=False)
class Trace:
    """One row through one layer in one direction, each step at its own input's place: (T, H).

    The gates are those of `yeoul.kernels.reference.Gates`; a cell that lacks one has None.
    """

    state: Tensor
    memory: Tensor | None
    """c of the LSTM."""
    kept: Tensor | None
    written: Tensor | None
    let_out: Tensor | None


@torch.inference_mode()
def trace(call: Call, row: int = 0) -> Trace:
    """Go through one row of what a layer was asked, and return all that happened in it."""
    values = call.inputs.dense().filled()
    length = int(values.lengths[row])
    inputs = masked(values, call.options)
    alone = Padded(inputs.values[row : row + 1, :length], inputs.lengths[row : row + 1])
    turned = reversed_rows(alone) if call.reverse else alone
    initial = tuple(part[row : row + 1] for part in call.initial)
    parts: list[list[Tensor | None]] = []
    for state, gates in steps(call.cell, turned, call.weights, initial, call.options):
        parts.append([state[0], state[1] if len(state) > 1 else None, *gates])
    size = call.weights.hidden_hidden.shape[1]
    if not parts:
        none = values.values.new_zeros(0, size)
        gated = None if call.cell == "rnn" else none
        return Trace(none, none if call.cell == "lstm" else None, gated, gated, gated)
    return Trace(*(_joined(list(part), reverse=call.reverse) for part in zip(*parts, strict=True)))  # type: ignore[arg-type]


def _joined(rows: list[Tensor | None], *, reverse: bool) -> Tensor | None:
    """Put the steps (1, H) of one part under one another, in the order of the inputs."""
    real = [row for row in rows if row is not None]
    if not real:
        return None
    joined = torch.cat(real)
    return joined.flip(0) if reverse else joined
