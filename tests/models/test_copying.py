"""What is copied and what the vocabulary says are one distribution."""

import math

import torch

from yeoul.models.copying import Pointer


def test_what_is_copied_is_a_distribution_worked_out_by_hand():
    """With g = 1/2 and equal logits each of 4 tokens has 1/8, and what is pointed at half its weight besides."""
    pointer = Pointer(2)
    with torch.no_grad():
        pointer.gate.weight.zero_()
        pointer.gate.bias.zero_()
    attention = torch.tensor([[[0.5, 0.3, 0.2]], [[0.0, 0.0, 0.0]]])
    sources = torch.tensor([[1, 3, 1], [0, 0, 0]])
    features, logits = torch.zeros(2, 1, 2), torch.zeros(2, 1, 4)
    probs = pointer(features, logits, attention, sources).exp()
    torch.testing.assert_close(probs[0, 0], torch.tensor([0.125, 0.125 + 0.35, 0.125, 0.125 + 0.15]))
    torch.testing.assert_close(probs[1, 0], torch.full((4,), 0.25))
    torch.testing.assert_close(probs.sum(2), torch.ones(2, 1))
    for token in range(4):
        targets = torch.full((2, 1), token)
        told = pointer.of_targets(features, torch.full((2, 1), math.log(0.25)), attention, sources, targets)
        torch.testing.assert_close(told.exp(), probs[:, :, token])
