"""How much of what was written stands in the training text."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yeoul.tasks.generation.samples import _copied_lines

END = 9
lines = st.lists(st.lists(st.integers(0, 2), max_size=3), max_size=6)


def stream(rows):
    return np.array([token for row in rows for token in (*row, END)], np.int32)


@given(written=lines, training=lines)
def test_copied_lines_are_those_of_the_training_text(written, training):
    share = _copied_lines(stream(written).astype(np.int64), stream(training), END)
    if not written:
        assert math.isnan(share)
    else:
        assert share == sum(row in training for row in written) / len(written)
