"""Turn one sequence into another: an encoder reads the source, a decoder says the target."""

import math
from typing import final

import torch
from torch import Tensor, nn

from yeoul.data.batches import Batch
from yeoul.layers import LockedDropout
from yeoul.models.copying import Pointer
from yeoul.models.loss import Counts, Loss, Term
from yeoul.models.protocols import Decoded, Encoder, Model, State
from yeoul.models.token_head import TokenHead
from yeoul.models.transduction_decoders import Looked, Memory, TargetNetwork
from yeoul.padded import Embedded, Padded, Sequences
from yeoul.recipe import ScheduledRecipe

__all__ = ["Memory", "Seq2Seq", "TokenVectors"]

_STEEPNESS = 10.0


@final
class TokenVectors(nn.Module):
    """The vectors by which tokens are read, of V + 2 targets: V tokens, their end, their start.

    Without vectors of their own, targets are read by those by which they are told, (V + 1, D), and by that of the
    start; sources then are read as the targets are.
    """

    sources: nn.Parameter | None
    targets: nn.Parameter | None
    start: nn.Parameter | None

    def __init__(
        self, sources: nn.Parameter | None, targets: nn.Parameter | None, start: nn.Parameter | None
    ) -> None:
        super().__init__()
        if (targets is None) == (start is None):
            raise ValueError("targets have vectors of their own, or a start")
        self.register_parameter("sources", sources)
        self.register_parameter("targets", targets)
        self.register_parameter("start", start)

    def of_sources(self, ids: Padded, told: Tensor) -> Embedded:
        """Give vectors (B, S, D) to sources (B, S)."""
        own = self.sources if self.sources is not None else self.targets
        return Embedded(told if own is None else own, ids.values, ids.lengths)

    def of_targets(self, ids: Padded, told: Tensor) -> Sequences:
        """Give vectors (B, T, D) to targets (B, T)."""
        if self.start is None:
            return Embedded(told if self.targets is None else self.targets, ids.values, ids.lengths)
        last = len(told) - 1
        vectors = nn.functional.embedding(ids.values.clamp(max=last), told)
        return Padded(torch.where((ids.values > last)[:, :, None], self.start, vectors), ids.lengths)


@final
class Seq2Seq(Model):
    """Source ids → vectors → encoder → memory → decoder → the next token of the target.

    It is a decoder over a memory of sources: `encode`, then `start`, `step` and `forward`. Of the V tokens of the
    target the end is V and the start, which is never said, V + 1. Batches have the inputs "source" and "target", the
    latter the start and what comes before the end, and as targets (B, T) the same a step later, the end included.
    """

    def __init__(
        self,
        vectors: TokenVectors,
        encoder: Encoder,
        decoder: TargetNetwork,
        head: TokenHead,
        *,
        dropout: float,
        pointer: Pointer | None,
        scheduled: ScheduledRecipe | None,
    ) -> None:
        super().__init__()
        self.vectors = vectors
        self.encoder = encoder
        self.decoder = decoder
        self.head = head
        self.pointer = pointer
        features = head.weight.shape[1]
        fits = decoder.output_size == features
        self.fit = None if fits else nn.Linear(decoder.output_size, features)
        self.dropout = LockedDropout(dropout)
        self.scheduled = scheduled
        self._own_share = 0.0

    def encode(self, sources: Padded) -> Memory:
        """Read sources (M, S)."""
        encoded = self.encoder(self._dropped(self.vectors.of_sources(sources, self.head.weight)))
        keys, first = self.decoder.remember(encoded)
        kind, states = self.head.weight.dtype, encoded.states
        return Memory(
            states.filled().values.to(kind),
            states.lengths,
            encoded.summary.to(kind),
            sources.values,
            keys,
            first,
        )

    def start(self, memory: Memory, rows: int) -> State:
        """Return the state of so many rows before their start token."""
        return self.decoder.start(memory, rows)

    def step(self, previous: Tensor, state: State, memory: Memory) -> tuple[Decoded, State]:
        """Read one more token (B,) of each row; the state given may be overwritten."""
        vectors = self.vectors.of_targets(_whole(previous[:, None]), self.head.weight)
        looked, after = self.decoder.step(vectors.dense().values[:, 0], state, memory)
        attention = None if looked.attention is None else looked.attention[:, None]
        whole = self._decoded(Looked(looked.features[:, None], attention), memory)
        return Decoded(whole.logits[:, 0], looked.attention), after

    def forward(self, inputs: Tensor, state: State, memory: Memory) -> tuple[Decoded, State]:
        """Read many more tokens (B, T)."""
        vectors = self.vectors.of_targets(_whole(inputs), self.head.weight)
        looked, after = self.decoder.read(vectors, state, memory)
        return self._decoded(looked, memory), after

    def loss(self, batch: Batch) -> Loss:
        """Return what the targets cost."""
        source, target, truth = _parts(batch)
        memory = self.encode(source)
        if self.training and self._own_share:
            target = self._mixed(target, memory)
        looked = self._read(target, memory)
        real = target.mask
        count = float(target.lengths.sum())
        if self.pointer is None:
            total = self.head.cost(self._features(looked)[real], truth[real])
        elif share := self.head.label_smoothing:
            log_probs = self._decoded(looked, memory).logits[real]
            reached = log_probs.gather(1, truth[real][:, None])
            total = -(1.0 - share) * reached.sum() - share * log_probs.mean(dim=1).sum()
        else:
            total = -self._reached(looked, memory, truth, real)[real].sum()
        return Loss({"cross_entropy": Term(total, count)})

    def counts(self, batch: Batch) -> Counts:
        _, target, _ = _parts(batch)
        return {"cross_entropy": float(target.lengths.sum())}

    def answers(self, batch: Batch) -> Tensor:
        """Return the log-probability of each target (B, T), zero beyond."""
        source, target, truth = _parts(batch)
        memory, real = self.encode(source), target.mask
        return self._reached(self._read(target, memory), memory, truth, real).masked_fill(~real, 0.0)

    def progress(self, share: float) -> None:
        """Take note of how much of the training is done: scheduled sampling draws more of its own tokens then."""
        if self.scheduled is None:
            return
        match self.scheduled.decay:
            case "linear":
                reached = share
            case "sigmoid":
                reached = 1.0 / (1.0 + math.exp(-_STEEPNESS * (share - 0.5)))
        self._own_share = self.scheduled.share * reached

    def _read(self, target: Padded, memory: Memory) -> Looked:
        vectors = self._dropped(self.vectors.of_targets(target, self.head.weight))
        looked, _ = self.decoder.read(vectors, self.decoder.start(memory, len(target.lengths)), memory)
        return looked

    def _dropped(self, vectors: Sequences) -> Sequences:
        if not self.training or not self.dropout.share:
            return vectors
        dropped: Padded = self.dropout(vectors.dense())
        return dropped

    def _features(self, looked: Looked) -> Tensor:
        """Return what tokens are told by, (…, F)."""
        if self.fit is None:
            return looked.features
        features: Tensor = self.fit(looked.features)
        return features

    def _decoded(self, looked: Looked, memory: Memory) -> Decoded:
        """Tell the tokens after each of T steps."""
        logits = self.head(self._features(looked))
        if self.pointer is not None and looked.attention is not None:
            sources = memory.ids.repeat_interleave(len(logits) // len(memory.ids), dim=0)
            logits = self.pointer(looked.features, logits, looked.attention, sources)
        return Decoded(logits, looked.attention)

    def _reached(self, looked: Looked, memory: Memory, truth: Tensor, real: Tensor) -> Tensor:
        """Return the log-probability of each real target (B, T); what is beyond is arbitrary."""
        features = self._features(looked)
        log_probs = self.head.log_probs(features[real], truth[real])
        reached = log_probs.new_zeros(truth.shape).masked_scatter(real, log_probs)
        if self.pointer is None or looked.attention is None:
            return reached
        return self.pointer.of_targets(looked.features, reached, looked.attention, memory.ids, truth)

    def _mixed(self, target: Padded, memory: Memory) -> Padded:
        """Put tokens of the model's own in place of some true ones (Bengio et al. 2015).

        They are drawn from what it says after the true ones, for all steps at once (Duckworth et al. 2019).
        """
        with torch.no_grad():
            drawn = torch.rand(target.values[:, 1:].shape, device=target.values.device) < self._own_share
            drawn &= target.mask[:, 1:]
            rows = drawn.nonzero()[:, 0]
            if not len(rows):
                return target
            looked = self._read(target, memory)
            attention = None if looked.attention is None else looked.attention[:, :-1][drawn][:, None]
            chosen = Looked(looked.features[:, :-1][drawn][:, None], attention)
            logits = self._decoded(chosen, _of_rows(memory, rows)).logits[:, 0]
            ids = target.values.clone()
            ids[:, 1:][drawn] = logits.float().softmax(dim=1).multinomial(1)[:, 0]
        return Padded(ids, target.lengths)


def _whole(ids: Tensor) -> Padded:
    """Return rows (B, T) that are real to their last step."""
    return Padded(ids, ids.new_full((len(ids),), ids.shape[1]))


def _of_rows(memory: Memory, rows: Tensor) -> Memory:
    """Return the ids of some sources, which is all that telling tokens reads of a memory."""
    return Memory(memory.states[rows, :0], memory.lengths[rows], memory.summary[rows], memory.ids[rows])


def _parts(batch: Batch) -> tuple[Padded, Padded, Tensor]:
    """Return sources, the targets as they are read, and what is to be said."""
    source, target = batch.inputs["source"], batch.inputs["target"]
    if not isinstance(source, Padded) or not isinstance(target, Padded):
        raise TypeError("source and target must be Padded")
    if batch.targets is None:
        raise ValueError("these rows have no targets")
    return source, target, batch.targets
