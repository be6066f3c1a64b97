"""Read one sequence, answer one question about it."""

from typing import final

from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import Embedding, LockedDropout
from yeoul.models.loss import Counts, Loss
from yeoul.models.protocols import Encoded, Encoder, Head, Model
from yeoul.padded import Padded, Sequences


@final
class EncoderModel(Model):
    """Token ids → vectors, or a series as it is, → encoder → head."""

    def __init__(
        self,
        embedding: Embedding | nn.Identity,
        embedding_dropout: float,
        encoder: Encoder,
        dropout: float,
        head: Head,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.embedding_dropout = LockedDropout(embedding_dropout)
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = head

    def encode(self, rows: Padded) -> Encoded:
        """Map token ids (B, T), or the steps of series (B, T, D), to what the encoder says of them."""
        embedded: Sequences = self.embedding(rows)
        if self.training and self.embedding_dropout.share:
            return self.encoder(self.embedding_dropout(embedded.dense()))
        return self.encoder(embedded)

    def loss(self, batch: Batch) -> Loss:
        """Return the head's loss over the rows of `batch`."""
        return self.head.loss(self._features(batch), _targets(batch))

    def counts(self, batch: Batch) -> Counts:
        return self.head.counts(_targets(batch))

    def answers(self, batch: Batch) -> Tensor:
        """Return the head's answers, for classes log-probabilities (B, V)."""
        return self.head(self._features(batch))

    def _features(self, batch: Batch) -> Tensor:
        (rows,) = batch.inputs.values()
        if not isinstance(rows, Padded):
            raise TypeError("the input must be Padded")
        dropped: Tensor = self.dropout(self.encode(rows).summary)
        return dropped


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no truth")
    return batch.targets
