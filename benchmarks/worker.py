"""A process for one framework: takes orders from standard input, a line of JSON each, and answers likewise."""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.step import Step
from benchmarks.work import Work, draw


def _framework(name: str) -> tuple[Callable[[], str], Callable[..., Step]]:
    match name:
        case "yeoul":
            from benchmarks import with_yeoul

            return with_yeoul.versions, with_yeoul.prepare
        case "pytorch":
            from benchmarks import with_torch

            return with_torch.versions, with_torch.prepare
        case "pytorch-packed":
            from benchmarks import with_torch

            return with_torch.versions, lambda work, arrays: with_torch.prepare(work, arrays, packed=True)
        case "keras-jax" | "keras-tensorflow":
            os.environ["KERAS_BACKEND"] = name.removeprefix("keras-")
            os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
            from benchmarks import with_keras

            return with_keras.versions, with_keras.prepare
        case _:
            raise ValueError(f"there is no framework {name!r}")


CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def _timed(step: Step, repeats: int, clock: Callable[[], float]) -> float:
    """Return the mean seconds of `repeats` steps after one that does not count, unless that one is long."""
    start = clock()
    step.run()
    first = clock() - start
    if repeats == 1 and first > 1.0:
        return first
    start = clock()
    for _ in range(repeats):
        step.run()
    return (clock() - start) / repeats


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024


def serve(name: str, threads: int, clock: str) -> None:
    """Answer until standard input ends; an order that fails is answered by its error."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a framework prints must not come between
    if threads < len(os.sched_getaffinity(0)):  # JAX and TensorFlow count the cores that they may use
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    versions, prepare = _framework(name)
    step: Step | None = None

    def obey(order: dict[str, Any]) -> Any:
        nonlocal step
        match order["do"]:
            case "versions":
                return versions()
            case "gemm":
                from benchmarks.with_torch import gemm_gflops

                return gemm_gflops(order["seconds"], CLOCKS[clock])
            case "prepare":
                step = None
                work = Work(**order["work"])
                step = prepare(work, draw(work))
            case "peak_mb":
                return _peak_mb()
            case "time" if step is not None:
                return _timed(step, order["repeats"], CLOCKS[clock])
            case "results" if step is not None:
                np.savez(order["path"], **step.results())
        return None

    for line in sys.stdin:
        try:
            reply = {"value": obey(json.loads(line))}
        except Exception as error:  # noqa: BLE001 - it goes to the page, whatever a framework raises
            reply = {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[:1]}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3])
