"""Cut rows into parts: by seed, every class in every part and equal texts together, or in order."""

from collections.abc import Mapping
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.composition import composed, single_spaced
from yeoul.data.mapped import by_block, chunks_of
from yeoul.data.scratch import LARGE_BYTES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def duplicate_groups(texts: pa.Array | pa.ChunkedArray) -> Ints:
    """Number the texts (N,) so that equal texts have equal numbers, counted from 0 by first appearance.

    Two texts are equal when they are after composing (NFC), with runs of white space (Python's `str.split`)
    made one space and dropped at both ends. Of large columns, hashes of 128 bits are compared, block by block.
    """
    if texts.nbytes > LARGE_BYTES:
        return _groups_of_hashes(by_block(texts, lambda block: _hashed(_key(block))))
    keys = [_key(chunk) for chunk in chunks_of(texts)]
    whole = pa.concat_arrays(keys) if keys else pa.array([], texts.type)
    groups: Ints = whole.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return groups


def _key(texts: pa.Array) -> pa.Array:
    return single_spaced(composed(texts))


def _hashed(texts: pa.Array) -> pa.Array:
    """Return two numbers of 64 bits for each text, end to end."""
    cells = texts.cast(pa.large_binary()).to_pylist()
    digests = b"".join([blake2b(cell, digest_size=16).digest() for cell in cells])
    return pa.Array.from_buffers(pa.uint64(), 2 * len(cells), [None, pa.py_buffer(digests)])


def _groups_of_hashes(halves: npt.NDArray[np.uint64]) -> Ints:
    """Number pairs of hash halves (2 N,) by first appearance."""
    order = np.argsort(halves[::2], kind="stable")  # each run of equal ones begins with the earliest
    starts, differ = _changes(halves[::2][order]), _changes(halves[1::2][order])
    if (differ & ~starts).any():
        order = np.lexsort((halves[1::2], halves[::2]))
        starts = _changes(halves[::2][order]) | _changes(halves[1::2][order])
    earliest = order[starts]
    rank = np.empty(len(earliest), np.int64)
    rank[np.argsort(earliest)] = np.arange(len(earliest))
    groups = np.empty(len(order), np.int64)
    groups[order] = rank[np.cumsum(starts) - 1]
    return groups


def _changes(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Tell of each number (N,) whether it is another than the one before."""
    changes = np.ones(len(numbers), np.bool_)
    changes[1:] = numbers[1:] != numbers[:-1]
    return changes


def parts_in_order(sizes: Ints, shares: Mapping[str, float]) -> dict[str, slice]:
    """Cut N rows into parts, in order, by their shares of what they hold together, `sizes` (N,).

    The shares sum to one; each part ends with the row in which its share is reached. Raises ValueError for a part
    that would be empty.
    """
    total = np.concatenate([[0], np.cumsum(sizes)])
    reached = np.cumsum(list(shares.values())) * total[-1]
    cuts = np.searchsorted(total, reached - 1e-6 * total[-1])
    cuts = np.concatenate([[0], cuts[:-1], [len(sizes)]]).tolist()
    parts = {name: slice(*bounds) for name, bounds in zip(shares, pairwise(cuts), strict=True)}
    for name, part in parts.items():
        if part.stop <= part.start:
            raise ValueError(f"{len(sizes)} rows leave none for {name}")
    return parts


def stratified_split(
    targets: npt.NDArray[np.generic], groups: Ints, shares: tuple[float, ...], seed: int
) -> list[Ints]:
    """Partition the rows 0..N-1 into parts of about the given shares (positive, sum 1), each in rising order.

    A group (rows with equal numbers in `groups`) stays whole. It counts for its most frequent class, and each
    class with at least as many groups as there are parts is in every part. The parts of a class are as large
    as its share asks, but for rounding and for groups that do not fit. The answer depends on the arguments
    only.
    """
    if len(targets) != len(groups) or min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise ValueError("targets and groups have one entry a row; shares are positive and sum to 1")
    if not len(groups):
        return [np.empty(0, np.int64) for _ in shares]
    wanted = np.array(shares, np.float64)
    _, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group)
    stratum = _class_of_groups(targets, group)
    random = np.random.default_rng(seed)
    part_of_group = np.empty(len(sizes), np.int64)
    debt = np.zeros(len(shares))
    by_class = np.argsort(stratum, kind="stable")
    for members in np.split(by_class, np.flatnonzero(np.diff(stratum[by_class])) + 1):
        shuffled = random.permutation(members)
        largest_first = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
        rows = int(sizes[members].sum())
        asked = wanted * rows + debt
        quotas = _rounded(asked, rows)
        debt = _debt(asked, quotas)  # the rounding of one class is made good by the next
        part_of_group[largest_first] = _placed(sizes[largest_first], quotas)
    part = part_of_group[group]
    return [np.flatnonzero(part == index) for index in range(len(shares))]


def _class_of_groups(targets: npt.NDArray[np.generic], group: Ints) -> Ints:
    """Return the most frequent class of each group, the first in sorted order among equals."""
    _, label = np.unique(targets, return_inverse=True)
    classes = int(label.max(initial=0)) + 1
    pairs, counts = np.unique(group * classes + label, return_counts=True)
    order = np.lexsort((pairs % classes, -counts, pairs // classes))
    owner, first = np.unique(pairs[order] // classes, return_index=True)
    answer = np.empty(len(owner), np.int64)
    answer[owner] = (pairs[order] % classes)[first]
    return answer


def _rounded(asked: Floats, total: int) -> Ints:
    """Scale amounts, negative ones as zeros, to sum `total`, and round them by largest remainder."""
    positive = np.maximum(asked, 0.0)
    scaled = positive * (total / positive.sum())
    whole: Ints = np.floor(scaled).astype(np.int64)
    whole[np.argsort(whole - scaled, kind="stable")[: total - int(whole.sum())]] += 1
    return whole


def _debt(asked: Floats, given: Ints) -> Floats:
    missing = np.clip(asked - given, -1.0, 1.0)
    centered: Floats = missing - missing.mean()
    return centered


def _placed(sizes: Ints, quotas: Ints) -> Ints:
    """Give each group of one class a part; `sizes` (groups,) fall, `quotas` (parts,) sum to their sum.

    The groups of each size are shared out in proportion to the rows that the parts still miss, as far as they
    fit there; the single rows at the end fill the parts up. A part that got nothing then receives a group,
    where there are enough of them.
    """
    parts: Ints = np.empty(len(sizes), np.int64)
    missing = quotas.astype(np.float64)
    debt = np.zeros(len(quotas))
    for run in np.split(np.arange(len(sizes)), np.flatnonzero(np.diff(sizes)) + 1):
        size, count = int(sizes[run[0]]), len(run)
        room = np.maximum(missing, 0.0)
        asked = room * (count / room.sum()) + debt
        amounts = np.minimum(_rounded(asked, count), (room // size).astype(np.int64))
        over = count - int(amounts.sum())
        if over:
            amounts += _rounded(missing - amounts * size, over)
        debt = _debt(asked, amounts)
        missing -= amounts * size
        parts[run] = np.repeat(np.arange(len(quotas)), amounts)
    if len(sizes) >= len(quotas):
        for empty in np.setdiff1d(np.arange(len(quotas)), parts):
            fullest = np.argmax(np.bincount(parts, minlength=len(quotas)))
            parts[np.flatnonzero(parts == fullest)[-1]] = empty  # its smallest group
    return parts
