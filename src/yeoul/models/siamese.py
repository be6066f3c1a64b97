"""Read two sequences with one encoder, say how close they are (Bromley et al. 1993)."""

from typing import final

from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.data.comparisons.rows import LEFT, RIGHT
from yeoul.layers import Embedding, LockedDropout
from yeoul.models.likeness_heads import CosineHead, LearnedHead
from yeoul.models.likeness_losses import Objective
from yeoul.models.loss import Counts, Loss
from yeoul.models.protocols import Encoder, Model
from yeoul.padded import Padded, Sequences


@final
class Siamese(Model):
    """Token ids → vectors, or a series as it is, → encoder, for both sides; both summaries → likeness."""

    def __init__(
        self,
        embedding: Embedding | nn.Identity,
        embedding_dropout: float,
        encoder: Encoder,
        dropout: float,
        head: CosineHead | LearnedHead,
        objective: Objective,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.embedding_dropout = LockedDropout(embedding_dropout)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = head
        self.objective = objective

    def summaries(self, rows: Padded) -> Tensor:
        """Map token ids (B, T), or the steps of series (B, T, D), to what the encoder says of each (B, S)."""
        embedded: Sequences = self.embedding(rows)
        if self.training and self.embedding_dropout.share:
            embedded = self.embedding_dropout(embedded.dense())
        summaries: Tensor = self.dropout(self.encoder(embedded).summary)
        return summaries

    def loss(self, batch: Batch) -> Loss:
        """Return the loss over the pairs of `batch`."""
        return self.objective.loss(self.head, *self._sides(batch), _targets(batch))

    def counts(self, batch: Batch) -> Counts:
        return self.objective.counts(_targets(batch))

    def answers(self, batch: Batch) -> Tensor:
        """Return what the likeness of each pair says (B,)."""
        return self.objective.answer(self.head(*self._sides(batch)))

    def matrix(self, queries: Tensor, pool: Tensor) -> Tensor:
        """Return what the likeness of each query (Q, S) with each of a pool (P, S) says (Q, P)."""
        return self.objective.answer(self.head.matrix(queries, pool))

    def _sides(self, batch: Batch) -> tuple[Tensor, Tensor]:
        return self.summaries(_rows(batch, LEFT)), self.summaries(_rows(batch, RIGHT))


def _rows(batch: Batch, side: str) -> Padded:
    rows = batch.inputs[side]
    if not isinstance(rows, Padded):
        raise TypeError("the input must be Padded")
    return rows


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no truth")
    return batch.targets
