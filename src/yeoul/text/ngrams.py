"""Numbers for runs of units, exact ones that are learned and hashed ones that need no learning.

A run of n units is known by the number of its first n - 1 and by its last, so runs of any length are pairs of
whole numbers, and all of a length are looked up at once.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.errors import DataError
from yeoul.text.units import Numbers, OpenUnit, Units

_NOT_THERE = -1
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_BETWEEN: dict[str, str] = {"word": " ", "spaced": " ", "morpheme": " "}


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of units in N texts, by column."""

    rows: Numbers  # (R,) text of each
    columns: Numbers  # (R,) column of each, -1 where the vocabulary does not hold it
    texts: int


@dataclass(frozen=True, eq=False)
class Ngrams:
    """The vocabulary of runs of `shortest` … `longest` units, the most frequent first."""

    shortest: int
    longest: int
    names: list[str]  # units
    keys: list[Numbers]  # of runs of 2, 3, … units, rising
    columns: list[Numbers]  # of runs of 1, 2, 3, … units by number, -1 for those left out and after the last
    size: int
    places: dict[str, int]
    """The number of each unit."""

    @classmethod
    def learn(
        cls, units: Units, ngrams: tuple[int, int], *, min_count: int, vocabulary_size: int | None
    ) -> "Ngrams":
        """Give columns to runs that occur `min_count` times or more; of these to the most frequent.

        Raises `DataError` if there is none, and `ValueError` for lengths that are none.
        """
        shortest, longest = _checked(ngrams)
        keys: list[Numbers] = []
        counts = [_counted(units.codes if shortest == 1 else units.codes[:0], len(units.names))]
        runs = units.codes
        for length in range(2, longest + 1):
            pairs = _pairs(runs, units, length)
            here = pairs >= 0
            coded = pa.array(pairs[here]).dictionary_encode()
            found = coded.dictionary.to_numpy(zero_copy_only=False)
            order = np.argsort(found)
            ranks = np.empty(len(found), np.int64)
            ranks[order] = np.arange(len(found))
            runs = np.full(len(units.codes), _NOT_THERE)
            runs[here] = ranks[coded.indices.to_numpy(zero_copy_only=False)]
            keys.append(found[order])
            counts.append(_counted(runs[here & (length >= shortest)], len(found)))
        columns, size = _columns(counts, min_count, vocabulary_size)
        if not size:
            raise DataError(
                "no unit and no run of units occurs {count} times in the texts",
                "lower min_count, or give more texts",
                values={"count": min_count},
            )
        places = {name: place for place, name in enumerate(units.names)}
        return cls(shortest, longest, units.names, keys, columns, size, places)

    def find(self, units: Units) -> Runs:
        """Return the runs of all texts, those of the same length one after another."""
        known = units if units.names is self.names else self._known(units)
        owners = np.repeat(np.arange(len(units.lengths)), units.lengths)
        rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for length, runs in enumerate(self._runs(known), 1):
            if length >= self.shortest:
                inside = _inside(units, length)
                rows.append(owners[inside])
                columns.append(self.columns[length - 1][runs[inside]])
        return Runs(np.concatenate(rows), np.concatenate(columns), len(units.lengths))

    def _known(self, units: Units) -> Units:
        """Return units by their learned numbers, -1 for those never seen."""
        numbers = [self.places.get(name, _NOT_THERE) for name in units.names]
        return Units(np.array(numbers, np.int64)[units.codes], self.names, units.lengths)

    def _runs(self, units: Units) -> Iterator[Numbers]:
        """Yield for 1, 2, 3, … units the number of the run that ends at each unit, -1 where there is none."""
        runs = units.codes
        yield runs
        for length, keys in enumerate(self.keys, 2):
            pairs = _pairs(runs, units, length)
            places = np.searchsorted(keys, pairs).clip(max=max(0, len(keys) - 1))
            runs = np.where(keys[places] == pairs, places, _NOT_THERE) if len(keys) else pairs * 0 - 1
            yield runs

    def written(self, unit: OpenUnit) -> list[str]:
        """Return what each column stands for: words between spaces, letters side by side."""
        written = [""] * self.size
        names = np.array(self.names, dtype=object)
        for length, columns in enumerate(self.columns, 1):
            kept = np.flatnonzero(columns >= 0)
            if not len(kept):
                continue
            lasts, runs = [], kept
            for keys in reversed(self.keys[: length - 1]):
                lasts.append(names[keys[runs] % len(names)])
                runs = keys[runs] // len(names)
            parts = zip(names[runs], *reversed(lasts), strict=True)
            for column, units in zip(columns[kept].tolist(), parts, strict=True):
                written[column] = _BETWEEN.get(unit, "").join(units)
        return written


def hashed_runs(units: Units, ngrams: tuple[int, int], buckets: int, seed: int) -> Runs:
    """Give every run one of `buckets` columns, the same in every process and on every machine.

    Raises `ValueError` for lengths that are none, no bucket, or a seed that is no number from 0 to 2⁶⁴ - 1.
    """
    shortest, longest = _checked(ngrams)
    if buckets < 1:
        raise ValueError(f"buckets is {buckets}, expected 1 or more")
    names = np.array(hashes(units.names, seed), np.uint64)
    single = names[units.codes] if len(names) else np.empty(0, np.uint64)
    owners = np.repeat(np.arange(len(units.lengths)), units.lengths)
    rows, columns = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    runs = single
    for length in range(1, longest + 1):
        if length > 1:
            runs = _mixed(np.roll(runs, 1)) + single
        if length >= shortest:
            inside = _inside(units, length)
            rows.append(owners[inside])
            columns.append((_mixed(runs[inside]) % np.uint64(buckets)).astype(np.int64))
    return Runs(np.concatenate(rows), np.concatenate(columns), len(units.lengths))


def hashes(names: list[str], seed: int) -> list[int]:
    """Return 64 bits of BLAKE2b for each name, keyed by the seed."""
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed is {seed}, expected 0 to 2**64 - 1")
    keyed = hashlib.blake2b(key=seed.to_bytes(8, "little"), digest_size=8)
    found = []
    for name in names:
        digest = keyed.copy()
        digest.update(name.encode("utf-8", "surrogatepass"))
        found.append(int.from_bytes(digest.digest(), "little"))
    return found


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread every bit over all others, so that the order of units counts (splitmix64, Steele et al. 2014)."""
    values = values + _SPREAD
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _checked(ngrams: tuple[int, int]) -> tuple[int, int]:
    shortest, longest = ngrams
    if not 1 <= shortest <= longest:
        raise ValueError(f"ngrams is {ngrams}, expected the shortest length, 1 or more, and the longest")
    return shortest, longest


def _inside(units: Units, length: int) -> npt.NDArray[np.bool_]:
    """Tell where a run of so many units ends that began in the same text."""
    return np.arange(len(units.codes)) - np.repeat(units.starts, units.lengths) >= length - 1


def _pairs(runs: Numbers, units: Units, length: int) -> Numbers:
    """Return the key of the run that ends at each unit, from those one shorter; -1 where there is none."""
    before = np.roll(runs, 1)
    there = _inside(units, length) & (before >= 0) & (units.codes >= 0)
    return np.where(there, before * len(units.names) + units.codes, _NOT_THERE)


def _counted(numbers: Numbers, size: int) -> Numbers:
    return np.bincount(numbers, minlength=size).astype(np.int64)


def _columns(counts: list[Numbers], min_count: int, most: int | None) -> tuple[list[Numbers], int]:
    whole = np.concatenate(counts)
    order = np.argsort(-whole, kind="stable")
    kept = order[whole[order] >= max(1, min_count)][:most]
    columns = np.full(len(whole), _NOT_THERE)
    columns[kept] = np.arange(len(kept))
    parts = np.split(columns, np.cumsum([len(one) for one in counts])[:-1])
    return [np.append(part, _NOT_THERE) for part in parts], len(kept)
