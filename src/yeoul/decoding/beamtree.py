"""The tree that a beam grew: what it kept at each step, from what, and how it was ranked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

from yeoul.decoding.stopping import Outcome


@final
@dataclass(frozen=True)
class Twig:
    """One token that the beam kept."""

    parent: int
    """Its place in the level before; of no meaning in the first."""
    token: int
    score: float
    """Of all up to here: the log-probability, with the penalties where the hypothesis is whole."""
    outcome: Outcome | None
    """How the hypothesis ended here, or None where it went on."""


@final
@dataclass(frozen=True)
class BeamTree:
    """The levels of a beam, one for each step."""

    levels: tuple[tuple[Twig, ...], ...]

    def records(self) -> list[list[dict[str, Any]]]:
        """Return the levels as JSON has them."""
        return [
            [
                {
                    "parent": twig.parent if depth else None,
                    "token": twig.token,
                    "score": twig.score,
                    "outcome": twig.outcome,
                }
                for twig in level
            ]
            for depth, level in enumerate(self.levels)
        ]

    def lines(self, spell: Callable[[int], str], tell: Callable[[Outcome], str] = str) -> list[str]:
        """Draw the tree, a twig a line: its text, its score, and how it ended, told by `tell`.

        >>> BeamTree(((Twig(0, 7, -0.5, None),), (Twig(0, 8, -0.9, "ended"),))).lines(str)
        ['7  -0.50', '└ 8  -0.90 ended']
        """
        lines: list[str] = []
        ahead = [(0, place, "", "") for place in reversed(range(len(self.levels[0]) if self.levels else 0))]
        while ahead:
            depth, place, lead, indent = ahead.pop()
            twig = self.levels[depth][place]
            end = f" {tell(twig.outcome)}" if twig.outcome else ""
            lines.append(f"{lead}{spell(twig.token)}  {twig.score:.2f}{end}")
            children = self._children(depth, place) if twig.outcome is None else []
            for child in reversed(children):
                last = child == children[-1]
                ahead.append(
                    (depth + 1, child, indent + ("└ " if last else "├ "), indent + ("  " if last else "│ "))
                )
        return lines

    def _children(self, depth: int, place: int) -> list[int]:
        if depth + 1 == len(self.levels):
            return []
        return [child for child, twig in enumerate(self.levels[depth + 1]) if twig.parent == place]
