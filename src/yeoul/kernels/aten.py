"""The recurrent loop by torch's own kernels, on padded rows.

torch's packed sequences give true lengths at two to forty times the cost of padded ones, so rows stay padded:
what lies beyond a length cannot reach the steps before it, the last real h is picked out of the outputs, and
the LSTM's c is carried through the padding unchanged by one more input feature, 1 on padding, whose weights
close the input gate and open the forget gate (sigmoid(±1e4) is 0 or 1 to the last bit).
"""

import torch
from torch import Tensor

from yeoul.kernels.cells import Cell, Options, State, Weights
from yeoul.kernels.reference import masked, reversed_rows
from yeoul.kernels.unrolled import gru
from yeoul.padded import Padded

_SHUT = 1e4


def serves(cell: Cell, weights: Weights, options: Options) -> bool:
    """Say whether torch has a kernel for this cell with these options."""
    plain = weights.norm is None and options.recurrent_mask is None and options.zoneout is None
    return plain and (options.nonlinearity == "tanh" or cell == "rnn")


def recurrence(
    cell: Cell, inputs: Padded, weights: Weights, initial: State, options: Options, *, reverse: bool
) -> tuple[Padded, State]:
    """Serve `yeoul.kernels.recurrence` where `serves` says so."""
    inputs = masked(inputs, options)
    steps, hidden = inputs.values.shape[1], initial[0]
    if steps == 0:
        return Padded(inputs.values.new_zeros(hidden.shape[0], 0, hidden.shape[1]), inputs.lengths), initial
    flat = [weights.input_hidden, weights.hidden_hidden, weights.input_bias, weights.hidden_bias]
    if bool((inputs.lengths == steps).all()):
        values = inputs.values.flip(1) if reverse else inputs.values
        outputs, last = _run(cell, values, flat, initial, options)
        return Padded(outputs.flip(1) if reverse else outputs, inputs.lengths), last
    inputs = inputs.filled()
    turned = reversed_rows(inputs) if reverse else inputs
    values = turned.values
    if cell == "lstm":
        values, flat = _carrying(turned, flat)
    outputs, last = _run(cell, values, flat, initial, options)
    last = (_last(outputs, turned.lengths, initial[0]), *last[1:])
    padded = Padded(outputs, turned.lengths).filled()  # (B, T, H)
    return (reversed_rows(padded) if reverse else padded), last


def _run(
    cell: Cell, values: Tensor, weights: list[Tensor], initial: State, options: Options
) -> tuple[Tensor, State]:
    """Run torch's kernel through every step, padding or not."""
    training = torch.is_grad_enabled()
    plain = values.device.type == "cpu" and not torch.is_autocast_enabled("cpu")
    if cell == "gru" and training and plain and values.shape[1] > 1:
        outputs, last = gru(values, weights, initial[0])
        return outputs, (last,)
    states = tuple(state.unsqueeze(0) for state in initial)  # (1, B, H)
    match cell:
        case "lstm":
            outputs, *last_states = torch.lstm(values, states, weights, True, 1, 0.0, training, False, True)
        case "gru":
            outputs, *last_states = torch.gru(values, states[0], weights, True, 1, 0.0, training, False, True)
        case "rnn":
            run = torch.rnn_relu if options.nonlinearity == "relu" else torch.rnn_tanh
            outputs, *last_states = run(values, states[0], weights, True, 1, 0.0, training, False, True)
    return outputs, tuple(state[0] for state in last_states)


def _carrying(rows: Padded, weights: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    w_ih, w_hh, b_ih, b_hh = weights
    hidden_size = w_hh.shape[1]
    gates = w_ih.new_tensor([-_SHUT, _SHUT, 0.0, 0.0]).repeat_interleave(hidden_size)  # i f g o, (4·H,)
    padding = (~rows.mask).to(rows.values.dtype)[:, :, None]  # (B, T, 1)
    values = torch.cat([rows.values, padding], dim=2)  # (B, T, D + 1)
    return values, [torch.cat([w_ih, gates[:, None]], dim=1), w_hh, b_ih, b_hh]


def _last(outputs: Tensor, lengths: Tensor, initial: Tensor) -> Tensor:
    places = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, outputs.shape[2])
    return torch.where(lengths[:, None] > 0, outputs.gather(1, places)[:, 0], initial)  # (B, H)
