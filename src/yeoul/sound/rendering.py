"""Write what a model wrote as something to hear: ABC, MIDI or WAV from ABC, note names or samples."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from yeoul.errors import DataError, UsageError
from yeoul.files import write_bytes, write_text
from yeoul.sound.abc_notation import first_tune, read_abc
from yeoul.sound.midi import midi_of
from yeoul.sound.mu_law import RATE as SOUND_RATE
from yeoul.sound.mu_law import as_levels, decode, is_sound
from yeoul.sound.note_names import are_names, as_abc, read_names
from yeoul.sound.synthesis import RATE, samples_of
from yeoul.sound.wav import write_wav

SUFFIXES = (".abc", ".mid", ".midi", ".wav")
_LONGEST_SECONDS = 1200.0
_KEY = re.compile(r"^X:.*\n(.*\n)*?K:", re.MULTILINE)


@dataclass(frozen=True)
class Rendered:
    """What has been written."""

    kind: Literal["abc", "notes", "sound"]
    """What the text was."""
    seconds: float
    skipped: tuple[str, ...] = ()
    """Signs that could not be read, each after its line: "3: ?"."""


def is_audible(path: Path) -> bool:
    """Tell by its name whether a file is one that `render` writes."""
    return path.suffix.lower() in SUFFIXES


def heard_as(text: str) -> str:
    """Return the suffix of a file in which a text is heard: .wav for a sound, .mid for a melody, "" for neither."""
    if is_sound(text):
        return ".wav"
    return ".mid" if are_names(text) or _KEY.search(text) else ""


def render(text: str, path: Path) -> Rendered:
    """Write the first melody of a text, or a sound, to a file whose name says how: .abc, .mid or .wav.

    Raises `UsageError` for another name, or for a sound that is to become notes, and `DataError` for a text
    without a note in it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            "{name} is no file of a melody",
            "let its name end with .abc, .mid or .wav",
            values={"name": path.name},
        )
    if is_sound(text):
        return _sound(text, path, suffix)
    named = are_names(text)
    tune = read_names(text) if named else read_abc(text)
    if not tune.notes:
        raise DataError(
            "there is no note in what was written",
            "generate more tokens, or begin with the header of a tune",
            where=path.name,
        )
    if tune.seconds > _LONGEST_SECONDS:
        raise DataError(
            "the melody would last {minutes} minutes",
            "generate fewer tokens",
            where=path.name,
            values={"minutes": round(tune.seconds / 60)},
        )
    match suffix:
        case ".abc":
            write_text(path, as_abc(tune) if named else first_tune(text))
        case ".wav":
            write_wav(path, samples_of(tune), RATE)
        case _:
            write_bytes(path, midi_of(tune))
    return Rendered("notes" if named else "abc", tune.seconds, tune.skipped)


def _sound(text: str, path: Path, suffix: str) -> Rendered:
    if suffix != ".wav":
        raise UsageError("a sound has no notes", "let the name end with .wav", values={"name": path.name})
    samples = decode(as_levels(text))
    write_wav(path, samples, SOUND_RATE)
    return Rendered("sound", len(samples) / SOUND_RATE)
