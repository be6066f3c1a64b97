"""Open files of word vectors, GloVe's, word2vec's and fastText's, mapped into memory.

Numbers in text are read once and kept as floats in the user's cache, from where they are mapped the next time;
word2vec's binary files are mapped as they are. Files of fastText's own program (.bin) hold words and parts of words;
`open_vectors` reads those of its version 12 that are not quantized and gives words the mean of what they are made of.
"""

import hashlib
import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from yeoul.caches import cache_folder
from yeoul.data.opening import GZIP, existing_file, open_bytes, shown_name
from yeoul.errors import DataError
from yeoul.files import write_bytes
from yeoul.text.vectortables import VectorTable

Floats = npt.NDArray[np.float32]

_FASTTEXT = struct.pack("<ii", 793_712_314, 12)
_LONGEST_WORD = 10_000  # bytes
_LARGEST_SIZE = 100_000
_REMEDY = "use a file of GloVe, word2vec or fastText, whole as it was fetched"


def open_vectors(path: Path) -> VectorTable:
    """Open a file of word vectors, packed with gzip or not; its content tells the form.

    Raises `DataError`, with the line, for what is of no such form, and for numbers that are not finite.
    """
    path = existing_file(path)
    with open_bytes(path) as file:
        head = file.read(1 << 16)
    if head.startswith(_FASTTEXT):
        return _fasttext(path)
    if _is_binary(head):
        return _binary(path)
    return _text(path)


def _is_binary(head: bytes) -> bool:
    """Tell whether after the counts comes a word with numbers that are no text."""
    first, _, rest = head.partition(b"\n")
    counts = first.split()
    if len(counts) != 2 or not all(one.isdigit() for one in counts):
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


def _text(path: Path) -> VectorTable:
    """Read lines of a word and its numbers, or what an earlier reading left in the cache."""
    name = shown_name(path)
    state = os.stat(path)
    key = hashlib.sha256(f"1 {path.resolve()} {state.st_size} {state.st_mtime_ns}".encode()).hexdigest()[:32]
    folder = cache_folder() / "vectors"
    words_at, values_at = folder / f"{key}.words", folder / f"{key}.floats"
    with suppress(OSError, ValueError):  # nothing there, or damaged: read the file itself
        words = words_at.read_text("utf-8").split("\n")
        values = np.memmap(values_at, "<f4", "r")
        if len(words) and len(values) and len(values) % len(words) == 0:
            return VectorTable.of(words, values.reshape(len(words), -1))
    words, rows = [], []
    for word, numbers in _lines(path, name):
        words.append(word)
        rows.append(numbers)
    if not rows:
        raise DataError("there is no vector in the file", _REMEDY, where=name)
    table = np.stack(rows)
    with suppress(OSError):  # a cache that cannot be written
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(values_at, table.astype("<f4").tobytes())
        write_bytes(words_at, "\n".join(words).encode("utf-8"))
    return VectorTable.of(words, table)


def _lines(path: Path, name: str) -> Iterator[tuple[str, Floats]]:
    size = 0
    with open_bytes(path) as file:
        for number, line in enumerate(file, 1):
            parts = line.rstrip(b" \r\n").split(b" ")
            if number == 1 and len(parts) == 2 and all(part.isdigit() for part in parts):
                size = int(parts[1])
                continue
            size = size or len(parts) - 1
            if len(parts) <= size or size < 1:
                raise DataError(
                    "the line holds {came} numbers, expected {size}",
                    _REMEDY,
                    where=f"{name}:{number}",
                    values={"came": len(parts) - 1, "size": max(size, 1)},
                )
            word = _decoded(b" ".join(parts[:-size]), f"{name}:{number}")
            yield word, _finite(_parsed(parts[-size:]), word, f"{name}:{number}")


def _parsed(parts: list[bytes]) -> Floats:
    try:
        return np.array(parts, dtype="S").astype(np.float32)
    except ValueError:
        return np.full(len(parts), np.nan, np.float32)


def _binary(path: Path) -> VectorTable:
    """Map word2vec's form: the counts, then each word, a space and its floats, at times with a line break between."""
    name = shown_name(path)
    content = _mapped(path)
    counts_end = content.find(b"\n", 0, 100)
    number, size = (int(part) for part in content[: max(counts_end, 0)].split())
    if not 0 < size <= _LARGEST_SIZE or not 0 < number <= len(content) // (4 * size):
        raise _cut_off(0, number, name)
    words, rows, place = [], [], counts_end + 1
    for row in range(number):
        end = content.find(b" ", place, place + _LONGEST_WORD)
        if end < 0 or end + 1 + 4 * size > len(content):
            raise _cut_off(row, number, name)
        words.append(_decoded(bytes(content[place:end]).lstrip(b"\n"), name))
        rows.append(end + 1)
        place = end + 1 + 4 * size
    starts, steps = np.array(rows, np.int64), np.diff(rows)
    flat = np.frombuffer(content, np.uint8)
    if len(steps) and (steps == steps[0]).all():  # words of one length: the floats can be seen where they lie
        table: Floats = np.ndarray((number, size), "<f4", content, rows[0], (int(steps[0]), 4))
    else:
        table = np.stack([flat[start : start + 4 * size].view("<f4") for start in starts])
    _all_finite(table, words, name)
    return VectorTable.of(words, table)


def _fasttext(path: Path) -> VectorTable:
    """Read fastText's model: settings, dictionary, matrix of words and of hashed parts of words."""
    name = shown_name(path)
    with open_bytes(path) as file:
        file.read(len(_FASTTEXT))
        settings = struct.unpack("<12i", _exactly(file, 48, name))
        _exactly(file, 8, name)  # the threshold of sampling
        size, buckets, shortest, longest = settings[0], *settings[8:11]
        entries, number, _, _, pruned = struct.unpack("<iiiqq", _exactly(file, 28, name))
        words = [_word(file, name) for _ in range(entries)][:number]  # labels stand after them
        if pruned > 0:
            _exactly(file, 8 * pruned, name)
        (quantized,) = struct.unpack("<?", _exactly(file, 1, name))
        if quantized or not 0 < size <= _LARGEST_SIZE:
            raise DataError(
                "the model of fastText is quantized", "use one that is not, or a .vec file", where=name
            )
        rows, columns = struct.unpack("<qq", _exactly(file, 16, name))
        matrix = np.frombuffer(_exactly(file, 4 * rows * columns, name), "<f4").reshape(rows, columns)
    values = np.stack(
        [
            matrix[[place, *(number + one for one in _parts(word, shortest, longest, buckets))]].mean(axis=0)
            for place, word in enumerate(words)
        ]
    )
    _all_finite(values, words, name)
    return VectorTable.of(words, values)


def _word(file: BinaryIO, name: str) -> str:
    letters = bytearray()
    while (letter := _exactly(file, 1, name)) != b"\0":
        letters += letter
        if len(letters) > _LONGEST_WORD:
            raise DataError(
                "a word is longer than {most} bytes", _REMEDY, where=name, values={"most": _LONGEST_WORD}
            )
    _exactly(file, 9, name)  # its count and kind
    return _decoded(bytes(letters), name)


def _parts(word: str, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the buckets of a word's runs of letters, as fastText hashes them (FNV-1a over signed bytes)."""
    if word == "</s>" or not buckets:
        return []
    edged = f"<{word}>"
    found = []
    for first in range(len(edged)):
        for length in range(shortest, longest + 1):
            if first + length > len(edged):
                break
            if length == 1 and first in (0, len(edged) - 1):
                continue
            hashed = 2_166_136_261
            for byte in edged[first : first + length].encode("utf-8"):
                hashed = ((hashed ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16_777_619) & 0xFFFFFFFF
            found.append(hashed % buckets)
    return found


def _mapped(path: Path) -> "mmap.mmap | bytes":
    with open(path, "rb") as file:
        if file.read(len(GZIP)) != GZIP:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with open_bytes(path) as unpacked:
        return unpacked.read()


def _exactly(file: BinaryIO, size: int, name: str) -> bytes:
    content = file.read(size) if size >= 0 else b""
    if len(content) != size:
        raise _cut_off(0, 0, name)
    return content


def _decoded(word: bytes, where: str) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError("a word is not UTF-8", _REMEDY, where=where) from error


def _finite(values: Floats, word: str, where: str) -> Floats:
    if not np.isfinite(values).all():
        raise DataError(
            "the vector of {word} holds something that is no finite number",
            _REMEDY,
            where=where,
            values={"word": word},
        )
    return values


def _all_finite(values: Floats, words: list[str], name: str) -> None:
    wrong = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(wrong):
        _finite(values[wrong[0]], words[wrong[0]], name)


def _cut_off(came: int, expected: int, name: str) -> DataError:
    return DataError(
        "the file ends after {came} of {expected} vectors, or holds others than it says",
        _REMEDY,
        where=name,
        values={"came": came, "expected": expected},
    )
