"""Sounds as letters: 8,000 samples a second, each one of 256 levels that lie closer where it is quiet (µ-law).

The levels of the telephone (ITU-T G.711) in the exact form of WaveNet (van den Oord et al. 2016):
f(x) = sign(x) · ln(1 + 255·|x|) / ln(256). A level is written as a character, one of the 256 Braille patterns, so that
a sound is a text: what models, splits and scores say of characters they say of samples.
"""

import numpy as np
import numpy.typing as npt

RATE = 8_000
"""Samples a second."""
LEVELS = 256
_MU = LEVELS - 1
_FIRST = 0x2800  # of the Braille patterns

Levels = npt.NDArray[np.uint8]


def encode(samples: npt.NDArray[np.floating]) -> Levels:
    """Return the nearest level of each sample; what lies outside -1 to 1 has the outermost."""
    bounded = np.clip(samples.astype(np.float64), -1.0, 1.0)
    curved = np.sign(bounded) * np.log1p(_MU * np.abs(bounded)) / np.log1p(_MU)
    levels: Levels = np.floor((curved + 1) / 2 * _MU + 0.5).astype(np.uint8)
    return levels


def decode(levels: Levels) -> npt.NDArray[np.float32]:
    """Return the sample that each level stands for, between -1 and 1."""
    curved = 2 * levels.astype(np.float64) / _MU - 1
    loudness = np.expm1(np.abs(curved) * np.log1p(_MU)) / _MU
    samples: npt.NDArray[np.float32] = (np.sign(curved) * loudness).astype(np.float32)
    return samples


def as_text(levels: Levels) -> str:
    """Write levels as characters.

    >>> as_text(np.array([0, 255], np.uint8))
    '⠀⣿'
    """
    return (levels.astype("<u4") + _FIRST).tobytes().decode("utf-32-le")


def is_sound(text: str) -> bool:
    """Tell whether a text is a sound's: nothing but levels, and white space between sounds."""
    letters = "".join(text.split())
    return bool(letters) and all(_FIRST <= ord(letter) < _FIRST + LEVELS for letter in set(letters))


def as_levels(text: str) -> Levels:
    """Return the levels that the characters of a sound stand for; white space is passed over."""
    codes = np.frombuffer("".join(text.split()).encode("utf-32-le"), "<u4")
    if ((codes < _FIRST) | (codes >= _FIRST + LEVELS)).any():
        raise ValueError("a character of the text is no level of a sound")
    return (codes - _FIRST).astype(np.uint8)
