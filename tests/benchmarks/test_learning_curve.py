"""The comparison over training rows: its table and picture hold every point that is known."""

import json

from benchmarks.samples import _write


def test_points_become_a_table_and_a_picture(tmp_path):
    ends = {"value": 0.5, "low": 0.45, "high": 0.55}
    points = [
        {"model": "linear model", "rows": 100, **ends},
        {"model": "no vectors", "rows": 100, **ends},
        {"model": "no vectors", "rows": 2000, **ends},
    ]
    _write(points, tmp_path / "samples")
    lines = (tmp_path / "samples.md").read_text("utf-8").splitlines()
    assert lines[0] == "| training rows | no vectors | linear model |"
    assert lines[2:] == [
        "| 100 | 50.0 % (45.0–55.0) | 50.0 % (45.0–55.0) |",
        "| 2,000 | 50.0 % (45.0–55.0) |  |",
    ]
    assert json.loads((tmp_path / "samples.json").read_text("utf-8")) == points
    assert (tmp_path / "samples.png").read_bytes().startswith(b"\x89PNG")
