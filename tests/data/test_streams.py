"""The laws of streams: every token is a target once, after the one before it; nothing is lost on the way from texts."""

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from yeoul.data import streams
from yeoul.data.splits import parts_in_order
from yeoul.data.streams import SmallSizes, StreamRows, joined_ids, pieces_of, token_sizes
from yeoul.data.tokens import TokenRows
from yeoul.data.vectorizers import TextVectorizer
from yeoul.recipe import TextRecipe

START = 99
SIZES = st.integers(0, 200)
WINDOWS = st.integers(1, 50)


def ids_of(size):
    return np.arange(size, dtype=np.int32)


def documents_of(lengths):
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return TokenRows(ids_of(offsets[-1]), offsets, np.zeros(len(lengths), np.int64))


def seen(rows, batches):
    """Return the (read, target) pairs of all batches, in order of the target."""
    pairs = []
    for places in batches:
        batch = rows.batch(places)
        text = batch.inputs["text"]
        assert batch.index.tolist() == places.tolist()
        pairs += zip(text.values[text.mask].tolist(), batch.targets[text.mask].tolist(), strict=True)
    return sorted(pairs, key=lambda pair: pair[1])


def whole(size):
    return [(target - 1 if target else START, target) for target in range(size)]


@given(SIZES, WINDOWS, st.integers(1, 12), st.integers(0, 3))
def test_lanes_hold_every_token_once_and_go_on_where_they_stopped(size, window, lanes, epoch):
    rows = StreamRows.in_lanes(ids_of(size), START, window, lanes)
    order = rows.order(lanes, 1, epoch)
    assert seen(rows, order) == whole(size)
    assert sorted(np.concatenate(order).tolist()) == list(range(len(rows)))
    assert [places.tolist() for places in order] == [places.tolist() for places in rows.order(lanes, 2, 0)]
    totals = rows.lengths.reshape(lanes, -1).sum(axis=1)
    assert totals.max() - totals.min() <= 1
    assert rows.lengths.max(initial=0) <= window
    for row in range(len(rows) - 1):
        assert rows.begins[row + 1] == rows.begins[row] + rows.lengths[row]


@given(SIZES, WINDOWS, st.integers(1, 12), st.integers(0, 3))
def test_windows_hold_every_token_once_in_an_order_of_their_own(size, window, batch_size, epoch):
    rows = StreamRows.in_windows(ids_of(size), START, window)
    order = rows.order(batch_size, 1, epoch)
    assert seen(rows, order) == whole(size)
    assert len(order) == -(-len(rows) // batch_size)
    assert np.count_nonzero(rows.lengths < window) <= 1


@given(st.lists(st.integers(0, 30), max_size=20), WINDOWS)
def test_documents_are_rows_that_begin_after_an_end_token(lengths, window):
    ids, offsets = joined_ids(documents_of(lengths), START)
    rows = StreamRows.in_documents(ids, START, offsets, window)
    assert len(rows) == sum(-(-(length + 1) // window) for length in lengths)
    for begin in rows.begins[np.isin(rows.begins, offsets)]:
        place = np.flatnonzero(rows.begins == begin)
        assert rows.batch(place).inputs["text"].values[0, 0] == START
    assert rows.lengths.sum() == len(ids)


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40))
def test_joined_documents_come_apart_again(lengths, at_once):
    documents = documents_of(lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_TOKENS_AT_ONCE", at_once)
        ids, offsets = joined_ids(documents, START + 1000)
        patch.setattr(streams, "LARGE_BYTES", 0)
        mapped, _ = joined_ids(documents, START + 1000) if sum(lengths) else (ids, offsets)
    assert ids.dtype == np.int32
    np.testing.assert_array_equal(mapped, ids)
    assert (ids[offsets[1:] - 1] == START + 1000).all()
    np.testing.assert_array_equal(ids[ids != START + 1000], documents.ids)
    assert joined_ids(documents, None)[0] is documents.ids


@given(st.lists(st.integers(1, 9), min_size=25, max_size=60))
def test_parts_follow_one_another_and_hold_their_shares(sizes):
    shares = {"train": 0.8, "validation": 0.1, "test": 0.1}
    sizes = np.array(sizes)
    try:
        parts = parts_in_order(sizes, shares)
    except ValueError:
        reject()
    assert parts["train"].start == 0
    assert parts["train"].stop == parts["validation"].start
    assert parts["validation"].stop == parts["test"].start
    assert parts["test"].stop == len(sizes)
    held = np.array([sizes[part].sum() for part in parts.values()])
    assert (
        np.abs(np.cumsum(held) - np.cumsum(list(shares.values())) * sizes.sum()) <= sizes.max() + 1e-6
    ).all()


def test_too_few_rows_for_all_parts_are_refused():
    with pytest.raises(ValueError, match="leave none for validation"):
        parts_in_order(np.array([5, 5]), {"train": 0.8, "validation": 0.1, "test": 0.1})


@given(st.text(st.sampled_from("가\u1100\u1161\u0301a \n\r\x0c"), max_size=60), st.integers(1, 9))
def test_pieces_are_the_text_again_and_tear_no_letters_apart(text, longest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streams, "_LONGEST_LINE", longest)
        pieces = list(pieces_of(text))
    assert "".join(pieces) == text
    assert all(pieces)


def test_a_step_of_lanes_has_a_row_of_each():
    rows = StreamRows.in_lanes(ids_of(10), START, 3, 2)
    steps = [rows.batch(places) for places in rows.order(2, 0, 0)]
    # lanes 0–4 and 5–9 in windows of three: the second has two tokens left
    assert [step.targets.tolist() for step in steps] == [[[0, 1, 2], [5, 6, 7]], [[3, 4], [8, 9]]]
    assert [step.inputs["text"].values.tolist() for step in steps] == [
        [[START, 0, 1], [4, 5, 6]],
        [[2, 3], [7, 8]],
    ]
    with pytest.raises(ValueError, match="lanes"):
        rows.order(3, 0, 0)


TEXTS = ["가나 다\n", "", "a  b, 하하!", "   ", "\U0001f600 e\u0301 나", "끝\n"]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("unit", ["byte", "character", "jamo", "syllable", "word", "subword"])
def test_sizes_of_tokens_add_up_to_the_text_whatever_the_unit(unit, closed):
    recipe = TextRecipe(unit=unit, min_count=1, max_length=10_000, vocabulary_size=300)
    vectorizer = TextVectorizer.fit(recipe, TEXTS)
    ids, _ = joined_ids(vectorizer(TEXTS), vectorizer.size if closed else None)
    letters, lengths = token_sizes(TEXTS, vectorizer.spans, closed=closed)
    assert len(letters) == len(lengths) == len(ids)
    assert letters.sum() == sum(map(len, TEXTS)) + closed * len(TEXTS)
    assert lengths.sum() == sum(len(text.encode()) for text in TEXTS) + closed * len(TEXTS)
    assert (letters >= 0).all()
    assert (lengths >= letters).all()


def test_what_is_between_words_counts_for_the_next():
    texts = ["한 강", " ", "a bc "]
    vectorizer = TextVectorizer.fit(TextRecipe(unit="word", min_count=1), texts)
    letters, lengths = token_sizes(texts, vectorizer.spans, closed=False)
    # 한 | _강 | __a with the text of a space before it | _bc_
    assert (letters.tolist(), lengths.tolist()) == ([1, 2, 2, 4], [3, 4, 2, 4])


@pytest.mark.parametrize("sizes", [[], [1, 255], [256, 3], [70_000, 0]])
def test_sizes_are_kept_in_as_few_bytes_as_hold_them(sizes, monkeypatch):
    monkeypatch.setattr(streams, "_TEXTS_AT_ONCE", 3)
    kept = SmallSizes()
    for place in range(10):
        kept.add(np.array([place, *sizes][: 1 + place], np.int64))
    whole = kept.whole()
    assert whole.tolist() == [size for place in range(10) for size in [place, *sizes][: 1 + place]]
    assert whole.dtype == np.min_scalar_type(max([9, *sizes]))
    assert SmallSizes().whole().tolist() == []
