"""What the parts of a model promise one another."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.models.loss import Counts, Loss
from yeoul.padded import Padded, Sequences

State = tuple[Tensor, ...]
"""What is carried from step to step: tensors with the rows on axis 0."""


@dataclass(frozen=True)
class Encoded:
    """What an encoder says about its rows."""

    states: Padded  # (B, T, H)
    summary: Tensor  # (B, S)
    final: State = ()
    """The state after the last real step, from which a causal encoder goes on; empty where nothing is carried."""
    weights: Tensor | None = None
    """(B, T) how much each step weighs in the summary, where the pooling weighs steps."""


class Encoder(Protocol):
    """Reads rows of vectors. Padding, batch mates and the order of rows never change what it says of a row."""

    output_size: int  # S

    def __call__(self, inputs: Sequences) -> Encoded: ...


class CausalEncoder(Encoder, Protocol):
    """An encoder that never looks ahead: it may read its rows bit by bit, and sum them up by their newest state."""

    def start(self, rows: int) -> State:
        """Return the state before the first step of so many rows."""
        ...

    def step(self, values: Tensor, state: State) -> tuple[Tensor, State]:
        """Read one more step (B, D); return its states (B, H) and the state after it.

        The state given may be overwritten.
        """
        ...

    def read(self, inputs: Sequences, state: State) -> tuple[Padded, State]:
        """Read many more steps (B, T, D) at once, equal to `step` over each."""
        ...


Memory = TypeVar("Memory", contravariant=True)
Carried = TypeVar("Carried")


@dataclass(frozen=True)
class Decoded:
    """What a decoder says of the next token, after one step or after each of T."""

    logits: Tensor
    """(B, V) or (B, T, V): log-probabilities, or these up to a constant of each row and step."""
    attention: Tensor | None = None
    """(B, S) or (B, T, S): how much each step of the memory weighed; zero beyond its length."""


class Decoder(Protocol[Memory, Carried]):
    """Says the next token of each row from those before it and a memory, which for a language model is None.

    The state is a tree of tensors with the rows on axis 0 (see `yeoul.tree`). A memory of M rows serves M·K
    rows of state: row b looks at row b // K of the memory, so that the K beams of a source share one.
    Padding, batch mates and the order of rows never change what is said of a row.
    """

    def start(self, memory: Memory, rows: int) -> Carried:
        """Return the state of so many rows before their first token."""
        ...

    def step(self, previous: Tensor, state: Carried, memory: Memory) -> tuple[Decoded, Carried]:
        """Read one more token (B,) of each row; return what comes next and the state after it.

        The state given may be overwritten.
        """
        ...

    def forward(self, inputs: Tensor, state: Carried, memory: Memory) -> tuple[Decoded, Carried]:
        """Read many more tokens (B, T) at once, equal to `step` over each; T is at least 1."""
        ...


class Head(Protocol):
    """The only part that knows what is asked: turns features into answers and answers into a loss."""

    def __call__(self, features: Tensor) -> Tensor:
        """Map (B, S) to answers, for classes log-probabilities (B, V)."""
        ...

    def loss(self, features: Tensor, targets: Tensor) -> Loss: ...

    def counts(self, targets: Tensor) -> Counts:
        """Say what the terms of `loss` will count, before anything is computed."""
        ...


class Model(nn.Module, ABC):
    """What training and evaluation need of a model, whatever its kind."""

    @abstractmethod
    def loss(self, batch: Batch) -> Loss:
        """Return what training lowers, over the rows of `batch`."""

    @abstractmethod
    def counts(self, batch: Batch) -> Counts:
        """Say what the terms of `loss` will count, before anything is computed."""

    @abstractmethod
    def answers(self, batch: Batch) -> Tensor:
        """Return the head's answers (B, …)."""

    def progress(self, share: float) -> None:
        """Take note of how much of the training is done, from 0 to 1; most models do not care."""

    def carried(self) -> Mapping[str, Tensor]:
        """Return what training rows yet to come need of those before them: nothing, for most models."""
        return {}

    def carry(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `carried` returned."""
