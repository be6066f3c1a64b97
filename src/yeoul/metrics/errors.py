"""How many edits a written text is from its reference: character and word error rate.

An edit takes a symbol away, adds one or exchanges one (Levenshtein 1966). The rate of a corpus is all edits over all
symbols of the references; it may exceed 1.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from yeoul.metrics.intervals import Floats

ERROR_PARTS = 4
"""Edits of characters, characters of the reference, edits of words, words of the reference."""


def edit_distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the least number of edits that make one sequence the other, by whole columns of bits (Myers 1999)."""
    if len(first) < len(second):
        first, second = second, first
    if not second:
        return len(first)
    places: dict[Hashable, int] = {}
    for place, symbol in enumerate(second):
        places[symbol] = places.get(symbol, 0) | 1 << place
    whole, last = (1 << len(second)) - 1, 1 << (len(second) - 1)
    up, down, distance = whole, 0, len(second)
    for symbol in first:
        matched = places.get(symbol, 0)
        diagonal = (((matched & up) + up) ^ up) | matched | down
        right, left = down | ~(diagonal | up), up & diagonal
        distance += bool(right & last) - bool(left & last)
        right, left = (right << 1) | 1, left << 1
        up, down = (left | ~(diagonal | right)) & whole, right & diagonal & whole
    return distance


def error_parts(written: Sequence[str], references: Sequence[str]) -> Floats:
    """Return what each sentence adds to both rates: (N, ERROR_PARTS)."""
    parts = np.zeros((len(written), ERROR_PARTS))
    for row, (text, reference) in enumerate(zip(written, references, strict=True)):
        own, true = text.split(), reference.split()
        parts[row] = edit_distance(text, reference), len(reference), edit_distance(own, true), len(true)
    return parts


def character_error_rate(sums: Floats) -> Floats:
    """Return the rate of sums (R, ERROR_PARTS): (R,)."""
    return _rate(sums[:, 0], sums[:, 1])


def word_error_rate(sums: Floats) -> Floats:
    """Return the rate of sums (R, ERROR_PARTS): (R,)."""
    return _rate(sums[:, 2], sums[:, 3])


def _rate(edits: Floats, symbols: Floats) -> Floats:
    rate: Floats = edits / np.maximum(symbols, 1.0)
    return rate
