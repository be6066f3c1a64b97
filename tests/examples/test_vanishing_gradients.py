"""The example shows what it says: gradients vanish, explode, pass through gates, and are clipped."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "vanishing_gradients.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("vanishing_gradients", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_in_a_plain_rnn_they_vanish_and_the_gates_of_an_lstm_let_them_pass(example):
    plain, gated = (example.gradient_norms(name, 60, 1.0) for name in ("RNN", "LSTM"))
    assert plain[0] / plain[-1] < 1e-9
    assert gated[0] / gated[-1] > 1e3 * plain[0] / plain[-1]


def test_with_large_recurrent_weights_they_explode_and_clipping_bounds_the_step(example):
    norms = example.gradient_norms("RNN", 60, 3.0)
    assert norms[0] / norms[-1] > 10
    before, after = example.weight_norms("RNN", 60, 3.0)
    assert before > 100
    assert after == pytest.approx(1.0, abs=1e-3)


@pytest.mark.slow
def test_it_runs_as_a_program_and_draws(tmp_path):
    picture = tmp_path / "기울기.png"
    command = [sys.executable, EXAMPLE, "--steps", "30", "--png", picture]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in shown.stdout.splitlines()] == ["layer", "RNN", "LSTM", "GRU"]
    assert picture.read_bytes().startswith(b"\x89PNG")
