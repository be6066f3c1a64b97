"""Say a sentence of a picture: an encoder looks at it, a decoder says the caption, word detectors may help."""

import math
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import LockedDropout
from yeoul.models.loss import Counts, Loss, Term
from yeoul.models.pictures import PictureEncoder
from yeoul.models.protocols import Decoded, Encoded, Model, State
from yeoul.models.token_head import TokenHead, drawn_vectors
from yeoul.models.transduction import TokenVectors
from yeoul.models.transduction_decoders import Looked, Memory, TargetNetwork
from yeoul.padded import Padded
from yeoul.tree import select

_RARE = 0.02
_LEAST = 1e-6


@final
class WordDetector(nn.Module):
    """Look for W words in every place (Fang et al. 2015): a word is there with a chance of 1 - Π (1 - p).

    The likeliest `read` are told to a decoder as vectors, each as long as its chance.
    """

    vectors: nn.Parameter | None

    def __init__(self, size: int, words: int, places: int, read: int) -> None:
        super().__init__()
        self.score = nn.Linear(size, words)
        chance = _RARE / places
        if not self.score.bias.is_meta:
            nn.init.constant_(self.score.bias, math.log(chance / (1.0 - chance)))
        self.read = min(read, words)
        self.register_parameter("vectors", drawn_vectors(words, size) if self.read else None)

    def forward(self, states: Tensor) -> Tensor:
        """Map places (B, P, H) to the log of the chance that each word is not there, (B, W)."""
        return -nn.functional.softplus(self.score(states)).sum(dim=1)

    def cost(self, absent: Tensor, truth: Tensor) -> Tensor:
        """Return the nats that words which are there or not (B, W) cost in sum."""
        there = torch.log(-torch.expm1(absent.clamp(max=-_LEAST)))
        return -torch.where(truth > 0, there, absent).sum()

    def told(self, absent: Tensor) -> Tensor:
        """Return the vectors of the likeliest words, (B, R, H)."""
        if self.vectors is None:
            raise ValueError("this detector tells no words")
        chances, ids = (-torch.expm1(absent)).topk(self.read, dim=1)
        return self.vectors[ids] * chances[:, :, None]


@final
@dataclass(frozen=True)
class Schedule:
    """What a captioner learns when."""

    weight: float = 0.0
    """Of the words beside the captions."""
    first: float = 0.0
    """The share of the training in which only words are learned."""
    frozen: bool = False
    """Whether captions leave the encoder alone."""


@final
@dataclass(frozen=True)
class Seen:
    """What is told of pictures."""

    encoded: Encoded
    absent: Tensor | None
    """(B, W) the log of the chance that each word is not there, where words are looked for."""


@final
class CaptionNetwork(Model):
    """Picture → places → memory → decoder → the next token of the caption.

    It is a decoder over a memory of pictures: `encode`, then `start`, `step` and `forward`. Of V tokens the end is V
    and the start, which is never said, V + 1. Batches have the inputs "picture" (P, …), "captions" (P,), how many
    captions each picture has, and "target", the captions (R, T) of one picture after those of another, as they are
    read; as targets the same a step later; and, where words are looked for, "words" (P, W), zeros and ones.
    """

    def __init__(
        self,
        vectors: TokenVectors,
        encoder: PictureEncoder,
        decoder: TargetNetwork,
        head: TokenHead,
        *,
        dropout: float,
        balance: float,
        detector: WordDetector | None,
        schedule: Schedule,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.encoder = encoder
        self.decoder = decoder
        self.head = head
        self.detector = detector
        self.dropout = LockedDropout(dropout)
        self.balance = balance
        self.schedule = schedule
        self._only_words = schedule.first > 0.0

    def see(self, pictures: Tensor) -> Seen:
        """Look at pictures (P, …)."""
        encoded = self.encoder(pictures)
        absent = None if self.detector is None else self.detector(encoded.states.values)
        return Seen(encoded, absent)

    def encode(self, pictures: Tensor) -> Memory:
        """Look at pictures (P, …) and make ready to speak of them."""
        return self.remembered(self.see(pictures))

    def remembered(self, seen: Seen) -> Memory:
        """Make ready to speak of what was seen; words that are read stand behind the places."""
        states, summary, absent = seen.encoded.states.values, seen.encoded.summary, seen.absent
        if self.schedule.frozen:
            states, summary = states.detach(), summary.detach()
            absent = None if absent is None else absent.detach()
        if self.detector is not None and self.detector.read and absent is not None:
            states = torch.cat([states, self.detector.told(absent)], dim=1)
        lengths = torch.full((len(states),), states.shape[1], device=states.device)
        encoded = Encoded(Padded(states, lengths), summary)
        keys, first = self.decoder.remember(encoded)
        kind = self.head.weight.dtype
        nothing = torch.empty(len(states), 0, dtype=torch.int64, device=states.device)
        return Memory(states.to(kind), lengths, summary.to(kind), nothing, keys, first)

    def start(self, memory: Memory, rows: int) -> State:
        """Return the state of so many rows before their start token."""
        return self.decoder.start(memory, rows)

    def step(self, previous: Tensor, state: State, memory: Memory) -> tuple[Decoded, State]:
        """Read one more token (B,) of each row; the state given may be overwritten."""
        vectors = self.vectors.of_targets(_whole(previous[:, None]), self.head.weight)
        looked, after = self.decoder.step(vectors.dense().values[:, 0], state, memory)
        return Decoded(self.head(looked.features), looked.attention), after

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Decoded, State]:
        """Read many more tokens (B, T)."""
        vectors = self.vectors.of_targets(_whole(inputs), self.head.weight)
        looked, after = self.decoder.read(vectors, state, memory)
        return Decoded(self.head(looked.features), looked.attention), after

    def loss(self, batch: Batch) -> Loss:
        """Return what captions and words cost; of the latter alone while only they are learned."""
        pictures, captions, target, truth = _parts(batch)
        seen, counts = self.see(pictures), self.counts(batch)
        terms = dict[str, Term]()
        if self.detector is not None and seen.absent is not None:
            cost = self.detector.cost(seen.absent, _words(batch))
            terms["words"] = Term(cost, counts["words"], self.schedule.weight)
        if self._only_words:
            return Loss(terms)
        memory = select(self.remembered(seen), _owners(captions))
        looked = self._read(target, memory)
        real = target.mask
        total = self.head.cost(looked.features[real], truth[real])
        terms["cross_entropy"] = Term(total, counts["cross_entropy"])
        if self.balance and looked.attention is not None:
            looks = (looked.attention * real[:, :, None]).sum(dim=1)  # (R, S)
            terms["balance"] = Term((1.0 - looks).square().mean(dim=1).sum(), counts["balance"], self.balance)
        return Loss(terms)

    def counts(self, batch: Batch) -> Counts:
        pictures, _, target, _ = _parts(batch)
        words = {"words": float(len(pictures))} if self.detector is not None else {}
        if self._only_words:
            return words
        balance = {"balance": float(len(target.lengths))} if self.balance else {}
        return {**words, "cross_entropy": float(target.lengths.sum()), **balance}

    def answers(self, batch: Batch) -> Tensor:
        """Return the log-probability of each token of the captions (R, T), zero beyond."""
        pictures, captions, target, truth = _parts(batch)
        looked = self._read(target, select(self.encode(pictures), _owners(captions)))
        real = target.mask
        log_probs = self.head.log_probs(looked.features[real], truth[real])
        return log_probs.new_zeros(truth.shape).masked_scatter(real, log_probs)

    def progress(self, share: float) -> None:
        """Take note of how much of the training is done: captions may come after words."""
        self._only_words = share < self.schedule.first

    def _read(self, target: Padded, memory: Memory) -> Looked:
        vectors = self.vectors.of_targets(target, self.head.weight)
        if self.training and self.dropout.share:
            vectors = self.dropout(vectors.dense())
        looked, _ = self.decoder.read(vectors, self.decoder.start(memory, len(target.lengths)), memory)
        return looked


def _whole(ids: Tensor) -> Padded:
    """Return rows (B, T) that are real to their last step."""
    return Padded(ids, ids.new_full((len(ids),), ids.shape[1]))


def _owners(captions: Tensor) -> Tensor:
    """Return the picture (R,) of each caption, of P pictures that have so many each."""
    return torch.arange(len(captions), device=captions.device).repeat_interleave(captions)


def _words(batch: Batch) -> Tensor:
    words = batch.inputs.get("words")
    if not isinstance(words, Tensor):
        raise TypeError("words must be a Tensor")
    return words


def _parts(batch: Batch) -> tuple[Tensor, Tensor, Padded, Tensor]:
    """Return pictures, how many captions each has, the captions as they are read, and what is to be said."""
    picture, captions, target = (batch.inputs[name] for name in ("picture", "captions", "target"))
    if not isinstance(picture, Tensor) or not isinstance(captions, Tensor) or not isinstance(target, Padded):
        raise TypeError("picture and captions must be Tensors, target must be Padded")
    if batch.targets is None:
        raise ValueError("these rows have no captions")
    return picture, captions, target, batch.targets
