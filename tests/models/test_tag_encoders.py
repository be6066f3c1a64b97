"""Encoders of sentences: long rows read in parts say what they say when read whole."""

import pytest
import torch

from yeoul.layers import GRU, LSTM, RNN, TransformerBlock
from yeoul.models.tag_encoders import ConvolutionRows, RecurrentRows, parted, transformer_rows
from yeoul.padded import Padded

LENGTHS = [17, 0, 3, 8]


def rows():
    torch.manual_seed(2)
    return Padded(torch.randn(len(LENGTHS), max(LENGTHS), 5), torch.tensor(LENGTHS))


@pytest.mark.parametrize("cell", [LSTM, GRU, RNN])
@pytest.mark.parametrize(("layers", "both"), [(1, True), (2, True), (2, False)])
@pytest.mark.parametrize("part", [1, 4, 8, 16])
def test_parts_of_a_row_are_the_whole(cell, layers, both, part):
    torch.manual_seed(1)
    stack = cell(5, 6, layers, bidirectional=both)
    whole = RecurrentRows(stack, part=100).eval()(rows()).states
    read = RecurrentRows(stack, part=part).eval()(rows()).states
    torch.testing.assert_close(read.filled().values, whole.filled().values)


def test_a_transformer_reads_each_part_by_itself():
    torch.manual_seed(1)
    encoder = transformer_rows(5, 8, [TransformerBlock(8, 2, 8)], 0.0, 4).eval()
    whole = encoder(rows()).states.filled().values
    for row, length in enumerate(LENGTHS):
        for start in range(0, length, 4):
            part = rows().values[row : row + 1, start : min(start + 4, length)]
            alone = encoder(Padded(part, torch.tensor([part.shape[1]]))).states.values
            torch.testing.assert_close(whole[row : row + 1, start : start + part.shape[1]], alone)


def test_parts_are_all_there():
    cut = parted(rows(), 4)
    assert cut.values.shape == (4 * 5, 4, 5)
    assert cut.lengths.reshape(4, 5).sum(1).tolist() == LENGTHS


def test_convolutions_are_blind_to_padding():
    torch.manual_seed(1)
    encoder = ConvolutionRows(5, 6, 3, 2, 0.0).eval()
    together = encoder(rows()).states.values
    for row, length in enumerate(LENGTHS):
        alone = encoder(Padded(rows().values[row : row + 1, :length], torch.tensor([length]))).states.values
        torch.testing.assert_close(together[row : row + 1, :length], alone)
