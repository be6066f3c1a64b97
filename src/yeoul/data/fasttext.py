"""Read the models of fastText's own program, version 12: settings, dictionary, vectors of words and of parts of words.

After the settings come the words with their counts, then one matrix: a row for each word, then one for each bucket of
hashed runs of letters. What follows it serves training only and is not read. Words that are written in the letters of
their syllables (NFD), as Yeoul trains Korean, are taken apart in the same way when their runs are looked up.
"""

import mmap
import struct
import unicodedata
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError
from yeoul.text.wordparts import WordParts

FASTTEXT = struct.pack("<ii", 793_712_314, 12)
_LONGEST_WORD = 10_000  # bytes
_LARGEST_SIZE = 100_000
_REMEDY = "use a file of GloVe, word2vec or fastText, whole as it was fetched"
Content = mmap.mmap | bytes


@dataclass(frozen=True, eq=False)
class FastText:
    """The words of a model, composed (NFC), how often each was seen, and the vectors of what they are made of."""

    words: list[str]
    counts: npt.NDArray[np.int64]  # (N,)
    parts: WordParts


def read_fasttext(content: Content, name: str) -> FastText:
    """Read a model, its numbers left where they are; raise `DataError` for one that is cut off or quantized."""
    settings = struct.Struct("<12id")
    dictionary = struct.Struct("<iiiqq")
    place = len(FASTTEXT)
    size, buckets, shortest, longest = _fields(settings, content, place, name, (0, 8, 9, 10))
    place += settings.size
    entries, number, pruned = _fields(dictionary, content, place, name, (0, 1, 4))
    place += dictionary.size
    words, counts = list[str](), list[int]()
    for row in range(entries):
        word, place = _word(content, place, name)
        if row < number:  # labels stand after the words
            words.append(word)
            counts.append(_fields(struct.Struct("<q"), content, place, name, (0,))[0])
        place += 9  # its count and kind
    place += 8 * max(pruned, 0)
    quantized, rows, columns = _fields(struct.Struct("<?qq"), content, place, name, (0, 1, 2))
    place += 17
    if quantized or not 0 < size <= _LARGEST_SIZE:
        raise DataError(
            "the model of fastText is quantized", "use one that is not, or a .vec file", where=name
        )
    fits = columns == size and len(words) == number and buckets >= 0 and rows == number + buckets
    if not fits or len(content) < place + 4 * rows * columns:
        raise cut_off(0, rows, name)
    if not words:
        raise DataError("there is no vector in the file", _REMEDY, where=name)
    matrix: npt.NDArray[np.float32] = np.ndarray((rows, columns), "<f4", content, place)
    composed = all(unicodedata.is_normalized("NFC", word) for word in words)
    form: Literal["NFC", "NFD"] = "NFC" if composed else "NFD"
    parts = WordParts(matrix[:number], matrix[number:], shortest, longest, form)
    return FastText([unicodedata.normalize("NFC", word) for word in words], np.array(counts, np.int64), parts)


def decoded(word: bytes, where: str) -> str:
    """Return a word as text; raise `DataError` for one that is not UTF-8."""
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("a word is not UTF-8", _REMEDY, where=where) from error


def cut_off(came: int, expected: int, name: str) -> DataError:
    """Return the error for a file that ends too early."""
    return DataError(
        "the file ends after {came} of {expected} vectors, or holds others than it says",
        _REMEDY,
        where=name,
        values={"came": came, "expected": expected},
    )


def _fields(
    form: struct.Struct, content: Content, place: int, name: str, wanted: tuple[int, ...]
) -> list[int]:
    """Return those of the numbers that stand at a place that are wanted."""
    if len(content) < place + form.size:
        raise cut_off(0, 0, name)
    numbers = form.unpack_from(content, place)
    return [int(numbers[one]) for one in wanted]


def _word(content: Content, place: int, name: str) -> tuple[str, int]:
    """Return the word that stands at a place, and where what comes after it stands."""
    end = content.find(b"\0", place, place + _LONGEST_WORD + 1)
    if end < 0 and len(content) > place + _LONGEST_WORD:
        raise DataError(
            "a word is longer than {most} bytes", _REMEDY, where=name, values={"most": _LONGEST_WORD}
        )
    if end < 0:
        raise cut_off(0, 0, name)
    return decoded(bytes(content[place:end]), name), end + 1
