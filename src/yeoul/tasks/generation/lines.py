"""What each line of a text cost a model: by this two runs are compared, whatever their tokens."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from yeoul.data.streams import Counts
from yeoul.files import write_text
from yeoul.metrics.intervals import Floats
from yeoul.tasks.generation.texts import TextStream

_TOKENS_AT_ONCE = 1 << 20


def write_lines(path: Path, text: TextStream, log_probs: Floats) -> None:
    """Write a CSV file: of each line its number, characters, bytes and bits, unknown tokens spelled out."""
    nats = text.spelled(log_probs).log_probs
    letters, sizes = (_sums(_blocks(each), text.offsets, np.int64) for each in (text.characters, text.bytes))
    bits = _sums((-block / math.log(2.0) for block in _blocks(nats)), text.offsets, np.float64)
    rows = (
        f"{line + 1},{letters[line]},{sizes[line]},{bits[line]:.6f}\n"
        for line in range(len(text.offsets) - 1)
    )
    write_text(path, "line,characters,bytes,bits\n" + "".join(rows))


def _blocks(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    for first in range(0, len(values), _TOKENS_AT_ONCE):
        yield values[first : first + _TOKENS_AT_ONCE]


def _sums(blocks: Iterable[npt.NDArray[Any]], offsets: Counts, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return what the values (N,) that come in blocks add up to between `offsets` (D + 1,)."""
    running, done, before = np.zeros(len(offsets), kind), 0, np.zeros(1, kind)
    for block in blocks:
        sums = np.cumsum(np.concatenate([before, block], dtype=kind))
        first, last = np.searchsorted(offsets, [done, done + len(block)], "right")
        running[first:last] = sums[offsets[first:last] - done]
        done, before = done + len(block), sums[-1:]
    return np.diff(running)
