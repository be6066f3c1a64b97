"""The recurrent loop of one layer in one direction, by the fastest means at hand.

`recurrence` is the interface that every backend serves: torch's own kernels for the plain cells, a readable
loop for everything else.
"""

from dataclasses import dataclass

from yeoul.kernels import aten, reference
from yeoul.kernels.cells import GATES, Cell, Nonlinearity, Norm, Options, State, Weights, Zoneout
from yeoul.padded import Padded, Sequences

__all__ = [
    "GATES",
    "Backend",
    "Cell",
    "Nonlinearity",
    "Norm",
    "Options",
    "State",
    "Weights",
    "Zoneout",
    "backend",
    "recurrence",
]

_PLAIN = Options()


@dataclass(frozen=True)
class Backend:
    """Which kernels run the recurrent layers, and why."""

    name: str
    reason: str


def backend() -> Backend:
    """Say which kernels serve `recurrence` on this machine, and why."""
    return Backend("torch", "fused kernels are not part of this version")


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
    if aten.serves(cell, weights, options):
        return aten.recurrence(cell, inputs.dense(), weights, initial, options, reverse=reverse)
    return reference.recurrence(cell, inputs.dense(), weights, initial, options, reverse=reverse)
