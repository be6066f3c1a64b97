"""Read columns of texts block by block, so that what is made of them stays small beside them."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Texts: TypeAlias = Sequence[str] | pa.Array | pa.ChunkedArray
"""A column of texts: Python's own strings, or Arrow's, in one piece or several."""

BLOCK_SIZE = 1_000_000  # characters; the tokenizer's own objects take some 200 bytes for each
_BLOCK_TEXTS = 10_000


def blocks(texts: Texts) -> Iterator[list[str]]:
    """Yield the texts in order, in lists of at most 10,000 texts and about a million characters.

    A longer text comes alone. Lone surrogates are replaced by U+FFFD. Raises `ValueError` at a null.
    """
    for start in range(0, len(texts), _BLOCK_TEXTS):
        part = texts[start : start + _BLOCK_TEXTS]
        for first, end in bounds(_sizes(part), BLOCK_SIZE):
            yield [whole_characters(text) for text in _listed(part[first:end])]


def bounds(sizes: npt.NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of runs whose sizes sum to at most `limit`, or that hold one thing alone."""
    first, total = 0, 0
    for place, size in enumerate(sizes.tolist()):
        if total + size > limit and place > first:
            yield first, place
            first, total = place, 0
        total += size
    if len(sizes):
        yield first, len(sizes)


def every(texts: Texts, step: int) -> Texts:
    """Return the first text and each that is `step` further on, without a copy of the others."""
    if not isinstance(texts, pa.ChunkedArray):
        return texts[::step]
    kept, start = [], 0
    for chunk in texts.chunks:
        kept.append(chunk[start::step])
        start = (start - len(chunk)) % step
    return pa.chunked_array(kept, texts.type)


def characters(texts: Texts) -> int:
    """Return the number of code points in all texts together."""
    if isinstance(texts, (pa.Array, pa.ChunkedArray)):
        return int(pc.sum(pc.utf8_length(texts)).as_py() or 0)
    return sum(map(len, texts))


def whole_characters(text: str) -> str:
    """Replace lone surrogates, which no encoding can hold and a broken terminal can send, by U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _sizes(texts: Texts) -> npt.NDArray[np.int64]:
    if isinstance(texts, (pa.Array, pa.ChunkedArray)):
        if texts.null_count:
            raise ValueError("a text is null")
        sizes: npt.NDArray[np.int64] = pc.binary_length(texts).to_numpy(zero_copy_only=False).astype(np.int64)
        return sizes
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _listed(texts: Texts) -> Sequence[str]:
    listed: Sequence[str] = texts.to_pylist() if isinstance(texts, (pa.Array, pa.ChunkedArray)) else texts
    return listed
