"""The table of token vectors, and of vectors for neighbouring tokens.

The vector of a step is the token's own plus, with `ngrams` of two or more, one for each run of 2 … `ngrams`
tokens that ends there (Bojanowski et al. 2017, for letters). Runs share `buckets` vectors by a hash of their
ids. They begin at zero, so a run that training never saw adds nothing.
"""

from typing import final

import torch
from torch import Tensor, nn

from yeoul.padded import Embedded, Padded, Sequences

_UNKNOWN_ID = 0
_PRIME = 2_147_483_647
_FACTOR = 31_337


@final
class Embedding(nn.Module):
    """Give each of V token ids a vector of D components, drawn from N(0, 1/D)."""

    def __init__(
        self,
        num_tokens: int,
        size: int,
        *,
        token_dropout: float = 0.0,
        ngrams: int = 1,
        buckets: int = 0,
        ngram_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.token_dropout = token_dropout
        self.ngrams = ngrams
        self.ngram_dropout = ngram_dropout
        self.weight = nn.Parameter(torch.empty(num_tokens, size))
        if not self.weight.is_meta:  # drawing there would load the compiler
            nn.init.normal_(self.weight, std=size**-0.5)
        if ngrams > 1:
            self.ngram_weight = nn.Parameter(torch.zeros(buckets, size))

    def start_from(self, ids: Tensor, vectors: Tensor, *, frozen: bool = False) -> None:
        """Put first vectors (N, D) in place of the drawn ones of the tokens `ids` (N,).

        All are scaled alike, so that they are as long on the average as drawn vectors. `frozen` ones are not learned,
        and all other tokens are zero: a vector that was drawn and never learns is nothing but noise.
        """
        length = vectors.square().sum(dim=1).mean().sqrt()
        self.weight.requires_grad_(not frozen)
        with torch.no_grad():
            if frozen:
                self.weight.zero_()
            self.weight[ids] = vectors / length.clamp(min=torch.finfo(vectors.dtype).tiny)

    def forward(self, ids: Padded) -> Sequences:
        """Map ids (B, T) to vectors (B, T, D), not yet multiplied out where there are no n-grams.

        While training, each token becomes the unknown token (id 0) with probability `token_dropout`, so that
        its vector learns to stand for a word never seen; each n-gram is left out with `ngram_dropout`.
        """
        values = ids.values
        if self.training and self.token_dropout:
            dropped = torch.rand(values.shape, device=values.device) < self.token_dropout
            values = values.masked_fill(dropped, _UNKNOWN_ID)
        if self.ngrams == 1:
            return Embedded(self.weight, values, ids.lengths)
        vectors = nn.functional.embedding(values, self.weight)  # (B, T, D)
        places, counts = self._ngrams(Padded(values, ids.lengths).filled().values, ids.mask)
        bags = nn.functional.embedding_bag(places, self.ngram_weight, mode="sum", per_sample_weights=counts)
        return Padded(vectors + bags.view_as(vectors), ids.lengths)

    def _ngrams(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the buckets (B·T, ngrams - 1) of the runs that end at each step, and how much each counts."""
        steps = ids.shape[1]
        key, places, counts = ids, [], []
        for length in range(2, self.ngrams + 1):
            before = nn.functional.pad(ids, (length - 1, 0))[:, :steps]
            key = (key * _FACTOR + before + length) % _PRIME
            places.append(key % self.ngram_weight.shape[0])
            counts.append(
                (mask & (torch.arange(steps, device=ids.device) >= length - 1)).to(self.weight.dtype)
            )
        counted = torch.stack(counts, dim=2)  # (B, T, ngrams - 1)
        if self.training and self.ngram_dropout:
            counted = nn.functional.dropout(counted, self.ngram_dropout)
        return torch.stack(places, dim=2).flatten(0, 1), counted.flatten(0, 1)
