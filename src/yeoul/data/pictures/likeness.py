"""Find pictures that are the same, pixel by pixel or to the eye."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from yeoul.data.pictures.reading import Pixels

Ints = npt.NDArray[np.int64]
Sketches = npt.NDArray[np.float32]
_SIDE = 8
_FAR_BITS = 6
"""Of 64: pictures whose prints differ in more are not compared."""
_ALIKE = 6.0
"""Of 255: so much do sketches of the same picture differ at most, on average."""
_PAIRS_AT_ONCE = 1 << 22
_SKETCHES_AT_ONCE = 1 << 16
_PICTURES_AT_ONCE = 256


def same_pictures(frames: Pixels) -> Ints:
    """Number pictures (N, S, S, 3) so that equal ones have equal numbers."""
    numbers: dict[bytes, int] = {}
    digests = (blake2b(np.ascontiguousarray(frame).data, digest_size=16).digest() for frame in frames)
    return np.array([numbers.setdefault(digest, len(numbers)) for digest in digests], np.int64)


def sketches(frames: Pixels) -> Sketches:
    """Return pictures (N, S, S, 3) as 9 columns and 8 rows of gray (N, 8, 9), each the mean of what lies there."""
    size = frames.shape[1]
    rows, columns = _means(size, _SIDE), _means(size, _SIDE + 1)
    found = np.empty((len(frames), _SIDE, _SIDE + 1), np.float32)
    for start in range(0, len(frames), _PICTURES_AT_ONCE):
        gray = frames[start : start + _PICTURES_AT_ONCE].mean(axis=3)  # (some, S, S)
        found[start : start + _PICTURES_AT_ONCE] = rows @ gray @ columns.T
    return found


def seen_before(frames: Sketches, known: Sketches) -> npt.NDArray[np.bool_]:
    """Tell of each picture (N,) whether one of the `known` looks the same, both as `sketches`.

    Prints, which tell where a picture grows lighter from left to right (dHash), find what may be alike; what is alike
    differs little in gray, too.
    """
    own, theirs = _prints(frames), _prints(known)
    found = np.zeros(len(frames), np.bool_)
    step = max(1, _PAIRS_AT_ONCE // max(1, len(theirs)))
    for start in range(0, len(frames), step):
        far = np.bitwise_count(own[start : start + step, None] ^ theirs[None])  # (some, M)
        rows, others = np.nonzero(far <= _FAR_BITS)
        for first in range(0, len(rows), _SKETCHES_AT_ONCE):
            row, other = rows[first : first + _SKETCHES_AT_ONCE], others[first : first + _SKETCHES_AT_ONCE]
            differences = np.abs(frames[start + row] - known[other]).mean(axis=(1, 2))
            found[start + row[differences <= _ALIKE]] = True
    return found


def _prints(gray: Sketches) -> npt.NDArray[np.uint64]:
    """Return 64 bits of each picture (N,)."""
    bits = np.packbits((gray[:, :, 1:] > gray[:, :, :-1]).reshape(len(gray), -1), axis=1)
    return np.ascontiguousarray(bits).view(np.uint64).reshape(-1)


def _means(size: int, parts: int) -> npt.NDArray[np.float64]:
    """Return the matrix (parts, size) that takes the means of equal parts of a line."""
    edges = np.linspace(0, size, parts + 1)
    covered = np.minimum(edges[1:, None], np.arange(1, size + 1)) - np.maximum(
        edges[:-1, None], np.arange(size)
    )
    weights = np.maximum(covered, 0.0)
    means: npt.NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return means
