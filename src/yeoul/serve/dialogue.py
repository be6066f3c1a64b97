"""A text that a client and a model write in turns: what was read is kept as the model's state, not read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import torch

from yeoul.decoding import Opening
from yeoul.models.protocols import Decoder
from yeoul.recipe import SamplingRecipe
from yeoul.tasks.generation.generating import Continuation, Generated, Piece
from yeoul.tasks.generation.manner import Manner
from yeoul.tasks.generation.writer import Writer
from yeoul.text.writing import Spelling
from yeoul.tree import select


@final
@dataclass(frozen=True, eq=False)
class Draft:
    """What has been read so far: its text, its tokens, and where the model stands after them."""

    text: str
    ids: tuple[int, ...]
    opening: Opening[Any]

    @classmethod
    def begin(cls, writer: Writer, ids: Sequence[int] = (), text: str = "") -> "Draft":
        """Read tokens from the start; `text` is what they stand for."""
        first = Opening(torch.tensor([writer.start], device=writer.device), writer.decoder.start(None, 1))
        return cls("", (), first).read(writer, ids, text)

    def read(self, writer: Writer, ids: Sequence[int], text: str) -> "Draft":
        """Return the draft with more tokens read."""
        if not ids:
            return self
        newest = torch.tensor([ids], device=writer.device)
        inputs = torch.cat([self.opening.previous[:, None], newest[:, :-1]], dim=1)
        with torch.inference_mode():
            carried = select(
                self.opening.state, torch.zeros_like(self.opening.previous)
            )  # it may be overwritten
            _, state = writer.decoder.forward(inputs, carried, None)
        gap = " " if writer.spelling.spaced and _meet(self.text, text) else ""
        return Draft(self.text + gap + text, (*self.ids, *ids), Opening(newest[:, -1], state))

    def told(self, writer: Writer, text: str) -> "Draft":
        """Return the draft with a text read."""
        return self.read(writer, writer.encode(text), text)


def _meet(text: str, other: str) -> bool:
    """Tell whether two texts would run together."""
    return bool(text and other) and not text[-1].isspace() and not other[0].isspace()


@final
@dataclass(frozen=True, eq=False)
class _Standing:
    """A writer that stands where a draft ends."""

    writer: Writer
    draft: Draft

    @property
    def spelling(self) -> Spelling:
        return self.writer.spelling

    @property
    def sampling(self) -> SamplingRecipe:
        return self.writer.sampling

    @property
    def decoder(self) -> Decoder[None, Any]:
        return self.writer.decoder

    @property
    def start(self) -> int:
        return self.writer.start

    @property
    def end(self) -> int | None:
        return self.writer.end

    @property
    def documents(self) -> bool:
        return self.writer.documents

    def opening(self, prompt: str) -> Opening[Any]:
        return self.draft.told(self.writer, prompt).opening


@final
class Reply:
    """A model's turn: a text as it comes, and in the end the draft with it."""

    def __init__(self, writer: Writer, draft: Draft, manner: Manner, seed: int | None) -> None:
        self._writer = writer
        self._draft = draft
        self._coming = Continuation(_Standing(writer, draft), "", manner, seed)

    def __next__(self) -> Piece:
        return next(self._coming)

    def finish(self) -> tuple[Generated, Draft]:
        """Return what was written, and the draft in which it is read."""
        found = self._coming.finish()
        return found, self._draft.told(self._writer, found.text)


@final
class Reading:
    """A client's turn, or a draft that begins: nothing comes before its end."""

    def __init__(self, writer: Writer, draft: Draft | None, ids: Sequence[int], text: str) -> None:
        self._writer = writer
        self._draft = draft
        self._ids = ids
        self._text = text

    def __next__(self) -> Piece:
        raise StopIteration

    def finish(self) -> Draft:
        """Return the draft with the text read."""
        if self._draft is None:
            return Draft.begin(self._writer, self._ids, self._text)
        return self._draft.read(self._writer, self._ids, self._text)
