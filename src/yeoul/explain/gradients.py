"""How an answer changes with the vectors that a network reads: through every encoder, the fused kernels included.

With f the margin of the answer and x the vectors of a row,

    gradient × input        x · ∂f/∂x                                     Shrikumar et al. 2017
    integrated gradients    (x - x₀) · mean over a of ∂f/∂x at x₀ + a (x - x₀)   Sundararajan et al. 2017

where x₀ is zero. The integrated ones of all steps add up to f(x) - f(x₀), as far as so many points tell.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from torch import Tensor

from yeoul.explain.deletion import Doubles
from yeoul.explain.goals import Goal
from yeoul.models.encoder_model import EncoderModel
from yeoul.padded import Padded

POINTS = 32


@final
@dataclass(frozen=True, eq=False)
class Slopes:
    """A network, one row as it reads it, and what of its answer is explained."""

    model: EncoderModel
    row: Padded  # (1, T) ids or (1, T, D) numbers
    goal: Goal

    def gradient(self) -> Doubles:
        """Return x · ∂f/∂x of each step (T,)."""
        vectors = self._vectors()
        return _summed(vectors, self._slopes(vectors))

    def integrated(self, points: int = POINTS) -> Doubles:
        """Return integrated gradients of each step (T,), from zeros."""
        vectors = self._vectors()
        along = (torch.arange(points, device=vectors.device) + 0.5) / points
        slopes = self._slopes(vectors * along[:, None, None]).mean(dim=0, keepdim=True)
        return _summed(vectors, slopes)

    def margin(self, share: float = 1.0) -> float:
        """Return f at a share of the way from zeros to the row."""
        with torch.no_grad():
            return float(self._margins(self._vectors() * share)[0])

    def attention(self) -> Doubles | None:
        """Return how much each step (T,) weighs in the summary, where the pooling weighs steps one by one."""
        with torch.no_grad():
            weights = self.model.eval().encode(self.row).weights
        if weights is None or weights.shape != self.row.values.shape[:2]:
            return None
        told: Doubles = weights[0].double().cpu().numpy()
        return told

    def _vectors(self) -> Tensor:
        """Return what the encoder reads of the row (1, T, D)."""
        with torch.no_grad():
            vectors: Tensor = self.model.eval().embedding(self.row).dense().values
        return vectors.float()

    def _margins(self, vectors: Tensor) -> Tensor:
        lengths = self.row.lengths.expand(len(vectors))
        summary = self.model.encoder(Padded(vectors, lengths)).summary
        return self.goal.margins(self.model.head(summary))

    def _slopes(self, vectors: Tensor) -> Tensor:
        """Return ∂f/∂x of each row (B, T, D)."""
        with torch.enable_grad():
            read = vectors.detach().clone().requires_grad_()
            (slopes,) = torch.autograd.grad(self._margins(read).sum(), read)
        return slopes


def _summed(vectors: Tensor, slopes: Tensor) -> Doubles:
    told: Doubles = (vectors * slopes).sum(dim=2)[0].double().cpu().numpy()
    return np.nan_to_num(told)
