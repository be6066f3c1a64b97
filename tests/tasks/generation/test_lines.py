"""What lines cost sums to what the text cost, and any two models of a text have the same lines."""

import csv
import math

import numpy as np
import pyarrow as pa
import pytest
from test_generating import SONG, writer

from yeoul.report.language_answers import read_line_answers
from yeoul.tasks.generation import lines as written_lines
from yeoul.tasks.generation.lines import write_lines

LINES = [line.rstrip("\n") for line in SONG] + ["", "zebra 나비야", "가"]


@pytest.mark.parametrize("unit", ["byte", "jamo", "word", "subword"])
@pytest.mark.parametrize("block", [1, 10, 1 << 20])
def test_lines_sum_to_the_text(unit, block, tmp_path, monkeypatch):
    monkeypatch.setattr(written_lines, "_TOKENS_AT_ONCE", block)
    own = writer(unit)
    lines = LINES if own.end is not None else [line + "\n" for line in LINES]
    text = own.script.stream(pa.chunked_array([pa.array(lines)]))
    log_probs = own.log_probs(text.ids, text.offsets)
    write_lines(tmp_path / "lines.csv", text, log_probs)
    rows = list(csv.DictReader((tmp_path / "lines.csv").read_text("utf-8").splitlines()))
    assert len(rows) == len(LINES)
    assert [int(row["bytes"]) for row in rows] == [len((line + "\n").encode()) for line in LINES]
    bits = -text.spelled(log_probs).log_probs.sum() / math.log(2.0)
    assert sum(float(row["bits"]) for row in rows) == pytest.approx(bits, abs=1e-4)
    found = read_line_answers(tmp_path / "lines.csv")
    assert found.has_rows_of(found)
    verdict, chance = found.tested(found, "itself")
    assert (verdict.outcome, chance) == ("cannot tell", None)
    assert np.isclose(verdict.difference.value, 0.0)
