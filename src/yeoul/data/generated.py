"""Made-up rows that show one thing: that order matters, that series have shapes, that they go on.

The same on every machine.
"""

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
WAVES_FORECAST = "waves-forecast"
WAVES_FORECAST_TITLE = "two sines of unlike periods with noise, one long series (made up)"
HUNDREDTHS = "hundredths"
HUNDREDTHS_TITLE = "0.00, 0.01, ... 1.04: five numbers to the next (made up)"
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
_LONG_WAVE_ROWS = 6000
_PERIODS = (23.7, 61.3)  # rows; no season of whole rows repeats the series
_HEIGHTS = (0.5, 0.3)
_NOISE = 0.05  # deviation
_HUNDREDTHS = 105


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


def waves_forecast() -> Table:
    """Return the column `value`: two sines and noise, which no forecast can know."""
    rows = np.arange(_LONG_WAVE_ROWS)
    waves = sum(height * np.sin(2 * np.pi * rows / period) for height, period in zip(_HEIGHTS, _PERIODS))
    noisy = waves + _NOISE * np.random.default_rng(22).standard_normal(_LONG_WAVE_ROWS)
    return _column(WAVES_FORECAST, [f"{value:.4f}" for value in noisy])


def hundredths() -> Table:
    """Return the column `value`: 0.00 to 1.04 in steps of 0.01, which a line goes on exactly."""
    return _column(HUNDREDTHS, [f"{row / 100:.2f}" for row in range(_HUNDREDTHS)])


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


def _column(name: str, cells: Sequence[str]) -> Table:
    columns = {"value": pa.chunked_array([cells], pa.string())}
    numbers = np.arange(2, len(cells) + 2, dtype=np.int64)
    return Table(name, columns, Encoding("utf-8", detected=False), ",", len(cells), numbers)
