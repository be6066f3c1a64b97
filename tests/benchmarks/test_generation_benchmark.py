"""The benchmark of generation compares equals: the plain loop has the weights of the model beside it."""

import argparse

import pytest
import torch

from benchmarks.generation import measure, pair


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_both_ways_say_the_same(cell):
    writer, plain = pair(cell, 8)
    text = torch.randint(0, writer.script.tokens, (1, 6))
    with torch.inference_mode():
        ours, _ = writer.decoder.forward(text, writer.decoder.start(None, 1), None)
        states, _ = plain.layer(plain.embedding(text))
        torch.testing.assert_close(ours.logits, plain.output(states), atol=1e-5, rtol=1e-5)


def test_a_measurement_has_both_rates():
    found = measure("gru", 8, argparse.Namespace(tokens=20, turns=1, clock="wall"))
    assert found["times"] == pytest.approx(found["yeoul"] / found["plain"])
