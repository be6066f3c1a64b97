"""What the parts of a model promise one another."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

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
