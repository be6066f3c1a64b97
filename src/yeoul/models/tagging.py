"""Tag every word of a sentence.

A word is the vector of its own beside what an encoder says of its letters, so that one never seen is known by its
stem and ending; a second encoder reads the words of the sentence, and a head says their tags. Letters of each distinct
word of a batch are read once, however often it occurs there (Lample et al. 2016, Ma & Hovy 2016).
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, cast, final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.data.tag_rows import GIVEN, LETTERS, SPELLED, WORDS
from yeoul.layers import CRF, Embedding, LockedDropout
from yeoul.layers.crf import Allowed
from yeoul.models.loss import Counts, Loss, Term
from yeoul.models.protocols import Encoder, Model
from yeoul.padded import Padded

_WORDS_AT_ONCE = 8192


class TagHead(Protocol):
    """Says the tags of rows: scores from what an encoder says of their steps, and all else from the scores."""

    def scores(self, states: Padded) -> Padded:
        """Map (B, T, H) to scores (B, T, V), log-probabilities up to what the head does with them."""
        ...

    def log_probs(self, scores: Padded) -> Padded:
        """Return the log-probabilities (B, T, V) of the tags of each step."""
        ...

    def best(self, scores: Padded) -> Padded:
        """Return the best tags (B, T)."""
        ...

    def nats(self, scores: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        ...


@final
class SoftmaxTags(nn.Module):
    """Each step's tag by itself, by softmax over a linear layer."""

    def __init__(self, input_size: int, num_tags: int) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_tags)

    def scores(self, states: Padded) -> Padded:
        """Map (B, T, H) to scores (B, T, V)."""
        return Padded(self.project(states.values), states.lengths)

    def log_probs(self, scores: Padded) -> Padded:
        """Return the log-probabilities (B, T, V) of the tags of each step."""
        return Padded(torch.log_softmax(scores.values, dim=2), scores.lengths)

    def best(self, scores: Padded) -> Padded:
        """Return the likeliest tag of each step (B, T)."""
        return Padded(scores.values.argmax(dim=2), scores.lengths)

    def nats(self, scores: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        mask = scores.mask
        log_probs = self.log_probs(scores).values.gather(2, tags.masked_fill(~mask, 0)[:, :, None])[:, :, 0]
        return -log_probs.masked_fill(~mask, 0.0).sum(1)


@final
class ChainTags(nn.Module):
    """The tags of a row together, by a conditional random field over a linear layer."""

    def __init__(self, input_size: int, num_tags: int, allowed: Allowed | None = None) -> None:
        super().__init__()
        self.project = nn.Linear(input_size, num_tags)
        self.chain = CRF(num_tags, allowed)

    def scores(self, states: Padded) -> Padded:
        """Map (B, T, H) to scores (B, T, V)."""
        return Padded(self.project(states.values), states.lengths)

    def log_probs(self, scores: Padded) -> Padded:
        """Return the logarithms (B, T, V) of each tag's probability at each step; no gradient flows."""
        marginals = self.chain.marginals(scores)
        smallest = torch.finfo(marginals.values.dtype).tiny
        return Padded(marginals.values.clamp(min=smallest).log(), scores.lengths)

    def best(self, scores: Padded) -> Padded:
        """Return the likeliest row of tags (B, T)."""
        return Padded(self.chain.best_paths(scores).tags[:, 0], scores.lengths)

    def nats(self, scores: Padded, tags: Tensor) -> Tensor:
        """Return what the tags (B, T) of each row cost (B,)."""
        return -self.chain.log_likelihood(scores, tags)


class TagModel(Model, ABC):
    """What says the tags of the words of sentences."""

    @property
    @abstractmethod
    def speaker(self) -> TagHead:
        """What says tags from the scores."""

    @abstractmethod
    def scores(self, batch: Batch) -> Padded:
        """Return the scores (B, T, V) of the tags of each word."""

    def answers(self, batch: Batch) -> Tensor:
        """Return log-probabilities (B, T, V)."""
        return self.speaker.log_probs(self.scores(batch)).values

    def tags(self, batch: Batch) -> Padded:
        """Return the best tags (B, T)."""
        return self.speaker.best(self.scores(batch))


@final
class Tagger(TagModel):
    """Words and letters → vectors → encoder → head."""

    def __init__(
        self,
        words: Embedding | None,
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

    @property
    def speaker(self) -> TagHead:
        return self.head

    def loss(self, batch: Batch) -> Loss:
        """Return the nats that the tags of the words cost, counted by word."""
        total = self.head.nats(self.scores(batch), _targets(batch)).sum()
        return Loss({"tags": Term(total, self.counts(batch)["tags"])})

    def counts(self, batch: Batch) -> Counts:
        return {"tags": float(_padded(batch, SPELLED).lengths.sum())}

    def scores(self, batch: Batch) -> Padded:
        """Return the scores (B, T, V) of the tags of each word."""
        return self.head.scores(self.states(batch))

    def states(self, batch: Batch) -> Padded:
        """Return what the encoder says of each word (B, T, H)."""
        dropped: Padded = self.dropout(self.encoder(self.read_dropout(self.vectors(batch))).states)
        return dropped

    def vectors(self, batch: Batch) -> Padded:
        """Return what is read of each word by itself (B, T, D + S), and what is given of it."""
        spelled = _padded(batch, SPELLED)
        spellings = self._spellings(_padded(batch, LETTERS))
        if GIVEN in batch.inputs:
            spellings = torch.cat([spellings, _tensor(batch, GIVEN).to(spellings.dtype)], dim=1)
        read = nn.functional.embedding(spelled.values.masked_fill(~spelled.mask, 0), spellings)
        if self.words is not None:
            read = torch.cat([self.words(_padded(batch, WORDS)).dense().values, read], dim=2)
        return Padded(read, spelled.lengths)

    def _spellings(self, letters: Padded) -> Tensor:
        """Return what is read of the letters (U, C) of distinct words: (U, S), of many words some at a time."""
        count = len(letters.lengths)
        step = count if self.training or count <= _WORDS_AT_ONCE else _WORDS_AT_ONCE
        parts = [slice(start, start + step) for start in range(0, count, max(1, step))] or [slice(0, 0)]
        read = [Padded(letters.values[part], letters.lengths[part]) for part in parts]
        return torch.cat([self.speller(self.letters(one)).summary for one in read])


@final
class Committee(TagModel):
    """Several taggers that learn side by side, each by itself, and speak as one.

    Their scores are averaged, those of transitions too: so rows of tags are as probable as the geometric mean of what
    the members hold of them, and still keep the rules of a chain.
    """

    def __init__(self, members: Sequence[Tagger]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    @property
    def speaker(self) -> TagHead:
        heads = [member.head for member in self._members]
        chains = [head for head in heads if isinstance(head, ChainTags)]
        return _averaged(chains) if chains else heads[0]

    def loss(self, batch: Batch) -> Loss:
        """Return what the tags of the words cost each member, on the average."""
        terms = {}
        for place, member in enumerate(self._members):
            term = member.loss(batch).terms["tags"]
            terms[f"member {place}"] = Term(term.total, term.count, 1 / len(self.members))
        return Loss(terms)

    def counts(self, batch: Batch) -> Counts:
        words = float(_padded(batch, SPELLED).lengths.sum())
        return {f"member {place}": words for place in range(len(self.members))}

    def scores(self, batch: Batch) -> Padded:
        """Return the mean scores (B, T, V) of the tags of each word."""
        said = [member.scores(batch) for member in self._members]
        return Padded(torch.stack([one.values for one in said]).mean(dim=0), said[0].lengths)

    @property
    def _members(self) -> Sequence[Tagger]:
        return cast(Sequence[Tagger], self.members)


def _averaged(heads: Sequence[ChainTags]) -> ChainTags:
    """Return a head whose transitions are the mean of those of all."""
    mean = copy.deepcopy(heads[0])
    with torch.no_grad():
        for name, weight in mean.chain.named_parameters():
            weight.copy_(torch.stack([head.chain.get_parameter(name) for head in heads]).mean(dim=0))
    return mean


def _padded(batch: Batch, name: str) -> Padded:
    rows = batch.inputs[name]
    if not isinstance(rows, Padded):
        raise TypeError(f"the input {name} must be Padded")
    return rows


def _tensor(batch: Batch, name: str) -> Tensor:
    values = batch.inputs[name]
    if isinstance(values, Padded):
        raise TypeError(f"the input {name} must be a tensor")
    return values


def _targets(batch: Batch) -> Tensor:
    if batch.targets is None:
        raise ValueError("these rows have no truth")
    return batch.targets
