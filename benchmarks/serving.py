"""Load a server with many clients, and compare what it answers in a second with one-by-one prediction.

    python -m benchmarks.serving RUN --clients 64 --seconds 120

RUN is a run of a classifier of texts. The server is a process of its own, as `yeoul serve` starts it; the clients are
this one. Printed is JSON: statuses, requests a second, latencies in milliseconds, memory of the server.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        single = asyncio.run(_loaded(port, texts, Terms(1, terms.alone)))
        before = _processor_seconds(pid)
        load = asyncio.run(_loaded(port, texts, terms))
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
    """Return what a process has used of the processor, on all cores; 0 where the system does not tell."""
    told = Path(f"/proc/{pid}/stat")
    if not told.exists():
        return 0.0
    cells = told.read_text("ascii").rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")


async def _loaded(port: int, texts: Sequence[str], terms: Terms) -> Load:
    """Let clients ask for some texts after another, each on a connection of its own."""
    load, begun = Load(), time.perf_counter()
    counted, end = begun + _WARMUP * terms.seconds, begun + terms.seconds
    groups = [texts[place : place + terms.each] for place in range(0, len(texts), terms.each)]
    bodies = [json.dumps({"texts": group}, ensure_ascii=False).encode() for group in groups]

    async def client(first: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        place = first
        while (start := time.perf_counter()) < end:
            writer.write(_request(bodies[place % len(bodies)]))
            status = (await _answer(reader))[0]
            took, place = time.perf_counter() - start, place + terms.clients
            load.statuses[status] += 1
            if status == 200 and start >= counted:
                load.seconds.append(took)
        writer.close()

    async def watch() -> None:
        for _ in range(5):
            load.memory.append(await _memory(port))
            await asyncio.sleep(terms.seconds / 5)
        load.memory.append(await _memory(port))

    await asyncio.gather(*(client(place) for place in range(terms.clients)), watch())
    return load


def _request(body: bytes) -> bytes:
    return (
        b"POST /v1/bench/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    return int(head.split(None, 2)[1]), await reader.readexactly(length)


async def _memory(port: int) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    _, body = await _answer(reader)
    writer.close()
    lines = [line.split() for line in body.decode().splitlines()]
    return next(float(line[1]) for line in lines if line[0] == "yeoul_resident_bytes") / 1e6


if __name__ == "__main__":
    main()
