"""Made-up rows that show one thing: that order matters, and that series have shapes. The same on every machine."""

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.encodings import Encoding
from yeoul.data.readers import Table

WORD_ORDER = "word-order"
WORD_ORDER_TITLE = "sentences with the words home and run: which comes first? (made up)"
WAVES = "waves"
WAVES_TITLE = "noisy waves of four shapes (made up)"
LICENCE = "CC0"

_FILLERS = [
    "they",
    "we",
    "now",
    "then",
    "always",
    "the",
    "old",
    "a",
    "long",
    "way",
    "after",
    "every",
    "game",
    "it",
    "was",
    "said",
    "that",
    "he",
    "had",
    "to",
]
_ORDER_ROWS = 4000
_LEAST_GAP = 5
_WAVE_ROWS = 2000
_SHAPES = ("sine", "square", "triangle", "saw")


def word_order() -> Table:
    """Return the columns `text` and `first`: the two words stand at least five others apart.

    Both orders are equally frequent and drawn from the same other words, so that only the order tells the label:
    not the words, and not the pairs or triples of neighbours. Neither word begins or ends a sentence: that one of
    them has no neighbour on a side would tell.
    """
    random = np.random.default_rng(20)
    texts, labels = [], []
    for row in range(_ORDER_ROWS):
        first, second = ("home", "run") if row % 2 else ("run", "home")
        before, between, after = random.integers(1, 6), random.integers(_LEAST_GAP, 12), random.integers(1, 6)
        parts = [random.choice(_FILLERS, count).tolist() for count in (before, between, after)]
        texts.append(" ".join([*parts[0], first, *parts[1], second, *parts[2]]))
        labels.append(f"{first} first")
    return _table(WORD_ORDER, "text", texts, "first", labels)


def waves() -> Table:
    """Return the columns `steps`, a JSON list of 40 to 120 numbers, and `shape`.

    Every wave has its own period, phase, height, offset and noise.
    """
    random = np.random.default_rng(21)
    cells, labels = [], []
    for row in range(_WAVE_ROWS):
        shape = _SHAPES[row % len(_SHAPES)]
        turns = np.arange(random.integers(40, 121)) / random.uniform(12, 30) + random.random()
        wave = _wave(shape, turns % 1.0) * random.uniform(0.5, 2.0) + random.normal()
        noisy = wave + 0.25 * random.standard_normal(len(wave))
        cells.append(json.dumps(noisy.round(3).tolist()))
        labels.append(shape)
    return _table(WAVES, "steps", cells, "shape", labels)


def _wave(shape: str, turn: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the heights of a wave at these parts of a turn; all shapes have mean 0 and deviation 1."""
    heights: npt.NDArray[np.float64]
    match shape:
        case "sine":
            heights = np.sqrt(2) * np.sin(2 * np.pi * turn)
        case "square":
            heights = np.where(turn < 0.5, 1.0, -1.0)
        case "triangle":
            heights = np.sqrt(3) * (4 * np.abs(turn - 0.5) - 1)
        case _:
            heights = np.sqrt(3) * (2 * turn - 1)
    return heights


def _table(name: str, column: str, cells: Sequence[str], target: str, labels: Sequence[str]) -> Table:
    columns = {
        column: pa.chunked_array([cells], pa.string()),
        target: pa.chunked_array([labels], pa.string()),
    }
    numbers = np.arange(2, len(cells) + 2, dtype=np.int64)
    return Table(name, columns, Encoding("utf-8", detected=False), ",", len(cells), numbers)
