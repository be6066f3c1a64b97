"""Let a trained model go on with a text, token by token as it comes.

>>> stream = yeoul.load("runs/shakespeare-0001").stream_text("ROMEO:")      # doctest: +SKIP
>>> for piece in stream:                                                    # doctest: +SKIP
...     print(piece.text, end="", flush=True)
"""

import math
import random
import unicodedata
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, final

from yeoul.decoding import Opening, Outcome, Restarting, Said, generate
from yeoul.models.protocols import Decoder
from yeoul.recipe import SamplingRecipe
from yeoul.tasks.generation.manner import Manner, ended_lines, planned
from yeoul.text.writing import Spelling

_SEEDS = 2**32


class Speaker(Protocol):
    """A model that says the next token, with its vocabulary."""

    @property
    def spelling(self) -> Spelling: ...

    @property
    def sampling(self) -> SamplingRecipe: ...

    @property
    def decoder(self) -> Decoder[None, Any]: ...

    @property
    def start(self) -> int:
        """The token before a text."""
        ...

    @property
    def end(self) -> int | None:
        """The token that ends a line, where it is one of its own: the first beyond the vocabulary."""
        ...

    @property
    def documents(self) -> bool:
        """Whether each line is a text by itself, at whose end there is no more to say."""
        ...

    def opening(self, prompt: str) -> Opening[Any]:
        """Read a prompt, which may be empty, up to its newest token."""
        ...


@final
class Piece(NamedTuple):
    """One token as it came."""

    text: str
    """What of the text is certain with it; before the first token's stands the prompt."""
    token: str
    """What the token stands for by itself."""
    log_prob: float
    """The model's own, in nats, whatever temperature and constraints made of it."""

    @property
    def probability(self) -> float:
        return math.exp(self.log_prob)


@final
@dataclass(frozen=True)
class Generated:
    """A text that a model went on with."""

    text: str
    """The prompt and what followed."""
    prompt: str
    pieces: tuple[Piece, ...]
    outcome: Outcome
    """How it ended: by itself or a stop ("ended"), at the greatest length ("length"), or where nothing may follow."""
    seed: int

    @property
    def log_prob(self) -> float:
        """The model's own log-probability of what followed, in nats."""
        return sum(piece.log_prob for piece in self.pieces)


@final
class Continuation:
    """A text as it comes: an iterator over its tokens, whose texts joined are the prompt and what follows."""

    def __init__(self, speaker: Speaker, prompt: str, manner: Manner, seed: int | None) -> None:
        """Read the prompt; without a seed draw one. Raises `UsageError` for a manner that cannot be served."""
        prompt = unicodedata.normalize("NFC", prompt)
        seed = random.SystemRandom().randrange(_SEEDS) if seed is None else seed
        spelling = speaker.spelling
        manner = manner.after(speaker.sampling)
        if manner.starts:
            prompt = ended_lines(prompt)
        many = manner.lines is not None or bool(manner.starts)
        decoder, end_id = speaker.decoder, None
        if speaker.documents and speaker.end is not None:
            if many:
                decoder = Restarting(decoder, speaker.start, speaker.end)
            else:
                end_id = speaker.end
        plan = planned(manner, spelling, end_id)
        read = prompt.rstrip(" ") if spelling.spaced else prompt
        said = generate(
            decoder, None, speaker.opening(read), plan.limits, plan.steps, None if plan.greedy else seed
        )
        self._coming = _written(said, spelling, prompt)
        self._came = list[Piece]()
        self._outcome: Outcome = "length"
        self.prompt = prompt
        self.seed = seed

    def __iter__(self) -> Iterator[Piece]:
        return self

    def __next__(self) -> Piece:
        try:
            piece = next(self._coming)
        except StopIteration as last:
            if last.value is not None:
                self._outcome = last.value
            raise
        self._came.append(piece)
        return piece

    def finish(self) -> Generated:
        """Read on to the end and return the whole, with what was read before."""
        for _ in self:
            pass
        text = "".join(piece.text for piece in self._came) if self._came else self.prompt
        return Generated(text, self.prompt, tuple(self._came), self._outcome, self.seed)


def _written(
    said: Generator[Said, None, Outcome], spelling: Spelling, prompt: str
) -> Generator[Piece, None, Outcome]:
    """Write tokens down; the last one lets go of what the pen has held back."""
    pen, waiting = spelling.pen(prompt), list[Piece]()
    while True:
        try:
            one = next(said)
        except StopIteration as last:
            yield from (piece._replace(text=piece.text + pen.rest()) for piece in waiting)
            outcome: Outcome = last.value
            return outcome
        yield from waiting
        waiting = [Piece(pen.write(one.token), spelling.pieces[one.token], one.log_prob)]
