"""The next token that a language model says, explained by the text before it."""

from dataclasses import dataclass
from typing import final

import numpy as np
import torch

from yeoul.errors import UsageError
from yeoul.explain.asked import MOST_PARTS, Asked
from yeoul.explain.deletion import Doubles
from yeoul.explain.units import Kept, Part, Unit, text_parts, without
from yeoul.tasks.generation.writer import Writer
from yeoul.text.tokenizers import UNKNOWN_ID

_LEAST = 1e-12


@final
@dataclass(frozen=True, eq=False)
class AskedNext(Asked):
    """A text with the token that follows."""

    writer: Writer
    text: str
    token: int
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, writer: Writer, text: str, wanted: str, unit: Unit | None) -> "AskedNext":
        """Ask about the likeliest next token, or the one that `wanted` begins with.

        Raises `UsageError` for one that the model does not know.
        """
        token = _first(writer, text, wanted) if wanted else int(np.argmax(_said(writer, text)))
        return cls(writer, text, token, *text_parts(text, unit, MOST_PARTS))

    @property
    def name(self) -> str:
        """What the token stands for."""
        pieces = self.writer.spelling.pieces
        return pieces[self.token].strip() or repr(pieces[self.token]) if self.token < len(pieces) else "\\n"

    def margins(self, kept: Kept) -> Doubles:
        """Return the log-odds of the token (N,)."""
        texts = [without(self.text, self.parts, row) for row in kept]
        different = {
            text: float(np.exp(_said(self.writer, text)[self.token])) for text in dict.fromkeys(texts)
        }
        chances = np.clip([different[text] for text in texts], _LEAST, 1.0 - _LEAST)
        odds: Doubles = np.log(chances) - np.log1p(-chances)
        return odds

    def value(self, margins: Doubles) -> Doubles:
        chances: Doubles = 1.0 / (1.0 + np.exp(-margins))
        return chances


def _said(writer: Writer, text: str) -> Doubles:
    """Return the log-probabilities (V,) of what follows a text."""
    opening = writer.opening(text.rstrip(" ") if writer.spelling.spaced else text)
    with torch.inference_mode():
        decoded, _ = writer.decoder.step(opening.previous, opening.state, None)
    said: Doubles = decoded.logits[0].double().log_softmax(dim=0).cpu().numpy()
    return said


def _first(writer: Writer, text: str, wanted: str) -> int:
    before = writer.encode(text)
    after = writer.encode(text + wanted)
    token = after[len(before)] if len(after) > len(before) and after[: len(before)] == before else None
    if token is None:
        alone = writer.encode(wanted)
        token = alone[0] if alone else None
    if token is None or token == UNKNOWN_ID or not writer.spelling.pieces[token].strip():
        raise UsageError(
            "no token of the model begins {came}",
            "give another --target",
            where="--target",
            values={"came": wanted},
        )
    return token
