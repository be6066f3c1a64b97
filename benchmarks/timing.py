"""Time pieces of work in processes of their own, one turn after another, and compare what they computed."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any

import numpy as np

from benchmarks.work import Arrays, Work, draw

LOGS = Path("build/benchmarks")
_TURN_SECONDS = 0.05
"""A turn repeats short steps for about so long."""
_PAUSE_SECONDS = 0.02
"""Between turns, in which the threads of the last framework stop spinning."""
_FAR_BEHIND, _FEWER_TURNS = 20, 3
"""Who needs so many times the fastest's time gets only three turns."""
_LONGEST_WAIT = 240.0


class WorkerError(Exception):
    """A framework could not do the work; says why."""


@dataclass(frozen=True)
class Worker:
    """A running framework."""

    process: "subprocess.Popen[str]"

    def ask(self, **order: Any) -> Any:
        """Give an order and wait for its answer; raise `WorkerError`."""
        given, taken = _open(self.process.stdin), _open(self.process.stdout)
        try:
            given.write(json.dumps(order) + "\n")
            given.flush()
        except BrokenPipeError as error:
            raise WorkerError("the process has died") from error
        if not select.select([taken], [], [], _LONGEST_WAIT)[0]:
            self.process.kill()
            raise WorkerError(f"no answer within {_LONGEST_WAIT:.0f} s")
        line = taken.readline()
        if not line:
            raise WorkerError("the process has died")
        reply = json.loads(line)
        if "error" in reply:
            raise WorkerError(reply["error"])
        return reply["value"]


@dataclass(frozen=True)
class Terms:
    """How all frameworks are measured."""

    turns: int = 9
    threads: int = os.cpu_count() or 1
    clock: str = "wall"
    """"cpu": of the process; with one thread it says on a busy machine what "wall" says on a calm one."""


@contextmanager
def workers(frameworks: Sequence[str], terms: Terms) -> Iterator[dict[str, Worker]]:
    """Start a process for each framework, and end them all."""
    LOGS.mkdir(parents=True, exist_ok=True)
    started: dict[str, Worker] = {}
    try:
        for name in frameworks:
            with (LOGS / f"{name}.log").open("a") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.worker", name, str(terms.threads), terms.clock],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    env={**os.environ, "OMP_NUM_THREADS": str(terms.threads)},
                )
            started[name] = Worker(process)
        yield started
    finally:
        for worker in started.values():
            worker.process.kill()
            worker.process.communicate()


@dataclass(frozen=True)
class Measured:
    """What one piece of work took in each framework."""

    name: str
    milliseconds: dict[str, float]
    spread: dict[str, tuple[float, float]]
    """Shortest and longest turn."""
    differences: dict[str, float]
    """Largest difference from PyTorch's gradients, as a share of the largest number of each."""
    problems: dict[str, str]
    gflops: float
    """Of Yeoul, with every token multiplied out."""

    def best_peer(self) -> str | None:
        peers = {name: taken for name, taken in self.milliseconds.items() if name != "yeoul"}
        return min(peers, key=lambda name: peers[name]) if peers else None

    def speedup(self) -> float | None:
        """Return how many times faster Yeoul is than the fastest of the others."""
        best = self.best_peer()
        if best is None or "yeoul" not in self.milliseconds:
            return None
        return self.milliseconds[best] / self.milliseconds["yeoul"]


def measure(work: Work, started: dict[str, Worker], turns: int) -> Measured:
    """Let each framework do the work in turn, after one run for the compilers; return the medians."""
    taken: dict[str, list[float]] = {}
    problems: dict[str, str] = {}
    first: dict[str, float] = {}
    results: dict[str, Arrays] = {}
    for name, worker in started.items():
        if _has_nothing_to_say(name, work):
            continue
        try:
            worker.ask(do="prepare", work=asdict(work))
            results[name] = _results(worker)
            first[name], taken[name] = worker.ask(do="time", repeats=1), []
        except WorkerError as error:
            problems[name] = str(error)
    for turn in range(turns):
        for name in taken:
            if turn >= _FEWER_TURNS and first[name] > _FAR_BEHIND * min(first.values()):
                continue
            time.sleep(_PAUSE_SECONDS)
            repeats = max(1, min(2000, round(_TURN_SECONDS / first[name])))
            taken[name].append(1e3 * started[name].ask(do="time", repeats=repeats))
    medians = {name: median(times) for name, times in taken.items()}
    tokens = int(draw(work)["lengths"].sum())
    return Measured(
        work.name,
        medians,
        {name: (min(times), max(times)) for name, times in taken.items()},
        {} if work.option == "recurrent_dropout" else _differences(results),
        problems,
        work.flops(tokens) / medians["yeoul"] / 1e6 if "yeoul" in medians else 0.0,
    )


def peak_memory(work: Work, framework: str, terms: Terms) -> tuple[float, float]:
    """Return the peak of a fresh process in MB over three steps, whole and above what it was before them."""
    with workers([framework], terms) as started:
        worker = started[framework]
        worker.ask(do="prepare", work=asdict(work))
        before = worker.ask(do="peak_mb")
        worker.ask(do="time", repeats=2)
        peak = worker.ask(do="peak_mb")
    return peak, peak - before


def _has_nothing_to_say(framework: str, work: Work) -> bool:
    if framework == "pytorch-packed":
        return not work.by_length
    return work.option == "recurrent_dropout" and framework == "pytorch"


def _results(worker: Worker) -> Arrays:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.npz"
        worker.ask(do="results", path=str(path))
        with np.load(path) as arrays:
            return dict(arrays)


def _differences(results: dict[str, Arrays]) -> dict[str, float]:
    reference = results.get("pytorch", {})
    return {
        name: max(
            float(np.abs(found[key] - reference[key]).max() / max(1e-30, np.abs(reference[key]).max()))
            for key in found.keys() & reference.keys() - {"loss"}  # a sum whose terms cancel
        )
        for name, found in results.items()
        if name != "pytorch" and reference
    }


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise WorkerError("the process has no pipe")
    return stream
