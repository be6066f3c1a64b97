"""Steps from logits to logits: the one form of all that shapes or forbids the next token."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from yeoul.decoding.history import Path, Read, Rule

NEVER = float("-inf")


class Step(Protocol):
    """Changes what may come next. A token at minus infinity never comes, and no step brings it back.

    A row none of whose tokens may come stays as it is: it is a dead end, never a NaN. What is given is not
    overwritten, and a row's answer depends on that row alone.
    """

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        """Map (B, V) to (B, V), row b of which goes on from `history[b]`."""
        ...


class Constraint(Rule[Read], Protocol[Read]):
    """A rule that knows at the end of each path which tokens must not come next."""

    def forbidden(self, state: Read, length: int, size: int) -> Tensor | None:
        """Return (V,) bool, True where a token must not come after so many others, or None if all may."""
        ...


def shaped(logits: Tensor, history: Sequence[Path], steps: Sequence[Step]) -> Tensor:
    """Apply the steps one after another."""
    for step in steps:
        logits = step(logits, history)
    return logits


def restricted(logits: Tensor, history: Sequence[Path], constraint: Constraint[Read]) -> Tensor:
    """Forbid in each row (B, V) what the constraint forbids there."""
    size = logits.shape[1]
    masks = [constraint.forbidden(path.read(constraint), path.length, size) for path in history]
    if all(mask is None for mask in masks):
        return logits
    none = torch.zeros(size, dtype=torch.bool)
    forbidden = torch.stack([none if mask is None else mask for mask in masks])
    return logits.masked_fill(forbidden.to(logits.device), NEVER)


def all_but(tokens: Sequence[int] | Tensor, size: int) -> Tensor:
    """Return (V,) bool, True where a token is none of `tokens`."""
    mask = torch.ones(size, dtype=torch.bool)
    mask[torch.as_tensor(tokens, dtype=torch.int64)] = False
    return mask


def log_probabilities(logits: Tensor) -> Tensor:
    """Normalize (B, V); a row where all is minus infinity stays so."""
    log_probs = logits.log_softmax(1)
    if not bool(log_probs[:, 0].isnan().any()):
        return log_probs
    return log_probs.masked_fill(logits.amax(1, keepdim=True) == NEVER, NEVER)
