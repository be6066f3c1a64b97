"""The recurrent loop by torch's own kernels, on padded rows.

torch's packed sequences give true lengths at two to forty times the cost of padded ones, so rows stay padded:
what lies beyond a length cannot reach the steps before it, the last real h is picked out of the outputs, and
the LSTM's c is carried through the padding unchanged by one more input feature, 1 on padding, whose weights
close the input gate and open the forget gate (sigmoid(±1e4) is 0 or 1 to the last bit).
"""

import torch
from torch import Tensor

from yeoul.padded import Padded

_SHUT = 1e4


def recurrence(
    cell: str,
    inputs: Padded,
    weights: tuple[Tensor, Tensor, Tensor, Tensor],
    initial: tuple[Tensor, ...],
    *,
    reverse: bool,
) -> tuple[Padded, tuple[Tensor, ...]]:
    """Serve `yeoul.kernels.recurrence`; `weights` are W_ih (G·H, D), W_hh (G·H, H), b_ih and b_hh (G·H,)."""
    inputs = inputs.filled()
    if inputs.values.shape[1] == 0:
        hidden = initial[0]
        return Padded(inputs.values.new_zeros(hidden.shape[0], 0, hidden.shape[1]), inputs.lengths), initial
    turned = reversed_rows(inputs) if reverse else inputs
    states = tuple(state.unsqueeze(0) for state in initial)  # (1, B, H)
    last: tuple[Tensor, ...]
    match cell:
        case "lstm":
            values, weights = _carrying(turned, weights)
            outputs, _, cell_state = torch.lstm(
                values, states, weights, True, 1, 0.0, torch.is_grad_enabled(), False, True
            )
            last = (_last(outputs, turned.lengths, initial[0]), cell_state[0])
        case "gru":
            outputs, _ = torch.gru(
                turned.values, states[0], weights, True, 1, 0.0, torch.is_grad_enabled(), False, True
            )
            last = (_last(outputs, turned.lengths, initial[0]),)
        case "rnn":
            outputs, _ = torch.rnn_tanh(
                turned.values, states[0], weights, True, 1, 0.0, torch.is_grad_enabled(), False, True
            )
            last = (_last(outputs, turned.lengths, initial[0]),)
        case _:
            raise ValueError(f"unknown cell {cell!r}")
    padded = Padded(outputs, turned.lengths).filled()  # (B, T, H)
    return (reversed_rows(padded) if reverse else padded), last


def reversed_rows(rows: Padded) -> Padded:
    """Turn each row around within its own length; what is beyond stays where it is."""
    steps = torch.arange(rows.values.shape[1], device=rows.values.device)  # (T,)
    lengths = rows.lengths[:, None]
    places = torch.where(steps < lengths, lengths - 1 - steps, steps)  # (B, T)
    places = places[:, :, None].expand(-1, -1, rows.values.shape[2])
    return Padded(rows.values.gather(1, places), rows.lengths)


def _carrying(
    rows: Padded, weights: tuple[Tensor, Tensor, Tensor, Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
    w_ih, w_hh, b_ih, b_hh = weights
    hidden_size = w_hh.shape[1]
    gates = w_ih.new_tensor([-_SHUT, _SHUT, 0.0, 0.0]).repeat_interleave(hidden_size)  # i f g o, (4·H,)
    padding = (~rows.mask).to(rows.values.dtype)[:, :, None]  # (B, T, 1)
    values = torch.cat([rows.values, padding], dim=2)  # (B, T, D + 1)
    return values, (torch.cat([w_ih, gates[:, None]], dim=1), w_hh, b_ih, b_hh)


def _last(outputs: Tensor, lengths: Tensor, initial: Tensor) -> Tensor:
    places = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, outputs.shape[2])
    return torch.where(lengths[:, None] > 0, outputs.gather(1, places)[:, 0], initial)  # (B, H)
