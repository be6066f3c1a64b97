"""Self-attention and a small network by turns, each normalized before and added after (Xiong et al. 2020).

x ← x + attention(norm(x));  x ← x + W₂ gelu(W₁ norm(x))
"""

import math
from typing import final

import torch
from torch import Tensor, nn

from yeoul.layers.attention import CrossAttention, KeysValues, MultiHeadAttention, may_look
from yeoul.layers.dropout import Dropout
from yeoul.padded import Padded

_SLOWEST = 10_000.0


@final
class TransformerBlock(nn.Module):
    """Let the steps of a row look at one another, if `causal` only at those before; then treat each by itself."""

    def __init__(
        self, size: int, num_heads: int, feedforward: int, *, dropout: float = 0.0, causal: bool = False
    ) -> None:
        super().__init__()
        self.causal = causal
        self.attention = MultiHeadAttention(size, num_heads)
        self.attention_norm = nn.LayerNorm(size)
        self.feedforward_norm = nn.LayerNorm(size)
        self.widen = nn.Linear(size, feedforward)
        self.narrow = nn.Linear(feedforward, size)
        self.dropout = Dropout(dropout)

    def forward(self, rows: Padded) -> Padded:
        """Map (B, T, D) to (B, T, D)."""
        values = rows.filled().values
        if values.shape[1] == 0:
            return rows
        normed = self.attention_norm(values)
        looked = self.attention(normed, self.attention.read(normed), may_look(rows.mask, causal=self.causal))
        values = values + self.dropout(looked)
        wide = nn.functional.gelu(self.widen(self.feedforward_norm(values)))
        return Padded(values + self.dropout(self.narrow(self.dropout(wide))), rows.lengths)


@final
class TransformerDecoderBlock(nn.Module):
    """Let the steps of a target look at those before them, then at a memory; then treat each by itself."""

    def __init__(
        self, size: int, num_heads: int, feedforward: int, *, memory_size: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(size, num_heads)
        self.look = CrossAttention(size, num_heads, memory_size)
        self.attention_norm = nn.LayerNorm(size)
        self.look_norm = nn.LayerNorm(size)
        self.feedforward_norm = nn.LayerNorm(size)
        self.widen = nn.Linear(size, feedforward)
        self.narrow = nn.Linear(feedforward, size)
        self.dropout = Dropout(dropout)

    def forward(
        self,
        values: Tensor,
        normed: Tensor,
        own: KeysValues,
        allowed: Tensor,
        memory: KeysValues,
        lengths: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Map (M · K, T, D) to (M · K, T, D) and how much each step of the memory weighed (M · K, T, S).

        `normed` are the values as `attention_norm` leaves them, `own` the keys and values of the target's C steps so
        far, and `allowed` (M · K or 1, T, C) says at which of these each may look.
        """
        values = values + self.dropout(self.attention(normed, own, allowed))
        found, weights = self.look(self.look_norm(values), memory, lengths)
        values = values + self.dropout(found)
        wide = nn.functional.gelu(self.widen(self.feedforward_norm(values)))
        return values + self.dropout(self.narrow(self.dropout(wide))), weights


def sinusoids(places: Tensor, size: int) -> Tensor:
    """Describe places (…) by sines and cosines of ever longer waves, (…, size), up to 2π · 10⁴ steps long."""
    waves = -(-size // 2)
    rates = torch.exp(torch.arange(waves, device=places.device) * (-math.log(_SLOWEST) / waves))
    angles = places[..., None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1)[..., :size]
