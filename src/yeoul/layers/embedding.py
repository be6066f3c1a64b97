"""The table of token vectors."""

from typing import final

import torch
from torch import nn

from yeoul.padded import Embedded, Padded

_UNKNOWN_ID = 0


@final
class Embedding(nn.Module):
    """Give each of V token ids a vector of D components, drawn from N(0, 1/D)."""

    def __init__(self, num_tokens: int, size: int, *, token_dropout: float = 0.0) -> None:
        super().__init__()
        self.token_dropout = token_dropout
        self.weight = nn.Parameter(torch.empty(num_tokens, size))
        if not self.weight.is_meta:  # drawing there would load the compiler
            nn.init.normal_(self.weight, std=size**-0.5)

    def forward(self, ids: Padded) -> Embedded:
        """Map ids (B, T) to vectors (B, T, D), not yet multiplied out.

        While training, each token becomes the unknown token (id 0) with probability `token_dropout`, so that
        its vector learns to stand for a word never seen.
        """
        values = ids.values
        if self.training and self.token_dropout:
            dropped = torch.rand(values.shape, device=values.device) < self.token_dropout
            values = values.masked_fill(dropped, _UNKNOWN_ID)
        return Embedded(self.weight, values, ids.lengths)
