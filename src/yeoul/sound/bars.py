"""Bars, repeats and endings: from a tune as it is written to its parts as they are played."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import final

_MOST_PASSES = 16


@final
@dataclass(frozen=True)
class Bar:
    """A bar line with what it says about repeats."""

    closes: bool = False
    """Play the section again, ":|"."""
    opens: bool = False
    """A section that is repeated begins, "|:"."""
    parts: bool = False
    """A section ends, "||" or "|]"."""

    @property
    def ends_section(self) -> bool:
        return self.closes or self.opens or self.parts


@final
@dataclass(frozen=True)
class Ending:
    """What follows is played in these passes only, "[1"."""

    passes: frozenset[int]


@final
@dataclass(frozen=True)
class Sound:
    """Pitches that sound together, or none of them: a rest."""

    pitches: tuple[int, ...]
    length: Fraction
    tied: bool = False
    """Goes on into the next sound where that has the same pitch."""


@final
@dataclass(frozen=True)
class Symbol:
    """A chord that accompanies the melody from here on."""

    pitches: tuple[int, ...]


Item = Bar | Ending | Sound | Symbol


def played(items: Sequence[Item]) -> list[Sound | Symbol]:
    """Return sounds and chords in the order in which they are heard.

    A repeat without a beginning goes back to the section's. A section is repeated once, or as often as its endings
    ask for.
    """
    heard: list[Sound | Symbol] = []
    place, first, nth = 0, 0, 1
    while place < len(items):
        item = items[place]
        place += 1
        match item:
            case Sound() | Symbol():
                heard.append(item)
            case Ending(passes):
                if nth not in passes:
                    place = _after_ending(items, place, nth)
            case Bar():
                if item.closes and nth < _passes(items, first):
                    place, nth = first, nth + 1
                elif item.ends_section:
                    first, nth = place, 1
    return heard


def _passes(items: Sequence[Item], first: int) -> int:
    """Count how often the section from `first` on is played, as its endings say."""
    asked = 2
    for place in range(first, len(items)):
        match items[place]:
            case Ending(passes):
                asked = max(asked, *passes)
            case Bar() as bar if bar.ends_section and not _begins_ending(items, place + 1):
                break
    return min(asked, _MOST_PASSES)


def _after_ending(items: Sequence[Item], place: int, nth: int) -> int:
    """Return where to go on instead of an ending that is not played: the fitting one, else the section's end."""
    for there in range(place, len(items)):
        match items[there]:
            case Ending(passes) if nth in passes:
                return there
            case Bar() as bar if bar.ends_section and not _begins_ending(items, there + 1):
                return there
    return len(items)


def _begins_ending(items: Sequence[Item], place: int) -> bool:
    return place < len(items) and isinstance(items[place], Ending)
