"""Decoders: from the target so far, and a memory of the source, to features that tell the next token.

A memory of M rows serves M · K rows of the target. Laid out by the rows of the memory, (M, K · T, …), these look at it
without any copy of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast, final

import torch
from torch import Tensor, nn

from yeoul.layers import Dropout
from yeoul.layers.alignment import Alignment, weights_of
from yeoul.layers.attention import KeysValues
from yeoul.layers.transformer import TransformerDecoderBlock
from yeoul.models.language_networks import RecurrentNetwork
from yeoul.models.protocols import Encoded, State
from yeoul.models.transduction_encoders import PlacedVectors
from yeoul.padded import Padded, Sequences

_GROWTH = 16


@final
@dataclass(frozen=True)
class Memory:
    """What is known of M sources: a tree of tensors with the sources on axis 0."""

    states: Tensor  # (M, S, H), zero beyond the lengths
    lengths: Tensor  # (M,)
    summary: Tensor  # (M, E)
    ids: Tensor  # (M, S) the tokens themselves, any beyond the lengths
    keys: tuple[Tensor, ...] = ()
    """What the decoder's attention reads of the states, (M, …)."""
    first: State = ()
    """What the decoder begins with, (M, …)."""


@final
@dataclass(frozen=True)
class Looked:
    """What a decoder has after each step."""

    features: Tensor  # (B, T, F) or (B, F)
    attention: Tensor | None  # (B, T, S) or (B, S)


class TargetNetwork(Protocol):
    """Reads the target token by token and never looks ahead; state and memory as in a `Decoder`."""

    output_size: int  # F

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        """Return what it reads of a memory, and what it begins with."""
        ...

    def start(self, memory: Memory, rows: int) -> State: ...

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        """Read one more token of vectors (B, D); the state given may be overwritten."""
        ...

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        """Read many more tokens of vectors (B, T, D), equal to `step` over each."""
        ...


@final
class Continued(nn.Module):
    """Begin with what an encoder of the same layers ended in."""

    def forward(self, encoded: Encoded) -> State:
        """Return (h,) or (h, c) of each layer in turn, (M, H)."""
        layers = encoded.final[0].shape[1]
        return tuple(part[:, layer] for layer in range(layers) for part in encoded.final)


@final
class Bridged(nn.Module):
    """Begin with a linear map of what any encoder ended in, or, where it ends in nothing, of its summary."""

    def __init__(self, given: int, network: RecurrentNetwork) -> None:
        super().__init__()
        self.sizes = [part.shape[1] for part in network.start(0)]
        self.cells = len(self.sizes) == 2 * len(network.layers)
        self.project = nn.Linear(given, sum(self.sizes))

    def forward(self, encoded: Encoded) -> State:
        """Return (h,) or (h, c) of each layer in turn, (M, H); every h within ±1, as the layers make it."""
        ended = [part.flatten(1) for part in encoded.final] or [encoded.summary]
        parts = self.project(torch.cat(ended, dim=1)).to(self.project.weight.dtype).split(self.sizes, dim=1)
        return tuple(
            part if self.cells and place % 2 else torch.tanh(part) for place, part in enumerate(parts)
        )


@final
class Gaze(nn.Module):
    """Look at the memory from each state and mix it with what is found: tanh(W [found; state]).

    A peeky one mixes in the summary of the source as well.
    """

    def __init__(
        self, alignment: Alignment, state_size: int, memory_size: int, *, peeky: bool, dropout: float
    ) -> None:
        super().__init__()
        self.alignment = alignment
        self.peeky = peeky
        self.mix = nn.Linear(memory_size * (2 if peeky else 1) + state_size, state_size)
        self.dropout = Dropout(dropout)

    def forward(self, states: Tensor, memory: Memory) -> Looked:
        """Map states (M · K, T, D) to features (M · K, T, D) and weights (M · K, T, S)."""
        rows, steps, size = states.shape
        queries = states.reshape(len(memory.lengths), -1, size)  # (M, K · T, D)
        weights = weights_of(self.alignment(queries, memory.keys[0]), memory.lengths)
        parts = [weights @ memory.states, queries]
        if self.peeky:
            parts.append(memory.summary[:, None].expand(-1, queries.shape[1], -1))
        features = torch.tanh(self.mix(torch.cat(parts, dim=2))).view(rows, steps, size)
        return Looked(self.dropout(features), weights.view(rows, steps, -1))


@final
class RecurrentTarget(nn.Module):
    """Recurrent layers whose states the next token is told by.

    A peeky one reads the summary of the source with every token, and once more beside its states (Cho et al. 2014).
    """

    def __init__(
        self,
        network: RecurrentNetwork,
        first: Continued | Bridged,
        *,
        peeked: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.network = network
        self.first = first
        self.peeked = peeked
        self.output_size = network.output_size + peeked
        self.dropout = Dropout(dropout)

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        return (), self.first(encoded)

    def start(self, memory: Memory, rows: int) -> State:
        """Return what the encoder ended in."""
        return shared_out(memory.first, rows)

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        states, after = self.network.step(self._peeking(vectors, memory), state)
        return Looked(self.dropout(self._peeking(states, memory)), None), after

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        if self.peeked:
            rows = vectors.dense()
            vectors = Padded(beside_summary(rows.values, memory), rows.lengths)
        states, after = self.network.read(vectors, state)
        return Looked(self.dropout(self._peeking(states.values, memory)), None), after

    def _peeking(self, values: Tensor, memory: Memory) -> Tensor:
        return beside_summary(values, memory) if self.peeked else values


@final
class AttendingTarget(nn.Module):
    """Recurrent layers that look at the memory from every state, once all are there (Luong et al. 2015)."""

    def __init__(self, network: RecurrentNetwork, first: Continued | Bridged, gaze: Gaze) -> None:
        super().__init__()
        self.network = network
        self.first = first
        self.gaze = gaze
        self.output_size = network.output_size

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        return (self.gaze.alignment.read(encoded.states.values),), self.first(encoded)

    def start(self, memory: Memory, rows: int) -> State:
        """Return what the encoder ended in."""
        return shared_out(memory.first, rows)

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        read = beside_summary(vectors, memory) if self.gaze.peeky else vectors
        states, after = self.network.step(read, state)
        return newest(self.gaze(states[:, None], memory)), after

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        if self.gaze.peeky:
            rows = vectors.dense()
            vectors = Padded(beside_summary(rows.values, memory), rows.lengths)
        states, after = self.network.read(vectors, state)
        looked: Looked = self.gaze(states.values, memory)
        return looked, after


@final
class FeedingTarget(nn.Module):
    """Recurrent layers that read with each token what was told after the one before: input feeding (Luong et al. 2015).

    The state is that of the layers, and the newest features (B, F), at first zeros.
    """

    def __init__(self, network: RecurrentNetwork, first: Continued | Bridged, gaze: Gaze) -> None:
        super().__init__()
        self.network = network
        self.first = first
        self.gaze = gaze
        self.output_size = network.output_size

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        return (self.gaze.alignment.read(encoded.states.values),), self.first(encoded)

    def start(self, memory: Memory, rows: int) -> State:
        """Return what the encoder ended in, and zeros."""
        parts = shared_out(memory.first, rows)
        return (*parts, torch.zeros_like(parts[0]))

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        *carried, fed = state
        read = torch.cat([vectors, fed], dim=1)
        if self.gaze.peeky:
            read = beside_summary(read, memory)
        states, after = self.network.step(read, tuple(carried))
        looked = newest(self.gaze(states[:, None], memory))
        return looked, (*after, looked.features.to(vectors.dtype))

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        features, attention = list[Tensor](), list[Tensor]()
        for read in vectors.dense().values.unbind(1):
            looked, state = self.step(read, state, memory)
            features.append(looked.features)
            attention += [] if looked.attention is None else [looked.attention]
        return Looked(torch.stack(features, dim=1), torch.stack(attention, dim=1)), state


@final
class TransformerTarget(nn.Module):
    """Causal self-attention and attention to the source by turns (Vaswani et al. 2017).

    The state is how many tokens each row has read (B,), and of each layer the keys and values of these (B, N, C, E),
    in buffers that have more places than are taken. The attention told is the mean of the last layer's heads.
    """

    def __init__(self, vectors: PlacedVectors, blocks: Sequence[TransformerDecoderBlock]) -> None:
        super().__init__()
        self.vectors = vectors
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(vectors.size)
        self.output_size = vectors.size

    def remember(self, encoded: Encoded) -> tuple[tuple[Tensor, ...], State]:
        read = [block.look.read(encoded.states.values) for block in self._blocks()]
        return tuple(part for each in read for part in (each.keys, each.values)), ()

    def start(self, memory: Memory, rows: int) -> State:
        """Return empty buffers."""
        heads = self._blocks()[0].attention.num_heads
        empty = self.norm.weight.new_empty(rows, heads, 0, self.output_size // heads)
        counts = torch.zeros(rows, dtype=torch.int64, device=empty.device)
        return (counts, *[empty] * (2 * len(self.blocks)))

    def step(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        """Read one more token; the buffers given are written to."""
        looked, after = self._through(vectors[:, None], state, memory)
        return newest(looked), after

    def read(self, vectors: Sequences, state: State, memory: Memory) -> tuple[Looked, State]:
        counts, *buffers = state
        kept = (counts, *(buffer.clone() for buffer in buffers))
        return self._through(vectors.dense().values, kept, memory)

    def _through(self, vectors: Tensor, state: State, memory: Memory) -> tuple[Looked, State]:
        counts, *buffers = state
        steps, longest = vectors.shape[1], int(counts.max())
        ahead = torch.arange(steps, device=counts.device)
        fresh = buffers[0].shape[2] == 0
        places = ahead[None] if fresh else counts[:, None] + ahead  # (B or 1, T)
        taken = torch.arange(longest + steps, device=counts.device)
        allowed = taken <= places[:, :, None]  # (B or 1, T, C)
        values, after = self.vectors(vectors, places), list[Tensor]()
        weights: Tensor | None = None
        for layer, block in enumerate(self._blocks()):
            normed = block.attention_norm(values)
            own = block.attention.read(normed)
            if not fresh:
                kept, told = buffers[2 * layer : 2 * layer + 2]
                own = KeysValues(
                    written(kept, own.keys, places, longest), written(told, own.values, places, longest)
                )
            after += [own.keys, own.values]
            seen = KeysValues(own.keys[:, :, : len(taken)], own.values[:, :, : len(taken)])
            source = KeysValues(*memory.keys[2 * layer : 2 * layer + 2])
            values, weights = block(values, normed, seen, allowed, source, memory.lengths)
        return Looked(self.norm(values), weights), (counts + steps, *after)

    def _blocks(self) -> list[TransformerDecoderBlock]:
        return cast(list[TransformerDecoderBlock], list(self.blocks))


def written(buffer: Tensor, fresh: Tensor, places: Tensor, longest: int) -> Tensor:
    """Write steps (B, N, T, E) at `places` (B, T) of a buffer (B, N, C, E), which grows where it must."""
    needed = longest + fresh.shape[2]
    if needed > buffer.shape[2]:
        room = needed + _GROWTH - needed % _GROWTH
        buffer = nn.functional.pad(buffer, (0, 0, 0, room - buffer.shape[2]))
    rows = torch.arange(len(buffer), device=buffer.device)[:, None]
    buffer[rows, :, places] = fresh.transpose(1, 2).to(buffer.dtype)
    return buffer


def newest(looked: Looked) -> Looked:
    """Return what there is after the last of T steps."""
    return Looked(looked.features[:, -1], None if looked.attention is None else looked.attention[:, -1])


def shared_out(first: State, rows: int) -> State:
    """Repeat what M sources begin with for M · K rows."""
    return tuple(part.repeat_interleave(rows // max(1, len(part)), dim=0) for part in first)


def beside_summary(values: Tensor, memory: Memory) -> Tensor:
    """Put the summary of its source beside each of (B, D) or (B, T, D)."""
    between = [1] * (values.dim() - 2)
    (summary,) = shared_out((memory.summary,), len(values))
    spread = summary.reshape(len(values), *between, -1).expand(*values.shape[:-1], -1)
    return torch.cat([values, spread.to(values.dtype)], dim=-1)
