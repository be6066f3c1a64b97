"""The smallest sets: a nursery song, ten words, plucked strings; the same on every machine, and what they say."""

from fractions import Fraction

import numpy as np
import pytest

from yeoul.data.embedded import EMBEDDED
from yeoul.data.made.letters import WORDS
from yeoul.data.made.melody import NOTES
from yeoul.sound import mu_law
from yeoul.sound.note_names import read_names


def cells(name, column):
    return EMBEDDED[name].table().columns[column].to_pylist()


@pytest.mark.parametrize("name", ["ten-words", "hihello", "proverb", "nabiya", "plucked-strings"])
def test_a_set_is_the_same_every_time(name):
    entry = EMBEDDED[name]
    first, again = entry.table(), entry.table()
    assert first.columns.keys() == again.columns.keys()
    assert all(first.columns[column].equals(again.columns[column]) for column in first.columns)
    assert {*entry.inputs, *filter(None, [entry.target])} == set(first.columns)


def test_every_line_of_the_song_fills_its_bars():
    lines = NOTES.strip().splitlines()
    # two bars of 4/4 a line: in the first, 3 notes of two beats twice, then 7 of four, all counted in whole notes
    assert [read_names(line).length for line in lines] == [Fraction(2)] * 4
    assert len(NOTES.split()) == 54
    assert read_names(NOTES).skipped == ()
    assert set(cells("nabiya", "notes")) == {" ".join(NOTES.split())}


def test_the_ten_words_lack_their_last_letter_and_none_is_asked_in_two_ways():
    letters, last = cells("ten-words", "letters"), cells("ten-words", "last")
    assert len(set(letters)) == 80
    asked = [(three.lower() + letter) for three, letter in zip(letters, last, strict=True)]
    assert {word: asked.count(word) for word in asked} == dict.fromkeys(WORDS, 8)
    assert len({word[:3] for word in WORDS}) == 10


def test_strings_sound_at_their_pitch_and_fade():
    clips = cells("plucked-strings", "sound")
    assert [len(clip) for clip in clips] == [20_000] * 16
    samples = mu_law.decode(mu_law.as_levels(clips[0]))
    first = samples[: mu_law.RATE // 5]  # no second string is plucked before 0.2 s
    spectrum = np.abs(np.fft.rfft(first * np.hanning(len(first)), 1 << 16))
    loudest = np.argmax(spectrum) * mu_law.RATE / (1 << 16)
    # the loop is a whole number of samples long, and averaging two neighbors makes it half a sample longer
    strings = [
        mu_law.RATE / (round(mu_law.RATE / (440 * 2 ** ((pitch - 69) / 12))) + 0.5)
        for pitch in (50, 53, 55, 57, 60, 62, 65, 67)
    ]
    nearest = min(abs(loudest / (string * overtone) - 1) for string in strings for overtone in (1, 2, 3))
    assert nearest < 0.02
    assert np.abs(first[:400]).mean() > np.abs(first[-400:]).mean()
