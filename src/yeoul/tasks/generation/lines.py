"""What each line of a text cost a model: by this two runs are compared, whatever their tokens."""

import math
from pathlib import Path

import numpy as np

from yeoul.files import write_text
from yeoul.metrics.intervals import Floats
from yeoul.tasks.generation.texts import TextStream


def write_lines(path: Path, text: TextStream, log_probs: Floats) -> None:
    """Write a CSV file: of each line its number, characters, bytes and bits, unknown tokens spelled out."""
    bits = -text.spelled(log_probs).log_probs / math.log(2.0)
    sums = (
        np.concatenate([[0], np.cumsum(each)])[text.offsets] for each in (text.characters, text.bytes, bits)
    )
    characters, sizes, costs = (np.diff(each).tolist() for each in sums)
    rows = (
        f"{number},{letters},{size},{cost:.6f}\n"
        for number, (letters, size, cost) in enumerate(zip(characters, sizes, costs, strict=True), 1)
    )
    write_text(path, "line,characters,bytes,bits\n" + "".join(rows))
