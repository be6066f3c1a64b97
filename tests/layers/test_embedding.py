"""Vectors of neighbouring tokens: as by hand, inside a row only, and nothing for what training never saw."""

import pytest
import torch

from yeoul.layers import Embedding
from yeoul.padded import Padded


def drawn(ngrams, **options):
    torch.manual_seed(0)
    layer = Embedding(50, 6, ngrams=ngrams, buckets=97, **options)
    torch.nn.init.normal_(layer.ngram_weight)
    return layer.eval()


def padded(rows, poison=0):
    lengths = torch.tensor([len(row) for row in rows])
    longest = max(map(len, rows))
    return Padded(torch.tensor([row + [poison] * (longest - len(row)) for row in rows]), lengths)


@pytest.mark.parametrize("ngrams", [2, 3, 4])
def test_a_step_is_its_token_and_the_runs_that_end_there(ngrams):
    layer = drawn(ngrams)
    row = [3, 9, 9, 3, 41]
    vectors = layer(padded([row])).dense().values[0]
    for place, token in enumerate(row):
        expected = layer.weight[token].clone()
        for length in range(2, ngrams + 1):
            if place + 1 >= length:
                key = row[place]
                for back in range(1, length):
                    key = (key * 31_337 + row[place - back] + back + 1) % 2_147_483_647
                expected += layer.ngram_weight[key % 97]
        torch.testing.assert_close(vectors[place], expected)


def test_neither_padding_nor_batch_mates_change_a_row():
    layer = drawn(3)
    rows = [[1, 2, 3, 4], [7], [5, 6]]
    together = layer(padded(rows, poison=49)).dense()
    for place, row in enumerate(rows):
        alone = layer(padded([row])).dense().values[0]
        torch.testing.assert_close(together.values[place, : len(row)], alone)


def test_a_new_layer_adds_nothing_for_neighbours():
    torch.manual_seed(0)
    layer = Embedding(50, 6, ngrams=3, buckets=97)
    rows = padded([[1, 2, 3]])
    torch.testing.assert_close(
        layer(rows).dense().values, torch.nn.functional.embedding(rows.values, layer.weight)
    )


def test_ngram_dropout_acts_while_training_only():
    layer = drawn(2, ngram_dropout=0.5)
    rows = padded([list(range(40))])
    still = layer(rows).values
    torch.testing.assert_close(layer(rows).values, still)
    assert not torch.equal(layer.train()(rows).values, still)


def test_first_vectors_replace_those_of_their_tokens_at_the_length_of_drawn_ones():
    torch.manual_seed(0)
    layer = Embedding(500, 16)
    drawn_ones, ids, vectors = layer.weight.detach().clone(), torch.tensor([7, 2]), 5 * torch.randn(2, 16)
    layer.start_from(ids, vectors)
    others = torch.ones(500, dtype=torch.bool).index_fill(0, ids, False)
    torch.testing.assert_close(layer.weight[others], drawn_ones[others])
    scale = layer.weight[ids] / vectors
    torch.testing.assert_close(scale, scale[0, 0].expand_as(scale))
    lengths = layer.weight[ids].square().sum(1)
    torch.testing.assert_close(lengths.mean(), torch.tensor(1.0))  # as of D numbers from N(0, 1/D)
    assert layer.weight.is_leaf


def test_first_vectors_of_nothing_but_zeros_stay_zeros():
    layer = Embedding(3, 2)
    layer.start_from(torch.tensor([1]), torch.zeros(1, 2))
    assert layer.weight[1].tolist() == [0, 0]
