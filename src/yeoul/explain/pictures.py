"""The caption of a picture that is explained: by the places of the picture, of the whole caption or of one word of it.

A place that is taken away has the picture's mean color, so the picture stays what it is elsewhere. Where the model
tells at what it looked, the parts are its places; else the picture is cut into a grid.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.decoding import opened
from yeoul.errors import DataError, UsageError
from yeoul.explain.asked import Asked
from yeoul.explain.deletion import Doubles
from yeoul.explain.units import Kept, Part, Unit
from yeoul.tasks.captioning.answers import CaptionAnswer
from yeoul.tasks.captioning.captioner import Captioner, LoosePictures, Picture

_GRID = (8, 8)
_FEWEST, _MOST = 9, 200
_PICTURES_AT_ONCE = 64
_LEAST = 1e-12


@final
@dataclass(frozen=True, eq=False)
class AskedPicture(Asked):
    """A picture with its caption."""

    captioner: Captioner
    pixels: npt.NDArray[np.uint8]  # (H, W, 3)
    answer: CaptionAnswer
    said: tuple[int, ...]
    """The tokens of the caption, with its end."""
    word: int | None
    """Which of them is explained; None for all."""
    grid: tuple[int, int]
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, captioner: Captioner, picture: Picture, word: int | None) -> "AskedPicture":
        """Ask about the caption of a picture, or one token of it, counted from 1.

        Raises `DataError` for a file that is no picture and a word that is not there, and `UsageError` for a model that
        another network's features were given to.
        """
        seen = captioner.look([picture])
        pixels = seen.values[0]
        if pixels.ndim != 3:
            raise UsageError("this model reads features, not pixels", "explain a run of pictures")
        ((best,),) = captioner.hypotheses(seen)
        (answer,) = captioner.answer(seen)
        if word is not None and not 1 <= word <= len(answer.tokens):
            raise DataError(
                "there is no word {word}, the text has {words}",
                "count from 1",
                where="--word",
                values={"word": word, "words": len(answer.tokens)},
            )
        rows, columns = grid = captioner.grid if _FEWEST <= np.prod(captioner.grid) <= _MOST else _GRID
        names = [f"{row + 1}/{column + 1}" for row in range(rows) for column in range(columns)]
        parts = tuple(Part(name, place, place + 1) for place, name in enumerate(names))
        said = (*best.tokens, captioner.marks.end) if best.ended else best.tokens
        place = None if word is None else word - 1
        return cls(captioner, pixels.astype(np.uint8), answer, said, place, grid, "place", parts)

    @property
    def name(self) -> str:
        """The caption, or the token of it."""
        return self.answer.text if self.word is None else self.answer.tokens[self.word]

    def margins(self, kept: Kept) -> Doubles:
        """Return the mean log-probability of the caption's tokens (N,), or the log-odds of one."""
        told = []
        for first in range(0, len(kept), _PICTURES_AT_ONCE):
            told.append(self._log_probs(self._without(kept[first : first + _PICTURES_AT_ONCE])))
        said = np.concatenate(told)
        if self.word is None:
            mean: Doubles = said.mean(axis=1)
            return mean
        chances = np.clip(np.exp(said[:, self.word]), _LEAST, 1.0 - _LEAST)
        odds: Doubles = np.log(chances) - np.log1p(-chances)
        return odds

    def value(self, margins: Doubles) -> Doubles:
        chances: Doubles = np.exp(margins) if self.word is None else 1.0 / (1.0 + np.exp(-margins))
        return chances

    @property
    def attention(self) -> Doubles | None:
        """How much each place (U,) weighed, where the model tells it of these places."""
        told = self.answer.attention
        if told is None or told.shape[1:] != self.grid:
            return None
        looked = told.mean(axis=0) if self.word is None else told[self.word]
        weights: Doubles = looked.astype(np.float64).ravel()
        return weights

    def _without(self, kept: Kept) -> npt.NDArray[np.uint8]:
        """Return the picture (N, H, W, 3) with only the places that are kept."""
        height, width = self.pixels.shape[:2]
        rows, columns = self.grid
        down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
        there = kept.reshape(-1, rows, columns)[:, down][:, :, across]  # (N, H, W)
        mean = self.pixels.mean(axis=(0, 1)).round().astype(np.uint8)
        pictures: npt.NDArray[np.uint8] = np.where(there[..., None], self.pixels, mean)
        return pictures

    def _log_probs(self, pictures: npt.NDArray[np.uint8]) -> Doubles:
        """Return the log-probability of each token of the caption (N, T)."""
        model, device = self.captioner.model.eval(), self.captioner.device
        count = len(pictures)
        told: list[Doubles] = []
        with torch.inference_mode():
            memory = model.encode(LoosePictures(pictures).seen(np.arange(count)).to(device))
            opening = opened(model, memory, count, self.captioner.marks.start, device)
            previous, state = opening.previous, opening.state
            for token in self.said:
                decoded, state = model.step(previous, state, memory)
                log_probs = decoded.logits.double().log_softmax(dim=1)
                told.append(log_probs[:, token].cpu().numpy())
                previous = torch.full_like(previous, token)
        return np.stack(told, axis=1)
