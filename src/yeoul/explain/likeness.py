"""How close two texts are, explained by the words of both."""

from dataclasses import dataclass
from typing import final

from yeoul.explain.asked import MOST_PARTS, Asked
from yeoul.explain.deletion import Doubles
from yeoul.explain.units import Kept, Part, Unit, text_parts, without
from yeoul.tasks.comparison.comparer import Comparer

BETWEEN = "\n"
"""Stands between the two texts."""


@final
@dataclass(frozen=True, eq=False)
class AskedLikeness(Asked):
    """Two texts and the score that ranks them; the parts of the right one come after those of the left one."""

    comparer: Comparer
    left: str
    right: str
    unit: Unit
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, comparer: Comparer, left: str, right: str, unit: Unit | None) -> "AskedLikeness":
        """Ask about two texts, by words unless both are short."""
        both = left + BETWEEN + right
        chosen, _ = text_parts(both, unit, MOST_PARTS)
        first, second = (text_parts(side, chosen, MOST_PARTS // 2)[1] for side in (left, right))
        offset = len(left) + len(BETWEEN)
        moved = (Part(one.text, one.start + offset, one.end + offset) for one in second)
        return cls(comparer, left, right, chosen, (*first, *moved))

    @property
    def text(self) -> str:
        """Both, one below the other."""
        return self.left + BETWEEN + self.right

    def margins(self, kept: Kept) -> Doubles:
        """Return the scores (N,)."""
        border, offset = (
            sum(part.start < len(self.left) for part in self.parts),
            len(self.left) + len(BETWEEN),
        )
        own = self.parts[:border]
        other = [Part(one.text, one.start - offset, one.end - offset) for one in self.parts[border:]]
        pairs = [
            (without(self.left, own, row[:border]), without(self.right, other, row[border:])) for row in kept
        ]
        different = {pair: place for place, pair in enumerate(dict.fromkeys(pairs))}
        told = self.comparer.scores([left for left, _ in different], [right for _, right in different])
        scores: Doubles = told[[different[pair] for pair in pairs]]
        return scores

    def value(self, margins: Doubles) -> Doubles:
        return margins
