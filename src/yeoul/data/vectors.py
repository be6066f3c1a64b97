"""Open files of word vectors, GloVe's, word2vec's and fastText's, mapped into memory.

Numbers in text are read once and kept as floats in the user's cache, from where they are mapped the next time, and so
are the words of other forms with what it takes to find their vectors. Of word2vec's binary files the numbers are read
where they lie. Files of fastText's own program (.bin) hold words and parts of words: see `yeoul.data.fasttext`.
"""

import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from yeoul.caches import cache_folder
from yeoul.data.fasttext import FASTTEXT, cut_off, decoded, read_fasttext
from yeoul.data.opening import GZIP, existing_file, open_bytes, shown_name
from yeoul.errors import DataError
from yeoul.files import write_bytes
from yeoul.text.vectorrows import ScatteredRows
from yeoul.text.vectortables import VectorTable, not_finite
from yeoul.text.wordparts import WordParts

Floats = npt.NDArray[np.float32]

_LONGEST_COUNTS, _LONGEST_WORD = 100, 10_000  # bytes
_LARGEST_SIZE = 100_000
_ROWS_AT_ONCE = 10_000
_FORM = 2  # of what is kept in the cache
_REMEDY = "use a file of GloVe, word2vec or fastText, whole as it was fetched"


def open_vectors(path: Path) -> VectorTable:
    """Open a file of word vectors, packed with gzip or not; its content tells the form.

    Raises `DataError`, with the line, for what is of no such form, and for numbers that are not finite.
    """
    path = existing_file(path)
    with open_bytes(path) as file:
        head = file.read(1 << 16)
    kept = _Kept.of(path)
    if head.startswith(FASTTEXT):
        return _fasttext(path, kept)
    if _is_binary(head):
        return _binary(path, kept)
    return _text(path, kept)


@dataclass(frozen=True)
class _Kept:
    """What an earlier opening of the same file has left in the cache."""

    words: Path
    numbers: Path

    @classmethod
    def of(cls, path: Path) -> "_Kept":
        state = os.stat(path)
        told = f"{_FORM} {path.resolve()} {state.st_size} {state.st_mtime_ns}"
        key = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        folder = cache_folder() / "vectors"
        return cls(folder / f"{key}.words", folder / f"{key}.numbers")

    def rows(self, kind: str) -> tuple[list[str], npt.NDArray[np.generic]] | None:
        """Return the words with their numbers (N, …) of this kind, or None where nothing whole is kept."""
        with suppress(OSError, ValueError):  # nothing there, or damaged: the file itself is read
            words = self.words.read_text("utf-8").split("\n")
            numbers = np.memmap(self.numbers, kind, "r")
            if len(numbers) and len(numbers) % len(words) == 0:
                return words, numbers.reshape(len(words), -1)
        return None

    def keep(self, words: list[str], numbers: npt.NDArray[np.generic]) -> None:
        """Keep words with their numbers, unless the cache cannot be written or a word would tear its line."""
        if any("\n" in word for word in words):
            return
        with suppress(OSError):
            self.words.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self.numbers, numbers.tobytes())
            write_bytes(self.words, "\n".join(words).encode("utf-8"))


def _is_binary(head: bytes) -> bool:
    """Tell whether after the counts comes a word with numbers that are no text."""
    first, ended, rest = head.partition(b"\n")
    counts = first.split()
    if (
        not ended
        or len(first) > _LONGEST_COUNTS
        or len(counts) != 2
        or not all(one.isdigit() for one in counts)
    ):
        return False
    line = rest.partition(b"\n")[0].split()
    size = int(counts[1])
    return len(line) <= size or not all(_is_number(one) for one in line[-min(size, len(line) - 1) :][:8])


def _is_number(part: bytes) -> bool:
    try:
        float(part)
    except ValueError:
        return False
    return True


def _text(path: Path, kept: _Kept) -> VectorTable:
    """Read lines of a word and its numbers, or what an earlier reading has kept."""
    name = shown_name(path)
    if (found := kept.rows("<f4")) is not None:
        return VectorTable.of(found[0], found[1].view(np.float32))
    words, rows = [], []
    for word, numbers in _lines(path, name):
        words.append(word)
        rows.append(numbers)
    if not rows:
        raise DataError("there is no vector in the file", _REMEDY, where=name)
    table = np.stack(rows)
    kept.keep(words, table.astype("<f4"))
    return VectorTable.of(words, table)


def _lines(path: Path, name: str) -> Iterator[tuple[str, Floats]]:
    size = 0
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            parts = line.rstrip(b" \r\n").split(b" ")
            counts = len(parts) == 2 and all(part.isdigit() for part in parts)
            if number == 1 and counts and len(line) <= _LONGEST_COUNTS:
                size = int(parts[1])
                continue
            size = size or _told_size(parts)
            if len(parts) <= size or size < 1:
                raise DataError(
                    "the line holds {came} numbers, expected {size}",
                    _REMEDY,
                    where=f"{name}:{number}",
                    values={"came": len(parts) - 1, "size": max(size, 1)},
                )
            word = decoded(b" ".join(parts[:-size]), f"{name}:{number}")
            yield word, _finite(_parsed(parts[-size:]), word, f"{name}:{number}")


def _told_size(parts: list[bytes]) -> int:
    """Count the numbers at the end of the first line, before which a word stands that may hold spaces itself."""
    numbers = next((place for place, part in enumerate(reversed(parts)) if not _is_number(part)), len(parts))
    return min(numbers or len(parts), len(parts) - 1)


def _parsed(parts: list[bytes]) -> Floats:
    try:
        with np.errstate(over="ignore"):  # then it is no finite number
            return np.array(parts, dtype="S").astype(np.float32)
    except ValueError:
        return np.full(len(parts), np.nan, np.float32)


def _binary(path: Path, kept: _Kept) -> VectorTable:
    """Map word2vec's form: the counts, then each word, a space and its floats, at times with a line break between."""
    name = shown_name(path)
    content = _mapped(path)
    counts_end = content.find(b"\n")
    number, size = (int(part) for part in content[:counts_end].split())
    if not 0 < size <= _LARGEST_SIZE or not 0 < number <= len(content) // (4 * size):
        raise cut_off(0, number, name)
    if (found := kept.rows("<i8")) is not None and found[1].shape == (number, 1):
        starts = found[1].view(np.int64)[:, 0]
        if int(starts.max()) + 4 * size <= len(content):
            return VectorTable.of(found[0], ScatteredRows(content, starts, size))
    words, places, place = [], [], counts_end + 1
    for row in range(number):
        end = content.find(b" ", place, place + _LONGEST_WORD)
        if end < 0 or end + 1 + 4 * size > len(content):
            raise cut_off(row, number, name)
        words.append(decoded(bytes(content[place:end]).lstrip(b"\n"), name))
        places.append(end + 1)
        place = end + 1 + 4 * size
    starts = np.array(places, np.int64)
    rows = ScatteredRows(content, starts, size)
    _all_finite(rows, words, name)
    kept.keep(words, starts.astype("<i8"))
    return VectorTable.of(words, rows)


def _fasttext(path: Path, kept: _Kept) -> VectorTable:
    """Map fastText's model, and give words the mean of what they are made of; this is kept, for it takes a while."""
    name = shown_name(path)
    found = read_fasttext(_mapped(path), name)
    whole = kept.rows("<f4")
    if whole is not None and whole[1].shape == (len(found.words), found.parts.own.shape[1]):
        return VectorTable.of(found.words, whole[1].view(np.float32), found.parts, found.counts)
    values = np.concatenate(list(_composed(found.words, found.parts)))
    _all_finite(values, found.words, name)
    kept.keep(found.words, values.astype("<f4"))
    return VectorTable.of(found.words, values, found.parts, found.counts)


def _composed(words: list[str], parts: WordParts) -> Iterator[Floats]:
    for first in range(0, len(words), _ROWS_AT_ONCE):
        yield parts.composed(words[first : first + _ROWS_AT_ONCE], first)


def _mapped(path: Path) -> "mmap.mmap | bytes":
    with open(path, "rb") as file:
        if file.read(len(GZIP)) != GZIP:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with open_bytes(path) as unpacked:
        return unpacked.read()


def _finite(values: Floats, word: str, where: str) -> Floats:
    if not np.isfinite(values).all():
        raise not_finite(word, where)
    return values


def _all_finite(values: Floats | ScatteredRows, words: list[str], name: str) -> None:
    for first in range(0, len(words), _ROWS_AT_ONCE):
        wrong = np.flatnonzero(~np.isfinite(values[first : first + _ROWS_AT_ONCE]).all(axis=1))
        if len(wrong):
            raise not_finite(words[first + int(wrong[0])], name)
