"""Say a token of the source by pointing at it (See et al. 2017).

    p(v) = g · softmax(logits)[v] + (1 - g) Σ_s a_s [source_s = v],  g = sigmoid(w · features + b)

Sources and targets share their ids. Of an empty source nothing is copied: g is one.
"""

from typing import final

import torch
from torch import Tensor, nn


@final
class Pointer(nn.Module):
    """Mix what the vocabulary says with what attention points at."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.gate = nn.Linear(features, 1)

    def forward(self, features: Tensor, logits: Tensor, attention: Tensor, sources: Tensor) -> Tensor:
        """Return log-probabilities (B, T, V) from logits, features (B, T, F), attention (B, T, S) and ids (B, S)."""
        places = sources[:, None].expand(attention.shape)
        copied = torch.zeros_like(logits).scatter_add(2, places, attention.to(logits.dtype))
        return self._mixed(features, logits.log_softmax(-1), attention, copied)

    def of_targets(
        self, features: Tensor, log_probs: Tensor, attention: Tensor, sources: Tensor, targets: Tensor
    ) -> Tensor:
        """Return the log-probability (B, T) of targets (B, T), of which the vocabulary says `log_probs` (B, T)."""
        same = sources[:, None] == targets[:, :, None]  # (B, T, S)
        copied = (attention * same).sum(2, keepdim=True)
        return self._mixed(features, log_probs[:, :, None], attention, copied)[:, :, 0]

    def _mixed(self, features: Tensor, log_probs: Tensor, attention: Tensor, copied: Tensor) -> Tensor:
        kind = log_probs.dtype
        odds = self.gate(features).to(kind)  # (B, T, 1)
        blind = attention.sum(2, keepdim=True) == 0
        own = nn.functional.logsigmoid(odds).masked_fill(blind, 0.0)
        pointing = nn.functional.logsigmoid(-odds).masked_fill(blind, torch.finfo(kind).min)
        least = torch.finfo(kind).tiny
        return torch.logaddexp(own + log_probs, pointing + copied.to(kind).clamp(min=least).log())
