"""One piece of work that every framework does alike: a recurrent layer, forwards and back, on given numbers.

The same seed draws the same inputs and weights in every process. Weights are laid out as PyTorch's.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from benchmarks.texts import token_rows

Arrays = dict[str, np.ndarray[Any, Any]]

GATES = {"lstm": 4, "gru": 3}
SEED = 42


@dataclass(frozen=True)
class Work:
    """A layer, what it reads, and what its loss looks at."""

    name: str
    cell: Literal["lstm", "gru"]
    inputs: int
    hidden: int
    batch: int
    steps: int
    vocabulary: int = 0
    """Rows of the embedding table before the layer; 0: the inputs are numbers."""
    by_length: bool = False
    """Texts end at their own length; otherwise padding is read like any token."""
    last_only: bool = False
    """The loss is a sum over the last state; otherwise over all outputs."""
    input_gradient: bool = False
    """Numbers get a gradient, as between two layers; a table always does."""
    option: Literal["", "recurrent_dropout", "layer_norm"] = ""

    def flops(self, tokens: int) -> int:
        """Return what the products of a step cost, forwards and back, when every token is multiplied out."""
        size = GATES[self.cell] * self.hidden
        inputs = 3 if self.vocabulary or self.input_gradient else 2
        return 2 * tokens * size * (inputs * self.inputs + 3 * self.hidden)


def draw(work: Work) -> Arrays:
    """Draw inputs, `lengths` (B,), the loss's vector `direction` (H,) and the weights."""
    random = np.random.default_rng(SEED)
    arrays: Arrays = {}
    if work.vocabulary:
        arrays["ids"], lengths = token_rows(work.batch, work.steps, work.vocabulary, SEED)
        arrays["table"] = _normal(random, 0.05, work.vocabulary, work.inputs)
    else:
        arrays["inputs"] = _normal(random, 1.0, work.batch, work.steps, work.inputs)
    full = np.full(work.batch, work.steps, np.int64)
    arrays["lengths"] = lengths if work.by_length else full
    arrays["direction"] = _normal(random, 1.0, work.hidden)
    rows, bound = GATES[work.cell] * work.hidden, work.hidden**-0.5
    for name, shape in (
        ("w_ih", (rows, work.inputs)),
        ("w_hh", (rows, work.hidden)),
        ("b_ih", (rows,)),
        ("b_hh", (rows,)),
    ):
        arrays[name] = random.uniform(-bound, bound, shape).astype(np.float32)
    if work.option == "layer_norm":
        for name, size in (("gain_ih", rows), ("gain_hh", rows), ("gain_cell", work.hidden)):
            arrays[name] = 0.3 + _normal(random, 0.1, size)  # at 1 the loop amplifies every rounding error
        arrays["bias_cell"] = _normal(random, 0.1, work.hidden)
    return arrays


def _normal(random: np.random.Generator, deviation: float, *shape: int) -> np.ndarray[Any, Any]:
    return (deviation * random.standard_normal(shape, np.float32)).astype(np.float32)
