"""Vectors of words put together from their runs of letters, as fastText does (Bojanowski et al. 2017).

A word stands between "<" and ">"; every run of `shortest` to `longest` of its letters is hashed (FNV-1a over UTF-8,
bytes above 127 taken for negative ones) into one of a number of buckets, each of which has a vector. A word of the
dictionary is the mean of its own vector and those of its runs, any other word the mean of its runs.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

_OFFSET, _PRIME = 2_166_136_261, 16_777_619
_NEGATIVE = np.uint32(0xFFFFFF00)
_END = "</s>"
_ROWS_AT_ONCE = 100_000


@final
@dataclass(frozen=True, eq=False)
class WordParts:
    """The vectors `runs` (K, D) of K buckets, and `own` (N, D) of the dictionary's words before any run is added."""

    own: Floats  # may be mapped from a file, as `runs`
    runs: Floats
    shortest: int
    longest: int
    form: Literal["NFC", "NFD"] = "NFC"
    """What a letter is: a whole syllable, or one of the two or three letters of a Korean syllable."""

    def known(self, words: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Tell of each word (N,) whether it has a run of letters."""
        return self._places(words)[1] > 0

    def vectors(self, words: Sequence[str]) -> Floats:
        """Return the vectors (N, D) of words that the dictionary does not hold; zero where there is no run."""
        places, counts = self._places(words)
        return self._sums(places, counts) / np.maximum(counts, 1).astype(np.float32)[:, None]

    def composed(self, words: Sequence[str], first: int) -> Floats:
        """Return the vectors (N, D) of words of the dictionary, which stand there from the place `first` on."""
        places, counts = self._places(words)
        own = self.own[first : first + len(words)]
        with np.errstate(over="ignore", invalid="ignore"):
            mean: Floats = (own + self._sums(places, counts)) / (counts + 1).astype(np.float32)[:, None]
        return mean

    def _places(self, words: Sequence[str]) -> tuple[Numbers, Numbers]:
        formed = [unicodedata.normalize(self.form, word) for word in words]
        return hashed_runs(formed, self.shortest, self.longest, len(self.runs))

    def _sums(self, places: Numbers, counts: Numbers) -> Floats:
        """Return the sum of the runs of each word, some words at a time."""
        sums = np.zeros((len(counts), self.runs.shape[1]), np.float32)
        ends = np.cumsum(counts)
        first = 0
        while first < len(counts):
            begin = int(ends[first] - counts[first])
            last = max(first + 1, int(np.searchsorted(ends, begin + _ROWS_AT_ONCE, "right")))
            some = np.flatnonzero(counts[first:last]) + first
            if len(some):
                rows = self.runs[places[begin : int(ends[last - 1])]]
                with np.errstate(
                    over="ignore", invalid="ignore"
                ):  # whoever asks looks for what is not finite
                    sums[some] = np.add.reduceat(rows, ends[some] - counts[some] - begin, axis=0)
            first = last
        return sums


def hashed_runs(words: Sequence[str], shortest: int, longest: int, buckets: int) -> tuple[Numbers, Numbers]:
    """Return the buckets of the runs of all words, word by word, and how many (N,) each word has."""
    if not buckets or not words:
        return np.empty(0, np.int64), np.zeros(len(words), np.int64)
    edged = [f"<{word}>" for word in words]
    lengths = np.array([len(word) for word in edged], np.int64)
    letters = np.frombuffer("".join(edged).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)
    owner = np.repeat(np.arange(len(words)), lengths)
    ends = np.cumsum(lengths)[owner]
    edge = np.ones(len(letters), np.bool_)
    edge[1:-1] = (owner[1:-1] != owner[:-2]) | (owner[1:-1] != owner[2:])
    whole = np.array([word != _END for word in words])[owner]
    starts = np.flatnonzero(whole)
    hashed = np.full(len(starts), _OFFSET, np.uint32)
    found, owners = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for length in range(1, longest + 1):
        inside = starts + length - 1 < ends[starts]
        starts, hashed = starts[inside], _extended(hashed[inside], letters[starts[inside] + length - 1])
        if length >= shortest:
            counted = ~edge[starts] if length == 1 else np.ones(len(starts), np.bool_)
            found.append(hashed[counted].astype(np.int64) % buckets)
            owners.append(owner[starts[counted]])
    all_owners = np.concatenate(owners)
    order = np.argsort(all_owners, kind="stable")
    return np.concatenate(found)[order], np.bincount(all_owners, minlength=len(words)).astype(np.int64)


def _extended(hashed: npt.NDArray[np.uint32], letters: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Take one more letter into each hash, byte by byte of its UTF-8."""
    sizes = 1 + (letters > 0x7F).astype(np.int64) + (letters > 0x7FF) + (letters > 0xFFFF)
    for place in range(4):
        there = place < sizes
        shift = (6 * np.maximum(sizes - 1 - place, 0)).astype(np.uint32)
        byte = (letters >> shift) & np.uint32(0x3F) | np.uint32(0x80)
        if place == 0:
            lead = np.array([0, 0, 0xC0, 0xE0, 0xF0], np.uint32)[sizes]
            byte = np.where(sizes == 1, letters, lead | (letters >> shift))
        signed = np.where(byte > 0x7F, byte | _NEGATIVE, byte).astype(np.uint32)
        hashed = np.where(there, (hashed ^ signed) * np.uint32(_PRIME), hashed)
    return hashed
