"""Plucked strings as a sound: noise that goes round in a loop and loses its edges (Karplus & Strong 1983)."""

import numpy as np
import numpy.typing as npt

from yeoul.data.made.tables import made_table
from yeoul.data.tables import Table
from yeoul.sound import mu_law
from yeoul.sound.synthesis import frequency

STRINGS = "plucked-strings"
STRINGS_TITLE = "plucked strings, 40 seconds at 8,000 samples a second, as characters (made up)"
_CLIPS, _CLIP_SECONDS = 16, 2.5
_PITCHES = (50, 53, 55, 57, 60, 62, 65, 67)  # of a pentatonic scale: D F G A C
_SHORTEST, _LONGEST = 0.2, 0.6  # seconds between two plucks
_LOUDNESS = 0.35
_LOSS = 0.996  # what is left of a wave after each turn


def plucked_strings() -> Table:
    """Return the column `sound`: clips of 2.5 seconds, each sample a character (see `yeoul.sound.mu_law`)."""
    random = np.random.default_rng(23)
    return made_table(
        STRINGS, {"sound": [mu_law.as_text(mu_law.encode(_clip(random))) for _ in range(_CLIPS)]}
    )


def _clip(random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return samples between -1 and 1: strings plucked one after another, each sounding on."""
    samples = np.zeros(int(_CLIP_SECONDS * mu_law.RATE))
    place = 0
    while place < len(samples):
        heard = _pluck(int(random.choice(_PITCHES)), len(samples) - place, random)
        samples[place:] += _LOUDNESS * heard
        place += int(random.uniform(_SHORTEST, _LONGEST) * mu_law.RATE)
    return np.clip(samples, -1.0, 1.0)


def _pluck(pitch: int, length: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return a string's samples: at every turn each is the mean of itself and its neighbor, a little less."""
    period = round(mu_law.RATE / frequency(pitch))
    turn = random.uniform(-1.0, 1.0, period)
    turn -= turn.mean()
    turns = list[npt.NDArray[np.float64]]()
    for _ in range(-(-length // period)):
        turns.append(turn)
        turn = _LOSS * 0.5 * (turn + np.roll(turn, 1))
    return np.concatenate(turns)[:length]
