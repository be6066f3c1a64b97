"""Make a tune audible: each note a sum of sines that fade, the higher ones sooner, as in a plucked string."""

import numpy as np
import numpy.typing as npt

from yeoul.sound.tunes import Note, Tune

RATE = 44_100
"""Samples a second."""
_PARTIALS = np.array([1.0, 0.5, 0.33, 0.2, 0.12, 0.08])
_FADE_SECONDS = 0.9  # until the lowest sine has fallen to a third
_ATTACK_SECONDS, _RELEASE_SECONDS = 0.008, 0.04
_MELODY, _CHORDS = 1.0, 0.25
_PEAK = 0.8
_TAIL_SECONDS = 0.2

Samples = npt.NDArray[np.float32]


def frequency(pitch: int) -> float:
    """Return the hertz of a pitch in equal temperament.

    >>> frequency(69)
    440.0
    """
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def samples_of(tune: Tune, rate: int = RATE) -> Samples:
    """Return the tune's samples (N,) between -1 and 1, its loudest at 0.8."""
    second = float(4 * 60 / tune.tempo)  # of a whole note
    mixed = np.zeros(int((float(tune.length) * second + _TAIL_SECONDS) * rate) + 1, np.float64)
    for notes, loudness in ((tune.notes, _MELODY), (tune.chords, _CHORDS)):
        for note in notes:
            first = int(float(note.start) * second * rate)
            heard = loudness * _note(note, second, rate)[: len(mixed) - first]
            mixed[first : first + len(heard)] += heard
    loudest = float(np.abs(mixed).max(initial=0.0))
    return (mixed * (_PEAK / loudest if loudest else 1.0)).astype(np.float32)


def _note(note: Note, second: float, rate: int) -> npt.NDArray[np.float64]:
    lasts = float(note.length) * second
    times = np.arange(int((lasts + _RELEASE_SECONDS) * rate)) / rate
    base = frequency(note.pitch)
    numbers = np.arange(1, len(_PARTIALS) + 1)
    heard = numbers * base < rate / 2  # what is above would sound as another pitch
    waves = np.sin(2 * np.pi * base * numbers[heard, None] * times)
    fades = np.exp(-times * np.sqrt(numbers[heard, None]) / _FADE_SECONDS)
    rises = np.minimum(times / _ATTACK_SECONDS, 1.0)
    falls = np.clip((lasts + _RELEASE_SECONDS - times) / _RELEASE_SECONDS, 0.0, 1.0)
    note_samples: npt.NDArray[np.float64] = (_PARTIALS[heard, None] * waves * fades).sum(axis=0)
    return note_samples * rises * falls
