"""Read and write sounds as WAV files of whole numbers (PCM)."""

import io
import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError
from yeoul.files import write_bytes

Samples = npt.NDArray[np.float32]

_FRAMES_AT_ONCE = 1 << 20
_LARGEST = {1: 1 << 7, 2: 1 << 15, 3: 1 << 23, 4: 1 << 31}


def read_wav(file: BinaryIO, where: str) -> tuple[Samples, int]:
    """Return the samples (N,) between -1 and 1, the mean over the channels, and how many a second has.

    Reads whole numbers of 8, 16, 24 and 32 bits. Raises `DataError`, at the place `where`, for other files and for
    damaged ones.
    """
    try:
        with wave.open(file) as sound:
            width, channels, rate = sound.getsampwidth(), sound.getnchannels(), sound.getframerate()
            if width not in _LARGEST or channels < 1 or rate < 1:
                raise _unreadable(where, f"{8 * width} bits, {channels} channels, {rate} Hz")
            parts = [np.empty(0, np.float32)]
            while content := sound.readframes(_FRAMES_AT_ONCE):
                parts.append(_mixed(content, width, channels))
    except (wave.Error, EOFError) as error:
        raise _unreadable(where, str(error) or "it ends too early") from error
    samples = np.concatenate(parts)
    if not len(samples):
        raise DataError("the sound has no samples", "give a file that holds a sound", where=where)
    return samples, rate


def write_wav(path: Path, samples: npt.NDArray[np.floating], rate: int) -> None:
    """Write samples (N,) as one channel of 16 bits; what lies outside -1 to 1 is as loud as can be."""
    numbers = np.clip(np.rint(samples.astype(np.float64) * _LARGEST[2]), -32768, 32767).astype("<i2")
    content = io.BytesIO()
    with wave.open(content, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(numbers.tobytes())
    write_bytes(path, content.getvalue())


def _mixed(content: bytes, width: int, channels: int) -> Samples:
    whole = len(content) - len(content) % (width * channels)
    content = content[:whole]
    numbers: npt.NDArray[np.float64]
    if width == 1:
        numbers = np.frombuffer(content, np.uint8).astype(np.float64) - 128
    elif width == 3:
        low, middle, high = np.frombuffer(content, np.uint8).reshape(-1, 3).astype(np.int32).T
        numbers = (low | middle << 8 | (high ^ 0x80) << 16).astype(np.float64) - (1 << 23)
    else:
        numbers = np.frombuffer(content, f"<i{width}").astype(np.float64)
    mixed: Samples = (numbers.reshape(-1, channels).mean(axis=1) / _LARGEST[width]).astype(np.float32)
    return mixed


def _unreadable(where: str, reason: str) -> DataError:
    return DataError(
        "the file is not a WAV of whole numbers: {reason}",
        "save it as PCM of 16 bits, for example with ffmpeg -i this.wav -c:a pcm_s16le other.wav",
        where=where,
        values={"reason": reason},
    )
