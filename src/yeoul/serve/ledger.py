"""What happens in a server, counted: requests, batches, sessions, as Prometheus reads them."""

import mmap
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from yeoul.errors import UsageError
from yeoul.serve.limits import Limits
from yeoul.serve.refusals import RefusedError

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64)
Labels = tuple[tuple[str, str], ...]


@final
@dataclass(eq=False)
class Histogram:
    """How often a number was at most each of some bounds."""

    bounds: tuple[float, ...]
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def lines(self, name: str, labels: Labels) -> Iterator[str]:
        """Yield the lines of the histogram in Prometheus' form."""
        below = 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            below += count
            shown = "+Inf" if bound == float("inf") else f"{bound:g}"
            yield _line(f"{name}_bucket", (*labels, ("le", shown)), below)
        yield _line(f"{name}_sum", labels, self.total)
        yield _line(f"{name}_count", labels, below)


@final
class Ledger:
    """Counts what happens, and how many requests are being answered."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._begun = time.monotonic()
        self._requests: Counter[Labels] = Counter()
        self._seconds: dict[Labels, Histogram] = {}
        self._batches: dict[Labels, Histogram] = {}
        self._inputs: Counter[Labels] = Counter()
        self.answering = 0
        self.stopping = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """Count a request as being answered; raise `RefusedError` where there are too many, or the server stops."""
        if self.stopping:
            raise RefusedError(503, UsageError("the server is stopping", "ask again in a moment"))
        if self.answering >= self._limits.requests:
            raise RefusedError(503, UsageError("the server is busy", "ask again in a moment"))
        self.answering += 1
        try:
            yield
        finally:
            self.answering -= 1

    def request(self, model: str, route: str, status: int, seconds: float) -> None:
        """Count a request that is over."""
        labels = (("model", model), ("route", route))
        self._requests[(*labels, ("status", str(status)))] += 1
        self._seconds.setdefault(labels, Histogram(_SECONDS)).add(seconds)

    def batch(self, model: str, requests: int, inputs: int) -> None:
        """Count requests that were answered together."""
        labels = (("model", model),)
        self._batches.setdefault(labels, Histogram(_SIZES)).add(requests)
        self._inputs[labels] += inputs

    def text(
        self, waiting: Mapping[str, int], sessions: Mapping[str, int], processes: Mapping[str, int]
    ) -> str:
        """Return everything in Prometheus' text form; `processes` are those that models have for themselves."""
        lines = [
            *_described("yeoul_requests_total", "counter", "Requests that are over."),
            *(_line("yeoul_requests_total", labels, count) for labels, count in self._requests.items()),
            *_described("yeoul_request_seconds", "histogram", "Time from a whole request to its answer."),
            *_all_lines("yeoul_request_seconds", self._seconds),
            *_described("yeoul_batch_requests", "histogram", "Requests that a model answered together."),
            *_all_lines("yeoul_batch_requests", self._batches),
            *_described("yeoul_inputs_total", "counter", "Inputs that models have answered."),
            *(_line("yeoul_inputs_total", labels, count) for labels, count in self._inputs.items()),
            *_described("yeoul_waiting", "gauge", "Inputs that wait for a model."),
            *(_line("yeoul_waiting", (("model", name),), count) for name, count in waiting.items()),
            *_described("yeoul_sessions", "gauge", "Open sessions."),
            *(_line("yeoul_sessions", (("model", name),), count) for name, count in sessions.items()),
            *_described("yeoul_answering", "gauge", "Requests that are being answered."),
            _line("yeoul_answering", (), self.answering),
            *_described("yeoul_uptime_seconds", "gauge", "Since the server began."),
            _line("yeoul_uptime_seconds", (), time.monotonic() - self._begun),
            *_memory_lines(processes),
        ]
        return "\n".join(lines) + "\n"


def _described(name: str, kind: str, words: str) -> tuple[str, str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"


def _all_lines(name: str, histograms: Mapping[Labels, Histogram]) -> Iterable[str]:
    for labels, histogram in histograms.items():
        yield from histogram.lines(name, labels)


def _line(name: str, labels: Labels, value: float) -> str:
    inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _memory_lines(processes: Mapping[str, int]) -> Iterator[str]:
    """Yield the memory that the processes hold, where the system tells it in the way of Linux."""
    own = _resident_bytes("self")
    if own is None:
        return
    yield from _described("yeoul_resident_bytes", "gauge", "Memory of the process.")
    yield _line("yeoul_resident_bytes", (), own)
    yield from _described(
        "yeoul_model_resident_bytes", "gauge", "Memory of a process that a model has for itself."
    )
    for name, number in processes.items():
        if (held := _resident_bytes(str(number))) is not None:
            yield _line("yeoul_model_resident_bytes", (("model", name),), held)


def _resident_bytes(process: str) -> int | None:
    """Return the memory that a process holds; None where it has ended or the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * mmap.PAGESIZE
    except (OSError, IndexError):
        return None
