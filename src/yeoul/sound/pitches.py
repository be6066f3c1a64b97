"""Names of pitches, keys and chords as ABC writes them."""

import re
from collections.abc import Mapping, Sequence

STEPS: Mapping[str, int] = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones above C."""
_FIFTHS: Mapping[str, int] = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_MODES: Mapping[str, int] = {
    "": 0, "maj": 0, "ion": 0, "lyd": 1, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4, "loc": -5,
}  # fmt: skip
_SHARPS = "FCGDAEB"
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")
_EXPLICIT = re.compile(r"(\^\^|__|\^|_|=)([A-Ga-g])(?![A-Za-z])")
_CHORD = re.compile(r"([A-Ga-g])([#b]?)(maj|min|dim|aug|m|d|\+)?(7|6|9)?")
_BAGPIPES = {"F": 1, "C": 1}
_TRIADS: Mapping[str, Sequence[int]] = {
    "": (0, 4, 7), "maj": (0, 4, 7), "m": (0, 3, 7), "min": (0, 3, 7),
    "d": (0, 3, 6), "dim": (0, 3, 6), "aug": (0, 4, 8), "+": (0, 4, 8),
}  # fmt: skip
ACCIDENTALS: Mapping[str, int] = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}


def accidentals_of(key: str) -> dict[str, int] | None:
    """Return the semitones by which a key such as "F#m" or "D mix" alters letters, or None for no key at all.

    >>> accidentals_of("D")
    {'F': 1, 'C': 1}
    """
    key = key.strip()
    if key.lower() in ("", "none"):
        return {}
    if key in ("HP", "Hp"):
        return dict(_BAGPIPES)
    found = _KEY.match(key)
    if not found:
        return None
    mode = found[3].lower() if found[3].lower() in ("m",) else found[3].lower()[:3]
    known = _MODES.get(mode)
    sharps = _FIFTHS[found[1]] + {"#": 7, "b": -7, "": 0}[found[2]] + (known or 0)
    altered = {letter: 1 + (sharps > 7 + place) for place, letter in enumerate(_SHARPS) if place < sharps}
    altered |= {
        letter: -1 - (-sharps > 7 + place) for place, letter in enumerate(_SHARPS[::-1]) if place < -sharps
    }
    for sign, letter in _EXPLICIT.findall(key[found.end(2) :]):
        altered[letter.upper()] = ACCIDENTALS[sign]
    return altered


def chord_of(symbol: str) -> tuple[int, ...] | None:
    """Return the pitches, from the C below middle C on, that a chord symbol such as "F#m7" asks for, else None.

    A bass after a stroke is passed over; a seventh is a small one, or a large one after "maj".

    >>> chord_of("Am")
    (57, 60, 64)
    """
    found = _CHORD.match(symbol.strip(" ()"))
    if not found:
        return None
    root = 48 + (STEPS[found[1].upper()] + {"#": 1, "b": -1, "": 0}[found[2]]) % 12
    kind, more = found[3] or "", found[4]
    pitches = [root + step for step in _TRIADS[kind]]
    if more in ("7", "9"):
        pitches.append(root + (11 if kind == "maj" else 9 if kind in ("d", "dim") else 10))
    elif more == "6":
        pitches.append(root + 9)
    return tuple(pitches)
