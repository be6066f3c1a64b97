"""The recurrent loop of one row in NumPy, forwards and back through time, to be read in one sitting.

A row is x (T, D), a state h or (h, c) of H numbers, weights as PyTorch lays them out. Each cell is two functions:
`forward` takes a step and remembers what it needs, `backward` takes the gradient of the step's new state and
gives that of its gates before their nonlinearities, after which every cell goes on alike:

    a = W x + b,  u = U h + b'            dW += da xᵀ,  dx = Wᵀ da,  dU += du hᵀ,  dh = Uᵀ du + what went beside
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yeoul.kernels.cells import Cell

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One row through one cell: the outputs, the last state, and what the way back needs."""

    outputs: Array  # (T, H)
    state: tuple[Array, ...]  # (h,) or (h, c)
    inputs: Array  # (T, D)
    before: list[tuple[Array, ...]]  # the state before each step
    kept: list[tuple[Array, ...]]  # what each step remembered


class Gradients(NamedTuple):
    """Of the inputs (T, D), of the four weights and of the first state."""

    inputs: Array
    weights: tuple[Array, Array, Array, Array]
    state: tuple[Array, ...]


def forward(cell: Cell, x: Array, weights: tuple[Array, ...], state: tuple[Array, ...]) -> Row:
    """Take `state` over all steps of x; weights are W (G·H, D), U (G·H, H), b and b' (G·H,)."""
    w, u, b, c = weights
    step = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}[cell]
    outputs, before, kept = np.zeros((len(x), len(state[0]))), [], []
    for t in range(len(x)):
        before.append(state)
        state, remembered = step(w @ x[t] + b, u @ state[0] + c, state)
        kept.append(remembered)
        outputs[t] = state[0]
    return Row(outputs, state, x, before, kept)


def backward(
    cell: Cell, row: Row, weights: tuple[Array, ...], d_outputs: Array, d_state: tuple[Array, ...]
) -> Gradients:
    """Return the gradients, given those of the outputs (T, H) and of the last state."""
    w, u = weights[:2]
    step = {"rnn": _rnn_back, "gru": _gru_back, "lstm": _lstm_back}[cell]
    d_x, d_w, d_u = np.zeros_like(row.inputs), np.zeros_like(w), np.zeros_like(u)
    d_b, d_c = np.zeros(len(w)), np.zeros(len(w))
    for t in reversed(range(len(row.inputs))):
        d_h = d_state[0] + d_outputs[t]
        d_a, d_hidden, beside = step((d_h, *d_state[1:]), row.before[t], row.kept[t])
        d_w += np.outer(d_a, row.inputs[t])
        d_u += np.outer(d_hidden, row.before[t][0])
        d_b += d_a
        d_c += d_hidden
        d_x[t] = w.T @ d_a
        d_state = (beside[0] + u.T @ d_hidden, *beside[1:])
    return Gradients(d_x, (d_w, d_u, d_b, d_c), d_state)


Stepped = tuple[tuple[Array, ...], tuple[Array, ...]]
"""The new state; what is remembered."""
Returned = tuple[Array, Array, tuple[Array, ...]]
"""Gradients of a, of u, and of the state by the ways that do not lead through u."""


def _rnn(a: Array, u: Array, state: tuple[Array, ...]) -> Stepped:
    h = np.tanh(a + u)
    return (h,), (h,)


def _rnn_back(d_state: tuple[Array, ...], before: tuple[Array, ...], kept: tuple[Array, ...]) -> Returned:
    (h,) = kept
    d = d_state[0] * (1 - h * h)
    return d, d, (np.zeros_like(h),)


def _gru(a: Array, u: Array, state: tuple[Array, ...]) -> Stepped:
    (h,) = state
    a_r, a_z, a_n = np.split(a, 3)
    u_r, u_z, u_n = np.split(u, 3)
    r, z = _sigmoid(a_r + u_r), _sigmoid(a_z + u_z)
    n = np.tanh(a_n + r * u_n)
    return ((1 - z) * n + z * h,), (r, z, n, u_n)


def _gru_back(d_state: tuple[Array, ...], before: tuple[Array, ...], kept: tuple[Array, ...]) -> Returned:
    (d_h,), (h,), (r, z, n, u_n) = d_state, before, kept
    d_n = d_h * (1 - z) * (1 - n * n)
    d_r = d_n * u_n * r * (1 - r)
    d_z = d_h * (h - n) * z * (1 - z)
    return np.concatenate([d_r, d_z, d_n]), np.concatenate([d_r, d_z, d_n * r]), (d_h * z,)


def _lstm(a: Array, u: Array, state: tuple[Array, ...]) -> Stepped:
    a_i, a_f, a_g, a_o = np.split(a + u, 4)
    i, f, g, o = _sigmoid(a_i), _sigmoid(a_f), np.tanh(a_g), _sigmoid(a_o)
    c = f * state[1] + i * g
    return (o * np.tanh(c), c), (i, f, g, o, c)


def _lstm_back(d_state: tuple[Array, ...], before: tuple[Array, ...], kept: tuple[Array, ...]) -> Returned:
    (d_h, d_c), (h, last), (i, f, g, o, c) = d_state, before, kept
    shown = np.tanh(c)
    d_c = d_c + d_h * o * (1 - shown * shown)
    d_i, d_f = d_c * g * i * (1 - i), d_c * last * f * (1 - f)
    d_g, d_o = d_c * i * (1 - g * g), d_h * shown * o * (1 - o)
    d = np.concatenate([d_i, d_f, d_g, d_o])
    return d, d, (np.zeros_like(h), d_c * f)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x))
