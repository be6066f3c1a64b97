"""Write a tune as a standard MIDI file, format 1: the tempo, the melody, and the chords where there are any."""

import struct
from collections.abc import Sequence
from fractions import Fraction

from yeoul.sound.tunes import Note, Tune

TICKS = 480
"""Of a quarter note."""
_MICROSECONDS = 60_000_000
_MELODY, _CHORDS = 88, 52  # how hard keys are struck, of 127
_LONGEST_TEMPO = (1 << 24) - 1


def midi_of(tune: Tune) -> bytes:
    """Return the file's bytes; starts and ends are rounded to a tick, so that no error adds up."""
    tempo = min(round(_MICROSECONDS / tune.tempo), _LONGEST_TEMPO)
    title = tune.title.encode("utf-8")
    opening = b"\x00\xff\x03" + _number(len(title)) + title + b"\x00\xff\x51\x03" + tempo.to_bytes(3, "big")
    tracks = [opening + b"\x00\xff\x2f\x00", _track(tune.notes, 0, _MELODY, tune.length)]
    if tune.chords:
        tracks.append(_track(tune.chords, 1, _CHORDS, tune.length))
    header = b"MThd" + struct.pack(">IHHH", 6, 1, len(tracks), TICKS)
    return header + b"".join(b"MTrk" + struct.pack(">I", len(track)) + track for track in tracks)


def _track(notes: Sequence[Note], channel: int, velocity: int, length: Fraction) -> bytes:
    """Return a track's events; at one tick notes end before others begin."""
    events = [(_ticks(note.start), 1, note.pitch) for note in notes]
    events += [(max(_ticks(note.end), _ticks(note.start) + 1), 0, note.pitch) for note in notes]
    events.sort()
    content, now = bytearray(), 0
    for tick, begins, pitch in events:
        content += _number(tick - now)
        content += bytes([(0x90 if begins else 0x80) | channel, pitch, velocity if begins else 0])
        now = tick
    content += _number(max(0, _ticks(length) - now)) + b"\xff\x2f\x00"
    return bytes(content)


def _ticks(moment: Fraction) -> int:
    return round(moment * 4 * TICKS)


def _number(value: int) -> bytes:
    """Write a number in groups of seven bits, all but the last with the highest bit set."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
