"""The benchmark of corrected labels: what is turned over is counted, and what is set right is what was turned."""

import numpy as np

from benchmarks.labels import cases, write


def test_cases_differ_in_what_they_say():
    words = ("정말 좋은 영화", "너무 나쁜 영화")
    truth = np.arange(200) % 2
    texts = [f"{words[label]} {row % 9}" for row, label in enumerate(truth.tolist())]
    found = {name: (rows, labels) for name, rows, labels in cases(texts, truth, 0.1, (5, 200))}
    wrong = {name: int((labels != truth[rows]).sum()) for name, (rows, labels) in found.items()}
    clean, turned, some, all_, left_out = wrong.values()
    assert (clean, turned, some) == (0, 20, 15)
    assert all_ == left_out < some
    sizes = [len(rows) for rows, _ in found.values()]
    assert sizes[:4] == [200] * 4
    assert 200 - sizes[4] >= turned - all_


def test_the_table_holds_what_is_known(tmp_path):
    known = [
        {"training rows": "as they are", "rows": 1000, "wrong labels": 0, "validation": 0.5, "test": 0.25}
    ]
    write(known, tmp_path / "labels")
    lines = (tmp_path / "labels.md").read_text("utf-8").splitlines()
    assert lines[2:] == ["| as they are | 1,000 | 0 | 50.00 % | 25.00 % |"]
