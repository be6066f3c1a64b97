"""Samples: µ-law by its formula, WAV of every width, and sounds as texts."""

import math
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers

from yeoul.data.sounds import is_sound_file, read_sound
from yeoul.errors import DataError
from yeoul.sound import mu_law, wav
from yeoul.sound.wav import write_wav


def read_wav(path):
    with open(path, "rb") as file:
        return wav.read_wav(file, path.name)


EVERY = np.arange(256).astype(np.uint8)


@given(st.floats(-1.0, 1.0))
def test_the_level_is_that_of_the_formula(sample):
    curved = math.copysign(math.log(1 + 255 * abs(sample)) / math.log(256), sample)
    level = int(mu_law.encode(np.array([sample]))[0])
    assert abs(level - (curved + 1) / 2 * 255) <= 0.5 + 1e-9


def test_every_level_comes_back():
    assert (mu_law.encode(mu_law.decode(EVERY)) == EVERY).all()
    assert (np.diff(mu_law.decode(EVERY)) > 0).all()
    assert mu_law.decode(EVERY)[[0, 255]].tolist() == [-1.0, 1.0]


def test_quiet_samples_are_told_apart_more_finely_than_loud_ones():
    values = mu_law.decode(EVERY).astype(np.float64)
    gaps = np.diff(values)
    assert gaps[127] < gaps[180] < gaps[254]
    samples = np.linspace(-1, 1, 10_001)
    errors = np.abs(mu_law.decode(mu_law.encode(samples)) - samples)
    # a level is at most 2/255 of the curve wide, whose slope is (1 + 255 |x|) ln(256) / 255
    assert (errors <= (1 + 255 * np.abs(samples)) * math.log(256) / 255 / 255 * 1.02 + 1e-6).all()


def test_what_is_too_loud_has_the_outermost_level():
    assert mu_law.encode(np.array([-3.0, 3.0])).tolist() == [0, 255]


def test_a_text_of_levels_is_they_and_no_normal_form_changes_it():
    text = mu_law.as_text(EVERY)
    assert len(text) == 256
    assert (mu_law.as_levels(text) == EVERY).all()
    for form in (normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.Lowercase()):
        assert form.normalize_str(text) == text
    assert text.split() == [text]
    assert text.splitlines() == [text]
    assert mu_law.is_sound(text + "\n" + text)
    assert not mu_law.is_sound(text + "a")
    assert not mu_law.is_sound(" ")
    with pytest.raises(ValueError, match="no level"):
        mu_law.as_levels("a")


def written(path, numbers, width, rate=8000, channels=1):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(numbers)
    return path


@pytest.mark.parametrize(
    ("width", "content"),
    [
        (1, struct.pack("<4B", 128, 192, 0, 255)),
        (2, struct.pack("<4h", 0, 1 << 14, -(1 << 15), (1 << 15) - 256)),
        (
            3,
            b"".join(
                n.to_bytes(3, "little", signed=True) for n in (0, 1 << 22, -(1 << 23), (1 << 23) - (1 << 16))
            ),
        ),
        (4, struct.pack("<4i", 0, 1 << 30, -(1 << 31), (1 << 31) - (1 << 24))),
    ],
)
def test_every_width_means_the_same(tmp_path, width, content):
    samples, rate = read_wav(written(tmp_path / "a.wav", content, width, 11025))
    assert rate == 11025
    assert samples.tolist() == [0.0, 0.5, -1.0, pytest.approx(127 / 128)]


def test_channels_are_mixed(tmp_path):
    path = written(tmp_path / "a.wav", struct.pack("<4h", 1 << 14, 0, -(1 << 14), -(1 << 14)), 2, channels=2)
    assert read_wav(path)[0].tolist() == [0.25, -0.5]


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=50))
def test_what_is_written_is_read(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("wav") / "소리.wav"
    write_wav(path, np.array(samples), 8000)
    again, rate = read_wav(path)
    assert rate == 8000
    assert np.abs(again - np.array(samples)).max() <= 1 / 32768


def test_a_sound_of_another_rate_keeps_its_pitch(tmp_path):
    times = np.arange(44_100) / 44_100
    write_wav(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * 440 * times), 44_100)
    text = "".join(read_sound(tmp_path / "a.wav"))
    assert len(text) == 8000
    samples = mu_law.decode(mu_law.as_levels(text))
    assert np.argmax(np.abs(np.fft.rfft(samples))) == 440


def test_a_sound_of_8000_a_second_is_read_as_it_is(tmp_path):
    samples = mu_law.decode(EVERY)
    write_wav(tmp_path / "a.wav", samples, 8000)
    assert read_sound(tmp_path / "a.wav") == [mu_law.as_text(EVERY)]
    write_wav(tmp_path / "a.wav", np.zeros(2000), 8000)
    assert [len(piece) for piece in read_sound(tmp_path / "a.wav")] == [800, 800, 400]
    assert is_sound_file(tmp_path / "A.WAV")


def header(form, bits):
    """The head of a WAV file without samples; form 1 is whole numbers, 3 is floats."""
    width = bits // 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36,
        b"WAVE",
        b"fmt ",
        16,
        form,
        1,
        8000,
        8000 * width,
        width,
        bits,
        b"data",
        0,
    )


@pytest.mark.parametrize("content", [b"", b"RIFF", b"text\n" * 20, header(3, 32), header(1, 16)])
def test_other_files_are_refused_with_a_reason(tmp_path, content):
    path = tmp_path / "소리.wav"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"소리\.wav"):
        read_wav(path)
    with pytest.raises(DataError, match=r"소리\.wav"):
        read_sound(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_sound(tmp_path / "없음.wav")


@given(st.binary(max_size=120))
def test_damaged_files_never_crash(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("wav") / "a.wav"
    path.write_bytes(b"RIFF" + content[:4] + b"WAVEfmt \x10\x00\x00\x00" + content)
    try:
        samples, _ = read_wav(path)
    except DataError:
        return
    assert len(samples)
