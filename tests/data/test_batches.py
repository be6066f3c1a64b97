"""The order of rows: a pure function, every row once, similar lengths together."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yeoul.data.batches import (
    SequenceRows,
    SeriesRows,
    TokenRows,
    balanced_order,
    balanced_rows,
    bucketed_order,
    by_length,
    steps_per_epoch,
)


def rows_of(lengths):
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = np.arange(1, offsets[-1] + 1, dtype=np.int32)
    return SequenceRows(TokenRows(ids, offsets, np.zeros(len(lengths), np.int64)), np.arange(len(lengths)))


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=300),
    st.integers(1, 40),
    st.integers(0, 99),
    st.integers(0, 5),
)
def test_an_epoch_holds_every_row_once_whatever_the_sizes(lengths, batch_size, seed, epoch):
    lengths = np.array(lengths)
    batches = bucketed_order(lengths, batch_size, seed, epoch)
    assert len(batches) == steps_per_epoch(len(lengths), batch_size)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert all(len(batch) <= batch_size for batch in batches)
    again = bucketed_order(lengths, batch_size, seed, epoch)
    assert all(np.array_equal(first, second) for first, second in zip(batches, again, strict=True))


def test_epochs_and_seeds_differ_and_padding_is_small():
    lengths = np.random.default_rng(0).integers(1, 100, 5000)
    orders = [bucketed_order(lengths, 32, seed, epoch) for seed, epoch in ((1, 0), (1, 1), (2, 0))]
    assert len({tuple(np.concatenate(order)[:50].tolist()) for order in orders}) == 3
    padded = sum(len(batch) * lengths[batch].max() for batch in orders[0])
    assert padded / lengths.sum() < 1.05
    firsts = [lengths[batch].mean() for batch in orders[0]]
    assert abs(np.corrcoef(np.arange(len(firsts)), firsts)[0, 1]) < 0.3, (
        "batches come in random order of length"
    )


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60))
def test_evaluation_asks_about_every_row_once(lengths):
    rows = rows_of(lengths)
    batches = list(by_length(rows))
    assert sorted(torch.cat([batch.index for batch in batches]).tolist()) == list(range(len(lengths)))
    for batch in batches:
        text = batch.inputs["text"]
        assert text.values.numel() <= 32_768 or len(batch.index) == 1


def test_a_batch_holds_its_rows_and_nothing_else():
    rows = rows_of([3, 0, 2, 4])
    batch = rows.batch(np.array([3, 1, 0]))
    text = batch.inputs["text"]
    assert text.values.tolist() == [[6, 7, 8, 9], [0, 0, 0, 0], [1, 2, 3, 0]]
    assert text.lengths.tolist() == [4, 0, 3]
    assert batch.targets.tolist() == [3, 1, 0]
    assert batch.tokens == 7


def test_series_go_the_same_way():
    values = np.arange(12, dtype=np.float32).reshape(6, 2)
    targets = np.array([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0]], np.float32)
    rows = SequenceRows(SeriesRows(values, np.array([0, 2, 2, 6]), np.zeros(3, np.int64)), targets)
    batch = rows.batch(np.array([2, 1, 0]))
    series = batch.inputs["series"]
    assert series.lengths.tolist() == [4, 0, 2]
    assert series.values[0].tolist() == values[2:].tolist()
    assert series.values[2].tolist() == [[0, 1], [2, 3], [0, 0], [0, 0]]
    assert batch.targets.tolist() == targets[::-1].tolist()
    assert batch.tokens == 6
    assert [len(one.index) for one in by_length(rows)] == [3]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=80),
    st.integers(1, 9),
    st.integers(0, 99),
    st.integers(1, 6),
)
def test_balanced_epochs_draw_as_many_of_each_class_and_every_row_in_turn(classes, batch_size, seed, epochs):
    classes = np.array(classes)
    lengths = np.arange(len(classes)) % 7
    found = np.unique(classes)
    share = len(classes) // len(found)
    seen = np.zeros(len(classes), np.int64)
    for epoch in range(epochs):
        batches = balanced_order(lengths, classes, batch_size, seed, epoch)
        assert len(batches) == steps_per_epoch(balanced_rows(classes), batch_size)
        drawn = np.concatenate(batches)
        assert len(drawn) == balanced_rows(classes)
        assert np.bincount(classes[drawn])[found].tolist() == [share] * len(found)
        np.add.at(seen, drawn, 1)
        again = balanced_order(lengths, classes, batch_size, seed, epoch)
        assert all(np.array_equal(first, second) for first, second in zip(batches, again, strict=True))
    for one in found:
        times = seen[classes == one]
        assert times.max() - times.min() <= 1, "the rows of a class are seen equally often"
