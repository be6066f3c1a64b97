"""The benchmark runs, its frameworks do equal work, and its page says what was measured."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _importable():
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


@pytest.mark.slow
def test_quick_and_tiny_it_writes_a_page_and_a_record_of_equal_results(tmp_path):
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--tiny",
        "--turns",
        "1",
        "--out",
        tmp_path / "속도",
    ]
    command += ["--peers", "pytorch", "pytorch-packed", "--only", "IMDB: embedding 32 *"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    record = json.loads((tmp_path / "속도.json").read_text("utf-8"))
    rows = record["sections"]["table"]
    assert [row["name"].count("by length") for row in rows] == [0, 1, 1]
    for row in rows:
        assert row["problems"] == {}
        assert all(difference < 1e-5 for difference in row["differences"].values())
        packed = {"pytorch-packed"} if "by length" in row["name"] else set()
        assert set(row["milliseconds"]) == {"yeoul", "pytorch"} | packed
    lines = (tmp_path / "속도.md").read_text("utf-8").splitlines()
    assert sum(line.startswith("| IMDB") for line in lines) == len(rows)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("by_length", [False, True])
@pytest.mark.parametrize("last_only", [False, True])
def test_yeoul_and_pytorch_do_equal_work(cell, by_length, last_only):
    from benchmarks import with_torch, with_yeoul
    from benchmarks.work import Work, draw

    work = Work("", cell, 3, 4, 5, 6, vocabulary=11, by_length=by_length, last_only=last_only)
    ours, theirs = (library.prepare(work, draw(work)).results() for library in (with_yeoul, with_torch))
    assert ours.keys() == theirs.keys() == {"loss", "table", "w_ih", "w_hh", "b_ih", "b_hh"}
    for name, array in theirs.items():
        np.testing.assert_allclose(ours[name], array, rtol=1e-4, atol=1e-5)
        assert np.abs(array).max() > 0


def test_the_grid_has_forty_layers_and_spans_what_it_promises():
    from benchmarks.shapes import grid, table

    works = grid()
    assert len({work.name for work in works}) == 40
    for field, ends in (("hidden", (8, 1024)), ("batch", (1, 256)), ("steps", (1, 1000))):
        values = [getattr(work, field) for work in works]
        assert (min(values), max(values)) == ends
    assert {work.cell for work in works} == {"lstm", "gru"}
    assert len({work.name for work in table()}) == len(table())


def test_flops_are_counted_as_three_products_of_each_matrix():
    from benchmarks.work import Work

    work = Work("", "lstm", 10, 20, 2, 3, input_gradient=True)
    assert work.flops(6) == 3 * 2 * 6 * (4 * 20) * (10 + 20)
    assert Work("", "gru", 10, 20, 2, 3).flops(6) == 2 * 6 * (3 * 20) * (2 * 10 + 3 * 20)


def test_drawn_texts_fill_their_lengths_and_nothing_more(monkeypatch):
    from benchmarks.texts import token_rows

    monkeypatch.delenv("YEOUL_DATA", raising=False)
    ids, lengths = token_rows(128, 500, 10_000, 1)
    assert lengths.max() == 500
    assert 190 < lengths.mean() < 260  # IMDB's own: 220
    real = np.arange(500) < lengths[:, None]
    assert ((ids > 0) == real).all()
    assert ids.max() < 10_000


def test_a_framework_that_cannot_is_named_with_its_reason():
    from benchmarks.page import page
    from benchmarks.shapes import options, tiny
    from benchmarks.timing import Measured, Terms, measure, workers

    works = [tiny(work) for work in options() if work.option == "recurrent_dropout"]
    with workers(["keras-nowhere"], Terms()) as started:
        measured = measure(works[0], started, 1)
    assert isinstance(measured, Measured)
    assert measured.speedup() is None
    assert "died" in measured.problems["keras-nowhere"]
    row = {**vars(measured), "speedup": None, "peak_gflops": 1.0}
    record = {
        "command": "c",
        "date": "d",
        "machine": "m",
        "versions": [],
        **asdict(Terms()),
        "sections": {"options": [row]},
    }
    assert "the process has died" in page(record)
