"""What a tagger says of one sentence, for people and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from yeoul.metrics.tags import spans


@final
@dataclass(frozen=True)
class TagSpan:
    """Words that are one thing together; `start` and `end` are characters of the text."""

    label: str
    start: int
    end: int
    text: str
    confidence: float
    """Of the tag that it is least sure of."""

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "confidence": self.confidence,
        }


@final
@dataclass(frozen=True)
class TagAnswer:
    """The words of a text with their tags."""

    text: str
    ranges: tuple[tuple[int, int], ...]
    """The first character of each word and the one after its last, in the text as it was given."""
    tags: tuple[str, ...]
    confidences: tuple[float, ...]
    """How probable the model holds each tag."""
    marks_spans: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        return tuple(self.text[start:end] for start, end in self.ranges)

    @property
    def spans(self) -> tuple[TagSpan, ...]:
        """The spans that B-, I- and O tags mark, in order; none where tags mark no spans."""
        if not self.marks_spans:
            return ()
        found = []
        for first, after, label in spans(self.tags)[0]:
            start, end = self.ranges[first][0], self.ranges[after - 1][1]
            found.append(TagSpan(label, start, end, self.text[start:end], min(self.confidences[first:after])))
        return tuple(found)

    @property
    def shown(self) -> str:
        """Words with their tags: 새가/NOUN 난다/VERB."""
        return " ".join(f"{word}/{tag}" for word, tag in zip(self.tokens, self.tags, strict=True))

    @property
    def confidence(self) -> float | None:
        """Of the tag that it is least sure of; None for a text without words."""
        return min(self.confidences, default=None)

    @property
    def probabilities(self) -> tuple[float, ...]:
        """There is no label of the whole whose probability there could be."""
        return ()

    def to_json(self, labels: Sequence[str] = ()) -> dict[str, Any]:
        """Return plain values."""
        return {
            "tokens": list(self.tokens),
            "tags": list(self.tags),
            "confidences": list(self.confidences),
            "ranges": [list(each) for each in self.ranges],
            "spans": [one.to_json() for one in self.spans],
        }
