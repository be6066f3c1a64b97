"""Decoders small enough to know all about: a table of every history, and a little recurrent one with attention."""

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from yeoul.models.protocols import Decoded
from yeoul.padded import Padded
from yeoul.tree import mapped, select


@dataclass(frozen=True)
class Table:
    """Logits for every history of up to `steps` of V tokens, other ones for each source; state: (code, count)."""

    size: int
    steps: int
    sources: int = 1
    seed: int = 0
    spread: float = 1.5

    @property
    def logits(self) -> Tensor:
        shape = (self.sources, self.steps, self.size ** max(self.steps - 1, 1), self.size)
        return self.spread * torch.randn(shape, generator=torch.Generator().manual_seed(self.seed))

    @property
    def attention(self) -> Tensor:
        drawn = torch.rand(self.sources, self.steps, self.size, 3, generator=torch.Generator().manual_seed(5))
        return drawn / drawn.sum(-1, keepdim=True)

    def start(self, memory, rows):
        zeros = torch.zeros(rows, dtype=torch.int64)
        return {"code": zeros, "count": zeros - 1}

    def step(self, previous, state, memory):
        sources = memory.repeat_interleave(len(previous) // len(memory))
        count = state["count"] + 1
        code = torch.where(count == 0, 0, state["code"] * self.size + previous)
        after = {"code": code, "count": count}
        attention = self.attention[sources, count, previous]
        return Decoded(self.logits[sources, count, code], attention), after

    def forward(self, inputs, state, memory):
        return repeated(self, inputs, state, memory)

    def log_prob(self, source, tokens):
        """The log-probability of each token of a sequence."""
        found, code = [], 0
        for count, token in enumerate(tokens):
            found.append(float(self.logits[source, count, code].double().log_softmax(0)[token]))
            code = code * self.size + token
        return found


def repeated(decoder, inputs, state, memory):
    """Read (B, T) by `step` alone."""
    said = []
    for previous in inputs.T:
        decoded, state = decoder.step(previous, state, memory)
        said.append(decoded)
    logits = torch.stack([each.logits for each in said], 1)
    attention = None if said[0].attention is None else torch.stack([each.attention for each in said], 1)
    return Decoded(logits, attention), state


class TinyGRU(nn.Module):
    """A recurrent decoder that looks at a memory (M, S, H) with true lengths; its state is overwritten by `step`."""

    def __init__(self, size=7, hidden=6, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.vectors = nn.Embedding(size, hidden)
        self.cell = nn.GRUCell(hidden, hidden)
        self.leave = nn.Linear(2 * hidden, size)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.mul_(3.0)
        self.double().eval()  # in double precision batch mates change no bit that could turn a choice

    def start(self, memory: Padded, rows):
        real = memory.mask[:, :, None]
        summary = (memory.filled().values * real).sum(1) / memory.lengths[:, None]
        return (summary.repeat_interleave(rows // len(summary), 0).clone(), None)

    def step(self, previous, state, memory: Padded):
        hidden = state[0]
        new = self.cell(self.vectors(previous), hidden)
        hidden.copy_(new)
        queries = hidden.view(len(memory.lengths), -1, hidden.shape[1])  # (M, K, H)
        values = memory.filled().values
        scores = (queries @ values.transpose(1, 2)).masked_fill(~memory.mask[:, None], float("-inf"))
        attention = scores.softmax(-1)
        seen = (attention @ values).flatten(0, 1)
        logits = self.leave(torch.cat([hidden, seen], 1))
        return Decoded(logits, attention.flatten(0, 1)), (hidden, None)

    def forward(self, inputs, state, memory):
        said, states = [], []
        hidden = state[0]
        for previous in inputs.T:
            hidden = self.cell(self.vectors(previous), hidden)
            states.append(hidden)
        for hidden in states:
            queries = hidden.view(len(memory.lengths), -1, hidden.shape[1])
            values = memory.filled().values
            scores = (queries @ values.transpose(1, 2)).masked_fill(~memory.mask[:, None], float("-inf"))
            seen = (scores.softmax(-1) @ values).flatten(0, 1)
            said.append((self.leave(torch.cat([hidden, seen], 1)), scores.softmax(-1).flatten(0, 1)))
        logits, attention = (torch.stack(parts, 1) for parts in zip(*said, strict=True))
        return Decoded(logits, attention), (states[-1], None)


def leaves(tree):
    """The tensors of a tree."""
    found = []
    mapped(lambda tensor: found.append(tensor) or tensor, tree)
    return found


def memory_of(lengths, hidden=6, extra=0, poison=float("nan")):
    """A memory of rows drawn each from its own seed, with rubbish beyond their lengths."""
    values = torch.full((len(lengths), max(lengths) + extra, hidden), poison, dtype=torch.float64)
    for row, length in enumerate(lengths):
        generator = torch.Generator().manual_seed(1000 + row)
        values[row, :length] = torch.randn(length, hidden, dtype=torch.float64, generator=generator)
    return Padded(values, torch.tensor(lengths))


def rows_of(memory, rows):
    return select(memory, torch.tensor(rows, dtype=torch.int64))


def sequences(size, longest, end):
    """Every sequence that ends within `longest` tokens, its end included, or is as long without one."""
    others = [token for token in range(size) if token != end]
    for length in range(longest):
        for tokens in itertools.product(others, repeat=length):
            yield (*tokens, end)
    yield from itertools.product(others, repeat=longest)
