"""The recurrent loop of one layer in one direction, by the fastest means at hand.

`recurrence` is the interface that every backend serves: our own fused kernels, torch's, or a readable loop.
Each says for itself what it serves; where several do, what was measured decides.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch

from yeoul.errors import UsageError
from yeoul.kernels import aten, native, reference
from yeoul.kernels.cells import GATES, Cell, Nonlinearity, Norm, Options, State, Weights, Zoneout
from yeoul.padded import Embedded, Padded, Sequences

__all__ = [
    "GATES",
    "Backend",
    "Call",
    "Cell",
    "Nonlinearity",
    "Norm",
    "Options",
    "State",
    "Weights",
    "Zoneout",
    "backend",
    "overhearing",
    "recurrence",
]

_PLAIN = Options()
_OURS_BELOW = {"lstm": (384, 256), "gru": (768, 640), "rnn": (768, 640)}
"""Hidden sizes below which our kernels were measured to be faster than torch's: training, and without gradients.

Beyond, the products are all that counts, and torch's, over all steps at once, are at the machine's peak.
"""
_FEW_STEPS = 4
"""Up to so many, of all rows together, our kernels read the weights as they lie; torch's LSTM lays them out anew."""


@dataclass(frozen=True)
class Backend:
    """Which kernels run the recurrent layers, and why."""

    name: str
    reason: str


def backend() -> Backend:
    """Say which kernels serve `recurrence` on this machine's processor, and why; raise `UsageError`."""
    match _wanted():
        case "auto" if native.MISSING:
            return Backend("torch", f"the fused kernels are not built: {native.MISSING}")
        case "auto":
            return Backend("native", native.instruction_sets()[0])
        case wanted:
            return Backend(wanted, "YEOUL_KERNELS")


@dataclass(frozen=True, eq=False)
class Call:
    """What one layer in one direction was asked."""

    cell: Cell
    inputs: Sequences
    weights: Weights
    initial: State
    options: Options
    reverse: bool


_overheard: ContextVar[list[Call] | None] = ContextVar("overheard", default=None)


@contextmanager
def overhearing() -> Iterator[list[Call]]:
    """Give a list to which is added what every recurrent layer is asked inside of the block, in this thread."""
    calls = list[Call]()
    token = _overheard.set(calls)
    try:
        yield calls
    finally:
        _overheard.reset(token)


def recurrence(
    cell: Cell,
    inputs: Sequences,
    weights: Weights,
    initial: State,
    options: Options = _PLAIN,
    *,
    reverse: bool,
) -> tuple[Padded, State]:
    """Run `cell` over every row up to its length, from its end if `reverse`.

    `initial` and the second result are (h,) or, for the LSTM, (h, c), each (B, H): the state before the first
    and after the last real step. Outputs (B, T, H) are zero beyond the lengths and stand at their own inputs'
    places in both directions. A row of length zero keeps its initial state.
    """
    if (calls := _overheard.get()) is not None:
        calls.append(Call(cell, inputs, weights, initial, options, reverse))
    places = inputs.ids if isinstance(inputs, Embedded) else inputs.values  # (B, T, …)
    match _chosen(cell, weights, options, places.shape[0] * places.shape[1]):
        case "native":
            whole = _as_precise(inputs, weights)
            return native.recurrence(cell, whole, weights, initial, options, reverse=reverse)
        case "torch":
            return aten.recurrence(cell, inputs.dense(), weights, initial, options, reverse=reverse)
        case _:
            return reference.recurrence(cell, inputs.dense(), weights, initial, options, reverse=reverse)


def _as_precise(inputs: Sequences, weights: Weights) -> Sequences:
    """Return the inputs in the precision of the weights: under autocast a layer below may have halved theirs."""
    precision = weights.hidden_hidden.dtype
    if not torch.is_autocast_enabled(weights.hidden_hidden.device.type) or isinstance(inputs, Embedded):
        return inputs
    return Padded(inputs.values.to(precision), inputs.lengths)


def _chosen(cell: Cell, weights: Weights, options: Options, steps: int) -> str:
    """Name the backend for a layer of these weights over `steps`, those of all rows together."""
    wanted = _wanted()
    by_torch = aten.serves(cell, weights, options)
    training, answering = _OURS_BELOW[cell]
    small = weights.hidden_hidden.shape[1] < (training if torch.is_grad_enabled() else answering)
    small |= cell == "lstm" and steps <= _FEW_STEPS
    if native.serves(weights) and (wanted == "native" or (wanted == "auto" and (small or not by_torch))):
        return "native"
    return "torch" if by_torch and wanted != "reference" else "reference"


def _wanted() -> str:
    """Return what the environment asks for: "native", "torch", "reference" or, unset, "auto"."""
    wanted = os.environ.get("YEOUL_KERNELS", "auto")
    if wanted not in ("auto", "native", "torch", "reference"):
        raise UsageError(
            "there are no kernels called {name}",
            "use auto, native, torch or reference",
            where="YEOUL_KERNELS",
            values={"name": wanted},
        )
    if wanted == "native" and native.MISSING:
        raise UsageError(
            "the fused kernels are not built",
            "install Yeoul where there is a C++ compiler, or use auto",
            where="YEOUL_KERNELS",
        )
    return wanted
