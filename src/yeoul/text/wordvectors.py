"""Read word vectors from a text file: a line a word, the word and its numbers between spaces.

That is how GloVe's files are written, and the text form of word2vec and fastText, whose first line holds the
number of words and of components. A file is read line by line, and of its numbers only those of wanted words are
kept, so the memory follows from the vocabulary and not from the file.
"""

import math
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from yeoul.errors import DataError

Floats = npt.NDArray[np.float32]
_LONGEST_LINE = 1_000_000  # bytes; what is longer is read in pieces, which are no lines of the form
_LARGEST = float(np.finfo(np.float32).max)
_REMEDY = "use a file in the text form of GloVe, word2vec or fastText"


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The vectors `values` (N, D) of those words that a file holds, and the words' `ids` (N,)."""

    ids: npt.NDArray[np.int64]
    values: Floats


def read_vectors(file: BinaryIO, vocabulary: Mapping[str, int], size: int, where: str) -> WordVectors:
    """Return the vectors of `size` components of the words in `vocabulary`, which gives each its id.

    Words are compared in composed form (NFC); of one that comes twice the first line counts. Raises `DataError`,
    with the place, for a line of another form or size, for a component that is no finite number, and when the
    file holds no word of the vocabulary.
    """
    found: dict[int, Floats] = {}
    lines = enumerate(iter(partial(file.readline, _LONGEST_LINE), b""), 1)
    for number, line in _without_counts(lines):
        place = f"{where}:{number}"
        word, numbers = _parted(line, size, place)
        known = vocabulary.get(unicodedata.normalize("NFC", word))
        if known is not None and known not in found:
            found[known] = _numbers(numbers, word, place)
    if not found:
        raise DataError(
            "none of the vocabulary's {words} tokens has a vector in the file",
            "use vectors of the texts' language, and words as text.unit",
            where=where,
            values={"words": len(vocabulary)},
        )
    ids = sorted(found)
    return WordVectors(np.array(ids, np.int64), np.stack([found[one] for one in ids]))


def _without_counts(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Leave out the first line where it holds nothing but two whole numbers."""
    first = list(islice(lines, 1))
    parts = first[0][1].split() if first else []
    counts = len(parts) == 2 and all(part.isdigit() for part in parts)
    return lines if counts else chain(first, lines)


def _parted(line: bytes, size: int, place: str) -> tuple[str, list[bytes]]:
    """Return the word, which may hold spaces itself, and its numbers."""
    parts = line.rstrip(b" \r\n").split(b" ")
    if len(parts) <= size or (len(parts) > size + 1 and not math.isnan(_number(parts[-size - 1]))):
        raise DataError(
            "the line holds {came} numbers, expected {size}",
            "set model.embedding.size to the size of the file's vectors",
            where=place,
            values={"came": len(parts) - 1, "size": size},
        )
    try:
        return b" ".join(parts[:-size]).decode("utf-8"), parts[-size:]
    except UnicodeDecodeError as error:
        raise DataError("the line is not UTF-8", _REMEDY, where=place) from error


def _numbers(parts: list[bytes], word: str, place: str) -> Floats:
    numbers = [_number(part) for part in parts]
    if not all(abs(number) <= _LARGEST for number in numbers):
        raise DataError(
            "the vector of {word} holds something that is no finite number",
            _REMEDY,
            where=place,
            values={"word": word},
        )
    return np.array(numbers, np.float32)


def _number(part: bytes) -> float:
    """Return what is written, or NaN."""
    try:
        return float(part)
    except ValueError:
        return math.nan
