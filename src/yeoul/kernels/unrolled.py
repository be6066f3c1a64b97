"""The GRU's loop over torch's products, for sizes at which these are all that counts.

`torch.gru` adds to the gradients of its weights at every step, which at a few rows is all it does: the weights
are larger than what is multiplied with them. Here each gradient is one product over all steps.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def gru(inputs: Tensor, weights: list[Tensor], initial: Tensor) -> tuple[Tensor, Tensor]:
    """Run a plain GRU over (B, T, D) from (B, H), padding or not, as `torch.gru` does; T is at least 1.

    `weights` are PyTorch's weight_ih, weight_hh, bias_ih and bias_hh. Returns outputs (B, T, H) and the state
    after the last step (B, H).
    """
    outputs, last = _Gru.apply(inputs, *weights, initial)  # type: ignore[no-untyped-call]
    return outputs, last


class _Gru(torch.autograd.Function):
    """The loop as one node of the graph."""

    @staticmethod
    def forward(
        ctx: Any, inputs: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, initial: Tensor
    ) -> tuple[Tensor, Tensor]:
        rows, steps, _ = inputs.shape
        size = w_hh.shape[1]
        gates = torch.nn.functional.linear(inputs.transpose(0, 1), w_ih, b_ih)  # (T, B, 3·H), to become r z n
        hidden = torch.empty_like(gates)  # (T, B, 3·H)
        states = inputs.new_empty(steps + 1, rows, size)
        states[0] = initial
        for step in range(steps):
            torch.addmm(b_hh, states[step], w_hh.T, out=hidden[step])
            r_z = gates[step, :, : 2 * size].add_(hidden[step, :, : 2 * size]).sigmoid_()
            n = gates[step, :, 2 * size :].addcmul_(r_z[:, :size], hidden[step, :, 2 * size :]).tanh_()
            torch.lerp(n, states[step], r_z[:, size:], out=states[step + 1])
        ctx.save_for_backward(inputs, w_ih, w_hh, gates, hidden[:, :, 2 * size :], states)
        return states[1:].transpose(0, 1).contiguous(), states[steps].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor, given_last: Tensor) -> tuple[Tensor, ...]:
        inputs, w_ih, w_hh, gates, n_hidden, states = ctx.saved_tensors
        size = w_hh.shape[1]
        r, z, n = gates.chunk(3, dim=2)  # (T, B, H)
        to_z = (states[:-1] - n).mul_(z).mul_(1.0 - z)
        to_n = (1.0 - z).mul_(1.0 - n * n)
        to_r = (n_hidden * r).mul_(1.0 - r)
        hidden = torch.empty_like(gates)  # gradients of the hidden products
        from_inputs = torch.empty_like(gates)  # and of the inputs'
        arriving = given_last
        for step in range(gates.shape[0] - 1, -1, -1):
            arriving = arriving + given[:, step]  # (B, H)
            dn = torch.mul(arriving, to_n[step], out=from_inputs[step, :, 2 * size :])
            torch.mul(dn, to_r[step], out=hidden[step, :, :size])
            torch.mul(arriving, to_z[step], out=hidden[step, :, size : 2 * size])
            torch.mul(dn, r[step], out=hidden[step, :, 2 * size :])
            arriving = torch.addmm(arriving * z[step], hidden[step], w_hh)
        from_inputs[:, :, : 2 * size] = hidden[:, :, : 2 * size]
        read = inputs.transpose(0, 1).flatten(0, 1)  # (T·B, D)
        by_input, by_state = from_inputs.flatten(0, 1), hidden.flatten(0, 1)  # (T·B, 3·H)
        return (
            (from_inputs @ w_ih).transpose(0, 1),
            by_input.T @ read,
            by_state.T @ states[:-1].flatten(0, 1),
            by_input.sum(0),
            by_state.sum(0),
            arriving,
        )
