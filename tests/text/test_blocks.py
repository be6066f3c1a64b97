"""Blocks: the same texts in the same order, however they are held, and never too many at once."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from yeoul.text import blocks
from yeoul.text.blocks import bounds, characters, every, whole_characters

TEXTS = st.lists(st.text(max_size=8), max_size=12)


def held(texts, cuts):
    """A list, an array, and an array in pieces cut at `cuts`."""
    column = pa.array(texts, pa.string())
    ends = sorted(min(cut, len(texts)) for cut in cuts)
    pieces = [column[start:end] for start, end in zip([0, *ends], [*ends, len(texts)], strict=True)]
    return [texts, column, pa.chunked_array(pieces, pa.string())]


def listed(texts):
    return texts if isinstance(texts, list) else texts.to_pylist()


@given(texts=TEXTS, cuts=st.lists(st.integers(0, 12), max_size=4))
def test_blocks_hold_every_text_once_and_in_order(texts, cuts):
    for one in held(texts, cuts):
        assert [text for block in blocks.blocks(one) for text in block] == texts
        assert characters(one) == sum(map(len, texts))


@given(sizes=st.lists(st.integers(0, 9), max_size=20), limit=st.integers(1, 12))
def test_runs_are_full_and_not_too_full(sizes, limit):
    runs = list(bounds(np.array(sizes, np.int64), limit))
    assert [place for first, end in runs for place in range(first, end)] == list(range(len(sizes)))
    for first, end in runs:
        assert sum(sizes[first:end]) <= limit or end == first + 1
    for (first, end), (_, next_end) in pairwise(runs):
        assert end < next_end
        assert sum(sizes[first : end + 1]) > limit


@given(texts=TEXTS, cuts=st.lists(st.integers(0, 12), max_size=4), step=st.integers(1, 14))
def test_every_step_takes_texts_at_even_distances(texts, cuts, step):
    for one in held(texts, cuts):
        assert listed(every(one, step)) == texts[::step]


@given(text=st.text(st.characters(categories=("Cs", "Ll", "Lo", "So")), max_size=6))
def test_lone_surrogates_become_the_replacement_character(text):
    whole = whole_characters(text)
    whole.encode("utf-8")
    if not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert whole == text
    assert whole_characters("\ud83d\ude00a\udcff") == "😀a\ufffd"
