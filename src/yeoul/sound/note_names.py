"""Melodies as words: "g8 e8 e4 r4 f#8 c'2." names each note with the part of a whole note that it lasts.

A letter is a note of the octave from middle C up; # and b raise and lower it by a semitone, each ' and , moves it an
octave up and down; 1, 2, 4, 8, 16 or 32 is the part of a whole note, which a dot makes half as long again; r rests.
In Korean the notes from C on are 도 레 미 파 솔 라 시, and 쉼 rests: "솔8 미8 미4".
"""

import re
from fractions import Fraction
from typing import Final

from yeoul.sound.pitches import STEPS
from yeoul.sound.tunes import MIDDLE_C, Note, Tune

_KOREAN: Final = dict(zip("도레미파솔라시쉼", "cdefgabr", strict=True))
_NAME: Final = re.compile(
    rf"([a-gr{''.join(_KOREAN)}])([#b]?)((?:'{{0,5}})|(?:,{{0,5}}))(1|2|4|8|16|32)(\.?)"
)
_ABC_UNIT = Fraction(1, 8)
_BAR = Fraction(1)


def are_names(text: str) -> bool:
    """Tell whether most words of a text name notes."""
    words = text.split()
    return sum(bool(_NAME.fullmatch(word)) for word in words) * 2 > len(words)


def read_names(text: str) -> Tune:
    """Read a melody; words that name no note are skipped and told."""
    now, notes, skipped = Fraction(0), list[Note](), list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        for word in line.split():
            found = _NAME.fullmatch(word)
            if not found:
                skipped.append(f"{number}: {word}")
                continue
            length = Fraction(1, int(found[4])) * (Fraction(3, 2) if found[5] else 1)
            letter = _KOREAN.get(found[1], found[1])
            if letter != "r":
                notes.append(Note(now, length, _pitch(letter, found)))
            now += length
    return Tune(tuple(notes), now, skipped=tuple(skipped))


def as_abc(tune: Tune, meter: str = "4/4") -> str:
    """Write a melody of one voice in ABC, in C major with accidentals before the notes, four bars a line."""
    lines = [f"X:1\nT:{tune.title or 'Melody'}\nM:{meter}\nL:1/8\nQ:1/4={round(tune.tempo)}\nK:C\n"]
    now, bars = Fraction(0), 0
    parts, raised = list[str](), set[int]()  # the letters that a sharp has raised in the bar
    for note in tune.notes:
        if note.start > now:
            parts.append("z" + _abc_length(note.start - now))
        parts.append(_abc_pitch(note.pitch, raised) + _abc_length(note.length))
        now = note.end
        if now // _BAR > bars:
            bars = now // _BAR
            raised.clear()
            parts.append("|\n" if bars % 4 == 0 else "|")
    if tune.length > now:
        parts.append("z" + _abc_length(tune.length - now))
    return lines[0] + "".join(parts).rstrip("|\n") + "|]\n"


def _pitch(letter: str, found: re.Match[str]) -> int:
    octave = found[3].count("'") - found[3].count(",")
    return MIDDLE_C + 12 * octave + STEPS[letter.upper()] + {"#": 1, "b": -1, "": 0}[found[2]]


def _abc_pitch(pitch: int, raised: set[int]) -> str:
    """Write a pitch with the sharp it needs, or the sign that takes an earlier sharp of the bar away."""
    natural = next(step for step in (pitch, pitch - 1) if (step - MIDDLE_C) % 12 in STEPS.values())
    sign = "^" if natural != pitch else "=" if natural in raised else ""
    if natural == pitch:
        raised.discard(natural)
    else:
        raised.add(natural)
    octave, step = divmod(natural - MIDDLE_C, 12)
    letter = next(name for name, place in STEPS.items() if place == step)
    if octave > 0:
        return sign + letter.lower() + "'" * (octave - 1)
    return sign + letter + "," * -octave


def _abc_length(length: Fraction) -> str:
    units = length / _ABC_UNIT
    if units.denominator == 1:
        return "" if units == 1 else str(units)
    return f"{units.numerator}/{units.denominator}"
