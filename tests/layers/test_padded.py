import torch
from hypothesis import given
from hypothesis import strategies as st

from yeoul.padded import Padded


@given(st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_from_flat_lays_rows_side_by_side(lengths):
    flat = torch.arange(1, sum(lengths) + 1)
    padded = Padded.from_flat(flat, torch.tensor(lengths))
    assert padded.values.shape == (len(lengths), max(lengths))
    assert torch.equal(padded.values[padded.mask], flat)
    assert not padded.values[~padded.mask].any()


def test_sentences_become_documents():
    sentences = torch.randn(5, 3)
    documents = Padded.from_flat(sentences, torch.tensor([2, 0, 3]))
    assert documents.values.shape == (3, 3, 3)
    assert torch.equal(documents.values[2], sentences[2:])


def test_filled_overwrites_only_the_padding():
    padded = Padded(torch.full((2, 3, 2), 7.0), torch.tensor([1, 3]))
    filled = padded.filled(-1.0)
    assert filled.values[0].tolist() == [[7, 7], [-1, -1], [-1, -1]]
    assert torch.equal(filled.values[1], padded.values[1])
    assert (padded.values == 7).all()
