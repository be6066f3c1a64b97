"""Write a table of word vectors in the forms that other programs and `yeoul.data.vectors` read.

| ending | form |
|---|---|
| `.bin`, with parts of words | the model of fastText's own program, version 12, without what serves training only |
| `.bin` | word2vec's binary form |
| any other | a line a word, below the counts: the text form of word2vec and fastText |
"""

import struct
import unicodedata
from pathlib import Path

import numpy as np

from yeoul.errors import DataError
from yeoul.files import write_bytes
from yeoul.text.vectortables import VectorTable
from yeoul.text.wordparts import WordParts

_FASTTEXT = (793_712_314, 12)
_NEGATIVE_SAMPLING, _SKIPGRAM = 2, 2


def save_vectors(table: VectorTable, path: Path) -> None:
    """Write a table in the form that the ending names; raise `DataError` for a word that the form cannot hold."""
    if path.suffix.lower() != ".bin":
        write_bytes(path, _text(table))
    elif table.parts is None:
        write_bytes(path, _binary(table))
    else:
        write_bytes(path, _fasttext(table, table.parts))


def _text(table: VectorTable) -> bytes:
    lines = [f"{len(table)} {table.size}"]
    for place, word in enumerate(table.words):
        _check(word, "\n")
        numbers = table.values[place].tolist()
        lines.append(" ".join([word, *(f"{number:.6g}" for number in numbers)]))
    return ("\n".join(lines) + "\n").encode("utf-8")


def _binary(table: VectorTable) -> bytes:
    rows = [f"{len(table)} {table.size}\n".encode()]
    for place, word in enumerate(table.words):
        _check(word, " \n")
        rows.append(word.encode("utf-8") + b" " + table.values[place].astype("<f4").tobytes() + b"\n")
    return b"".join(rows)


def _fasttext(table: VectorTable, parts: WordParts) -> bytes:
    number, buckets = len(table), len(parts.runs)
    counts = np.ones(number, np.int64) if table.counts is None else table.counts
    shape = (table.size, 5, 5, 1, 5, 1, _NEGATIVE_SAMPLING, _SKIPGRAM, buckets, parts.shortest, parts.longest)
    head = struct.pack("<2i", *_FASTTEXT) + struct.pack("<12id", *shape, 100, 1e-4)
    head += struct.pack("<iiiqq", number, number, 0, int(counts.sum()), -1)
    entries = []
    for word, count in zip(table.words, counts.tolist(), strict=True):
        _check(word, "\0")
        entries.append(
            unicodedata.normalize(parts.form, word).encode() + b"\0" + struct.pack("<qb", count, 0)
        )
    matrix = struct.pack("<?qq", False, number + buckets, table.size)
    own, runs = (np.asarray(one, "<f4").tobytes() for one in (parts.own, parts.runs))
    nothing = struct.pack("<?qq", False, 0, table.size)  # what serves training
    return b"".join([head, *entries, matrix, own, runs, nothing])


def _check(word: str, breaking: str) -> None:
    if any(letter in word for letter in breaking):
        raise DataError(
            "the word {word} holds a letter that ends a word in this form of file",
            "save the vectors as .vec",
            values={"word": repr(word)},
        )
