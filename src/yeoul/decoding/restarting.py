"""A decoder of lines that are texts by themselves, one after another."""

from dataclasses import dataclass
from typing import Generic, final

import torch
from torch import Tensor

from yeoul.models.protocols import Carried, Decoded, Decoder, Memory
from yeoul.tree import concatenate, select


@final
@dataclass(frozen=True)
class Restarting(Generic[Memory, Carried]):
    """Begins anew after each end of a line, as the decoder was trained to."""

    decoder: Decoder[Memory, Carried]
    start_id: int
    end_id: int

    def start(self, memory: Memory, rows: int) -> Carried:
        """Return the state of so many rows before their first token."""
        return self.decoder.start(memory, rows)

    def step(self, previous: Tensor, state: Carried, memory: Memory) -> tuple[Decoded, Carried]:
        """Read one more token (B,); an end of a line is a beginning."""
        ended = previous == self.end_id
        if bool(ended.any()):
            rows = torch.arange(len(previous), device=previous.device)
            both = concatenate([state, self.decoder.start(memory, len(previous))])
            state = select(both, torch.where(ended, rows + len(rows), rows))
            previous = previous.masked_fill(ended, self.start_id)
        return self.decoder.step(previous, state, memory)

    def forward(self, inputs: Tensor, state: Carried, memory: Memory) -> tuple[Decoded, Carried]:
        """Read many more tokens (B, T), one after another."""
        said = []
        for previous in inputs.unbind(1):
            decoded, state = self.step(previous, state, memory)
            said.append(decoded)
        looked = [each.attention for each in said if each.attention is not None]
        attention = torch.stack(looked, dim=1) if looked else None
        return Decoded(torch.stack([each.logits for each in said], dim=1), attention), state
