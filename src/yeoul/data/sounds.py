"""Read a sound as a text: one channel, 8,000 samples a second, a character for each of 256 levels."""

from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from yeoul.data.opening import open_bytes, shown_name
from yeoul.errors import DataError
from yeoul.sound import mu_law
from yeoul.sound.wav import read_wav

SUFFIX = ".wav"
_PIECE = mu_law.RATE // 10
_SLOWEST, _FASTEST = 1_000, 768_000


def is_sound_file(path: Path) -> bool:
    """Tell by its name whether a file is a sound that can be read."""
    return path.suffix.lower() == SUFFIX


def read_sound(path: Path) -> list[str]:
    """Return the samples of a WAV file as characters (see `yeoul.sound.mu_law`), brought to 8,000 a second.

    They come in pieces of a tenth of a second, between any two of which a sound may be divided. Raises `DataError`
    for a file that is no WAV of whole numbers, or of a strange rate.
    """
    with open_bytes(path) as file:
        samples, rate = read_wav(file, shown_name(path))
    if not _SLOWEST <= rate <= _FASTEST:
        raise DataError(
            "{rate} samples a second are no sound that one hears",
            "save it with 8,000 to 192,000 samples a second",
            where=shown_name(path),
            values={"rate": rate},
        )
    if rate != mu_law.RATE:
        shared = gcd(rate, mu_law.RATE)
        samples = resample_poly(samples, mu_law.RATE // shared, rate // shared).astype(np.float32)
    text = mu_law.as_text(mu_law.encode(samples))
    return [text[first : first + _PIECE] for first in range(0, len(text), _PIECE)]
