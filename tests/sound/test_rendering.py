"""What is written can be heard: MIDI holds the notes, WAV the pitches, and both last as long as the tune."""

import io
import struct
import wave
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.errors import DataError, UsageError
from yeoul.sound.abc_notation import read_abc
from yeoul.sound.midi import TICKS, midi_of
from yeoul.sound.mu_law import as_text, encode
from yeoul.sound.rendering import heard_as, render
from yeoul.sound.synthesis import RATE, frequency, samples_of
from yeoul.sound.tunes import Note, Tune
from yeoul.sound.wav import read_wav


def events_of(content):
    """Read a MIDI file: ticks a quarter, and for each track (tick, kind, data…), as the standard has it."""
    kind, length, form, tracks, ticks = struct.unpack(">4sIHHH", content[:14])
    assert (kind, length, form) == (b"MThd", 6, 1)
    place, found = 14, []
    for _ in range(tracks):
        kind, length = struct.unpack(">4sI", content[place : place + 8])
        assert kind == b"MTrk"
        track, place = content[place + 8 : place + 8 + length], place + 8 + length
        found.append(list(_track(io.BytesIO(track))))
    assert place == len(content)
    return ticks, found


def _track(stream):
    now = 0
    while True:
        now += _number(stream)
        status = stream.read(1)[0]
        if status == 0xFF:
            kind = stream.read(1)[0]
            data = stream.read(_number(stream))
            yield now, kind, data
            if kind == 0x2F:
                assert not stream.read()
                return
        else:
            yield now, status, tuple(stream.read(2))


def _number(stream):
    value = 0
    while True:
        byte = stream.read(1)[0]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value


def notes_of(track):
    """Pairs of on and off as (start, end, pitch)."""
    sounding, found = {}, []
    for tick, status, data in track:
        if status & 0xF0 == 0x90:
            assert data[0] not in sounding, "a key is struck twice"
            sounding[data[0]] = tick
        elif status & 0xF0 == 0x80:
            found.append((sounding.pop(data[0]), tick, data[0]))
    assert not sounding
    return sorted(found)


def test_a_tune_counted_by_hand():
    # quarters of 480 ticks: C a quarter 0-480, D a dotted eighth 480-840, a rest of a sixteenth, E a half 960-1920
    ticks, (tempo, melody) = events_of(midi_of(read_abc("L:1/4\nQ:1/4=100\nC D3/4 z/4 E2")))
    assert ticks == 480
    assert notes_of(melody) == [(0, 480, 60), (480, 840, 62), (960, 1920, 64)]
    assert (0, 0x51, (600_000).to_bytes(3, "big")) in tempo  # 60 s / 100 in microseconds
    assert melody[-1][:2] == (1920, 0x2F)


def test_triplets_fill_their_beat_to_the_tick():
    _, (_, melody) = events_of(midi_of(read_abc("(3CDE (3CDE F")))
    assert [start for start, _, _ in notes_of(melody)] == [0, 160, 320, 480, 640, 800, 960]


def test_chords_have_a_track_of_their_own():
    _, tracks = events_of(midi_of(read_abc('"C"C4 "G"G4')))
    assert len(tracks) == 3
    assert [pitch for _, _, pitch in notes_of(tracks[2])] == [48, 52, 55, 55, 59, 62]


PARTS = st.lists(
    st.tuples(st.none() | st.integers(0, 127), st.fractions(Fraction(1, 64), 2, max_denominator=96)),
    min_size=1,
    max_size=30,
)


@given(PARTS)
def test_midi_holds_every_note_to_half_a_tick(parts):
    now, notes = Fraction(0), []
    for pitch, length in parts:
        if pitch is not None:
            notes.append(Note(now, length, pitch))
        now += length
    _, (_, melody) = events_of(midi_of(Tune(tuple(notes), now, "제목")))
    found = notes_of(melody)
    assert [pitch for _, _, pitch in found] == [note.pitch for note in notes]
    for (start, end, _), note in zip(found, notes, strict=True):
        assert abs(start - note.start * 4 * TICKS) <= 0.5
        assert abs(end - note.end * 4 * TICKS) <= 0.5


@pytest.mark.parametrize(("written", "hertz"), [("A8", 440.0), ("a8", 880.0), ("A,8", 220.0), ("C8", 261.63)])
def test_the_pitch_is_the_one_written(tmp_path, written, hertz):
    path = tmp_path / "가락.wav"
    render(f"K:C\n{written}", path)
    with open(path, "rb") as file:
        samples, rate = read_wav(file, path.name)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    loudest = np.argmax(spectrum) * rate / len(samples)
    assert loudest == pytest.approx(hertz, abs=rate / len(samples))


def test_a_sound_lasts_as_long_as_its_tune_and_is_never_too_loud():
    tune = read_abc('Q:1/4=120\nL:1/4\n"C"C2 z2 [CEG]2')
    samples = samples_of(tune)
    assert len(samples) / RATE == pytest.approx(3.0 + 0.2, abs=0.01)
    assert np.abs(samples).max() == pytest.approx(0.8, abs=1e-6)
    assert np.isfinite(samples).all()
    assert frequency(57) == pytest.approx(220.0)


def test_a_tune_becomes_the_same_notes_in_every_form(tmp_path):
    assert render("g8 e8 e4 r8 f#8", tmp_path / "a.abc").kind == "notes"
    again = read_abc((tmp_path / "a.abc").read_text("utf-8"))
    render((tmp_path / "a.abc").read_text("utf-8"), tmp_path / "a.mid")
    _, (_, melody) = events_of((tmp_path / "a.mid").read_bytes())
    assert (
        [pitch for _, _, pitch in notes_of(melody)]
        == [note.pitch for note in again.notes]
        == [67, 64, 64, 66]
    )


def test_a_sound_becomes_a_wav_of_8000_samples_a_second(tmp_path):
    text = as_text(encode(np.sin(np.arange(4000) / 5)))
    done = render(text, tmp_path / "소리.WAV")
    assert (done.kind, done.seconds) == ("sound", 0.5)
    with wave.open(str(tmp_path / "소리.WAV")) as sound:
        assert (sound.getframerate(), sound.getnframes(), sound.getsampwidth()) == (8000, 4000, 2)


def test_wrong_requests_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no file of a melody"):
        render("CDE", tmp_path / "a.mp3")
    with pytest.raises(UsageError, match="a sound has no notes"):
        render("⣿⣿", tmp_path / "a.mid")
    with pytest.raises(DataError, match="there is no note"):
        render("X:1\nT:nothing\nK:C\n", tmp_path / "a.mid")
    with pytest.raises(DataError, match="minutes"):
        render("C64" * 500 + " L:1", tmp_path / "a.wav")
    assert not list(tmp_path.iterdir())


def test_what_was_skipped_is_handed_on(tmp_path):
    assert render("C ? D", tmp_path / "a.mid").skipped == ("1: ?",)


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("X:1\nT:나비야\nK:C\nGEE|FDD|\n", ".mid"),
        ("g8 e8 e4 f8 d8 d4", ".mid"),
        (as_text(np.arange(50, dtype=np.uint8)), ".wav"),
        ("나비야 나비야\n이리 날아 오너라", ""),
        ("", ""),
    ],
)
def test_what_can_be_heard_is_told_from_a_text(text, suffix):
    assert heard_as(text) == suffix
