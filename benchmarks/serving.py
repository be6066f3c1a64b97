"""Load a server with many clients, and compare what it answers in a second with one-by-one prediction.

    python -m benchmarks.serving RUN --clients 64 --seconds 120

RUN is a run of a classifier of texts. The server is a process of its own, as `yeoul serve` starts it; the clients are
this one. Printed is JSON: statuses, requests a second, latencies in milliseconds, memory of the server.
"""

import argparse
import json
import os
import random
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks import machine

_WORDS = (
    "영화",
    "정말",
    "재미있어요",
    "배우",
    "연기가",
    "좋았다",
    "지루하고",
    "돈이",
    "아까운",
    "결말",
    "the plot",
    "was great",
)
_WARMUP = 0.1
"""Share of the time whose answers are not counted."""
_LOOKS = 5
_MOST = 1 << 16
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_RESIDENT = re.compile(rb"^yeoul_(?:model_)?resident_bytes(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass
class Load:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Of each answer with status 200, after the warm-up."""
    memory: list[float] = field(default_factory=list)
    """Of the server in MB, several times on the way."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--alone", type=float, default=10.0, help="seconds of one-by-one prediction")
    parser.add_argument("--each", type=int, default=1, help="texts in one request")
    parser.add_argument("--words", type=int, nargs=2, default=(3, 30), help="in a text, at least and at most")
    asked = parser.parse_args(arguments)
    texts = drawn(tuple(asked.words))
    found = measured(asked.run, Terms(asked.clients, asked.seconds, asked.alone, asked.each), texts)
    print(json.dumps(found, indent=1))


@dataclass(frozen=True)
class Terms:
    """How hard a server is pressed."""

    clients: int = 64
    seconds: float = 120.0
    alone: float = 10.0
    """Seconds of one-by-one prediction, and of one client."""
    each: int = 1
    """Texts in one request."""


def measured(run: Path, terms: Terms, texts: Sequence[str]) -> dict[str, Any]:
    """Return what one-by-one prediction, one client and many clients reach."""
    one_by_one, used_alone = _one_by_one(run, texts, terms.alone)
    with _served(run) as (port, pid):
        single = _loaded(port, texts, Terms(1, terms.alone))
        before = _processor_seconds(pid)
        load = _loaded(port, texts, terms)
        used = (_processor_seconds(pid) - before) / (load.statuses[200] * terms.each)
    served = len(load.seconds) * terms.each / (terms.seconds * (1 - _WARMUP))
    return {
        "machine": machine.describe(),
        "run": run.name,
        "clients": terms.clients,
        "seconds": terms.seconds,
        "texts_a_request": terms.each,
        "one_by_one_texts_per_second": round(one_by_one, 1),
        "one_client_texts_per_second": round(len(single.seconds) / (terms.alone * (1 - _WARMUP)), 1),
        "served_texts_per_second": round(served, 1),
        "times_one_by_one": round(served / one_by_one, 2),
        "processor_ms_a_text": {"one_by_one": round(1000 * used_alone, 3), "served": round(1000 * used, 3)},
        "statuses": dict(load.statuses),
        "milliseconds": {**_cuts(load.seconds), "one_client": _cuts(single.seconds)},
        "memory_mb": [round(one) for one in load.memory],
    }


def _cuts(seconds: Sequence[float]) -> dict[str, float]:
    cut = quantiles(seconds, n=100)
    return {f"p{share}": round(1000 * cut[share - 1], 2) for share in (50, 90, 99)}


def drawn(words: tuple[int, ...] = (3, 30), count: int = 2000) -> list[str]:
    draw = random.Random(0)
    return [" ".join(draw.choices(_WORDS, k=draw.randint(words[0], words[-1]))) for _ in range(count)]


def _one_by_one(run: Path, texts: Sequence[str], seconds: float) -> tuple[float, float]:
    """Return how many texts a second a loop labels, in a process of its own, and the processor's seconds of each."""
    program = (
        "import json, sys, time, yeoul\n"
        "run, texts, seconds = yeoul.load(sys.argv[1]), json.load(sys.stdin), float(sys.argv[2])\n"
        "for text in texts[:20]: run.predict([text])\n"
        "done, begun, used = 0, time.perf_counter(), time.process_time()\n"
        "while time.perf_counter() - begun < seconds:\n"
        "    run.predict([texts[done % len(texts)]]); done += 1\n"
        "print(done / (time.perf_counter() - begun), (time.process_time() - used) / done)\n"
    )
    command = [sys.executable, "-c", program, str(run), str(seconds)]
    done = subprocess.run(command, input=json.dumps(list(texts)), capture_output=True, text=True, check=True)
    rate, used = done.stdout.split()
    return float(rate), float(used)


@contextmanager
def _served(run: Path) -> Iterator[tuple[int, int]]:
    """Start a server; yield its port and the id of its process."""
    command = [sys.executable, "-m", "yeoul.cli", "serve", f"bench={run}", "--port", "0", "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise SystemExit("the server has no output")
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the server does not start")
            yield int(json.loads(line)["address"].rpartition(":")[2]), process.pid
        finally:
            process.terminate()


def _processor_seconds(pid: int) -> float:
    """Return what a process and its children have used of the processor; 0 where the system does not tell."""
    used = 0.0
    for told in Path("/proc").glob("[0-9]*/stat"):
        cells = told.read_text("ascii", "replace").rpartition(")")[2].split()
        if pid in (int(told.parent.name), int(cells[1])):
            used += (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")
    return used


@dataclass(eq=False)
class _Client:
    """One client on a connection of its own, that asks anew as soon as it is answered."""

    line: socket.socket
    place: int
    """Of the next request."""
    begun: float = 0.0
    come: bytes = b""


def _loaded(port: int, texts: Sequence[str], terms: Terms) -> Load:
    """Let clients ask for some texts after another.

    They share one thread and the system's own calls, with nothing of Python's HTTP or asyncio in between: on a machine
    of two cores, what they spend is missing to the server.
    """
    load, begun = Load(), time.perf_counter()
    counted, end = begun + _WARMUP * terms.seconds, begun + terms.seconds
    groups = [texts[place : place + terms.each] for place in range(0, len(texts), terms.each)]
    requests = [_request(json.dumps({"texts": group}, ensure_ascii=False).encode()) for group in groups]
    looks = [begun + terms.seconds * part / _LOOKS for part in range(_LOOKS)]

    def ask(client: _Client) -> None:
        client.begun = time.perf_counter()
        client.line.sendall(requests[client.place % len(requests)])
        client.place += terms.clients

    with selectors.DefaultSelector() as lines, ExitStack() as opened:
        for place in range(terms.clients):
            client = _Client(opened.enter_context(_line(port)), place)
            lines.register(client.line, selectors.EVENT_READ, client)
            ask(client)
        asking = terms.clients
        while asking:
            if looks and time.perf_counter() >= looks[0]:
                load.memory.append(_memory(port))
                del looks[0]
            for key, _ in lines.select(1.0):
                client = key.data
                client.come += client.line.recv(_MOST)
                status = _answered(client.come)
                if status is None:
                    continue
                now, client.come = time.perf_counter(), b""
                load.statuses[status] += 1
                if status == 200 and client.begun >= counted:
                    load.seconds.append(now - client.begun)
                if now < end:
                    ask(client)
                else:
                    asking -= 1
    load.memory.append(_memory(port))
    return load


def _line(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=60)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _request(body: bytes) -> bytes:
    return (
        b"POST /v1/bench/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def _answered(come: bytes) -> int | None:
    """Return the status of an answer that has come whole; raise `ConnectionError` where nothing came."""
    if not come:
        raise ConnectionError("the server closed the connection")
    head = come.find(b"\r\n\r\n")
    found = _LENGTH.search(come, 0, head) if head >= 0 else None
    if found is None or len(come) < head + 4 + int(found[1]):
        return None
    return int(come[9:12])


def _memory(port: int) -> float:
    """Return the server's own figure of its memory and of its models' processes, in MB."""
    with _line(port) as line:
        line.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        come = b""
        while _answered(come := come + line.recv(_MOST)) is None:
            pass
    return sum(float(found) for found in _RESIDENT.findall(come)) / 1e6


if __name__ == "__main__":
    main()
