"""Batches of pairs say every token once, at the right step, in every order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from yeoul.data.pairs.rows import Marks, PairRows
from yeoul.data.tokens import TokenRows

SIDES = st.lists(
    st.tuples(
        st.lists(st.integers(0, 9), max_size=6), st.lists(st.integers(0, 9), max_size=5), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


def rows_of(sides):
    """Rows whose target lost a token where it is told so; what lost one is not empty."""

    def side(texts, lost):
        flat = np.array([token for text in texts for token in text], np.int32)
        return TokenRows(flat, np.cumsum([0, *map(len, texts)]), np.array(lost, np.int64))

    cut = [bool(target and lost) for _, target, lost in sides]
    source = side([source for source, _, _ in sides], [0] * len(sides))
    return PairRows(source, side([target for _, target, _ in sides], cut), Marks.beyond(10)), cut


@given(SIDES)
def test_a_target_is_read_a_step_before_it_is_said(sides):
    rows, cut = rows_of(sides)
    batch = rows.batch(np.arange(len(sides))[::-1].copy())
    source, target = batch.inputs["source"], batch.inputs["target"]
    for place, row in enumerate(batch.index.tolist()):
        wanted = [*sides[row][1], *([] if cut[row] else [10])]
        length = int(target.lengths[place])
        assert length == len(wanted) == rows.said_lengths[row]
        assert batch.targets[place, :length].tolist() == wanted
        assert target.values[place, :length].tolist() == [11, *wanted[:-1]]
        assert source.values[place, : int(source.lengths[place])].tolist() == sides[row][0]
    assert batch.tokens == rows.lengths.sum()


@given(SIDES, st.integers(1, 5), st.integers(0, 3))
def test_every_row_comes_once_an_epoch(sides, size, epoch):
    rows, _ = rows_of(sides)
    order = rows.order(size, 1, epoch)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(sides)))
    assert [batch.tolist() for batch in order] == [batch.tolist() for batch in rows.order(size, 1, epoch)]
