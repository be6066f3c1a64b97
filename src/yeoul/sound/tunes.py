"""A melody as notes on a time line that counts whole notes."""

from dataclasses import dataclass
from fractions import Fraction

MIDDLE_C = 60
"""As MIDI numbers pitches: a semitone is 1, the A above it (440 Hz) is 69."""
USUAL_TEMPO = Fraction(120)
"""Quarter notes a minute."""


@dataclass(frozen=True)
class Note:
    """One pitch from a moment on."""

    start: Fraction
    """In whole notes from the tune's beginning."""
    length: Fraction
    """In whole notes, positive."""
    pitch: int
    """0 to 127, as MIDI numbers them."""

    @property
    def end(self) -> Fraction:
        return self.start + self.length


@dataclass(frozen=True)
class Tune:
    """A melody, its accompaniment, and what of its text could not be read."""

    notes: tuple[Note, ...]
    """In the order of their starts; those of a chord start together."""
    length: Fraction
    """In whole notes, rests at the end included."""
    title: str = ""
    chords: tuple[Note, ...] = ()
    """The accompaniment that chord symbols ask for."""
    tempo: Fraction = USUAL_TEMPO
    """Quarter notes a minute."""
    skipped: tuple[str, ...] = ()
    """Signs that were passed over, each with its place: "12: ?" is on line 12."""

    @property
    def seconds(self) -> float:
        return float(self.length * 4 * 60 / self.tempo)
