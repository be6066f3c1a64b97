"""Tunes: ABC and note names are read as a person reads them, and nothing is passed over in silence."""

import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yeoul.sound.abc_notation import first_tune, read_abc
from yeoul.sound.note_names import are_names, as_abc, read_names
from yeoul.sound.pitches import accidentals_of, chord_of
from yeoul.sound.tunes import Note, Tune

C, D, E, F, G, A, B = 60, 62, 64, 65, 67, 69, 71


def heard(text):
    """Pitches with their lengths in eighths, rests left out."""
    return [(note.pitch, note.length * 8) for note in read_abc(text).notes]


def pitches(text):
    return [note.pitch for note in read_abc(text).notes]


def test_a_scale_with_octaves_and_lengths():
    assert heard("C D2 E/ F3/2 G, A' c c' z2 B//") == [
        (C, 1), (D, 2), (E, Fraction(1, 2)), (F, Fraction(3, 2)), (G - 12, 1), (A + 12, 1),
        (C + 12, 1), (C + 24, 1), (B, Fraction(1, 4)),
    ]  # fmt: skip


def test_starts_follow_from_lengths_and_rests():
    tune = read_abc("L:1/4\nC z2 D3/2 z")
    assert [(note.start, note.end) for note in tune.notes] == [
        (0, Fraction(1, 4)),
        (Fraction(3, 4), Fraction(9, 8)),
    ]
    assert tune.length == Fraction(11, 8)


@pytest.mark.parametrize(
    ("meter", "unit"), [("4/4", 8), ("C", 8), ("C|", 8), ("6/8", 8), ("3/4", 8), ("2/4", 16), ("3/8", 16)]
)
def test_a_tune_without_a_unit_takes_it_from_the_meter(meter, unit):
    assert read_abc(f"M:{meter}\nC").notes[0].length == Fraction(1, unit)


def test_accidentals_hold_for_their_octave_until_the_bar_ends():
    assert pitches("K:D\nF ^F =F F f | F _B B ^^c") == [66, 66, 65, 65, 78, 66, 70, 70, 74]


@pytest.mark.parametrize(
    ("key", "altered"),
    [
        ("C", {}), ("G", {"F": 1}), ("A", {"F": 1, "C": 1, "G": 1}), ("F", {"B": -1}),
        ("Eb", {"B": -1, "E": -1, "A": -1}), ("Am", {}), ("Em", {"F": 1}), ("Cm", {"B": -1, "E": -1, "A": -1}),
        ("F#m", {"F": 1, "C": 1, "G": 1}), ("D dor", {}), ("Dmix", {"F": 1}), ("E Phrygian", {}), ("F lydian", {}),
        ("Bloc", {}), ("G minor", {"B": -1, "E": -1}), ("none", {}), ("", {}), ("HP", {"F": 1, "C": 1}),
        ("D =c", {"F": 1, "C": 0}),
    ],
)  # fmt: skip
def test_keys(key, altered):
    assert accidentals_of(key) == altered


def test_a_key_may_change_in_the_middle():
    assert pitches("K:C\nF [K:D] F\nK:Eb\nE") == [65, 66, 63]


def test_ties_make_one_note_and_slurs_do_not():
    assert heard("C2-C2 (C C)") == [(C, 4), (C, 1), (C, 1)]
    assert heard("C2- | C") == [(C, 3)]
    assert heard("C2 -C") == [(C, 3)]
    assert heard("C-D") == [(C, 1), (D, 1)]


def test_tuplets_and_broken_rhythms():
    assert heard("(3CDE F") == [(C, Fraction(2, 3)), (D, Fraction(2, 3)), (E, Fraction(2, 3)), (F, 1)]
    assert heard("M:6/8\n(2CD E") == [(C, Fraction(3, 2)), (D, Fraction(3, 2)), (E, 1)]
    assert heard("C>D E<F") == [
        (C, Fraction(3, 2)),
        (D, Fraction(1, 2)),
        (E, Fraction(1, 2)),
        (F, Fraction(3, 2)),
    ]
    assert heard("C>>D") == [(C, Fraction(7, 4)), (D, Fraction(1, 4))]


def test_notes_of_a_chord_start_together():
    tune = read_abc("[CEG]2 c")
    assert [(note.pitch, note.start, note.length) for note in tune.notes] == [
        (C, 0, Fraction(1, 4)), (E, 0, Fraction(1, 4)), (G, 0, Fraction(1, 4)),
        (C + 12, Fraction(1, 4), Fraction(1, 8)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "played"),
    [
        ("CD|EF", "CDEF"),
        ("CD:|EF", "CDCDEF"),
        ("|:CD:|:EF:|", "CDCDEFEF"),
        ("|:CD::EF:|", "CDCDEFEF"),
        ("C|:D:|E", "CDDE"),
        ("C||D:|E", "CDDE"),
        ("|:C|1D:|2E||F", "CDCEF"),
        ("|:C [1D:| [2E||:F:|", "CDCEFF"),
        ("|:C[1,3D:|[2E:|[4F|]G", "CDCECDCFG"),
        ("|:C[1-2D:|[3E|]", "CDCDCE"),
        ("|:C|[1 D:|", "CDC"),
    ],
)
def test_repeats_and_endings(written, played):
    names = {C: "C", D: "D", E: "E", F: "F", G: "G"}
    assert "".join(names[pitch] for pitch in pitches(written)) == played


def test_chord_symbols_accompany_until_the_next():
    tune = read_abc('L:1/4\n"C"C2 "Am"E "G7"G')
    assert [(note.pitch, note.start, note.length) for note in tune.chords][:3] == [
        (pitch, 0, Fraction(1, 2)) for pitch in (48, 52, 55)
    ]
    assert [note.pitch for note in tune.chords][3:6] == list(chord_of("Am"))
    assert chord_of("G7/b") == (55, 59, 62, 65)
    assert chord_of("F#m") == (54, 57, 61)
    assert chord_of("Gd") == (55, 58, 61)
    assert chord_of("Cmaj7") == (48, 52, 55, 59)
    assert chord_of("hello") is None


@pytest.mark.parametrize(
    ("said", "tempo"),
    [("1/4=90", 90), ("3/8=60", 90), ("1/8=120", 60), ("100", 50), ('"Allegro" 1/4=120', 120)],
)
def test_tempo_in_quarters(said, tempo):
    assert read_abc(f"L:1/8\nQ:{said}\nC").tempo == tempo


def test_what_cannot_be_read_is_told_with_its_line():
    tune = read_abc('T:x\nC ?D\n"hello" E ]')
    assert [note.pitch for note in tune.notes] == [C, D, E]
    assert tune.skipped == ("2: ?", '3: "hello"', "3: ]")


def test_fields_lyrics_decorations_and_graces_make_no_sound():
    text = "X:1\nT:Title\nC:Composer ABC\nw: ABC\n% ABC\n~C .D !trill!E {CDE}F u\\\n"
    assert pitches(text) == [C, D, E, F]
    assert read_abc(text).skipped == ()
    assert read_abc(text).title == "Title"


def test_only_the_first_tune_is_read():
    text = "X:1\nK:C\nCD\n%P:2\nE\n\nX:2\nK:C\nG\n"
    assert pitches(text) == [C, D, E]
    assert first_tune(text) == "X:1\nK:C\nCD\n%P:2\nE\n"
    assert first_tune("X:1\nK:C\nC\nX:2\nK:C\nD") == "X:1\nK:C\nC\n"


@given(st.text(alphabet="ABCDEFGabcdefgz0123456789|:[]()<>-/^_=,'\"KLMQX\n {}!+&?가", max_size=200))
def test_any_text_is_read(text):
    tune = read_abc(text)
    assert all(note.length > 0 and 0 <= note.pitch < 128 for note in tune.notes)
    assert all(note.end <= tune.length for note in tune.notes)
    assert list(tune.notes) == sorted(tune.notes, key=lambda note: note.start)


def test_note_names():
    tune = read_names("g8 e4. r4 f#8 bb2 c'16 b,1\nh8 d3")
    assert [(note.pitch, note.start, note.length) for note in tune.notes] == [
        (G, 0, Fraction(1, 8)),
        (E, Fraction(1, 8), Fraction(3, 8)),
        (F + 1, Fraction(3, 4), Fraction(1, 8)),
        (B - 1, Fraction(7, 8), Fraction(1, 2)),
        (C + 12, Fraction(11, 8), Fraction(1, 16)),
        (B - 12, Fraction(23, 16), 1),
    ]
    assert tune.skipped == ("2: h8", "2: d3")
    assert are_names("g8 e8 e4")
    assert read_names("솔8 미#4. 쉼4 도'2 시,1").notes == read_names("g8 e#4. r4 c'2 b,1").notes
    assert not are_names("X:1\nK:G\nGABc|d2e2|")


LENGTHS = st.sampled_from(
    [Fraction(1, 16), Fraction(1, 8), Fraction(3, 16), Fraction(1, 4), Fraction(3, 4), Fraction(1)]
)


@given(st.lists(st.tuples(st.none() | st.integers(24, 107), LENGTHS), max_size=40))
def test_what_is_written_as_abc_is_read_as_the_same_tune(drawn):
    now, notes = Fraction(0), []
    for pitch, length in drawn:
        if pitch is not None:
            notes.append(Note(now, length, pitch))
        now += length
    tune = Tune(tuple(notes), now, "나비야")
    again = read_abc(as_abc(tune))
    assert (again.notes, again.length, again.title, again.tempo) == (tune.notes, now, "나비야", tune.tempo)
    assert again.skipped == ()


@pytest.mark.data
@pytest.mark.skipif("YEOUL_DATA" not in os.environ, reason="needs the public data")
def test_the_folk_tunes_of_nottingham_are_read():
    tunes, skipped = 0, 0
    for path in sorted(Path(os.environ["YEOUL_DATA"], "melodies").glob("*.abc")):
        for text in f"\n{path.read_text('utf-8', 'replace')}".split("\nX:")[1:]:
            tune = read_abc("X:" + text)
            tunes += 1
            skipped += len(tune.skipped)
            assert len(tune.notes) > 10
            assert tune.title
    assert tunes == 1034
    assert skipped <= 3
