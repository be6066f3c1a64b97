"""What a model says to one source, for people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import numpy.typing as npt

from yeoul.decoding.stopping import Outcome


@final
@dataclass(frozen=True, eq=False)
class Alternative:
    """One way to answer."""

    text: str
    score: float
    """What the search ranks by: the log-probability with the penalties, divided for its length; alone if drawn."""
    outcome: Outcome
    tokens: tuple[str, ...]
    log_probs: tuple[float, ...]
    """Of each token, and last of the end if it came."""
    attention: npt.NDArray[np.float32] | None = None
    """(tokens and end, source tokens) where the model tells it; of captions the answer's alone is told."""

    @property
    def log_prob(self) -> float:
        """Of the whole, its end included."""
        return sum(self.log_probs, 0.0)

    def to_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "score": self.score,
            "log_prob": self.log_prob,
            "outcome": self.outcome,
            "tokens": list(self.tokens),
            "log_probs": list(self.log_probs),
            "attention": None if self.attention is None else self.attention.tolist(),
        }


@final
@dataclass(frozen=True, eq=False)
class TextAnswer:
    """The best answer that the search found, and the others."""

    confidence: float
    """The chance that it is exactly right, as the validation rows tell of answers with such a probability."""
    unknown: bool
    """Whether the source is unlike those of the training, or the answer less probable than they nearly all were."""
    source_tokens: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    """The answers that were found, the best first, or as they were drawn; the answer itself is the first."""
    lost: int = 0
    """Tokens of the source that were not read because it is too long."""

    @property
    def best(self) -> Alternative:
        return self.alternatives[0]

    @property
    def text(self) -> str:
        return self.best.text

    @property
    def shown(self) -> str:
        return self.text

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.best.tokens

    @property
    def log_prob(self) -> float:
        return self.best.log_prob

    @property
    def log_probs(self) -> tuple[float, ...]:
        """Of each token, and last of the end if it came."""
        return self.best.log_probs

    @property
    def outcome(self) -> Outcome:
        return self.best.outcome

    @property
    def attention(self) -> npt.NDArray[np.float32] | None:
        """(tokens and end, source tokens) where the model tells it."""
        return self.best.attention

    @property
    def probabilities(self) -> tuple[float, ...]:
        """There are no labels whose probabilities there could be."""
        return ()

    def to_json(self, labels: Sequence[str] = ()) -> dict[str, Any]:
        """Return plain values."""
        best = self.best.to_json()
        return {
            "answer": best.pop("text"),
            "confidence": self.confidence,
            "unknown": self.unknown,
            "lost_source_tokens": self.lost,
            "source_tokens": list(self.source_tokens),
            **{name: value for name, value in best.items() if name != "score"},
            "alternatives": [one.to_json() for one in self.alternatives],
        }
