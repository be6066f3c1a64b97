"""The poem that is shown is the likeliest of those that were drawn, a line for each syllable."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "three_line_poem.py"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("three_line_poem", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(text, *log_probs):
    return SimpleNamespace(text=text, pieces=[SimpleNamespace(log_prob=each) for each in log_probs])


def test_the_likeliest_on_average_is_chosen(example):
    poems = {
        3: drawn("나쁜\n그런\n네\n", -1, -1, -4),
        4: drawn("나는\n그냥\n네가\n", -1.5),
        5: drawn("나\n그\n네\n", -2),
    }
    asked = []

    def generate(prompt, manner, *, seed):
        asked.append((prompt, manner.starts, manner.no_repeat_lines))
        return poems[seed]

    run = SimpleNamespace(generate=generate)
    assert example.poem_on(run, "나그네", count=3, temperature=0.7, seed=3) == ["나는", "그냥", "네가"]
    assert asked == [("", ("나", "그", "네"), True)] * 3


@pytest.mark.slow
def test_a_missing_run_is_told_in_a_line():
    shown = subprocess.run([sys.executable, EXAMPLE, "runs/없음", "여울"], capture_output=True, text=True)
    assert shown.returncode == 1
    assert "실행이 없습니다" in shown.stderr
    assert "Traceback" not in shown.stderr
