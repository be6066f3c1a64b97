"""A person can do everything on the studio's page: walked in Chromium, with small trained runs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
CHROMIUM = "/usr/bin/chromium"
PAYLOAD = "<img src=x onerror=alert(1)>"
RUNS = {
    "classify": "리뷰-0001",
    "generate": "song-0001",
    "forecast": "온도-0001",
    "transduce": "sums-0001",
    "tag": "이름-0001",
    "compare": "물음-0001",
    "caption": "그림-0001",
}
STEPS = [
    "pages",
    "runs",
    "keys",
    "classify",
    "generate",
    "transduce",
    "forecast",
    "tag",
    "compare",
    "caption",
    "inside",
    "data",
    "recipe",
    "train",
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("node") is None, reason="there is no node"),
    pytest.mark.skipif(not (WEB / "node_modules/playwright-core").is_dir(), reason="run: make web"),
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="there is no chromium"),
]


@pytest.fixture(scope="module")
def walked(place, trained, tmp_path_factory):
    """A studio of its own over copies of the runs, one of which has markup where a name is."""
    home = tmp_path_factory.mktemp("한 바퀴")
    for name in ("runs", "data"):
        shutil.copytree(place / name, home / name)
    shutil.copytree(trained / "runs", home / "runs", dirs_exist_ok=True)
    record = home / "runs" / RUNS["classify"] / "run.json"
    changed = json.loads(record.read_text("utf-8"))
    changed["model"]["description"] = PAYLOAD
    record.write_text(json.dumps(changed), "utf-8")
    words = [sys.executable, "-m", "yeoul.cli", "--lang", "en", "studio", "runs", "--data", "data"]
    settings = {**os.environ, "YEOUL_CACHE": str(place / "cache"), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*words, "--port", "0", "--json"], cwd=home, env=settings, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def test_every_page_does_what_it_says(walked, trained, tmp_path):
    asked = {
        **walked,
        "runs": RUNS,
        "file": "리뷰.csv",
        "payload": PAYLOAD,
        "picture": str(trained / "그림" / "사진" / "000.png"),
        "chromium": CHROMIUM,
        "steps": STEPS,
        "shots": str(tmp_path),
    }
    ended = subprocess.run(
        ["node", "tests/walk.mjs", json.dumps(asked)], cwd=WEB, capture_output=True, text=True, timeout=900
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["problems"] == []
    assert found["done"] == STEPS
