"""Generation by drawing: many rows at once, or one row token by token as it comes."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import torch
from torch import Tensor

from yeoul.decoding.history import Path
from yeoul.decoding.hypotheses import Hypothesis, Opening
from yeoul.decoding.sampling import Draws, likeliest
from yeoul.decoding.steps import Step, shaped
from yeoul.decoding.stopping import Limits, Outcome
from yeoul.models.protocols import Carried, Decoder, Memory
from yeoul.tree import select


@final
class Said(NamedTuple):
    """One token as it came."""

    token: int
    log_prob: float
    """The model's own log-probability, whatever the steps made of it."""
    attention: Tensor | None
    """(S,) how much each step of the memory weighed, where the decoder tells."""


def generate(
    decoder: Decoder[Memory, Carried],
    memory: Memory,
    opening: Opening[Carried],
    limits: Limits,
    steps: Sequence[Step] = (),
    seed: int | None = None,
    history: Path | None = None,
) -> Generator[Said, None, Outcome]:
    """Yield the tokens of one row as they come, the end token left out; return how it ended.

    Without a seed the likeliest token is taken. The history is what the steps and stops count as said before;
    `max_tokens` does not count it. Raises `ValueError` for more than one row, `DivergedError` for a model that
    answers with NaN.
    """
    if len(opening.previous) != 1:
        raise ValueError(f"{len(opening.previous)} rows came, expected one")
    choose = likeliest if seed is None else Draws([seed]).token
    previous, state = opening.previous, select(opening.state, torch.zeros_like(opening.previous))
    paths = [history or Path()]
    for _ in range(limits.max_tokens):
        with torch.inference_mode():
            decoded, state = decoder.step(previous, state, memory)
            logits = shaped(decoded.logits, paths, steps) if steps else decoded.logits
            token = choose(logits)
            if token < 0:
                return "stuck"
            if token == limits.end_id:
                return "ended"
            log_prob = float(decoded.logits.log_softmax(1)[0, token])
            attention = None if decoded.attention is None else decoded.attention[0]
            previous = previous.new_full((1,), token)
        yield Said(token, log_prob, attention)
        if steps or limits.stops:
            paths = [paths[0].then(token)]
            if any(stop(paths[0]) for stop in limits.stops):
                return "ended"
    return "length"


def sample(
    decoder: Decoder[Memory, Carried],
    memory: Memory,
    opening: Opening[Carried],
    limits: Limits,
    steps: Sequence[Step] = (),
    *,
    seeds: Sequence[Sequence[int]],
) -> list[tuple[Hypothesis, ...]]:
    """Draw ways to go on for each of M sources, one for each of its P seeds (M, P).

    Each is drawn from a stream of its own, so that what is drawn does not depend on the others. The score of a
    hypothesis is its log-probability under the model. Raises `DivergedError` for a model that answers with NaN.
    """
    device, paths = opening.previous.device, len(seeds[0])
    sources = torch.arange(len(opening.previous), device=device).repeat_interleave(paths)
    with torch.inference_mode():
        drawing = _Drawing(limits, steps, Draws([seed for own in seeds for seed in own]), len(sources))
        drawing.run(
            decoder,
            select(memory, sources),
            Opening(opening.previous[sources], select(opening.state, sources)),
            [Path(source) for source in sources.tolist()],
        )
    drawn = [each.hypothesis() for each in drawing.drafts]
    return [tuple(drawn[first : first + paths]) for first in range(0, len(drawn), paths)]


@dataclass
class _Draft:
    """A hypothesis as it is written."""

    tokens: list[int]
    log_probs: list[float]
    attention: list[Tensor]
    outcome: Outcome = "length"

    def hypothesis(self) -> Hypothesis:
        return Hypothesis(
            tuple(self.tokens),
            sum(self.log_probs),
            tuple(self.log_probs),
            torch.stack(self.attention) if self.attention else None,
            self.outcome,
        )


@final
class _Drawing:
    def __init__(self, limits: Limits, steps: Sequence[Step], draws: Draws, rows: int) -> None:
        self.limits = limits
        self.steps = steps
        self.draws = draws
        self.drafts = [_Draft([], [], []) for _ in range(rows)]

    def run(
        self,
        decoder: Decoder[Memory, Carried],
        memory: Memory,
        opening: Opening[Carried],
        paths: list[Path],
    ) -> None:
        """Go on until every row has come to its end; rows that have leave the batch."""
        previous, state = opening.previous, opening.state
        drafts = self.drafts
        for _ in range(self.limits.max_tokens):
            if not drafts:
                break
            decoded, state = decoder.step(previous, state, memory)
            tokens = self.draws.tokens(shaped(decoded.logits, paths, self.steps))
            log_probs = decoded.logits.log_softmax(1).gather(1, tokens.clamp(min=0)[:, None])[:, 0]
            paths = [path.then(token) for path, token in zip(paths, tokens.tolist(), strict=True)]
            going = []
            for row, (draft, path, log_prob) in enumerate(
                zip(drafts, paths, log_probs.tolist(), strict=True)
            ):
                attention = None if decoded.attention is None else decoded.attention[row]
                if self._write(draft, path, log_prob, attention):
                    going.append(row)
            previous = tokens
            if len(going) < len(drafts):
                rows = torch.tensor(going, dtype=torch.int64, device=tokens.device)
                previous, state, memory = tokens[rows], select(state, rows), select(memory, rows)
                paths, drafts = [paths[row] for row in going], [drafts[row] for row in going]
                self.draws.select(going)

    def _write(self, draft: _Draft, path: Path, log_prob: float, attention: Tensor | None) -> bool:
        """Write the newest token down and tell whether the row goes on."""
        if path.token < 0:
            draft.outcome = "stuck"
            return False
        draft.log_probs.append(log_prob)
        if attention is not None:
            draft.attention.append(attention)
        if path.token == self.limits.end_id:
            draft.outcome = "ended"
            return False
        draft.tokens.append(path.token)
        if any(stop(path) for stop in self.limits.stops):
            draft.outcome = "ended"
            return False
        return True
