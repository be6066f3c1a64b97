"""What a model says to one source, for people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.decoding.stopping import Outcome


@final
@dataclass(frozen=True)
class Alternative:
    """One way to answer."""

    text: str
    score: float
    """What the search ranks by: the log-probability, divided for its length."""
    log_prob: float
    """Of the whole, its end included."""

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "score": self.score, "log_prob": self.log_prob}


@final
@dataclass(frozen=True, eq=False)
class TextAnswer:
    """The best answer that the search found, with what it was made of."""

    text: str
    log_prob: float
    """Of the whole, its end included."""
    confidence: float
    """The chance that it is exactly right, as the validation rows tell of answers with such a probability."""
    unknown: bool
    """Whether the source is unlike those of the training, or the answer less probable than they nearly all were."""
    outcome: Outcome
    tokens: tuple[str, ...]
    log_probs: tuple[float, ...]
    """Of each token, and last of the end if it came."""
    source_tokens: tuple[str, ...]
    attention: npt.NDArray[np.float32] | None
    """(tokens and end, source tokens) where the model tells it."""
    alternatives: tuple[Alternative, ...]
    """The answers that were found, the best first; this one is among them."""
    lost: int = 0
    """Tokens of the source that were not read because it is too long."""

    @property
    def shown(self) -> str:
        return self.text

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
            "lost_source_tokens": self.lost,
            "log_prob": self.log_prob,
            "outcome": self.outcome,
            "tokens": list(self.tokens),
            "log_probs": list(self.log_probs),
            "source_tokens": list(self.source_tokens),
            "attention": None if self.attention is None else self.attention.tolist(),
            "alternatives": [one.to_json() for one in self.alternatives],
        }
