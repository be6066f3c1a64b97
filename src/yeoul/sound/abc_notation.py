"""Read tunes in ABC notation: notes, chords, rests, ties, tuplets, broken rhythms, repeats, keys, meters and tempi.

After the standard of abcnotation.com, version 2.1, of which decorations, grace notes, slurs, lyrics and further
voices are passed over. A text that a model wrote may break any rule: what cannot be read is skipped and told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import cast, final

from yeoul.sound.bars import Bar, Ending, Item, Sound, Symbol, played
from yeoul.sound.pitches import ACCIDENTALS, STEPS, accidentals_of, chord_of
from yeoul.sound.tunes import MIDDLE_C, USUAL_TEMPO, Note, Tune

_FIELD = re.compile(r"([A-Za-z+]):(?![|:\]])(.*)")
_SIGNS = re.compile(
    r"""(?P<note>(?P<accidental>\^\^|__|\^|_|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>\d{0,4}/{0,4}\d{0,4})(?P<tie>-?))
    |(?P<rest>[zx](?P<rest_length>\d{0,4}/{0,4}\d{0,4}))
    |(?P<bars>Z(?P<bars_count>\d{0,2}))
    |(?P<inline>\[(?P<field>[A-Za-z]):(?P<value>[^\]\n]*)\])
    |(?P<ending>\[\s?(?P<passes>\d[\d,\-]{0,8}))
    |(?P<bar>\[\||[|:]+\]?)(?P<bar_passes>\d[\d,\-]{0,8})?
    |(?P<chord>\[(?P<inside>[^\]|\n]*)\](?P<chord_length>\d{0,4}/{0,4}\d{0,4})(?P<chord_tie>-?))
    |(?P<tuplet>\((?P<p>[2-9])(?::(?P<q>[1-9]?))?(?::(?P<r>[1-9]?))?)
    |(?P<broken>>{1,3}|<{1,3})
    |(?P<late_tie>-)
    |(?P<symbol>"(?P<said>[^"\n]*)")
    |(?P<grace>\{[^}\n]*\})
    |(?P<passed>![^!\n]*!|\+[^+\n]*\+|y\d*|[().~uvHLMOPST\s\\`])""",
    re.VERBOSE,
)
_LENGTH = re.compile(r"(\d*)(/*)(\d*)")
_TEMPO = re.compile(r"(?:\"[^\"]*\")?\s*(?:(\d{1,2})/(\d{1,2})\s*=)?\s*(\d{1,4})")
_IN_TIME_OF = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_MOST_PASSES = 9
_SHORTEST, _LONGEST = Fraction(1, 1024), Fraction(64)
_MOST_SKIPPED = 100
_FASTEST = 4000  # quarters a minute


def read_abc(text: str) -> Tune:
    """Read the first tune of a text; a tune without a header is in C, its unit an eighth."""
    reading = _Reading()
    for number, line in enumerate(text.splitlines(), 1):
        reading.line = number
        found = _FIELD.match(line)
        if reading.items and (not line.strip() or (found and found[1] == "X")):
            break
        line = line.partition("%")[0].rstrip()
        if found:
            reading.set(found[1], found[2].strip())
        elif line:
            reading.read(line)
    return reading.tune()


def first_tune(text: str) -> str:
    """Return the text of the first tune: up to an empty line, or the header of the next, after notes."""
    kept: list[str] = []
    for line in text.strip().splitlines():
        begun = any(each and not _FIELD.match(each) and each[0] != "%" for each in kept)
        if begun and (not line.strip() or line.startswith("X:")):
            break
        kept.append(line.rstrip())
    return "\n".join(kept) + "\n"


@final
@dataclass
class _Tuplet:
    """The next so many notes last so much of what they would."""

    factor: Fraction
    left: int


@final
@dataclass
class _Reading:
    """What has been read of a tune, and by which key and unit it goes on."""

    items: list[Item] = field(default_factory=list)
    title: str = ""
    line: int = 0
    meter: Fraction = Fraction(1)
    compound: bool = False
    unit: Fraction | None = None
    tempo: Fraction | None = None
    key: Mapping[str, int] = field(default_factory=dict)
    in_bar: dict[tuple[str, int], int] = field(default_factory=dict)
    tuplet: _Tuplet | None = None
    broken: Fraction | None = None
    """What the next note's length is multiplied by."""
    skipped: list[str] = field(default_factory=list)

    def set(self, name: str, value: str) -> None:
        """Take what a field says."""
        match name:
            case "T":
                self.title = self.title or value
            case "M":
                self._set_meter(value)
            case "L":
                parts = re.fullmatch(r"(\d+)\s*/\s*(\d+)", value) or re.fullmatch(r"(\d+)()", value)
                unit = Fraction(int(parts[1]), int(parts[2] or 1) or 1) if parts else Fraction(0)
                if _SHORTEST <= unit <= _LONGEST:
                    self.unit = unit
                else:
                    self._skip(f"L:{value}")
            case "Q":
                self._set_tempo(value)
            case "K":
                found = accidentals_of(value)
                if found is None:
                    self._skip(f"K:{value}")
                else:
                    self.key = found
                    self.in_bar.clear()

    def read(self, line: str) -> None:
        """Read a line of music."""
        place = 0
        while place < len(line):
            found = _SIGNS.match(line, place)
            if found is None or not found[0]:
                self._skip(line[place])
                place += 1
                continue
            place = found.end()
            self._take(found)

    def tune(self) -> Tune:
        """Return what has been read, repeats played out."""
        now = Fraction(0)
        notes: list[Note] = []
        held: dict[int, Fraction] = {}  # since when a tied pitch sounds
        chords: list[Note] = []
        symbol: tuple[tuple[int, ...], Fraction] = ((), now)
        for item in played(self.items):
            match item:
                case Symbol(pitches):
                    chords += _accompaniment(*symbol, now)
                    symbol = (pitches, now)
                case Sound(pitches, length, tied):
                    for pitch in [pitch for pitch in held if pitch not in pitches]:
                        since = held.pop(pitch)
                        notes.append(Note(since, now - since, pitch))
                    for pitch in pitches:
                        since = held.pop(pitch, now)
                        if tied:
                            held[pitch] = since
                        else:
                            notes.append(Note(since, now + length - since, pitch))
                    now += length
        notes += [Note(since, now - since, pitch) for pitch, since in held.items()]
        chords += _accompaniment(*symbol, now)
        ordered = tuple(sorted(notes, key=lambda note: (note.start, note.pitch)))
        tempo = USUAL_TEMPO if self.tempo is None else self.tempo
        return Tune(ordered, now, self.title, tuple(chords), tempo, tuple(self.skipped))

    def _take(self, found: re.Match[str]) -> None:
        if found["note"]:
            self._sound((self._pitch(found),), found["length"], tied=bool(found["tie"]))
        elif found["rest"]:
            self._sound((), found["rest_length"], tied=False)
        elif found["bars"]:
            self.items.append(Sound((), self.meter * max(1, int(found["bars_count"] or 1))))
        elif found["inline"]:
            self.set(found["field"], found["value"].strip())
        elif found["ending"]:
            self.items.append(self._ending(found["passes"]))
        elif found["bar"]:
            self._bar(found["bar"], found["bar_passes"])
        elif found["chord"] is not None:
            self._chord(found)
        elif found["tuplet"]:
            self._open_tuplet(found)
        elif found["broken"]:
            self._break(found["broken"])
        elif found["late_tie"]:
            self._tie()
        elif found["symbol"]:
            self._accompany(found["said"])

    def _pitch(self, found: re.Match[str]) -> int:
        letter = found["letter"]
        octave = found["octave"].count("'") - found["octave"].count(",") + letter.islower()
        place = (letter.upper(), octave)
        if found["accidental"]:
            self.in_bar[place] = ACCIDENTALS[found["accidental"]]
        altered = self.in_bar.get(place, self.key.get(letter.upper(), 0))
        return MIDDLE_C + 12 * octave + STEPS[letter.upper()] + altered

    def _sound(self, pitches: tuple[int, ...], length: str, *, tied: bool) -> None:
        lasts = self._usual_unit() * _factor(length)
        if self.broken is not None:
            lasts, self.broken = lasts * self.broken, None
        if self.tuplet:
            lasts *= self.tuplet.factor
            self.tuplet.left -= 1
            self.tuplet = self.tuplet if self.tuplet.left else None
        if not _SHORTEST <= lasts <= _LONGEST:
            self._skip(f"a note of length {length}")
        elif all(0 <= pitch < 128 for pitch in pitches):
            self.items.append(Sound(pitches, lasts, tied))
        else:
            self._skip("a note out of reach")
            self.items.append(Sound((), lasts))

    def _chord(self, found: re.Match[str]) -> None:
        notes = [each for each in _SIGNS.finditer(found["inside"]) if each["note"]]
        if not notes:
            self._skip(found["chord"])
            return
        pitches = tuple(sorted({self._pitch(each) for each in notes}))
        length = notes[0]["length"]
        tied = bool(found["chord_tie"]) or all(each["tie"] for each in notes)
        factor = _factor(length) * _factor(found["chord_length"])
        self._sound(pitches, f"{factor.numerator}/{factor.denominator}", tied=tied)

    def _open_tuplet(self, found: re.Match[str]) -> None:
        p = int(found["p"])
        q = int(found["q"] or 0) or _IN_TIME_OF.get(p, 3 if self.compound else 2)
        self.tuplet = _Tuplet(Fraction(q, p), int(found["r"] or 0) or p)

    def _break(self, signs: str) -> None:
        """Lengthen the note before at the cost of the one after, or the other way round."""
        long, short = 2 - Fraction(1, 2 ** len(signs)), Fraction(1, 2 ** len(signs))
        before, after = (long, short) if signs[0] == ">" else (short, long)
        last = self.items[-1] if self.items else None
        if isinstance(last, Sound):
            self.items[-1] = replace(last, length=last.length * before)
            self.broken = after
        else:
            self._skip(signs)

    def _tie(self) -> None:
        """Tie the latest sound, which a space or a bar line parts from the sign."""
        places = [place for place, item in enumerate(self.items[-3:]) if isinstance(item, Sound)]
        if places:
            place = len(self.items[:-3]) + places[-1]
            self.items[place] = replace(cast(Sound, self.items[place]), tied=True)
        else:
            self._skip("-")

    def _bar(self, signs: str, passes: str | None) -> None:
        self.in_bar.clear()
        double = "::" in signs or (signs.startswith(":") and signs.endswith(":"))
        closes, opens = double or signs.startswith(":"), double or signs.endswith(":")
        if signs == ":":
            self._skip(signs)
            return
        self.items.append(
            Bar(closes=closes, opens=opens, parts="||" in signs or "[" in signs or "]" in signs)
        )
        if passes:
            self.items.append(self._ending(passes))

    def _ending(self, passes: str) -> Ending:
        """Read "1", "1,3" or "1-3"."""
        bounds = [[int(end) for end in part.split("-") if end] for part in passes.split(",")]
        told = {nth for each in bounds if each for nth in range(each[0], min(each[-1], _MOST_PASSES) + 1)}
        return Ending(frozenset(told or {1}))

    def _accompany(self, said: str) -> None:
        if said[:1] in ("^", "_", "<", ">", "@", "", " "):
            return  # words beside the notes
        pitches = chord_of(said)
        if pitches is None:
            self._skip(f'"{said}"')
        else:
            self.items.append(Symbol(pitches))

    def _set_meter(self, value: str) -> None:
        value = {"C": "4/4", "C|": "2/2"}.get(value, value)
        found = re.fullmatch(r"(\d{1,3})\s*/\s*(\d{1,3})", value)
        if found and int(found[1]) and int(found[2]):
            self.meter = Fraction(int(found[1]), int(found[2]))
            self.compound = int(found[2]) == 8 and int(found[1]) % 3 == 0
        elif value.lower() != "none":
            self._skip(f"M:{value}")

    def _set_tempo(self, value: str) -> None:
        found = _TEMPO.fullmatch(value.split(' "')[0].strip())
        beats = int(found[3]) if found else 0
        if not found or not 1 <= beats <= 1000:
            self._skip(f"Q:{value}")
            return
        beat = Fraction(int(found[1]), int(found[2]) or 1) if found[1] else self._usual_unit()
        if not 1 <= beats * beat * 4 <= _FASTEST:
            self._skip(f"Q:{value}")
        elif self.tempo is None:
            self.tempo = beats * beat * 4
        elif self.tempo != beats * beat * 4:
            self._skip(f"Q:{value}")

    def _usual_unit(self) -> Fraction:
        if self.unit is not None:
            return self.unit
        return Fraction(1, 8) if self.meter >= Fraction(3, 4) else Fraction(1, 16)

    def _skip(self, signs: str) -> None:
        if len(self.skipped) < _MOST_SKIPPED:
            self.skipped.append(f"{self.line}: {signs}")


def _factor(length: str) -> Fraction:
    """Read "3", "/", "//", "/4" or "3/2" as a multiple of the unit."""
    found = _LENGTH.match(length)
    above, strokes, below = found.groups() if found else ("", "", "")
    divisor = int(below) * 2 ** (len(strokes) - 1) if below else 2 ** len(strokes)
    return Fraction(int(above or 1), divisor or 1)


def _accompaniment(pitches: tuple[int, ...], since: Fraction, now: Fraction) -> list[Note]:
    return [Note(since, now - since, pitch) for pitch in pitches] if now > since else []
