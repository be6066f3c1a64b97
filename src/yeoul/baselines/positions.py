"""The number to beat where place tells much: the most frequent tag of each place in its sequence."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

Sequences = Sequence[Sequence[str]]
_LAST = -1
_MOST = 20


@final
@dataclass(frozen=True)
class PositionTags:
    """Says of each place what stood there most often: the first, the second … the 20th and later, and the last."""

    places: Mapping[int, str]
    usual: str

    @classmethod
    def fit(cls, tags: Sequences) -> "PositionTags":
        """Count the tags of each place; of equally frequent ones the first in order of code points is taken.

        Raises `ValueError` for no tags.
        """
        counts: dict[int, Counter[str]] = {}
        usual: Counter[str] = Counter()
        for given in tags:
            usual.update(given)
            for place, tag in enumerate(given):
                counts.setdefault(_place(place, len(given)), Counter())[tag] += 1
        if not usual:
            raise ValueError("there are no tags to learn from")
        return cls({place: _most_frequent(found) for place, found in counts.items()}, _most_frequent(usual))

    def answers(self, sequences: Sequences) -> list[list[str]]:
        """Return a tag for every element."""
        return [
            [self.places.get(_place(place, len(one)), self.usual) for place in range(len(one))]
            for one in sequences
        ]


def _place(place: int, length: int) -> int:
    return _LAST if place == length - 1 and length > 1 else min(place, _MOST - 1)


def _most_frequent(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))
