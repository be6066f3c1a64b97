"""Texts that are others with a few letters changed, put in or left out: copies that a search for equal ones misses.

Two texts may differ in one letter of every `_PER_EDIT` of the longer one, at most in three. If they do so in k letters
and one is cut into more than k pieces, one piece stands in the other unchanged, at most k letters off (Li, Deng, Wang
& Feng 2011). So texts are looked up by their pieces, compared by the letters that they hold, and those that are left
by their edit distance: none that is near enough is missed, and none is told that is not.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeAlias, final

MOST_EDITS = 3
_PER_EDIT = 5
_BITS = 64
_CROWD = 4096
"""Texts that share a piece at one place: of more of them the piece tells nothing."""
_Piece: TypeAlias = tuple[int, int, str]


@final
@dataclass(frozen=True)
class Near:
    """A text and an earlier known one, by their places, that differ in so many letters."""

    text: int
    known: int
    edits: int


def near_texts(known: Sequence[str], texts: Sequence[str]) -> list[Near]:
    """Return the nearest known text of each of `texts` that is not equal to one but nearly so, in their order."""
    index, masks = _index(known), [_mask(text) for text in known]
    equal = set(known)
    found = []
    for place, text in enumerate(texts):
        if text not in equal:
            nearest = _nearest(text, known, index, masks)
            if nearest is not None:
                found.append(Near(place, nearest[1], nearest[0]))
    return found


def edit_distance(one: str, other: str, most: int) -> int | None:
    """Return how many letters must be changed, put in or left out (Levenshtein 1966); None for more than `most`.

    >>> edit_distance("최고의 영화", "최고 영화다", 3), edit_distance("가나다", "abc", 2)
    (2, None)
    """
    begin, ends = 0, (len(one), len(other))
    while begin < min(ends) and one[begin] == other[begin]:
        begin += 1
    while min(ends) > begin and one[ends[0] - 1] == other[ends[1] - 1]:
        ends = (ends[0] - 1, ends[1] - 1)
    one, other = one[begin : ends[0]], other[begin : ends[1]]
    if abs(len(one) - len(other)) > most:
        return None
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        first, last = max(1, place - most), min(len(other), place + most)
        before, row[0] = row[0], place
        if first > 1:
            before, row[first - 1] = row[first - 1], most + 1
        for column in range(first, last + 1):
            change = before + (letter != other[column - 1])
            before = row[column]
            above = before if column < place + most else most + 1
            row[column] = min(change, above + 1, row[column - 1] + 1)
        if min(row[first - 1 : last + 1]) > most:
            return None
    return row[-1] if row[-1] <= most else None


def near_earlier(texts: Sequence[str]) -> list[Near]:
    """Return for each of these texts, all different, the nearest earlier one that is near enough, in their order."""
    index: dict[_Piece, list[int]] = defaultdict(list)
    masks = [_mask(text) for text in texts]
    found = []
    for place, text in enumerate(texts):
        nearest = _nearest(text, texts, index, masks)
        if nearest is not None:
            found.append(Near(place, nearest[1], nearest[0]))
        _add(index, place, text)
    return found


def allowed(one: int, other: int) -> int:
    """Return in how many letters texts of so many letters may differ."""
    return min(MOST_EDITS, max(one, other) // _PER_EDIT)


def _index(known: Sequence[str]) -> dict[_Piece, list[int]]:
    """Return the texts that hold each piece at each place, by the length of the whole."""
    index: dict[_Piece, list[int]] = defaultdict(list)
    for place, text in enumerate(known):
        _add(index, place, text)
    return index


def _add(index: dict[_Piece, list[int]], place: int, text: str) -> None:
    for number, (start, end) in enumerate(_cuts(len(text))):
        index[len(text), number, text[start:end]].append(place)


@cache
def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    """Cut a length into one piece more than letters may differ from any other text; none where none may."""
    edits = max(edits for edits in range(MOST_EDITS + 1) if edits <= allowed(length, length + edits))
    if not edits:
        return ()
    ends = [length * number // (edits + 1) for number in range(edits + 2)]
    return tuple(pairwise(ends))


def _nearest(
    text: str, known: Sequence[str], index: dict[_Piece, list[int]], masks: Sequence[int]
) -> tuple[int, int] | None:
    """Return the smallest distance to a known text and its place."""
    mask, tried, best = _mask(text), set[int](), None
    for length in range(max(1, len(text) - MOST_EDITS), len(text) + MOST_EDITS + 1):
        edits = allowed(length, len(text))
        if not edits or abs(length - len(text)) > edits:
            continue
        for number, (start, end) in enumerate(_cuts(length)):
            size = end - start
            for first in range(max(0, start - edits), min(len(text) - size, start + edits) + 1):
                holders = index.get((length, number, text[first : first + size]), ())
                if len(holders) > _CROWD:
                    continue
                for place in holders:
                    if place in tried or (mask ^ masks[place]).bit_count() > 2 * edits:
                        continue
                    tried.add(place)
                    distance = edit_distance(text, known[place], edits)
                    if distance is not None and (best is None or (distance, place) < best):
                        best = (distance, place)
    return best


def _mask(text: str) -> int:
    """Mark the letters that a text holds: two texts differ in no more marks than in twice their edits."""
    mask = 0
    for letter in set(text):
        mask |= 1 << (ord(letter) * 40_503 >> 4) % _BITS
    return mask
