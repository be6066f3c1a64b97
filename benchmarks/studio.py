"""List many runs in the studio, over a socket, as its page does.

    python -m benchmarks.studio --runs 1000

The runs are folders with the record of a finished run. Printed is JSON: milliseconds until the whole list is there, the
first time (every record is read) and the median of later times (what has not changed is remembered), and the same for
the index that `yeoul runs` prints.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from benchmarks import machine
from yeoul.runs.index import entries

_TIMES = 9
_TOKEN = "a-token-of-the-benchmark"
_RECORD = {
    "schema_version": 1,
    "status": "done",
    "created": "2026-01-01T00:00:00+00:00",
    "finished": "2026-01-01T00:10:00+00:00",
    "process": {"pid": 1, "host": "", "boot_id": "", "started": ""},
    "recipe": "reviews",
    "task": "classify",
    "command": "yeoul train reviews.csv",
    "seed": 42,
    "model": {"description": "BiLSTM 1×128, max · subword 8,000", "parameters": 1_310_000},
    "data": {"source": "reviews.csv", "fingerprint": "0" * 64},
    "cost": {"train_seconds": 600.0, "peak_memory_mb": 900},
    "verdict": {
        "outcome": "beats",
        "metric": "accuracy",
        "against": "linear",
        "difference": {"value": 0.02, "low": 0.01, "high": 0.03},
    },
    "scores": {"accuracy": {"value": 0.86, "low": 0.85, "high": 0.87}},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studio", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        runs = Path(place) / "runs"
        for number in range(1, asked.runs + 1):
            folder = runs / f"reviews-{number:04d}"
            folder.mkdir(parents=True)
            (folder / "run.json").write_text(json.dumps({"id": folder.name, **_RECORD}), "utf-8")
        index = [_milliseconds(lambda: entries(runs)) for _ in range(_TIMES)]
        listed = _over_a_socket(runs, Path(place))
    told = {
        "machine": machine.describe(),
        "runs": asked.runs,
        "index_ms": round(median(index), 1),
        "first_ms": round(listed[0], 1),
        "later_ms": round(median(listed[1:]), 1),
    }
    print(json.dumps(told, indent=2))


def _over_a_socket(runs: Path, data: Path) -> list[float]:
    words = [sys.executable, "-m", "yeoul.cli", "studio", str(runs), "--data", str(data)]
    words += ["--port", "0", "--no-browser", "--json"]
    environment = {**os.environ, "YEOUL_TOKEN": _TOKEN}
    with subprocess.Popen(words, stdout=subprocess.PIPE, env=environment) as server:
        if server.stdout is None:
            raise RuntimeError("the studio has no output")
        address = json.loads(server.stdout.readline())["address"]
        request = Request(f"{address}/v1/runs", headers={"authorization": f"Bearer {_TOKEN}"})
        took = [_milliseconds(lambda: urlopen(request).read()) for _ in range(_TIMES)]
        server.terminate()
    return took


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
