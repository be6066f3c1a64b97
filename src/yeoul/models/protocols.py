"""What the parts of a model promise one another."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.models.loss import Counts, Loss
from yeoul.padded import Padded, Sequences


@dataclass(frozen=True)
class Encoded:
    """What an encoder says about its rows."""

    states: Padded  # (B, T, H)
    summary: Tensor  # (B, S)
    final: tuple[Tensor, ...] = ()
    """The carried state after the last real step; empty where nothing is carried."""
    weights: Tensor | None = None
    """(B, T) how much each step weighs in the summary, where the pooling weighs steps."""


class Encoder(Protocol):
    """Reads rows of vectors. Padding, batch mates and the order of rows never change what it says of a row."""

    output_size: int  # S

    def __call__(self, inputs: Sequences) -> Encoded: ...


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
