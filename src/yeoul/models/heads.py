"""Heads: from features to answers."""

from typing import final

import torch
from torch import Tensor, nn

from yeoul.models.loss import Counts, Loss, Term


@final
class ClassHead(nn.Module):
    """One of V classes, by softmax over a linear layer."""

    def __init__(self, input_size: int, num_classes: int) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_classes)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, S) to log-probabilities (B, V)."""
        return torch.log_softmax(self.project(features), dim=-1)

    def loss(self, features: Tensor, targets: Tensor) -> Loss:
        """Return the cross-entropy of class ids (B,)."""
        total = nn.functional.nll_loss(self(features), targets, reduction="sum")
        return Loss({"cross_entropy": Term(total, float(targets.shape[0]))})

    def counts(self, targets: Tensor) -> Counts:
        return {"cross_entropy": float(targets.shape[0])}
