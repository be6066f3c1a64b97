"""What a search begins with and what it finds."""

from dataclasses import dataclass, replace
from typing import Generic, final

import torch
from torch import Tensor

from yeoul.decoding.beamtree import BeamTree
from yeoul.decoding.stopping import Outcome
from yeoul.models.protocols import Carried, Decoder, Memory


@final
@dataclass(frozen=True)
class Opening(Generic[Carried]):
    """Where M rows begin: the newest token of each, which is still to be read, and the state before it."""

    previous: Tensor  # (M,)
    state: Carried


@final
@dataclass(frozen=True)
class Hypothesis:
    """One way to go on."""

    tokens: tuple[int, ...]
    """Without the end token."""
    score: float
    """What it is ranked by: the log-probability as the steps left it, with the penalties."""
    log_probs: tuple[float, ...]
    """The model's own log-probability of each token, and last of the end token if one came."""
    attention: Tensor | None
    """(tokens and end, S) how much each step of the source weighed, where the decoder tells."""
    outcome: Outcome

    @property
    def ended(self) -> bool:
        """Whether it came to its end by itself, not at the greatest length or where nothing could follow."""
        return self.outcome == "ended"

    def over(self, steps: int) -> "Hypothesis":
        """Return it with the attention to so many first steps of the source alone."""
        return self if self.attention is None else replace(self, attention=self.attention[:, :steps])

    @property
    def log_prob(self) -> float:
        """The model's own log-probability of the whole."""
        return sum(self.log_probs, 0.0)


@final
@dataclass(frozen=True)
class Found:
    """The hypotheses of one source: those that ended first, then by score; those that were drawn as they came."""

    hypotheses: tuple[Hypothesis, ...]
    tree: BeamTree | None
    """All that the beam kept on its way, if it was asked to."""


def opened(
    decoder: Decoder[Memory, Carried],
    memory: Memory,
    rows: int,
    start_id: int,
    device: torch.device | None = None,
) -> Opening[Carried]:
    """Begin so many rows with a start token, on the device of the decoder."""
    return Opening(torch.full((rows,), start_id, device=device), decoder.start(memory, rows))


def prompted(decoder: Decoder[Memory, Carried], memory: Memory, prompts: Tensor) -> Opening[Carried]:
    """Begin rows with prompts (M, T) of one length, T at least 1; for others see `constraints.Prefixes`.

    Raises `ValueError` for an empty prompt.
    """
    if prompts.shape[1] == 0:
        raise ValueError("a prompt has at least one token")
    state = decoder.start(memory, len(prompts))
    with torch.inference_mode():
        if prompts.shape[1] > 1:
            _, state = decoder.forward(prompts[:, :-1], state, memory)
    return Opening(prompts[:, -1], state)
