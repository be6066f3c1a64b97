"""What a model says of one picture, for people and programs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.decoding.stopping import Outcome
from yeoul.tasks.transduction.answers import Alternative


@final
@dataclass(frozen=True, eq=False)
class CaptionAnswer:
    """The best caption that the search found, with what it was made of."""

    text: str
    log_prob: float
    """Of the whole, its end included."""
    confidence: float
    """The chance that it is word for word one of the picture's captions, as the validation pictures tell."""
    unknown: bool
    """Whether it is less probable than nearly all captions of the validation pictures were."""
    outcome: Outcome
    tokens: tuple[str, ...]
    log_probs: tuple[float, ...]
    """Of each token, and last of the end if it came."""
    attention: npt.NDArray[np.float32] | None
    """(tokens and end, rows, columns) how much each place weighed, where the model tells it."""
    words: tuple[tuple[str, float], ...]
    """The likeliest of the words that are looked for in the picture, each with its chance."""
    alternatives: tuple[Alternative, ...]
    """The captions that were found, the best first; this one is among them."""

    @property
    def shown(self) -> str:
        return self.text

    @property
    def probability(self) -> float:
        """Return the model's own probability of exactly this caption."""
        return math.exp(self.log_prob)

    @property
    def probabilities(self) -> tuple[float, ...]:
        """There are no labels whose probabilities there could be."""
        return ()

    def to_json(self, labels: Sequence[str] = ()) -> dict[str, Any]:
        """Return plain values."""
        return {
            "answer": self.text,
            "confidence": self.confidence,
            "unknown": self.unknown,
            "probability": self.probability,
            "log_prob": self.log_prob,
            "outcome": self.outcome,
            "tokens": list(self.tokens),
            "log_probs": list(self.log_probs),
            "attention": None if self.attention is None else np.round(self.attention, 4).tolist(),
            "words": [{"word": word, "chance": chance} for word, chance in self.words],
            "alternatives": [one.to_json() for one in self.alternatives],
        }
