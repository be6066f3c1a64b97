"""Heads: from features to answers.

A head's answers are log-probabilities (B, V) of classes, log-odds (B, V) of labels, or numbers (B, 1).
"""

from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from yeoul.models.loss import Counts, Loss, Term


@final
class ClassHead(nn.Module):
    """One of V classes, by softmax over a linear layer.

    With class weights w and a share ε of label smoothing (Szegedy et al. 2016), a row of class y whose
    log-probabilities are l adds

        -(1 - ε) w_y l_y - ε/V Σ_v w_v l_v

    to the loss and w_y to its count, as torch's `CrossEntropyLoss` has it.
    """

    class_weights: Tensor | None

    def __init__(
        self,
        input_size: int,
        num_classes: int,
        *,
        class_weights: npt.NDArray[np.float32] | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_classes)
        self.label_smoothing = label_smoothing
        weights = None if class_weights is None else torch.from_numpy(class_weights)
        self.register_buffer("class_weights", weights, persistent=False)  # answers do not need them

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, S) to log-probabilities (B, V)."""
        return torch.log_softmax(self.project(features), dim=-1)

    def loss(self, features: Tensor, targets: Tensor) -> Loss:
        """Return the cross-entropy of class ids (B,)."""
        total = nn.functional.cross_entropy(
            self.project(features),
            targets,
            self.class_weights,
            reduction="sum",
            label_smoothing=self.label_smoothing,
        )
        return Loss({"cross_entropy": Term(total, self._count(targets))})

    def counts(self, targets: Tensor) -> Counts:
        return {"cross_entropy": self._count(targets)}

    def _count(self, targets: Tensor) -> float:
        if self.class_weights is None:
            return float(targets.shape[0])
        return float(self.class_weights[targets].sum(dtype=torch.float64))


@final
class LabelsHead(nn.Module):
    """Any of V labels, each decided by itself."""

    def __init__(self, input_size: int, num_labels: int) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_labels)

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, S) to log-odds (B, V): log p / (1 - p) of each label."""
        log_odds: Tensor = self.project(features)
        return log_odds

    def loss(self, features: Tensor, targets: Tensor) -> Loss:
        """Return the binary cross-entropy of zeros and ones (B, V), counted by row and label."""
        total = nn.functional.binary_cross_entropy_with_logits(self(features), targets, reduction="sum")
        return Loss({"cross_entropy": Term(total, float(targets.numel()))})

    def counts(self, targets: Tensor) -> Counts:
        return {"cross_entropy": float(targets.numel())}


@final
class NumberHead(nn.Module):
    """A number, learned in units of the training rows' deviation from their mean, answered in its own.

    The loss is that of Huber (1964) at one deviation: squared below, straight above, so that a few far rows do
    not rule the others.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, input_size: int, *, mean: float, scale: float) -> None:
        super().__init__()
        if not scale > 0.0:
            raise ValueError(f"scale is {scale}, expected more than 0")
        self.project = nn.Linear(input_size, 1)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, S) to numbers (B, 1) in the target's own unit."""
        return torch.addcmul(self.mean, self.project(features), self.scale)

    def loss(self, features: Tensor, targets: Tensor) -> Loss:
        """Return the Huber loss of numbers (B,), in the standardized unit."""
        wanted = ((targets - self.mean) / self.scale).to(features.dtype)
        total = nn.functional.smooth_l1_loss(self.project(features)[:, 0], wanted, reduction="sum")
        return Loss({"huber": Term(total, float(targets.shape[0]))})

    def counts(self, targets: Tensor) -> Counts:
        return {"huber": float(targets.shape[0])}


def balanced_weights(targets: npt.NDArray[Any], num_classes: int) -> npt.NDArray[np.float32]:
    """Return a weight for each class (V,) under which all classes of `targets` (N,) weigh the same together.

    A class of n of the N rows weighs N / (K n), where K classes occur; one that does not occur weighs 1.
    """
    rows = np.bincount(targets, minlength=num_classes)
    found = np.count_nonzero(rows)
    weights: npt.NDArray[np.float32] = np.ones(num_classes, np.float32)
    weights[rows > 0] = len(targets) / (found * rows[rows > 0])
    return weights
