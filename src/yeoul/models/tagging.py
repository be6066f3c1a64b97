"""Tag every word of a sentence.

A word is the vector of its own beside what an encoder says of its letters, so that one never seen is known by its
stem and ending; a second encoder reads the words of the sentence, and a head says their tags. Letters of each distinct
word of a batch are read once, however often it occurs there (Lample et al. 2016, Ma & Hovy 2016).
"""

from typing import Protocol, final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.data.tag_rows import LETTERS, SPELLED, WORDS
from yeoul.layers import CRF, Embedding, LockedDropout
from yeoul.layers.crf import Allowed
from yeoul.models.loss import Counts, Loss, Term
from yeoul.models.protocols import Encoder, Model
from yeoul.padded import Padded


class TagHead(Protocol):
    """Says the tags of rows from what an encoder says of their steps."""

    def __call__(self, states: Padded) -> Padded:
        """Map (B, T, H) to log-probabilities (B, T, V) of the tags of each step."""
        ...

    def nats(self, states: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        ...

    def tags(self, states: Padded) -> Padded:
        """Return the best tags (B, T)."""
        ...


@final
class SoftmaxTags(nn.Module):
    """Each step's tag by itself, by softmax over a linear layer."""

    def __init__(self, input_size: int, num_tags: int) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_tags)

    def forward(self, states: Padded) -> Padded:
        """Map (B, T, H) to log-probabilities (B, T, V)."""
        return Padded(torch.log_softmax(self.project(states.values), dim=2), states.lengths)

    def nats(self, states: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        mask = states.mask
        log_probs: Tensor = self(states).values.gather(2, tags.masked_fill(~mask, 0)[:, :, None])[:, :, 0]
        return -log_probs.masked_fill(~mask, 0.0).sum(1)

    def tags(self, states: Padded) -> Padded:
        """Return the likeliest tag of each step (B, T)."""
        return Padded(self.project(states.values).argmax(dim=2), states.lengths)


@final
class ChainTags(nn.Module):
    """The tags of a row together, by a conditional random field over a linear layer."""

    def __init__(self, input_size: int, num_tags: int, allowed: Allowed | None = None) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_tags)
        self.chain = CRF(num_tags, allowed)

    def forward(self, states: Padded) -> Padded:
        """Map (B, T, H) to the logarithms (B, T, V) of each tag's probability at each step; no gradient flows."""
        marginals = self.chain.marginals(self._scores(states))
        smallest = torch.finfo(marginals.values.dtype).tiny
        return Padded(marginals.values.clamp(min=smallest).log(), states.lengths)

    def nats(self, states: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        return -self.chain.log_likelihood(self._scores(states), tags)

    def tags(self, states: Padded) -> Padded:
        """Return the likeliest row of tags (B, T)."""
        return Padded(self.chain.best_paths(self._scores(states)).tags[:, 0], states.lengths)

    def _scores(self, states: Padded) -> Padded:
        return Padded(self.project(states.values), states.lengths)


@final
class Tagger(Model):
    """Words and letters → vectors → encoder → head."""

    def __init__(
        self,
        words: Embedding,
        letters: Embedding,
        speller: Encoder,
        encoder: Encoder,
        head: TagHead,
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.words = words
        self.letters = letters
        self.speller = speller
        self.encoder = encoder
        self.head = head
        self.read_dropout = LockedDropout(dropout)
        self.dropout = LockedDropout(dropout)

    def loss(self, batch: Batch) -> Loss:
        """Return the nats that the tags of the words cost, counted by word."""
        total = self.head.nats(self.states(batch), _targets(batch)).sum()
        return Loss({"tags": Term(total, self.counts(batch)["tags"])})

    def counts(self, batch: Batch) -> Counts:
        return {"tags": float(_padded(batch, WORDS).lengths.sum())}

    def answers(self, batch: Batch) -> Tensor:
        """Return log-probabilities (B, T, V)."""
        return self.head(self.states(batch)).values

    def tags(self, batch: Batch) -> Padded:
        """Return the best tags (B, T)."""
        return self.head.tags(self.states(batch))

    def states(self, batch: Batch) -> Padded:
        """Return what the encoder says of each word (B, T, H)."""
        words, spelled = _padded(batch, WORDS), _padded(batch, SPELLED)
        spellings = self.speller(self.letters(_padded(batch, LETTERS))).summary  # (U, S)
        vectors = self.words(words).dense().values  # (B, T, D)
        places = spelled.values.masked_fill(~spelled.mask, 0)
        both = torch.cat([vectors, nn.functional.embedding(places, spellings)], dim=2)
        read: Padded = self.read_dropout(Padded(both, words.lengths))
        dropped: Padded = self.dropout(self.encoder(read).states)
        return dropped


def _padded(batch: Batch, name: str) -> Padded:
    rows = batch.inputs[name]
    if not isinstance(rows, Padded):
        raise TypeError(f"the input {name} must be Padded")
    return rows


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no truth")
    return batch.targets
